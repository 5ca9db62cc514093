// The dry run as a person and a program see it: counts, reasons, examples, personal data; and nothing is written.
import { access, readFile, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine/open.ts'
import { json, newDataFolder, removeFolder, tastemaker } from './tastemaker.ts'

const fixtures = 'test/fixtures/ingest'
const mapping = join(fixtures, 'table-mapping.json')
type Report = { file: string; format: string; records: number; events: number; rejects: number } & Record<
  string,
  unknown
>

let folder: string
beforeAll(async () => {
  folder = await newDataFolder()
})
afterAll(() => removeFolder(folder))

test('several files at once: counts add up, examples are masked, and the data folder is not made', async () => {
  const data = join(folder, 'never')
  const files = ['spotify-endsong.json', 'gorse', 'metarank.jsonl'].map((name) => join(fixtures, name))
  const reports = (await json('validate', ...files, '--user', 'me', '--data', data)) as Report[]
  expect(reports.map(({ file, format, records, events }) => [file, format, records, events])).toEqual([
    ['spotify-endsong.json', 'spotify', 2, 1],
    ['feedback.jsonl', 'gorse', 5, 3],
    ['items.jsonl', 'gorse', 0, 0],
    ['metarank.jsonl', 'metarank', 6, 4],
  ])
  for (const { records, events, rejects } of reports) expect(records).toBe(events + rejects)
  expect(reports[3]).toMatchObject({
    kinds: { impression: 2, click: 1, like: 1 },
    listeners: { count: 2, over: false },
    artists: { count: 2, over: false },
    firstAt: 1_700_000_000_000,
    lastAt: 1_700_000_100_000,
    metadata: 2,
  })
  expect(JSON.stringify(reports)).not.toMatch(/zoe|10\.20/)
  await expect(access(data)).rejects.toThrow()
})

test('for people, with a mapping', async () => {
  const { code, out } = await tastemaker(
    'validate',
    join(fixtures, 'table.csv'),
    '--mapping',
    mapping,
    '--examples',
    '1',
  )
  expect(code).toBe(0)
  expect(out).toContain('accepted      3 of 6 records: 2 listen, 1 like')
  expect(out).toContain('table.csv:6  at is "yesterday"')
  expect(out).toContain('who  the listener: a keyed pseudonym from ingest on')
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110)
})

test('it ends with 1 when nothing would be accepted, and with 2 for a call that makes no sense', async () => {
  const nothing = await tastemaker('validate', join(fixtures, 'gorse/items.jsonl'))
  expect([nothing.code, nothing.notes]).toEqual([1, expect.stringContaining('Nothing would be accepted')])
  const unknown = await tastemaker('validate', join(fixtures, 'table.csv'), '--format', 'cassette')
  expect([unknown.code, unknown.notes]).toEqual([2, expect.stringContaining('known are listenbrainz')])
  const untold = await tastemaker('validate', join(fixtures, 'table.csv'))
  expect([untold.code, untold.notes]).toEqual([1, expect.stringContaining('--mapping')])
  const kind = await tastemaker('validate', join(fixtures, 'gorse'), '--kind', 'purchase=buy')
  expect([kind.code, kind.notes]).toEqual([2, expect.stringContaining('NAME=KIND')])
})

test('Parquet goes the same way as CSV, import and all; a damaged one is one reject', async () => {
  const file = join(folder, 'plays.parquet')
  const engine = await openEngine({ threads: 1, tempDir: folder })
  const csv = `read_csv('${join(fixtures, 'table.csv')}', delim = ';', all_varchar = true)`
  await engine.run(`COPY (SELECT * FROM ${csv}) TO '${file}' (FORMAT parquet)`)
  await engine.close()
  const data = join(folder, 'data')
  const [imported] = (await json('import', file, '--mapping', mapping, '--data', data)) as [
    Report & { objects: string[] },
  ]
  expect(imported).toMatchObject({
    format: 'table',
    records: 6,
    events: 3,
    byReason: { 'not-music': 1, 'bad-time': 1, 'no-user': 1 },
  })
  const [run] = (await json('run', '--only', 'ingest', '--data', data)) as [
    { counts: Record<string, number> },
  ]
  expect(run.counts).toMatchObject({ lines: 3, clean: 3, rejects: 0 })
  await truncate(file, (await readFile(file)).length - 20)
  const damaged = await tastemaker('validate', file, '--mapping', mapping, '--json')
  expect([damaged.code, JSON.parse(damaged.out)[0].byReason]).toEqual([1, { unreadable: 1 }])
})
