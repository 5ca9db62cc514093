// Holds stored feature rows against what an honest computation gives: no value may know its future.
import { type LeakReport, leakCheck } from '../features/feature-leaks.ts'
import type { RegisteredView } from '../features/registry.ts'
import type { JobContext } from './context.ts'
import { openFeatureSources } from './feature-sources.ts'
import { featureRowsRelation, pushedTime, readViewState } from './feature-store.ts'
import { requireFeatures } from './training-data.ts'

/** What a check of one event time of a view found. */
export type CheckedSnapshot = LeakReport & { readonly view: string; readonly eventTimestamp: number }

/**
 * Checks the newest rows of a view and those of its newest `periods` ends of days. Exact right after an incremental
 * materialization; before one, rows that late events touch count as leaks.
 */
export async function checkForLeaks(
  context: JobContext,
  view: RegisteredView,
  periods: number,
): Promise<readonly CheckedSnapshot[]> {
  const { snapshots, newest } = await readViewState(context.objects, view)
  const ends = new Set(
    snapshots.map(({ eventTimestamp }) => eventTimestamp).filter((time) => time !== pushedTime),
  )
  const times = [
    ...[...ends].sort((a, b) => a - b).slice(-periods),
    ...(newest ? [newest.eventTimestamp] : []),
  ]
  const sources = await openFeatureSources(context, await requireFeatures(context))
  const found: CheckedSnapshot[] = []
  for (const eventTimestamp of new Set(times)) {
    const rows = await featureRowsRelation(context, view, eventTimestamp)
    const time = { asOf: eventTimestamp, settings: context.settings.features }
    const report = await leakCheck(await context.engine(), { view, rows, sources }, time)
    found.push({ view: view.name, eventTimestamp, ...report })
  }
  return found
}
