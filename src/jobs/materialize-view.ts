// Materializes one feature view: ends of periods, corrections, the newest rows, the online copies, and its state last.
import type { RunStatistics } from '../data/feature-run.ts'
import { quoted } from '../engine/engine.ts'
import { readChunks } from '../engine/files.ts'
import {
  changedRowsSql,
  eventsKnownSql,
  featureRowsSql,
  newestRowsSql,
  rowStatisticsSql,
} from '../features/feature-rows.ts'
import type { RegisteredView } from '../features/registry.ts'
import type { JobContext } from './context.ts'
import { openFeatureSources } from './feature-sources.ts'
import {
  pushedKeys,
  pushedRowsSql,
  pushedTime,
  type Snapshot,
  type ViewState,
  viewFolder,
  type Watermark,
  writeViewState,
} from './feature-store.ts'
import type { FeatureVersion } from './feature-version.ts'
import { publishOnline } from './materialize-online.ts'

/** What to do for a view. Times in ms UTC. */
export type MaterializePlan = {
  readonly features: FeatureVersion
  readonly state: ViewState
  readonly now: number
  /** Times to have rows for. */
  readonly periodEnds: readonly number[]
  /** Time of the newest rows; absent: they, the list store and the watermark stay. */
  readonly newestAt?: number
  /** Snapshots since this time are corrected where late events touch them; absent: only those of `periodEnds`. */
  readonly correctFrom?: number
}

/** A view being materialized: what is stored so far grows with each write. */
type Work = {
  readonly context: JobContext
  readonly view: RegisteredView
  readonly plan: MaterializePlan
  state: ViewState
  readonly counts: { periodRows: number; correctedRows: number; pushedRows: number; onlineRows: number }
}

/** Carries out a plan and keeps the new state. Killed anywhere, the old state stands and the next run does it again. */
export async function materializeView(
  context: JobContext,
  view: RegisteredView,
  plan: MaterializePlan,
): Promise<RunStatistics> {
  const startedAt = context.now()
  const counts = { periodRows: 0, correctedRows: 0, pushedRows: 0, onlineRows: 0 }
  const work: Work = { context, view, plan, state: plan.state, counts }
  const folded = await foldPushed(work)
  for (const time of plan.periodEnds) await writePeriodEnd(work, time)
  for (const time of await timesToCorrect(work)) await correct(work, time)
  const replaced = plan.newestAt === undefined ? undefined : await writeNewest(work, plan.newestAt)
  await writeViewState(context.objects, view, work.state)
  for (const key of [...folded, ...(replaced ?? [])]) await context.objects.delete(key)
  return { ...(await statisticsOf(work)), ...counts, durationMs: context.now() - startedAt }
}

/** Rows of a period's end as they could be known then; a source without recorded times knew nothing then. */
async function writePeriodEnd(work: Work, time: number): Promise<void> {
  const { state, view, plan } = work
  if (!view.recorded || state.snapshots.some((snapshot) => snapshot.eventTimestamp === time)) return
  const sources = await openFeatureSources(work.context, plan.features, time)
  const at = { eventTimestamp: time, createdTimestamp: time, sequence: state.sequence }
  const events = `(${eventsKnownSql(sources.events, { before: time, knownAt: time })})`
  const settings = work.context.settings.features
  const sql = featureRowsSql(view, { ...sources, events }, { ...at, settings })
  work.counts.periodRows += await writeSnapshot(work, sql, at)
}

/** Periods' ends that were asked for, and stored ones that late events may touch, in order. */
async function timesToCorrect(work: Work): Promise<readonly number[]> {
  const { state, plan } = work
  const late = await earliestLate(work)
  const touched = state.snapshots
    .map((snapshot) => snapshot.eventTimestamp)
    .filter((time) => plan.correctFrom !== undefined && time >= plan.correctFrom && time > late)
  return [...new Set([...plan.periodEnds, ...touched])].sort((a, b) => a - b)
}

/** Time of the first event that no run has taken in yet; minus infinity when it cannot be told, plus when there is none. */
async function earliestLate({ context, plan, state }: Work): Promise<number> {
  const { watermark } = state
  if (!watermark || plan.correctFrom === undefined) return Number.POSITIVE_INFINITY
  if (watermark.inputVersion === plan.features.version) return Number.POSITIVE_INFINITY
  const taken = new Set(watermark.files)
  const isSide = (key: string) => !plan.features.events.includes(key)
  const added = inputFiles(plan.features).filter((key) => !taken.has(key))
  if (added.length === 0 || added.some(isSide)) return Number.NEGATIVE_INFINITY
  const files = await Promise.all(added.map((key) => context.objects.localFile(key)))
  const [first] = await (await context.engine()).rows(
    `select min(occurred_at) as at from read_parquet([${files.map(quoted).join(', ')}])`,
  )
  return first?.at == null ? Number.POSITIVE_INFINITY : Number(first.at)
}

/** Writes what is known by now of a time and differs from what is stored of it. */
async function correct(work: Work, time: number): Promise<void> {
  const { context, view, state, plan } = work
  const at = { eventTimestamp: time, createdTimestamp: plan.now, sequence: state.sequence }
  const engine = await context.engine()
  await engine.run(`create or replace temp table computed_rows as ${await rowsAsKnownNow(work, at)}`)
  const snapshots = state.snapshots.filter(({ eventTimestamp }) => eventTimestamp === time)
  const keys = snapshots.flatMap(({ key }) => key ?? [])
  let sql = 'select * from computed_rows'
  if (keys.length > 0) {
    const files = await Promise.all(keys.map((key) => context.objects.localFile(key)))
    const stored = `read_parquet([${files.map(quoted).join(', ')}], union_by_name = true)`
    await engine.run(`create or replace temp table stored_rows as ${newestRowsSql(view, stored)}`)
    sql = changedRowsSql(view, 'computed_rows', 'stored_rows', at)
  }
  work.counts.correctedRows += await writeSnapshot(work, sql, at)
}

