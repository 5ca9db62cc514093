// The feature job's work: clean events and accounts -> artist, listener and interaction tables as Parquet files.

import type { Settings } from '../config.ts'
import { eventColumns } from '../data/event.ts'
import { type Engine, quoted } from '../engine/engine.ts'
import { artistsSql } from './artists.ts'
import { interactionsSql } from './interactions.ts'
import { listenersSql } from './listeners.ts'
import { type Judgments, openJudgedEvents } from './plausibility-events.ts'

/** Files that hold the clean data, and where the feature tables go. All are paths of this machine. */
export type FeatureFiles = {
  readonly accounts: string
  readonly artistsOut: string
  readonly listenersOut: string
  readonly interactionsOut: string
}

/** Parquet files of this machine that say which events there are. */
export type EventFiles = {
  readonly events: readonly string[]
  /** Revisions and retractions of them. */
  readonly corrections?: readonly string[]
  readonly judgments?: Judgments
}

/** As of when, how, and how much at once. */
export type FeatureOptions = {
  /** ms UTC, exclusive. */
  readonly asOf: number
  readonly settings: Settings['features']
  /** Listeners whose lists are gathered in memory at once, up to 250 KB each; default all. The result is the same. */
  readonly listenersAtOnce?: number
}

/**
 * Builds the three feature tables from the views `events` and `credited` as known at `asOf` (ms UTC, exclusive) and writes them as Parquet.
 * @returns rows written of each
 */
export async function buildFeatures(
  engine: Engine,
  files: FeatureFiles,
  options: FeatureOptions,
): Promise<{ artists: number; listeners: number; interactions: number }> {
  const { asOf, settings } = options
  await engine.run(`create or replace view accounts as select * from read_parquet(${quoted(files.accounts)})`)
  await engine.run(`create or replace table artist_features as ${artistsSql('events', asOf)}`)
  await writeParquet(engine, 'artist_features', files.artistsOut)
  const window = { asOf, halfLifeDays: settings.halfLifeDays }
  await writeParquet(
    engine,
    `(${interactionsSql('credited', window)} order by user_id, artist_id)`,
    files.interactionsOut,
  )
  await writeListeners(engine, files.listenersOut, options)
  const [counts] = await engine.rows(`select (select count(*) from artist_features) as artists,
    (select count(*) from read_parquet(${quoted(files.listenersOut)})) as listeners,
    (select count(*) from read_parquet(${quoted(files.interactionsOut)})) as interactions`)
  return {
    artists: Number(counts?.artists),
    listeners: Number(counts?.listeners),
    interactions: Number(counts?.interactions),
  }
}

/** The lists of a listener cannot go to the disk while they are gathered, so many listeners are done in slices of their ids. */
async function writeListeners(engine: Engine, path: string, options: FeatureOptions): Promise<void> {
  const { favouriteArtists, lastSongs } = options.settings
  const tables = { events: 'slice_events', accounts: 'slice_accounts', artists: 'artist_features' }
  const sql = listenersSql(tables, { asOf: options.asOf, favouriteArtists, lastSongs })
  const firsts = await firstOfSlices(engine, options.listenersAtOnce ?? Number.MAX_SAFE_INTEGER)
  for (const [at, first] of firsts.entries()) {
    const next = firsts[at + 1]
    const here = [
      ...(at === 0 ? [] : [`user_id >= ${quoted(first)}`]),
      ...(next === undefined ? [] : [`user_id < ${quoted(next)}`]),
    ]
    const where = here.length === 0 ? '' : `where ${here.join(' and ')}`
    await engine.run(`create or replace view slice_events as select * from events ${where};
      create or replace view slice_accounts as select * from accounts ${where}`)
    await engine.run(
      at === 0 ? `create or replace table listener_rows as ${sql}` : `insert into listener_rows ${sql}`,
    )
  }
  await writeParquet(engine, 'listener_rows', path)
  await engine.run('drop table listener_rows')
}

/** The least listener id of each slice; one slice, from the empty id on, where nobody is. */
async function firstOfSlices(engine: Engine, size: number): Promise<readonly string[]> {
  const rows = await engine.rows(`select min(user_id) as first from (
      select user_id, (row_number() over (order by user_id) - 1) // ${size} as slice
      from (select user_id from accounts union select user_id from events)
    ) group by slice order by slice`)
  return rows.length === 0 ? [''] : rows.map(({ first }) => String(first))
}

/**
 * Makes the view `current_events` (clean events: of each id the highest revision, none that was taken back) and over it, with the
 * judgments, `events` and `credited` (see openJudgedEvents). Without corrections and judgments it is a bare scan of the files.
 * @param options.knownAt ms UTC: what was known then, by `recorded_at`; default: everything
 */
export async function openEvents(
  engine: Engine,
  files: EventFiles,
  options: { readonly knownAt?: number } = {},
): Promise<void> {
  const known = options.knownAt === undefined ? 'true' : `recorded_at <= ${options.knownAt}`
  const first = `select * from ${rowsOf(files.events)} where ${known}`
  const corrections = files.corrections ?? []
  if (corrections.length > 0)
    await engine.run(`create or replace table newest_correction as select * from ${rowsOf(corrections)} where ${known}
      qualify row_number() over (partition by event_id order by revision desc) = 1`)
  const current =
    corrections.length === 0
      ? first
      : `${first} and event_id not in (select event_id from newest_correction)
        union all by name select * from newest_correction where kind <> 'retract'`
  await engine.run(`create or replace view current_events as ${current}`)
  await openJudgedEvents(engine, 'current_events', files.judgments ?? {})
}

/** The rows of Parquet files of clean events; none of no files. */
function rowsOf(files: readonly string[]): string {
  if (files.length > 0) return `read_parquet([${files.map(quoted).join(', ')}])`
  const columns = eventColumns.map(({ name, engineType }) => `null::${engineType} as "${name}"`)
  return `(select ${columns.join(', ')} where false)`
}

/** Writes a table, view or parenthesized query as one zstd Parquet file. */
async function writeParquet(engine: Engine, table: string, path: string): Promise<void> {
  await engine.run(`copy (select * from ${table}) to ${quoted(path)} (format parquet, compression zstd)`)
}
