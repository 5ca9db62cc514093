// Landing: events per second into the embedded Postgres and into a real one, beside a bare COPY of the same rows there.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openContext } from '../src/cli/open-context.ts'
import { withDefaultUrls } from '../src/cli/settings.ts'
import { readSettings } from '../src/config.ts'
import { eventColumns } from '../src/data/event.ts'
import { type Engine, quoted } from '../src/engine/engine.ts'
import { readChunks } from '../src/engine/files.ts'
import type { JobContext } from '../src/jobs/context.ts'
import { landBatch } from '../src/jobs/land.ts'
import { openSql } from '../src/stores/open.ts'
import type { Sql } from '../src/stores/sql/sql.ts'
import { findPostgresVersions, startPostgres } from '../test/servers/postgres.ts'
import type { BenchResult } from './bench.ts'

export const describe =
  'landing clean events by COPY into monthly partitions with two indexes, against a bare COPY without either'

const rounds = 3

/** @param words the number of events (default 300,000), over 24 months */
export async function run(words: readonly string[]): Promise<BenchResult> {
  const events = Number(words[0] ?? 300_000)
  const data = await mkdtemp(join(tmpdir(), 'tastemaker-bench-'))
  const version = findPostgresVersions()[0]
  if (!version) throw new Error('No Postgres server found: run scripts/servers/postgres.sh.')
  const server = await startPostgres(version.binaries, { settings: ['max_wal_size=4GB'] })
  try {
    const settings = withDefaultUrls(readSettings({ flags: { data, sqlUrl: server.url } }))
    const { context, close } = await openContext(settings, { progress: () => {} })
    const parquet = context.scratch.file('events.parquet')
    const csv = context.scratch.file('events.csv')
    await writeEvents(await context.engine(), events, { parquet, csv })
    const real = await measure(context, await context.sql(), { parquet, csv })
    const pglite = await openSql(`pglite:${join(data, 'embedded')}`)
    const embedded = await measure({ ...context, sql: async () => pglite }, pglite, { parquet, csv })
    await pglite.close()
    await close()
    const figures = {
      events,
      postgresEventsPerSecond: events / real.land,
      postgresBareCopyPerSecond: events / real.bare,
      postgresCopyTimesBareCopy: real.copy / real.bare,
      postgresLandingTimesBareCopy: real.land / real.bare,
      embeddedEventsPerSecond: events / embedded.land,
      embeddedBareCopyPerSecond: events / embedded.bare,
      embeddedCopyTimesBareCopy: embedded.copy / embedded.bare,
      embeddedLandingTimesBareCopy: embedded.land / embedded.bare,
    }
    const goals = {
      postgresCopyTimesBareCopy: 'at most 2.5: routed by month, a key and an index by listener kept',
    }
    return { figures, goals, pass: figures.postgresCopyTimesBareCopy <= 2.5 }
  } finally {
    await server.stop()
    await rm(data, { recursive: true, force: true })
  }
}

type Files = { readonly parquet: string; readonly csv: string }

/** Events in the shape of the simulated service: ids of 32 characters, 20,000 listeners, 5,000 artists. */
async function writeEvents(engine: Engine, events: number, { parquet, csv }: Files): Promise<void> {
  const values: Readonly<Record<string, string>> = {
    event_id: "md5('e' || i)",
    kind: "'listen'",
    user_id: "md5('u' || (hash(i) % 20000))",
    occurred_at: '1704067200000 + i::bigint * 63072000000 // total',
    artist_id: "'artist-' || (hash(i + 7) % 5000)",
    artist_name: "'The Artist No. ' || (hash(i + 7) % 5000)",
    track_id: "'track-' || (hash(i + 9) % 90000)",
    track_title: "'A title of some words ' || (hash(i + 9) % 90000)",
    volumes: '[0.5, 0.625, 0.75]::float[]',
    source: "'simulation'",
  }
  const numbers = new Set(['BIGINT', 'INTEGER', 'DOUBLE'])
  const columns = eventColumns.map(({ name, engineType }) => {
    const value = values[name] ?? (numbers.has(engineType) ? 'i % 1000' : "'word'")
    return `(${value})::${engineType} as ${name}`
  })
  await engine.run(`copy (select ${columns.join(', ')} from range(${events}) t(i), (select ${events}::bigint as total))
    to ${quoted(parquet)} (format parquet, compression zstd)`)
  await engine.run(`copy (select * replace (replace(replace(volumes::varchar, '[', '{'), ']', '}') as volumes)
    from read_parquet(${quoted(parquet)})) to ${quoted(csv)} (format csv, header false)`)
}

/** Median seconds of a whole landing from Parquet, of its COPY alone, and of a bare COPY of the same CSV file. */
async function measure(
  context: JobContext,
  sql: Sql,
  { parquet, csv }: Files,
): Promise<{ readonly land: number; readonly copy: number; readonly bare: number }> {
  await landBatch(context, 'warm', parquet)
  const columns = eventColumns.map(({ name, postgresType }) => `${name} ${postgresType}`)
  const names = eventColumns.map(({ name }) => name)
  const land: number[] = []
  const copy: number[] = []
  const bare: number[] = []
  for (let round = 0; round < rounds; round++) {
    await sql.query('truncate click_event')
    land.push(await seconds(() => landBatch(context, `batch-${round}`, parquet)))
    await sql.query('truncate click_event')
    copy.push(await seconds(() => sql.copyIn('click_event', names, readChunks(csv))))
    await sql.query(`create table bare (${columns.join(', ')})`)
    bare.push(await seconds(() => sql.copyIn('bare', names, readChunks(csv))))
    await sql.query('drop table bare')
  }
  return { land: median(land), copy: median(copy), bare: median(bare) }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return (performance.now() - began) / 1000
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
