// `tastemaker rejects` as a person meets it: the tables, the JSON, and a retry after a changed setting.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rejectsTable, retryTable } from '../../src/cli/rejects-table.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import { json, newDataFolder, removeFolder, tastemaker } from './tastemaker.ts'

let data: string
beforeAll(async () => {
  data = await newDataFolder()
  const at = (year: number) => `${year}-06-01T12:00:00Z`
  const line = (id: string, year: number) =>
    JSON.stringify({ event: 'follow', id, user: 'ann@example.org', at: at(year), artist: { id: 'artist-1' } })
  await mkdir(join(data, 'service/events'), { recursive: true })
  await writeFile(
    join(data, 'service/events/a.ndjson'),
    [line('1', 2025), line('2', 1999), 'no json of ann@example.org', ''].join('\n'),
  )
  await json('run', '--only', 'ingest', '--data', data)
}, 60_000)
afterAll(() => removeFolder(data))

test('rejects are listed by reason and file, and no personal data is shown', async () => {
  const { out, code } = await tastemaker('rejects', '--data', data)
  expect(code).toBe(0)
  expect(out).toContain('2 rejects')
  expect(out).toMatch(/malformed +1 +50\.0%/)
  expect(out).toMatch(/1 {2}a\.ndjson|2 {2}a\.ndjson/)
  expect(out).toContain('a.ndjson:3')
  expect(out).not.toContain('ann@')
  expect(await json('rejects', '--reason', 'too-old', '--data', data)).toMatchObject({
    total: 1,
    byReason: [{ name: 'too-old', rejects: 1 }],
    examples: [{ file: 'a.ndjson', line: 2, reason: 'too-old', door: 'ingest' }],
  })
})

test('--retry lands what passes with other settings', async () => {
  const settings = ['--set', 'ingest.earliest=1990-01-01T00:00:00Z', '--data', data]
  expect(await json('rejects', '--retry', ...settings)).toMatchObject({ read: 2, clean: 1, stillRejected: 1 })
  expect(await json('status', '--data', data)).toMatchObject({ events: 2, rejects: { malformed: 1 } })
})

test('misuse is told', async () => {
  const unknown = await tastemaker('rejects', '--reason', 'boring', '--data', data)
  expect(unknown.code).toBe(2)
  expect(unknown.notes).toContain('known are malformed')
  expect((await tastemaker('rejects', '--retry', '--file', 'a', '--data', data)).code).toBe(2)
})

test.each([80, 110])('tables fit %i columns', (columns) => {
  const terminal: Terminal = {
    out: () => undefined,
    note: () => undefined,
    interactive: false,
    columns,
    tableColumns: columns,
    style: (_, text) => text,
  }
  const example = {
    file: `2026/01/01/${'long-'.repeat(30)}.ndjson.gz`,
    line: 1_234_567,
    reason: 'bad-encoding' as const,
    detail: 'not UTF-8 '.repeat(30),
    text: '{"\u001b[2J":1}'.repeat(40),
    door: 'ingest',
  }
  const files = Array.from({ length: 14 }, (_, n) => ({ name: `${example.file}${n}`, rejects: 20 - n }))
  const found = {
    total: 1_234_567,
    byReason: [{ name: 'bad-encoding', rejects: 1_234_567 }],
    byFile: files,
    examples: [example],
  }
  const retried = { read: 3, clean: 1, corrections: 0, duplicates: 1, erased: 0, stillRejected: 1 }
  const hindered = [{ file: 'a', rejects: 4, why: 'the object is gone' }]
  const text = rejectsTable(found, terminal) + retryTable({ ...retried, hindered }, terminal)
  for (const line of text.split('\n')) expect([...line].length).toBeLessThanOrEqual(columns)
  expect(text).not.toContain('\u001b')
  expect(text).toContain('4 more files')
  expect(text).toContain('4 not read: the object is gone')
})
