// The online copies of feature rows in the list store: one key an entity, the newest row wins, age is judged on reading.
import { createHash } from 'node:crypto'
import { TastemakerError } from '../errors.ts'
import type { ListEntry, ListStore } from '../stores/lists/list-store.ts'
import type { RegisteredView } from './registry.ts'

/** A row as stored. */
export type OnlineRow = {
  /** ms UTC. */
  readonly eventTimestamp: number
  readonly createdTimestamp: number
  /** By feature; null where there is no value. */
  readonly values: Readonly<Record<string, unknown>>
  /** A service pushed it; absent: it was computed. */
  readonly pushed?: true
}

/** What is known of one feature of one entity. */
export type OnlineStatus = 'PRESENT' | 'NULL_VALUE' | 'NOT_FOUND' | 'OUTSIDE_MAX_AGE'

/** One value with how it stands; null unless `PRESENT`. */
export type OnlineValue = {
  readonly value: unknown
  readonly status: OnlineStatus
  /** ms UTC; 0 where nothing was found. */
  readonly eventTimestamp: number
}

/** Ids of an entity, in the order of the view's join keys; null or empty: nobody. */
export type EntityIds = readonly (string | null)[]

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const entriesPerBatch = 2000
const bytesPerBatch = 8 * 1024 * 1024

/** Prefix of all rows of a version of a view. */
export const onlinePrefix = (view: Pick<RegisteredView, 'name' | 'version'>): string =>
  `feature/${view.name}/${view.version}/`

/** Key of an entity: `feature/<view>/<version>/<id>/...`, ids percent-encoded, long ones as a hash, since keys end at 500 bytes. */
export const onlineKey = (view: Pick<RegisteredView, 'name' | 'version'>, ids: readonly string[]): string =>
  `${onlinePrefix(view)}${ids.map((id) => `${keyPart(id)}/`).join('')}`

function keyPart(id: string): string {
  const encoded = encodeURIComponent(id.toWellFormed())
  if (encoded.length <= 150 && id.isWellFormed()) return encoded
  return `#${createHash('sha256').update(id, 'utf16le').digest('hex')}`
}

/** Reads the row of an entity; undefined when there is none, or when an id is null or empty. */
export async function readOnlineRow(
  lists: ListStore,
  view: Pick<RegisteredView, 'name' | 'version'>,
  ids: EntityIds,
): Promise<OnlineRow | undefined> {
  const whole = ids.filter((id) => id !== null && id !== '') as string[]
  if (whole.length < ids.length) return undefined
  const bytes = await lists.get(onlineKey(view, whole))
  return bytes && decodeRow(bytes)
}

/**
 * The value of a feature in a row, as of `now`: a row as old as the time to live, or older, is `OUTSIDE_MAX_AGE`, whatever
 * it holds. No row: `NOT_FOUND`.
 */
export function onlineValue(
  row: OnlineRow | undefined,
  asked: { readonly feature: string; readonly ttlSeconds: number | null; readonly now: number },
): OnlineValue {
  if (row === undefined) return { value: null, status: 'NOT_FOUND', eventTimestamp: 0 }
  const { eventTimestamp } = row
  if (asked.ttlSeconds !== null && asked.now - eventTimestamp >= asked.ttlSeconds * 1000)
    return { value: null, status: 'OUTSIDE_MAX_AGE', eventTimestamp }
  const value = row.values[asked.feature] ?? null
  return { value, status: value === null ? 'NULL_VALUE' : 'PRESENT', eventTimestamp }
}

/**
 * Writes rows, but never over a newer one: later event time wins, then later creation; equal times are written again.
 * @returns rows written
 */
export async function writeOnlineRows(
  lists: ListStore,
  view: RegisteredView,
  rows: Iterable<readonly [ids: readonly string[], row: OnlineRow]>,
): Promise<number> {
  let batch: ListEntry[] = []
  let [bytes, written] = [0, 0]
  const flush = async () => {
    if (batch.length > 0) await lists.putMany(batch)
    written += batch.length
    batch = []
    bytes = 0
  }
  for (const [ids, row] of rows) {
    const key = onlineKey(view, ids)
    const there = await lists.get(key)
    if (there && isNewer(decodeRow(there), row)) continue
    const value = encodeRow(row)
    batch.push([key, value])
    bytes += value.length
    if (batch.length >= entriesPerBatch || bytes >= bytesPerBatch) await flush()
  }
  await flush()
  return written
}

type Times = Pick<OnlineRow, 'eventTimestamp' | 'createdTimestamp'>

const isNewer = (there: Times, row: Times): boolean =>
  there.eventTimestamp > row.eventTimestamp ||
  (there.eventTimestamp === row.eventTimestamp && there.createdTimestamp > row.createdTimestamp)

/**
 * Removes the rows of entities that a whole new snapshot no longer has: those computed before it that it did not replace.
 * Pushed rows stay until their time to live is over: events may know nothing of them. @returns rows removed
 */
export async function removeOlderRows(
  lists: ListStore,
  view: RegisteredView,
  snapshot: Times,
): Promise<number> {
  const prefix = onlinePrefix(view)
  let [after, removed] = ['', 0]
  for (;;) {
    const keys = await lists.keys(prefix, { ...(after !== '' && { after }), limit: entriesPerBatch })
    for (const key of keys) {
      const bytes = await lists.get(key)
      const row = bytes && decodeRow(bytes)
      if (row && !row.pushed && !isNewer(row, snapshot) && row.createdTimestamp < snapshot.createdTimestamp)
        removed += await lists.deletePrefix(key)
    }
    const last = keys.at(-1)
    if (last === undefined) return removed
    after = last
  }
}

/** Removes the rows of all other versions of a view. @returns rows removed */
export async function removeOtherVersions(lists: ListStore, view: RegisteredView): Promise<number> {
  const all = `feature/${view.name}/`
  let [after, removed] = ['', 0]
  for (;;) {
    const [key] = await lists.keys(all, { ...(after !== '' && { after }), limit: 1 })
    if (key === undefined) return removed
    const version = key.split('/')[2]!
    if (version !== view.version) removed += await lists.deletePrefix(`${all}${version}/`)
    // '0' follows '/' in ASCII: the first key that can come after all keys of this version.
    after = `${all}${version}0`
  }
}

const encodeRow = ({ eventTimestamp: e, createdTimestamp: c, values: v, pushed }: OnlineRow): Uint8Array =>
  encoder.encode(JSON.stringify({ e, c, v, ...(pushed && { p: true }) }))

type StoredRow = {
  readonly e: number
  readonly c: number
  readonly v: OnlineRow['values']
  readonly p?: true
}

function decodeRow(bytes: Uint8Array): OnlineRow {
  try {
    const { e, c, v, p } = JSON.parse(decoder.decode(bytes)) as StoredRow
    return { eventTimestamp: e, createdTimestamp: c, values: v, ...(p && { pushed: p }) }
  } catch (cause) {
    throw new TastemakerError(
      'corrupt',
      'A feature row in the list store is not JSON; materialize it again.',
      {
        cause,
      },
    )
  }
}
