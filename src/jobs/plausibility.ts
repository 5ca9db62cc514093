// Judgments on clean events, carried: who is who, which plays are doubted, which skips are inferred; as files beside the features.
import type { Figure, Report } from '../data/report.ts'
import { type Engine, quoted } from '../engine/engine.ts'
import { readChunks } from '../engine/files.ts'
import { type DoubtFlag, doubtFlags, doubtsSql } from '../features/plausibility.ts'
import { identifiedSql, type Judgments } from '../features/plausibility-events.ts'
import { inferredOutcomesSql } from '../features/sessions.ts'
import { writeReport } from '../reports/reports.ts'
import type { JobContext } from './context.ts'
import { resolveArtists } from './identity.ts'

/** Object keys of the judgments on a feature version's events; absent where there is nothing to say. */
export type JudgmentKeys = {
  readonly identities?: string
  readonly credits?: string
  readonly doubts?: string
  readonly outcomes?: string
}

/** What was judged, counted. */
export type JudgmentCounts = {
  /** Artist ids that are another's. */
  readonly mergedArtists: number
  /** Credit lines shared among several artists. */
  readonly creditedLines: number
  /** Doubts: days of listeners, artists on them, and listeners as a whole. */
  readonly doubts: number
  readonly doubtedListeners: number
  readonly doubtedListens: number
  /** Listens whose outcome was inferred. */
  readonly inferredOutcomes: number
}

/**
 * Judges the events of `source` (a view of current clean events) and keeps what was found below `features/<version>/` and `clean/identities/`.
 * Writes the report `plausibility`.
 */
export async function judgeEvents(
  context: JobContext,
  engine: Engine,
  { source, version }: { readonly source: string; readonly version: string },
): Promise<{ readonly keys: JudgmentKeys; readonly counts: JudgmentCounts }> {
  const { settings, objects } = context
  const artists = await resolveArtists(context, engine, source)
  const identities = artists.identitiesKey && (await objects.localFile(artists.identitiesKey))
  await engine.run(`create or replace view identified as ${identifiedSql(source, identities)}`)
  const keepAs = (name: string, sql: string) =>
    keepIfAny(context, engine, { sql, key: `features/${version}/${name}.parquet` })
  const { plausibility, inferSkips, skipLeadSeconds } = settings.features
  const doubts = plausibility.enabled
    ? await keepAs('doubts', doubtsSql('identified', plausibility))
    : undefined
  const mayInfer = inferSkips && (await hasUntimedListens(engine, source))
  const outcomes = mayInfer
    ? await keepAs('outcomes', inferredOutcomesSql(source, { leadSeconds: skipLeadSeconds }))
    : undefined
  const flags = doubts ? await flagCounts(engine, doubts.file) : []
  const counts: JudgmentCounts = {
    mergedArtists: artists.counts.merged,
    creditedLines: artists.counts.credited,
    doubts: doubts?.rows ?? 0,
    ...(await doubtedOf(engine, doubts?.file)),
    inferredOutcomes: outcomes?.rows ?? 0,
  }
  if (plausibility.enabled) await writeReport(objects, reportOf(flags, counts, context.now()))
  return {
    keys: {
      ...(artists.identitiesKey !== undefined && { identities: artists.identitiesKey }),
      ...(artists.creditsKey !== undefined && { credits: artists.creditsKey }),
      ...(doubts && { doubts: doubts.key }),
      ...(outcomes && { outcomes: outcomes.key }),
    },
    counts,
  }
}

/** The files of judgments on this machine, as `openJudgedEvents` takes them. */
export async function localJudgments(
  objects: JobContext['objects'],
  keys: JudgmentKeys | undefined,
): Promise<Judgments> {
  const files = await Promise.all(
    Object.entries(keys ?? {}).map(async ([name, key]) => [name, await objects.localFile(key)]),
  )
  return Object.fromEntries(files) as Judgments
}

async function hasUntimedListens(engine: Engine, events: string): Promise<boolean> {
  const sql = `select 1 from ${events} where kind = 'listen' and played_ms is null and duration_ms > 0 limit 1`
  return (await engine.rows(sql)).length > 0
}

type Kept = { readonly key: string; readonly file: string; readonly rows: number }

async function keepIfAny(
  context: JobContext,
  engine: Engine,
  { sql, key }: { readonly sql: string; readonly key: string },
): Promise<Kept | undefined> {
  const file = context.scratch.file(key.replaceAll('/', '-'))
  await engine.run(
    `copy (select * from (${sql}) order by all) to ${quoted(file)} (format parquet, compression zstd)`,
  )
  const [counted] = await engine.rows(`select count(*) as rows from read_parquet(${quoted(file)})`)
  const rows = Number(counted?.rows)
  if (rows === 0) return undefined
  await context.objects.put(key, readChunks(file))
  return { key, file, rows }
}

type FlagCount = {
  readonly flag: DoubtFlag
  readonly days: number
  readonly listeners: number
  readonly events: number
}

/** Listeners and listens under any flag, each once. */
async function doubtedOf(engine: Engine, doubts: string | undefined) {
  if (doubts === undefined) return { doubtedListeners: 0, doubtedListens: 0 }
  const [row] =
    await engine.rows(`select count(distinct e.user_id) as listeners, count(*) as listens from identified e
    where e.kind = 'listen' and exists (select 1 from read_parquet(${quoted(doubts)}) d where d.user_id = e.user_id
      and (d.day is null or d.day = e.occurred_at // 86400000) and (d.artist_id is null or d.artist_id = e.artist_id))`)
  return { doubtedListeners: Number(row?.listeners), doubtedListens: Number(row?.listens) }
}

/** Per flag: doubted days, listeners, and listens in them; an event under two flags counts for both. */
async function flagCounts(engine: Engine, doubts: string): Promise<readonly FlagCount[]> {
  const rows =
    await engine.rows(`select flag, count(distinct (d.user_id, d.day)) as days, count(distinct d.user_id) as listeners, count(e.event_id) as events
    from read_parquet(${quoted(doubts)}) d
    left join identified e on e.kind = 'listen' and e.user_id = d.user_id
      and (d.day is null or e.occurred_at // 86400000 = d.day) and (d.artist_id is null or e.artist_id = d.artist_id)
    group by flag order by flag`)
  return rows.map((row) => ({
    flag: row.flag as DoubtFlag,
    days: Number(row.days),
    listeners: Number(row.listeners),
    events: Number(row.events),
  }))
}

function reportOf(flags: readonly FlagCount[], counts: JudgmentCounts, createdAt: number): Report {
  const figures = flags.flatMap(({ flag, days, listeners, events }): readonly Figure[] => [
    { metric: 'days', of: flag, value: days, unit: 'count' },
    { metric: 'listeners', of: flag, value: listeners, unit: 'count' },
    { metric: 'listens', of: flag, value: events, unit: 'count' },
  ])
  return {
    name: 'plausibility',
    createdAt,
    summary: 'Listens that no listener can have made, by flag; they are weighed down in features and kept.',
    figures: [
      ...figures,
      { metric: 'inferred outcomes', of: 'all', value: counts.inferredOutcomes, unit: 'count' },
      { metric: 'merged artists', of: 'all', value: counts.mergedArtists, unit: 'count' },
    ],
    notes: flags.map(({ flag }) => `${flag}: ${doubtFlags[flag]}`),
  }
}
