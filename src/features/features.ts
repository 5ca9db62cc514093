// The feature job's work: clean events and accounts -> artist, listener and interaction tables as Parquet files.

import type { Settings } from '../config.ts'
import { type Engine, quoted } from '../engine/engine.ts'
import { artistsSql } from './artists.ts'
import { interactionsSql } from './interactions.ts'
import { listenersSql } from './listeners.ts'

/** Files that hold the clean data, and where the feature tables go. All are paths of this machine. */
export type FeatureFiles = {
  readonly events: readonly string[]
  readonly accounts: string
  readonly artistsOut: string
  readonly listenersOut: string
  readonly interactionsOut: string
}

/**
 * Builds the three feature tables as known at `asOf` (ms UTC, exclusive) and writes them as Parquet.
 * @returns rows written of each
 */
export async function buildFeatures(
  engine: Engine,
  files: FeatureFiles,
  options: { readonly asOf: number; readonly settings: Settings['features'] },
): Promise<{ artists: number; listeners: number; interactions: number }> {
  const { asOf, settings } = options
  await openEvents(engine, files.events)
  await engine.run(`create or replace view accounts as select * from read_parquet(${quoted(files.accounts)})`)
  await engine.run(`create or replace table artist_features as ${artistsSql('events', asOf)}`)
  await writeParquet(engine, 'artist_features', files.artistsOut)
  const window = { asOf, halfLifeDays: settings.halfLifeDays }
  await writeParquet(
    engine,
    `(${interactionsSql('events', window)} order by user_id, artist_id)`,
    files.interactionsOut,
  )
  const tables = { events: 'events', accounts: 'accounts', artists: 'artist_features' }
  const { favouriteArtists, lastSongs } = settings
  await writeParquet(
    engine,
    `(${listenersSql(tables, { asOf, favouriteArtists, lastSongs })})`,
    files.listenersOut,
  )
  const [counts] = await engine.rows(`select (select count(*) from artist_features) as artists,
    (select count(*) from read_parquet(${quoted(files.listenersOut)})) as listeners,
    (select count(*) from read_parquet(${quoted(files.interactionsOut)})) as interactions`)
  return {
    artists: Number(counts?.artists),
    listeners: Number(counts?.listeners),
    interactions: Number(counts?.interactions),
  }
}

/** Makes the view `events` over Parquet files of clean events. */
export async function openEvents(engine: Engine, files: readonly string[]): Promise<void> {
  await engine.run(
    `create or replace view events as select * from read_parquet([${files.map(quoted).join(', ')}])`,
  )
}

/** Writes a table, view or parenthesized query as one zstd Parquet file. */
async function writeParquet(engine: Engine, table: string, path: string): Promise<void> {
  await engine.run(`copy (select * from ${table}) to ${quoted(path)} (format parquet, compression zstd)`)
}
