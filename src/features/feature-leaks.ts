// Looks for the future in features: values that no one could have had at the time they are said to hold for.
import type { Engine } from '../engine/engine.ts'
import { changedRowsSql, eventsKnownSql, featureRowsSql, newestRowsSql } from './feature-rows.ts'
import type { FeatureSources, FeatureTime, FeatureView } from './feature-view.ts'
import { joinedName } from './point-in-time.ts'

/** What a check found. No ids: only how many, and in which features. */
export type LeakReport = {
  readonly checked: number
  readonly leaks: number
  /** Features with a value that differs, and in how many rows. */
  readonly byFeature: Readonly<Record<string, number>>
}

/**
 * Computes a view's rows for one event time again, from nothing but the events before it, and holds the newest stored rows
 * against them. A value computed with a later as-of, or by a definition that looks past its cut, differs and is counted.
 * Run it on rows that are up to date with the clean events: one whose events arrived since would differ as well.
 * @param rows relation of stored rows of the view, of any event times
 */
export async function leakCheck(
  engine: Engine,
  check: { readonly view: FeatureView; readonly rows: string; readonly sources: FeatureSources },
  time: FeatureTime,
): Promise<LeakReport> {
  const { view, rows, sources } = check
  const at = { eventTimestamp: time.asOf, createdTimestamp: 0, sequence: 0, settings: time.settings }
  const cut = `(${eventsKnownSql(sources.events, { before: time.asOf })})`
  await engine.run(`create or replace temp table leak_honest as
    ${featureRowsSql(view, { ...sources, events: cut }, at)}`)
  const stored = `(select * from ${rows} where event_timestamp = ${time.asOf})`
  await engine.run(`create or replace temp table leak_stored as ${newestRowsSql(view, stored)}`)
  await engine.run(`create or replace temp table leak_found as
    ${changedRowsSql(view, 'leak_stored', 'leak_honest', at)}`)
  const keys = view.entity.joinKeys.map((key) => `f.${key} = h.${key}`).join(' and ')
  const counts = view.features.map(
    ({ name }) => `count(*) filter (where f.${name} is distinct from h.${name}) as ${name}`,
  )
  const [found] = await engine.rows(`select count(*) as leaks, (select count(*) from leak_stored) as checked,
    ${counts.join(', ')} from leak_found f left join leak_honest h on ${keys}`)
  for (const table of ['leak_honest', 'leak_stored', 'leak_found']) await engine.run(`drop table ${table}`)
  const byFeature = Object.fromEntries(
    view.features.map(({ name }) => [name, Number(found?.[name])] as const).filter(([, count]) => count > 0),
  )
  return { checked: Number(found?.checked), leaks: Number(found?.leaks), byFeature }
}

/**
 * Rows of joined training data whose features hold for, or were created, after the row's own time: always 0 after
 * `joinPointInTime` with creation honoured. For training data from anywhere, before a model is fitted on it.
 */
export async function futureRows(
  engine: Engine,
  joined: string,
  views: readonly FeatureView[],
): Promise<number> {
  const late = views.flatMap(({ name }) =>
    ['event_timestamp', 'created_timestamp'].map((time) => `${joinedName(name, time)} > event_timestamp`),
  )
  const [found] = await engine.rows(
    `select count(*) as n from ${joined} where ${late.length === 0 ? 'false' : late.join(' or ')}`,
  )
  return Number(found?.n)
}
