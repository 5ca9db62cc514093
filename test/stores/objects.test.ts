// Every object store keeps the contract; the folder keeps it through kills too.
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openObjects } from '../../src/stores/open.ts'
import { objectStoreContract } from '../contracts/object-store.ts'
import { startFixture } from './fixture-process.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-objects-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))
let count = 0
const freshFolder = (): string => join(root, `store-${count++}`, 'made', 'when-absent')

objectStoreContract('memory', () => openObjects('memory:'))
objectStoreContract('folder', () => openObjects(`file:${freshFolder()}`))

describe('object store in a folder', () => {
  it('refuses a key that is the folder of another', async () => {
    const store = await openObjects(`file:${freshFolder()}`)
    await store.put('a', new Uint8Array([1]))
    await store.put('b/c', new Uint8Array([1]))
    for (const ifAbsent of [true, false]) {
      await expect(store.put('a/x', new Uint8Array(), { ifAbsent })).rejects.toMatchObject({
        code: 'conflict',
      })
      await expect(store.put('b', new Uint8Array(), { ifAbsent })).rejects.toMatchObject({ code: 'conflict' })
    }
  })

  it('refuses a key too long for the disk', async () => {
    const store = await openObjects(`file:${freshFolder()}`)
    await expect(store.put('x'.repeat(300), new Uint8Array())).rejects.toMatchObject({ code: 'bad-argument' })
  })

  it('never lists leftovers, and removes those older than a day', async () => {
    const folder = freshFolder()
    await openObjects(`file:${folder}`)
    const [old, young] = [join(folder, '.tmp', 'old'), join(folder, '.tmp', 'young')]
    await writeFile(old, 'torn')
    await writeFile(young, 'torn')
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600
    await utimes(old, twoDaysAgo, twoDaysAgo)
    const store = await openObjects(`file:${folder}`)
    expect(await readdir(join(folder, '.tmp'))).toEqual(['young'])
    for await (const { key } of store.list('')) expect.unreachable(key)
  })

  it('shows whole objects only, and every acknowledged one, after kills', async () => {
    const folder = freshFolder()
    const acknowledged: string[] = []
    for (let round = 0; round < 5; round++) {
      const child = startFixture('put-objects.ts', [`file:${folder}`, String(round), '200000'])
      acknowledged.push(...(await child.killAfterLines(1 + round * 4)))
    }
    const store = await openObjects(`file:${folder}`)
    const found = new Set<string>()
    for await (const { key } of store.list('')) {
      found.add(key)
      const body = await store.get(key)
      expect(body.length).toBe(200_000)
      expect(new Set(body).size).toBe(1)
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(5)
    for (const key of acknowledged) expect(found).toContain(key)
  })
})
