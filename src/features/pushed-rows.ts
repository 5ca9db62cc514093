// Rows that a service pushes into a feature view: columns of JSON -> checked rows, or the reason why not.
import { TastemakerError } from '../errors.ts'
import type { Feature, FeatureType, FeatureView } from './feature-view.ts'
import type { OnlineRow } from './online-rows.ts'

/** A row that was pushed, with the ids of its entity in the order of the join keys. */
export type PushedRow = readonly [ids: readonly string[], row: OnlineRow]

/** Columns as a data frame sends them: names with equally many values each. */
export type PushedColumns = Readonly<Record<string, readonly unknown[]>>

/**
 * Checks pushed columns against a view: its join keys, `event_timestamp` (ISO 8601, without a zone UTC; or ms), and all its
 * features, values of their types or null. Any other column, as `created`, is left out: rows count as created `now`.
 *
 * All or none: throws `bad-input` with the first column and row that cannot be taken, among them a time after `now`, which
 * would stand above every later row. Throws `bad-argument` for a view with lists, which can only be computed.
 */
export function readPushedRows(view: FeatureView, columns: PushedColumns, now: number): readonly PushedRow[] {
  if (!acceptsPushes(view))
    throw new TastemakerError(
      'bad-argument',
      `Feature view ${view.name} holds lists: it is computed, not pushed to.`,
    )
  const needed = [...view.entity.joinKeys, 'event_timestamp', ...view.features.map(({ name }) => name)]
  const missing = needed.find((name) => columns[name] === undefined)
  if (missing !== undefined) throw refused(`There is no column ${missing}; needed are ${needed.join(', ')}`)
  const lengths = [...new Set(needed.map((name) => columns[name]!.length))]
  if (lengths.length > 1) throw refused(`The columns have ${lengths.join(' and ')} rows`)
  return Array.from({ length: lengths[0] ?? 0 }, (_, at) => [
    view.entity.joinKeys.map((key) => readId(key, columns[key]![at], at)),
    {
      eventTimestamp: readTime(columns.event_timestamp![at], { at, now }),
      createdTimestamp: now,
      pushed: true,
      values: Object.fromEntries(
        view.features.map((feature) => [feature.name, readValue(feature, columns[feature.name]![at], at)]),
      ),
    },
  ])
}

/** Whether rows of a view can be pushed. */
export const acceptsPushes = (view: FeatureView): boolean =>
  view.features.every(({ dtype }) => dtype !== 'list')

/** A pushed row as a line of NDJSON, in the columns of feature rows. */
export function pushedLine(view: FeatureView, [ids, row]: PushedRow): string {
  const keys = Object.fromEntries(view.entity.joinKeys.map((key, at) => [key, ids[at]]))
  const times = { event_timestamp: row.eventTimestamp, created_timestamp: row.createdTimestamp, sequence: 0 }
  return JSON.stringify({ ...keys, ...row.values, ...times })
}

const refused = (problem: string): TastemakerError => new TastemakerError('bad-input', `${problem}.`)

function readId(key: string, value: unknown, at: number): string {
  const id = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value
  if (typeof id === 'string' && id !== '' && id.length <= 256) return id
  throw refused(`Row ${at}: ${key} is a text of 1 to 256 characters or a whole number`)
}

function readTime(value: unknown, { at, now }: { readonly at: number; readonly now: number }): number {
  const time = typeof value === 'string' ? Date.parse(withZone(value)) : value
  if (typeof time !== 'number' || !Number.isSafeInteger(time) || time < 0)
    throw refused(`Row ${at}: event_timestamp is a time, ISO 8601 or ms since the epoch`)
  if (time > now) throw refused(`Row ${at}: event_timestamp lies in the future`)
  return time
}

/** A time of day without a zone is UTC, as clients of feature servers send it. */
const withZone = (text: string): string =>
  /[T ]\d\d:\d\d(:\d\d([.]\d+)?)?$/.test(text) ? `${text.replace(' ', 'T')}Z` : text

const checks: Readonly<Record<FeatureType, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string' && value.length <= 10_000,
  int64: Number.isSafeInteger,
  double: Number.isFinite,
  timestamp: Number.isSafeInteger,
  list: () => false,
}

function readValue({ name, dtype }: Feature, value: unknown, at: number): unknown {
  if (value === null || checks[dtype](value)) return value
  throw refused(`Row ${at}: ${name} is ${dtype} or null`)
}