async function rowsAsKnownNow(
  { context, view, plan }: Work,
  at: { readonly eventTimestamp: number; readonly createdTimestamp: number; readonly sequence: number },
): Promise<string> {
  const sources = await openFeatureSources(context, plan.features)
  const events = `(${eventsKnownSql(sources.events, { before: at.eventTimestamp })})`
  return featureRowsSql(view, { ...sources, events }, { ...at, settings: context.settings.features })
}

/** Writes rows that stay, and notes them. Resolves to how many there are. */
async function writeSnapshot(
  work: Work,
  sql: string,
  times: Pick<Snapshot, 'eventTimestamp' | 'createdTimestamp'>,
): Promise<number> {
  const stamp = times.eventTimestamp === pushedTime ? 'pushed' : stampOf(times.eventTimestamp)
  const { eventTimestamp, createdTimestamp } = times
  const written = await writeRows(work, `${stamp}-${work.state.sequence}.parquet`, sql)
  const snapshot: Snapshot = { ...written, eventTimestamp, createdTimestamp }
  const known = work.state.snapshots.some((one) => one.eventTimestamp === eventTimestamp)
  if (written.rows === 0 && known) return 0
  work.state = {
    ...work.state,
    sequence: work.state.sequence + 1,
    snapshots: [...work.state.snapshots, snapshot],
  }
  return written.rows
}

const stampOf = (time: number): string => new Date(time).toISOString().replaceAll(/[:.]/g, '-')

/** Writes rows as one Parquet object below the view's folder; no rows, no object. */
async function writeRows(
  { context, view }: Work,
  name: string,
  sql: string,
): Promise<{ readonly key?: string; readonly rows: number }> {
  const engine = await context.engine()
  const path = context.scratch.file(`feature-${view.name}-${name}`)
  const order = [...view.entity.joinKeys, 'event_timestamp'].join(', ')
  await engine.run(
    `copy (select * from (${sql}) order by ${order}) to ${quoted(path)} (format parquet, compression zstd)`,
  )
  const [counted] = await engine.rows(`select count(*) as n from read_parquet(${quoted(path)})`)
  const rows = Number(counted?.n)
  if (rows === 0) return { rows }
  const key = `${viewFolder(view)}/${name}`
  await context.objects.put(key, readChunks(path))
  return { key, rows }
}

/** Writes the newest rows and their online copies and moves the watermark. Resolves to the keys no state names any more. */
async function writeNewest(work: Work, time: number): Promise<readonly string[]> {
  const { context, view, state, plan } = work
  const at = { eventTimestamp: time, createdTimestamp: plan.now, sequence: state.sequence }
  const written = await writeRows(work, `newest-${state.sequence}.parquet`, await rowsAsKnownNow(work, at))
  const newest: Snapshot = { ...written, eventTimestamp: time, createdTimestamp: plan.now }
  if (view.online) work.counts.onlineRows = await publishOnline(context, view, newest)
  work.state = { ...state, sequence: state.sequence + 1, newest, watermark: await watermarkOf(work) }
  const before = state.newest?.key
  return before === undefined || before === newest.key ? [] : [before]
}

/** Everything that the rows are made from. */
const inputFiles = (features: FeatureVersion): readonly string[] => [
  ...features.events,
  ...(features.corrections ?? []),
]

async function watermarkOf({ context, plan }: Work): Promise<Watermark> {
  const [newest] = await (await context.engine()).rows('select max(recorded_at) as at from events')
  return {
    recordedAt: Math.min(plan.now, newest?.at == null ? 0 : Number(newest.at)),
    files: inputFiles(plan.features),
    inputVersion: plan.features.version,
  }
}

/** Takes pushed rows into Parquet. Resolves to the keys that can go once the state says so. */
async function foldPushed(work: Work): Promise<readonly string[]> {
  const { context, view } = work
  const keys = await pushedKeys(context.objects, view)
  const sql = await pushedRowsSql(context.objects, view)
  if (sql === undefined) return []
  work.counts.pushedRows = await writeSnapshot(work, sql, {
    eventTimestamp: pushedTime,
    createdTimestamp: work.plan.now,
  })
  return keys
}

/** Row counts, null rates and means of the newest rows. */
async function statisticsOf(work: Work) {
  const { view, plan } = work
  const { newest } = work.state
  const base = { view: view.name, version: view.version, at: plan.now }
  if (!newest) return { ...base, eventTimestamp: null, ageSeconds: null, rows: 0, features: {} }
  const found = newest.key === undefined ? {} : await completeness(work, newest.key)
  const features = view.features.map(({ name }) => {
    const mean = found[`mean_${name}`]
    const nullRate = newest.rows === 0 ? 0 : Number(found[`nulls_${name}`]) / newest.rows
    return [name, { nullRate, mean: mean == null ? null : Number(mean) }] as const
  })
  const { eventTimestamp } = newest
  const ageSeconds = Math.round((plan.now - eventTimestamp) / 1000)
  return { ...base, eventTimestamp, ageSeconds, rows: newest.rows, features: Object.fromEntries(features) }
}

async function completeness(
  { context, view }: Work,
  key: string,
): Promise<Readonly<Record<string, unknown>>> {
  const engine = await context.engine()
  const rows = `read_parquet(${quoted(await context.objects.localFile(key))})`
  const [found] = await engine.rows(rowStatisticsSql(view, rows))
  return found ?? {}
}
