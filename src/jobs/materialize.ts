// Materializes feature views: clean events -> rows in the object store, the newest of them in the list store too.
import type { RunStatistics } from '../data/feature-run.ts'
import { TastemakerError } from '../errors.ts'
import { openRegistry } from '../features/registry.ts'
import type { Job, JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { keepStatistics, pushedKeys, readViewState, type ViewState } from './feature-store.ts'
import { type FeatureVersion, readFeatureVersion } from './feature-version.ts'
import { type MaterializePlan, materializeView } from './materialize-view.ts'
import { requireFeatures } from './training-data.ts'

/** What to materialize. Times in ms UTC. */
export type MaterializeOptions = {
  /** Names of views; default all. */
  readonly views?: readonly string[]
  /** Rows for the ends of the periods (UTC days) after this time; absent: incremental, for those since the last run. */
  readonly from?: number
  /** Up to this time; cut to now, also when it lies in the future. Default now. */
  readonly to?: number
}

const day = 86_400_000

/** Keeps the feature store up to date with the clean data; does nothing when that did not change. */
export const materializeJob: Job = {
  name: 'materialize',
  async inputVersion(context) {
    const { views } = openRegistry(context.settings.features)
    const features = await readFeatureVersion(context.objects)
    const pushed = await Promise.all(views.map((view) => pushedKeys(context.objects, view)))
    return features && versionOf([features.version, views.map((view) => view.version), pushed])
  },
  settingsOf: (settings) => [settings.features, settings.featureStore.lateDays],
  async run(context) {
    const runs = await materialize(context)
    const total = (count: (run: RunStatistics) => number) => runs.reduce((sum, run) => sum + count(run), 0)
    return {
      inputs: [(await requireFeatures(context)).version],
      outputs: runs.map((run) => `feature-store/${run.view}/${run.version}`),
      counts: {
        views: runs.length,
        rows: total((run) => run.rows),
        periodRows: total((run) => run.periodRows),
        correctedRows: total((run) => run.correctedRows),
        onlineRows: total((run) => run.onlineRows),
      },
    }
  },
}

/**
 * Materializes views, one after the other; each is whole by itself, and its state is written last.
 *
 * Incremental (no `from`): rows for the ends of the days since the last run, corrections of earlier ones that late or
 * corrected events touch, and rows as of the newest event, which also go to the list store. Late is what lies in clean
 * files that were not taken in before, whatever times it bears. With `from`: rows for the ends of all days in
 * (from, to], as they could be known then, and what is known of them by now as corrections created now; the list store and
 * the watermark stay.
 *
 * Throws `not-ready` without features, `not-found` for an unknown view, `bad-argument` for a range that is none.
 */
export async function materialize(
  context: JobContext,
  options: MaterializeOptions = {},
): Promise<readonly RunStatistics[]> {
  const features = await requireFeatures(context)
  const registry = openRegistry(context.settings.features)
  const views = options.views?.map(registry.find) ?? registry.views
  const now = context.now()
  const to = Math.min(options.to ?? now, now)
  if (options.from !== undefined && !(options.from < to))
    throw new TastemakerError(
      'bad-argument',
      `There is no time between ${iso(options.from)} and ${iso(to)}; the end is cut to now.`,
    )
  const runs: RunStatistics[] = []
  for (const [at, view] of views.entries()) {
    context.progress('materialize', at / views.length, view.name)
    const state = await readViewState(context.objects, view)
    const plan = planView(
      { features, state, now, to, lateDays: context.settings.featureStore.lateDays },
      options,
    )
    const run = await materializeView(context, view, plan)
    await keepStatistics(context.objects, run)
    runs.push(run)
  }
  context.progress('materialize', 1, `${views.length} feature views`)
  return runs
}

type Situation = {
  readonly features: FeatureVersion
  readonly state: ViewState
  readonly now: number
  readonly to: number
  readonly lateDays: number
}

function planView(situation: Situation, options: MaterializeOptions): MaterializePlan {
  const { features, state, now, to } = situation
  const base = { features, state, now }
  if (options.from !== undefined) return { ...base, periodEnds: periodEnds(options.from, to) }
  // Never back behind what is kept: where the newest event was taken back, its time still is the newest that was looked at.
  const asOf = Math.max(Math.min(features.asOf, to), state.newest?.eventTimestamp ?? 0)
  const earliest = asOf - Math.max(1, situation.lateDays) * day
  const stored = state.snapshots.map((snapshot) => snapshot.eventTimestamp)
  const last = stored.reduce((newest, time) => Math.max(newest, time), Math.max(earliest, 0))
  const from = stored.length === 0 ? asOf - day : last
  return {
    ...base,
    periodEnds: periodEnds(from, asOf),
    newestAt: asOf,
    correctFrom: earliest,
  }
}

/** Ends of UTC days in (from, to]. */
export function periodEnds(from: number, to: number): readonly number[] {
  const first = Math.floor(from / day) + 1
  const last = Math.floor(to / day)
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => (first + at) * day)
}

const iso = (time: number): string => (Number.isFinite(time) ? new Date(time).toISOString() : String(time))
