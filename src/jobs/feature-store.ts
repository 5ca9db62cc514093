// What the feature store keeps in the object store: rows as Parquet, a state per view, a record per run, pushed rows.
import type { RunStatistics } from '../data/feature-run.ts'
import { quoted } from '../engine/engine.ts'
import { engineTypes } from '../features/feature-rows.ts'
import type { RegisteredView } from '../features/registry.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'
import type { JobContext } from './context.ts'
import { readDocument, writeDocument } from './documents.ts'

/** One write: the rows of an event time as created at a time. `key` is the object's; absent where there were no rows. */
export type Snapshot = {
  readonly key?: string
  /** ms UTC. */
  readonly eventTimestamp: number
  readonly createdTimestamp: number
  readonly rows: number
}

/** How far a view has taken in the clean data. */
export type Watermark = {
  /** Newest `recorded_at` among the events taken in, ms UTC: for people to look at. */
  readonly recordedAt: number
  /** The clean files taken in: what is in no such file is late, whatever its times are. */
  readonly files: readonly string[]
  /** Version of all input: clean files, corrections, accounts. */
  readonly inputVersion: string
}

/** All there is of one version of a view. Written last in every run: what a killed run left behind is written over. */
export type ViewState = {
  readonly view: string
  readonly version: string
  /** Writes so far. */
  readonly sequence: number
  readonly watermark?: Watermark
  /** Rows at ends of periods, and pushed rows, in the order of writing. Never replaced. */
  readonly snapshots: readonly Snapshot[]
  /** Rows as of the newest event; the next run replaces them. */
  readonly newest?: Snapshot
}

/** Folder of one version of a view. */
export const viewFolder = (view: RegisteredView): string => `feature-store/${view.name}/${view.version}`

/** Key prefix of rows that were pushed and not folded in yet. */
export const pushedPrefix = (view: RegisteredView): string => `${viewFolder(view)}/pushed/`

const stateKey = (view: RegisteredView): string => `${viewFolder(view)}/state.json`

/** The state of a view; nothing taken in yet where there is none, as after a change of its definition. */
export async function readViewState(objects: ObjectStore, view: RegisteredView): Promise<ViewState> {
  return (
    (await readDocument<ViewState>(objects, stateKey(view))) ?? {
      view: view.name,
      version: view.version,
      sequence: 0,
      snapshots: [],
    }
  )
}

/** Makes a state the current one. */
export const writeViewState = (objects: ObjectStore, view: RegisteredView, state: ViewState): Promise<void> =>
  writeDocument(objects, stateKey(view), state)

/**
 * SQL of a relation with all rows of a view: snapshots, the newest rows, and rows pushed since. Columns as `featureRowsSql`.
 *
 * Nothing stored: an empty relation.
 * @param only event time to keep to, ms UTC; default all
 */
export async function featureRowsRelation(
  context: Pick<JobContext, 'objects'>,
  view: RegisteredView,
  only?: number,
): Promise<string> {
  const { objects } = context
  const state = await readViewState(objects, view)
  const all = [...state.snapshots, ...(state.newest ? [state.newest] : [])]
  const keys = all.flatMap(({ key, eventTimestamp }) =>
    key === undefined || (only !== undefined && only !== eventTimestamp && eventTimestamp !== pushedTime)
      ? []
      : [key],
  )
  const files = await Promise.all(keys.map((key) => objects.localFile(key)))
  const relations = [emptyRowsSql(view)]
  if (files.length > 0)
    relations.unshift(`select * from read_parquet([${files.map(quoted).join(', ')}], union_by_name = true)`)
  const pushed = await pushedRowsSql(objects, view)
  if (pushed !== undefined) relations.unshift(pushed)
  const where = only === undefined ? '' : ` where event_timestamp = ${only}`
  return `(select * from (${relations.join(' union all by name ')})${where})`
}

/** SQL of a relation with a view's newest rows; undefined before there are any. */
export async function newestRowsRelation(
  { objects }: Pick<JobContext, 'objects'>,
  view: RegisteredView,
): Promise<string | undefined> {
  const { newest } = await readViewState(objects, view)
  return newest?.key && `read_parquet(${quoted(await objects.localFile(newest.key))})`
}

/** Event time of a snapshot of pushed rows: they bear times of their own. */
export const pushedTime = -1

/** SQL of the rows pushed and not folded in yet; undefined when there are none. */
export async function pushedRowsSql(objects: ObjectStore, view: RegisteredView): Promise<string | undefined> {
  const keys = await pushedKeys(objects, view)
  if (keys.length === 0) return undefined
  const files = await Promise.all(keys.map((key) => objects.localFile(key)))
  const columns = Object.entries(columnTypes(view)).map(([name, type]) => `${name}: '${type}'`)
  return `select * from read_json([${files.map(quoted).join(', ')}], format = 'newline_delimited', columns = {${columns.join(', ')}})`
}

/** Keys of the objects that rows were pushed into, in order. */
export async function pushedKeys(objects: ObjectStore, view: RegisteredView): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { key } of objects.list(pushedPrefix(view))) keys.push(key)
  return keys
}

const emptyRowsSql = (view: RegisteredView): string => {
  const columns = Object.entries(columnTypes(view)).map(([name, type]) => `cast(null as ${type}) as ${name}`)
  return `select ${columns.join(', ')} where false`
}

/** Columns without lists, whose type only their rows know. */
function columnTypes(view: RegisteredView): Readonly<Record<string, string>> {
  const keys = view.entity.joinKeys.map((key) => [key, 'VARCHAR'] as const)
  const features = view.features.flatMap(({ name, dtype }) =>
    dtype === 'list' ? [] : [[name, engineTypes[dtype]] as const],
  )
  const times = ['event_timestamp', 'created_timestamp', 'sequence'].map((name) => [name, 'BIGINT'] as const)
  return Object.fromEntries([...keys, ...features, ...times])
}

/** Keeps what a run found out about a view. */
export async function keepStatistics(objects: ObjectStore, statistics: RunStatistics): Promise<void> {
  const stamp = new Date(statistics.at).toISOString().replaceAll(':', '-')
  await writeDocument(objects, `feature-store/${statistics.view}/history/${stamp}.json`, statistics)
}

/** The newest `limit` records of a view's runs, newest first. */
export async function readStatistics(
  objects: ObjectStore,
  view: string,
  limit: number,
): Promise<readonly RunStatistics[]> {
  const keys: string[] = []
  for await (const { key } of objects.list(`feature-store/${view}/history/`)) keys.push(key)
  const read = keys.slice(-limit).map((key) => readDocument<RunStatistics>(objects, key))
  return (await Promise.all(read)).filter((one) => one !== undefined).reverse()
}
