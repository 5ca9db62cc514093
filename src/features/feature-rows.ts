// SQL of feature rows: what a view says as of a time, what changed since it was said, and how complete it is.
import type { Feature, FeatureSources, FeatureTime, FeatureType, FeatureView } from './feature-view.ts'

/** Event time and creation time of rows, ms UTC, and the number of the write they belong to. */
export type RowTimes = {
  /** The rows hold for this time: all that happened before it is in them. */
  readonly eventTimestamp: number
  /** They could be known from this time on. */
  readonly createdTimestamp: number
  /** Grows with every write of a view; settles ties of both times. */
  readonly sequence: number
}

/** Types in the SQL engine. A list keeps the type its query gives it. */
export const engineTypes: Readonly<Record<Exclude<FeatureType, 'list'>, string>> = {
  string: 'VARCHAR',
  int64: 'BIGINT',
  double: 'DOUBLE',
  timestamp: 'BIGINT',
}

/**
 * SQL of the events that a row may be computed from: those that happened before `before` and were recorded by `knownAt`
 * (ms UTC; absent: all that are known by now).
 */
export function eventsKnownSql(
  events: string,
  cut: { readonly before: number; readonly knownAt?: number },
): string {
  const known = cut.knownAt === undefined ? '' : ` and recorded_at <= ${cut.knownAt}`
  return `select * from ${events} where occurred_at < ${cut.before}${known}`
}

/**
 * SQL of a view's rows: its join keys (text), its features in their declared types, event_timestamp, created_timestamp
 * and sequence. Rows without a key are left out; doubles that are not finite become null.
 */
export function featureRowsSql(
  view: FeatureView,
  sources: FeatureSources,
  at: RowTimes & Pick<FeatureTime, 'settings'>,
): string {
  const { joinKeys } = view.entity
  const query = view.sql(sources, { asOf: at.eventTimestamp, settings: at.settings })
  const keys = joinKeys.map((key) => `cast(${key} as VARCHAR) as ${key}`)
  const columns = [...keys, ...view.features.map(typedColumn), ...timeColumns(at)]
  const named = joinKeys.map((key) => `${key} is not null`).join(' and ')
  return `select ${columns.join(', ')} from (${query}) computed where ${named}`
}

const typedColumn = ({ name, dtype }: Feature): string => {
  if (dtype === 'list') return name
  const typed = `cast(${name} as ${engineTypes[dtype]})`
  return dtype === 'double'
    ? `case when isfinite(${typed}) then ${typed} end as ${name}`
    : `${typed} as ${name}`
}

const timeColumns = (at: RowTimes): readonly string[] => [
  `cast(${at.eventTimestamp} as BIGINT) as event_timestamp`,
  `cast(${at.createdTimestamp} as BIGINT) as created_timestamp`,
  `cast(${at.sequence} as BIGINT) as sequence`,
]

/** SQL of the newest row of each entity and event time among `rows`: by creation, then by the order of writing. */
export function newestRowsSql(view: FeatureView, rows: string): string {
  const keys = [...view.entity.joinKeys, 'event_timestamp'].join(', ')
  return `select * exclude (place) from (
    select *, row_number() over (partition by ${keys} order by created_timestamp desc, sequence desc) as place from ${rows}
  ) where place = 1`
}

/**
 * SQL of what must be written so that `stored` (newest rows of one event time) says the same as `computed`: rows that are
 * new or differ, and rows of nulls for entities that are no longer there. Doubles are the same within one in 10^9: sums
 * over threads come in any order.
 */
export function changedRowsSql(view: FeatureView, computed: string, stored: string, at: RowTimes): string {
  const keys = view.entity.joinKeys
  const same = keys.map((key) => `s.${key} = c.${key}`).join(' and ')
  const differs = view.features.map((feature) => `(${differsSql(feature)})`).join(' or ')
  const present = view.features.map(({ name }) => `s.${name} is not null`).join(' or ')
  const gone = [
    ...keys.map((key) => `s.${key}`),
    ...view.features.map(({ name }) => `null as ${name}`),
    ...timeColumns(at),
  ]
  return `select c.* from ${computed} c left join ${stored} s on ${same} where s.${keys[0]} is null or ${differs}
    union all by name
    select ${gone.join(', ')} from ${stored} s anti join ${computed} c on ${same} where ${present}`
}

const differsSql = ({ name, dtype }: Feature): string => {
  const distinct = `c.${name} is distinct from s.${name}`
  return dtype === 'double'
    ? `${distinct} and not coalesce(abs(c.${name} - s.${name}) <= 1e-9 * greatest(abs(c.${name}), abs(s.${name})), false)`
    : distinct
}

/** SQL of one row of counts over a view's rows: `rows`, and for each feature `nulls_<name>` and `mean_<name>` (null where it has none). */
export function rowStatisticsSql(view: FeatureView, rows: string): string {
  const columns = view.features.flatMap(({ name, dtype }) => [
    `count(*) - count(${name}) as nulls_${name}`,
    dtype === 'int64' || dtype === 'double'
      ? `avg(cast(${name} as DOUBLE)) as mean_${name}`
      : `cast(null as DOUBLE) as mean_${name}`,
  ])
  return `select count(*) as rows, ${columns.join(', ')} from ${rows}`
}
