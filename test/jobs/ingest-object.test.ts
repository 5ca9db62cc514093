// One raw object on a worker: its Parquet file, read by the SQL engine, holds what the cleaner says, in order.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type CleanEvent, eventColumns } from '../../src/data/event.ts'
import type { Engine } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { createPseudonymizer } from '../../src/ingest/pseudonym.ts'
import { cleanRowsSql, ingestObject } from '../../src/jobs/ingest-object.ts'
import { context, ingestBytes, line, now } from '../ingest/ingest-bytes.ts'

const pseudonymKey = 'an invented key for tests, 32 long'
let folder: string
let engine: Engine

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tastemaker-ingest-object-'))
  engine = await openEngine({ threads: 1, tempDir: join(folder, 'spill') })
})
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true, force: true })
})

/** Ingests lines as an object of this name; returns the counts and where the rows and rejects are. */
async function ingest(name: string, text: string) {
  const path = join(folder, name)
  const plain = Buffer.from(text)
  await writeFile(path, name.endsWith('.gz') ? gzipSync(plain) : plain)
  const args = {
    key: name,
    path,
    cleanPath: `${path}.clean`,
    rejectsPath: `${path}.rejects`,
    now,
    pseudonymKey,
  }
  return { ...args, counts: await ingestObject({ ...args, settings: context.settings }) }
}

/** A clean event as a row of the engine. */
const rowOf = (event: CleanEvent) =>
  Object.fromEntries(
    eventColumns.map(({ name, field }) => [
      name,
      field === 'volumes' ? (event.volumes?.map(Math.fround) ?? null) : event[field],
    ]),
  )

const lines = [
  line({ id: 'first' }),
  line({ id: 'no list' }),
  line({ id: 'empty list', volumes: [] }),
  line({ id: 'list', volumes: [0.1, 0.5, 1] }),
  line({ id: 'one', volumes: [0.25] }),
  'not json',
  line({ id: 'slow "lane"', artist: { id: 'artist-2', name: 'Björk', followers: 5_000_000_000 } }),
  line({ id: undefined, at: Date.UTC(2003, 1, 1), recommendationId: 'r-1' }),
  line({ id: 'revised', revision: 3, receivedAt: '2025-06-02T00:00:00Z' }),
  line({
    event: 'impression',
    id: 'i',
    position: 4,
    propensity: 0.1,
    modelVersion: 'm',
    variant: 'a',
    surface: 'HOME',
  }),
  line({ event: 'play_count', id: 'p', value: 41.5, track: undefined, playedMs: undefined }),
  JSON.stringify({ event: 'retract', id: 'i', user: 'listener-1', at: now }),
]

describe('one object', () => {
  test.each(['events.ndjson', 'events.ndjson.gz', 'events.json'])(
    '%s: every column of every event',
    async (name) => {
      const text = name.endsWith('.json')
        ? `[${lines.filter((each) => each !== 'not json').join(',\n')}]`
        : lines.join('\n')
      const read = await ingest(name, text)
      const expected = await ingestBytes(text, { file: name })
      expect(await engine.rows(cleanRowsSql([read.cleanPath]))).toEqual(expected.events.map(rowOf))
      const rejects = (await readFile(read.rejectsPath, 'utf8')).split('\n').filter(Boolean)
      expect(rejects.map((each) => JSON.parse(each))).toEqual(expected.rejects)
      expect(read.counts).toEqual(expected.counts)
    },
  )

  test('without an event it is a file without rows; files are read in the order given', async () => {
    const none = await ingest('none.ndjson', 'not json\n\n')
    const one = await ingest('one.ndjson', line({ id: 'one' }))
    const two = await ingest('two.ndjson', line({ id: 'two' }))
    expect(await engine.rows(cleanRowsSql([none.cleanPath]))).toEqual([])
    const rows = await engine.rows(cleanRowsSql([two.cleanPath, none.cleanPath, one.cleanPath]))
    expect(rows.map((row) => row.event_id)).toEqual(['two', 'one'])
  })

  test('of more events than a row group holds keeps all of them, in order, and the codes of each group', async () => {
    const count = 250_001
    const kept = Array.from({ length: count }, (_, at) =>
      JSON.stringify({
        event: 'click',
        id: `e-${at}`,
        user: `u-${at % 1000}`,
        at: now - at,
        artist: { id: 'a' },
        surface: `s${Math.floor(at / 1000)}`,
      }),
    )
    const { cleanPath, counts } = await ingest('long.ndjson.gz', kept.join('\n'))
    expect(counts).toMatchObject({ lines: count, events: count, rejects: 0 })
    const pseudonym = createPseudonymizer(pseudonymKey)('u-999')
    const [sums] = await engine.rows(`select count(*) as n, count(distinct user_id) as users,
      count(*) filter (where event_id = 'e-' || (row - 1) and occurred_at = ${now} - (row - 1) and surface = 's' || ((row - 1) // 1000)) as ordered,
      count(*) filter (where user_id = '${pseudonym}') as of_one
      from (select *, row_number() over () as row from (${cleanRowsSql([cleanPath])}))`)
    expect(sums).toEqual({ n: count, users: 1000, ordered: count, of_one: 250 })
  })

  test('of long texts is cut into row groups by their bytes', async () => {
    const name = 'x'.repeat(1000)
    const kept = Array.from({ length: 36_000 }, (_, at) =>
      line({ id: `e-${at}`, artist: { id: 'a', name }, track: { id: 't', title: `${name}${at}` } }),
    )
    const { cleanPath, counts } = await ingest('wide.ndjson', kept.join('\n'))
    expect(counts).toMatchObject({ events: kept.length })
    const [seen] = await engine.rows(`select (select count(*) from (${cleanRowsSql([cleanPath])})) as n,
      (select count(distinct row_group_id) from parquet_metadata('${cleanPath}')) as groups`)
    expect(seen).toEqual({ n: kept.length, groups: 2 })
  })
})
