// Point-in-time joins: for each entity and moment the feature values that could be known then, and nothing of its future.
import type { Engine } from '../engine/engine.ts'
import { TastemakerError } from '../errors.ts'
import type { FeatureView } from './feature-view.ts'

/** One view to join. */
export type JoinedView = {
  readonly view: FeatureView
  /** Relation of its feature rows: join keys, features, event_timestamp, created_timestamp, sequence. */
  readonly rows: string
  /** Features to take; default all. */
  readonly features?: readonly string[]
}

/** How far knowledge may reach. */
export type JoinOptions = {
  /**
   * `honoured` (default): only rows created by the moment asked for, so that what was recorded late or corrected later
   * stays unknown. `ignored`: rows as recorded by now; for histories imported long after they happened.
   */
  readonly creation?: 'honoured' | 'ignored'
}

/** Name of a feature's column in joined data. */
export const joinedName = (view: string, feature: string): string => `${view}__${feature}`

/**
 * SQL of `asked` with a view's features beside it. `asked` has the join keys and event_timestamp (ms UTC); its rows stay,
 * also equal ones, whatever they have found. For a row asked at t, with the view's time to live,
 *
 *   t - ttl  <  event_timestamp  <=  t     and     created_timestamp  <=  t
 *
 * the row with the newest event time is taken; among those the one created last, then the one written last.
 * Adds `<view>__<feature>` (null where none was found), `<view>__event_timestamp` and `<view>__created_timestamp`.
 */
export function pointInTimeSql(asked: string, joined: JoinedView, options: JoinOptions = {}): string {
  const { view, rows } = joined
  const keys = view.entity.joinKeys
  const features = joined.features ?? view.features.map(({ name }) => name)
  const taken = [...features, 'event_timestamp', 'created_timestamp']
  const conditions = [
    ...keys.map((key) => `f.${key} = cast(a.${key} as VARCHAR)`),
    'f.event_timestamp <= a.event_timestamp',
    ...(view.ttlSeconds === null
      ? []
      : [`f.event_timestamp > a.event_timestamp - ${view.ttlSeconds * 1000}`]),
    ...(options.creation === 'ignored' ? [] : ['f.created_timestamp <= a.event_timestamp']),
  ]
  return `with asked as (select *, row_number() over () as asked_row from ${asked}),
  offered as (select *, row_number() over () as offered_row from ${rows}),
  found as (
    select a.asked_row, max_by(f.offered_row, row(f.event_timestamp, f.created_timestamp, f.sequence, f.offered_row)) as offered_row
    from asked a join offered f on ${conditions.join(' and ')}
    group by a.asked_row
  )
  select a.* exclude (asked_row), ${taken.map((name) => `f.${name} as ${joinedName(view.name, name)}`).join(', ')}
  from asked a left join found using (asked_row) left join offered f on f.offered_row = found.offered_row
  order by a.asked_row`
}

/**
 * Joins several views, one after the other, into the table `into`, in the order of `asked`.
 * Throws `bad-argument` when a join key is missing or a row asked for has no time: it could only be answered with a guess.
 */
export async function joinPointInTime(
  engine: Engine,
  join: { readonly asked: string; readonly views: readonly JoinedView[]; readonly into: string },
  options: JoinOptions = {},
): Promise<void> {
  await checkAsked(engine, join.asked, join.views)
  let from = join.asked
  for (const [at, view] of join.views.entries()) {
    const step = `${join.into}_step_${at}`
    await engine.run(`create or replace temp table ${step} as ${pointInTimeSql(from, view, options)}`)
    if (at > 0) await engine.run(`drop table ${from}`)
    from = step
  }
  await engine.run(`create or replace table ${join.into} as select * from ${from}`)
  if (join.views.length > 0) await engine.run(`drop table ${from}`)
}

async function checkAsked(engine: Engine, asked: string, views: readonly JoinedView[]): Promise<void> {
  const described = await engine.rows(`describe select * from ${asked}`)
  const columns = new Set(described.map((row) => String(row.column_name)))
  const needed = ['event_timestamp', ...views.flatMap(({ view }) => view.entity.joinKeys)]
  const missing = needed.find((name) => !columns.has(name))
  if (missing !== undefined)
    throw new TastemakerError('bad-argument', `The rows to join have no column ${missing}.`)
  const [timeless] = await engine.rows(`select count(*) as n from ${asked} where event_timestamp is null`)
  if (Number(timeless?.n) > 0)
    throw new TastemakerError(
      'bad-argument',
      `${timeless?.n} of the rows to join have no event_timestamp: no moment to answer for.`,
    )
}
