// Every journal keeps the contract; the folder keeps it through kills and failing disks too.
import { appendFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import type { Journal } from '../../src/stores/journal/journal.ts'
import { openJournal } from '../../src/stores/open.ts'
import { thisProcess } from '../../src/stores/process-identity.ts'
import { journalContract } from '../contracts/journal.ts'
import { startFixture } from './fixture-process.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-journal-test-'))
afterAll(() => rm(root, { recursive: true, force: true }))
let count = 0
const freshFolder = (): string => join(root, `journal-${count++}`)

journalContract('memory', () => openJournal('memory:'))
journalContract('folder', () => openJournal(`file:${freshFolder()}`))

async function allLines(journal: Journal): Promise<string[]> {
  const parts = await Promise.all((await journal.rotate()).map((segment) => segment.read()))
  return parts.flatMap((part) => new TextDecoder().decode(part).split('\n').slice(0, -1))
}

const deadProcess = '999999999-0-1'

describe('journal in a folder', () => {
  it('keeps its lines when closed and opened again', async () => {
    const folder = freshFolder()
    const first = await openJournal(`file:${folder}`)
    await first.append(['kept'])
    await first.close()
    await expect(first.append(['late'])).rejects.toMatchObject({ code: 'not-ready' })
    const second = await openJournal(`file:${folder}`)
    expect(await allLines(second)).toEqual(['kept'])
    await second.close()
  })

  it('cuts a torn line off a dead segment, however long it is', async () => {
    const folder = freshFolder()
    await (await openJournal(`file:${folder}`)).close()
    await writeFile(join(folder, `0000000000001-999999999-000000.open-${deadProcess}`), 'whole\ntorn')
    const long = `whole too\n${'x'.repeat(200_000)}`
    await writeFile(join(folder, `0000000000002-999999999-000001.open-${deadProcess}`), long)
    await writeFile(join(folder, `0000000000003-999999999-000002.open-${deadProcess}`), 'only torn')
    const journal = await openJournal(`file:${folder}`)
    const segments = await journal.rotate()
    expect(segments.map((segment) => segment.startedAt)).toEqual([1, 2])
    expect(await allLines(journal)).toEqual(['whole', 'whole too'])
    await journal.close()
  })

  it('leaves the open segment of a living process alone', async () => {
    const folder = freshFolder()
    const mine = await openJournal(`file:${folder}`)
    await mine.append(['mine, open'])
    const child = startFixture('append-lines.ts', [folder, '0'])
    await child.line()
    const before = (await readdir(folder)).filter((file) => file.includes(`.open-${thisProcess}`))
    const other = await openJournal(`file:${folder}`)
    await other.rotate()
    const after = (await readdir(folder)).filter((file) => file.includes(`.open-${thisProcess}`))
    expect(before).toHaveLength(1)
    expect(after).toEqual(before)
    await child.kill()
    await mine.append(['mine, still open'])
    expect((await allLines(mine)).filter((line) => line.startsWith('mine'))).toEqual([
      'mine, open',
      'mine, still open',
    ])
    await mine.close()
    await other.close()
  })

  it('loses no acknowledged line to kills, and keeps no torn one', async () => {
    const folder = freshFolder()
    const acknowledged: string[] = []
    for (let round = 0; round < 6; round++) {
      const child = startFixture('append-lines.ts', [folder, String(round)])
      acknowledged.push(...(await child.killAfterLines(1 + round * 40)))
    }
    const journal = await openJournal(`file:${folder}`)
    const lines = await allLines(journal)
    const found = new Set(lines.map((line) => line.split(' ')[0]))
    expect(acknowledged.filter((line) => !found.has(line))).toEqual([])
    for (const line of lines) {
      const [name, filling] = line.split(' ') as [string, string]
      expect(filling).toHaveLength(Number(name.split('.')[1]) * 500)
    }
    expect(lines).toHaveLength(found.size)
    await journal.close()
  })

  it('rejects what it cannot keep, and keeps what comes later', async () => {
    const folder = freshFolder()
    const journal = await openJournal(`file:${folder}`)
    await journal.append(['before'])
    await journal.rotate()
    await rm(folder, { recursive: true })
    await expect(journal.append(['lost'])).rejects.toMatchObject({ code: 'outside' })
    await (await openJournal(`file:${folder}`)).close()
    await journal.append(['after'])
    expect(await allLines(journal)).toEqual(['after'])
    await journal.close()
  })

  it('passes over files that are not its own', async () => {
    const folder = freshFolder()
    const journal = await openJournal(`file:${folder}`)
    await appendFile(join(folder, 'notes.txt'), 'hello')
    expect(await journal.rotate()).toEqual([])
    await journal.close()
  })
})
