// Tables with a mapping file: what each field makes of a column, and what a mapping that is wrong is told.
import { expect, test } from 'vitest'
import { tableImporter } from '../../../src/ingest/importers/table.ts'
import { parseTableMapping } from '../../../src/ingest/importers/table-mapping.ts'
import { faultsOf, fixture, importBytes } from './import-file.ts'

const mapping = parseTableMapping(fixture('table-mapping.json').toString())

test('columns, constants, local times, clock durations, kinds by value', async () => {
  const imported = await importBytes(tableImporter, 'table.csv', fixture('table.csv'), { mapping })
  expect(imported.events).toEqual([
    {
      event: 'listen',
      user: 'zoe-77',
      at: Date.UTC(2024, 6, 1, 10),
      artist: { name: 'The Paper Lanterns' },
      track: { title: 'Glass Harbour' },
      playedMs: 222_000,
      surface: 'import',
      source: 'table',
    },
    expect.objectContaining({ event: 'listen', track: { title: 'Quiet; Room' }, playedMs: 12_000 }),
    expect.objectContaining({ event: 'like', user: 'ina' }),
  ])
  expect(faultsOf(imported)).toEqual([
    [5, 'not-music'],
    [6, 'bad-time'],
    [7, 'no-user'],
  ])
  expect(JSON.stringify(imported)).not.toContain('quill.example')
})

test('without a header, with a unit for every number', async () => {
  const given = parseTableMapping(
    JSON.stringify({
      columns: ['u', 't', 'a', 'n', 'ms', 'skip', 'w'],
      event: 'play_count',
      fields: {
        user: 'u',
        at: { column: 't', unit: 'microseconds' },
        'artist.id': 'a',
        'artist.followers': 'n',
        'track.durationMs': { column: 'ms', unit: 'seconds' },
        skipped: 'skip',
        value: 'w',
      },
    }),
  )
  const rows = 'a/1\t1700000000000000\tx\t7\t1.5\tno\t2.5\n\nb\t1700000000000000\tx\t1.5\t1\tno\t1\nb\t1\n'
  const imported = await importBytes(tableImporter, 'a.tsv', Buffer.from(rows), { mapping: given })
  expect(imported.events).toEqual([
    {
      event: 'play_count',
      user: 'a/1',
      at: 1_700_000_000_000,
      artist: { id: 'x', followers: 7 },
      track: { durationMs: 1500 },
      skipped: false,
      value: 2.5,
      source: 'table',
    },
  ])
  expect(faultsOf(imported)).toEqual([
    [3, 'bad-value'],
    [4, 'malformed'],
  ])
})

test.each([
  ['{', 'not JSON'],
  ['{}', 'required'],
  ['{"event":"sing","fields":{}}', 'event'],
  ['{"event":"listen","fields":{"user":"u","at":"t"}}', 'artist.id'],
  ['{"event":"listen","fields":{"at":"t","artist.id":"a"}}', '"user"'],
  ['{"event":"listen","fields":{"user":"u","at":"t","artist.id":"a","shoe":"x"}}', '"shoe"'],
  ['{"event":"listen","fields":{"user":{"column":"u","unit":"iso"},"at":"t","artist.id":"a"}}', 'no unit'],
  [
    '{"event":"listen","fields":{"user":"u","at":{"column":"t","unit":"clock"},"artist.id":"a"}}',
    'is a time',
  ],
  [
    '{"event":"listen","fields":{"user":"u","at":"t","artist.id":"a","playedMs":{"column":"p","unit":"local"}}}',
    'duration',
  ],
])('a mapping that is wrong: %s', (text, said) => {
  expect(() => parseTableMapping(text)).toThrow(
    expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(said) }),
  )
})

test('a zone that is none, and a column that the table does not have', async () => {
  const zone = '{"timeZone":"Mars","event":"listen","fields":{"user":"u","at":"t","artist.id":"a"}}'
  expect(() => parseTableMapping(zone)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  await expect(
    importBytes(tableImporter, 'a.csv', Buffer.from('x,y\n1,2\n'), { mapping }),
  ).rejects.toMatchObject({
    code: 'bad-input',
    message: expect.stringContaining('"kind", "who"'),
  })
})
