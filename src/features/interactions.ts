// Events -> interactions (listener, artist, confidence) as known at a time -> the interaction matrix.
import { type InteractionMatrix, sparseRows, type Triple } from '../data/interaction-matrix.ts'
import { createVocabulary, type Vocabulary } from '../data/vocabulary.ts'
import type { Engine } from '../engine/engine.ts'
import { evidenceSql, recencySql } from './confidence.ts'

/** Which events count, and as of when. Times in ms UTC. */
export type InteractionWindow = {
  /** Events before this time only: what was known then. */
  readonly asOf: number
  /** Events at or after this time only; default: from the beginning. */
  readonly from?: number
  readonly halfLifeDays: number
}

/**
 * SQL of the interactions among `events` (a table or view of clean events).
 * Columns: user_id, artist_id, value (confidence, ln(1 + evidence), > 0), last_at (last time there was evidence, ms UTC).
 * Evidence counts as far as the event is believed (column weight). A pair whose evidence is all skips, or was taken back, is not an interaction.
 */
export function interactionsSql(events: string, window: InteractionWindow): string {
  const from = window.from === undefined ? '' : `and e.occurred_at >= ${window.from}`
  return `select user_id, artist_id, ln(1 + sum(evidence * recency)) as value, max(occurred_at) filter (where evidence > 0) as last_at
  from (
    select e.user_id, e.artist_id, e.occurred_at, ${evidenceSql} * e.weight as evidence, ${recencySql(window.asOf, window.halfLifeDays)} as recency
    from ${events} e where e.occurred_at < ${window.asOf} ${from}
  )
  group by user_id, artist_id
  having sum(evidence * recency) > 1e-6`
}

/** Vocabularies that a matrix must follow, so that two matrices line up. */
export type MatrixFrame = { readonly users: Vocabulary; readonly artists: Vocabulary }

/**
 * Reads interactions into a matrix: users and artists in ascending order of their ids, unless a frame is given.
 * Pairs outside the frame are left out. No interactions: a matrix of no rows.
 * @param table a table, view or parenthesized query with user_id, artist_id, value
 */
export async function readInteractionMatrix(
  engine: Engine,
  table: string,
  frame?: MatrixFrame,
): Promise<InteractionMatrix> {
  const users = frame?.users ?? (await readVocabulary(engine, table, 'user_id'))
  const artists = frame?.artists ?? (await readVocabulary(engine, table, 'artist_id'))
  const cells = await engine.columns(`select user_id, artist_id, value from ${table}`)
  const ids = { users: cells.user_id as readonly string[], artists: cells.artist_id as readonly string[] }
  const values = cells.value as Float64Array
  const kept: Triple[] = []
  for (let at = 0; at < values.length; at++) {
    const row = users.indexOf(ids.users[at]!)
    const column = artists.indexOf(ids.artists[at]!)
    if (row >= 0 && column >= 0) kept.push([row, column, values[at]!])
  }
  return { ...sparseRows(users.size, artists.size, kept), users, artists }
}

async function readVocabulary(engine: Engine, table: string, column: string): Promise<Vocabulary> {
  const found = await engine.columns(`select distinct ${column} as id from ${table} order by id`)
  return createVocabulary(found.id as readonly string[])
}
