// Scratch folders, files by line and by chunk.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import {
  createByteWriter,
  createLineWriter,
  createScratch,
  fileSize,
  readChunks,
} from '../../src/engine/files.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-files-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))

describe('a scratch folder', () => {
  it('is there until closed', async () => {
    const scratch = await createScratch(join(root, 'made', 'when-absent'))
    await writeFile(scratch.file('a.txt'), 'x')
    expect(existsSync(join(scratch.dir, 'a.txt'))).toBe(true)
    await scratch.close()
    await scratch.close()
    expect(existsSync(scratch.dir)).toBe(false)
  })

  it('is removed when its process is dead, and only then', async () => {
    const parent = join(root, 'parent')
    const living = await createScratch(parent)
    const earlierLife = `scratch-${process.pid}-of-a-process-with-our-pid`
    const elsewhere = `scratch-${process.ppid}-of-a-living-process`
    for (const name of ['scratch-999999999-x', earlierLife, elsewhere, 'not-ours'])
      await mkdir(join(parent, name, 'deep'), { recursive: true })
    const next = await createScratch(parent)
    const left = await readdir(parent)
    expect(left).toHaveLength(4)
    for (const dir of [living.dir, next.dir, join(parent, elsewhere), join(parent, 'not-ours')])
      expect(existsSync(dir)).toBe(true)
  })

  it.each(['../a', 'a/b', '', '..', 'a\0'])('has no file named %j', async (name) => {
    const scratch = await createScratch(root)
    expect(() => scratch.file(name)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
    await scratch.close()
  })
})

describe('lines', () => {
  it('are written in order, a few or many, awaited or not', async () => {
    for (const count of [0, 3, 200_000]) {
      const path = join(root, `lines-${count}`)
      const writer = await createLineWriter(path)
      for (let index = 0; index < count; index++) {
        const behind = writer.write(`line ${index} ♪`)
        if (behind && index % 2) await behind
      }
      await writer.close()
      const lines = (await readFile(path, 'utf8')).split('\n')
      expect(lines.pop()).toBe('')
      expect(lines).toHaveLength(count)
      expect(lines.every((line, index) => line === `line ${index} ♪`)).toBe(true)
    }
  })

  it('cannot be written where nothing can be', async () => {
    await expect(createLineWriter(join(root, 'no', 'such', 'folder'))).rejects.toMatchObject({
      name: 'TastemakerError',
    })
  })
})

describe('a file', () => {
  it('is read in chunks that stay as they are', async () => {
    const path = join(root, 'large')
    const body = Buffer.alloc(3_000_000, 'abcdefg')
    await writeFile(path, body)
    const chunks: Uint8Array[] = []
    for await (const chunk of readChunks(path)) chunks.push(chunk)
    expect(chunks.length).toBeGreaterThan(1)
    expect(Buffer.concat(chunks).equals(body)).toBe(true)
    expect(await fileSize(path)).toBe(3_000_000)
  })

  it('that is missing is not found', async () => {
    const missing = join(root, 'missing')
    await expect(fileSize(missing)).rejects.toMatchObject({ code: 'not-found' })
    const read = async (): Promise<void> => {
      for await (const _ of readChunks(missing));
    }
    await expect(read()).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('a file of bytes', () => {
  it('holds what was written, in order, whether or not it was awaited', async () => {
    const path = join(root, 'bytes')
    const writer = await createByteWriter(path)
    void writer.write(Uint8Array.of(1, 2))
    await writer.write(Uint8Array.of(3))
    await writer.write(new Uint8Array())
    await writer.close()
    expect([...(await readFile(path))]).toEqual([1, 2, 3])
  })

  it('cannot be made where there is no folder', async () => {
    await expect(createByteWriter(join(root, 'no', 'such', 'folder'))).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})
