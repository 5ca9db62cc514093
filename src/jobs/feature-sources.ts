// Opens what feature definitions read: the current clean events, as of now or as recorded by a time, and the accounts.
import { quoted } from '../engine/engine.ts'
import type { FeatureSources } from '../features/feature-view.ts'
import { openEvents } from '../features/features.ts'
import type { JobContext } from './context.ts'
import type { FeatureVersion } from './feature-version.ts'

/**
 * Makes the views `events` and `accounts` over the clean data of a feature version.
 * @param knownAt events and corrections recorded by then only, ms UTC; default all
 */
export async function openFeatureSources(
  context: JobContext,
  features: FeatureVersion,
  knownAt?: number,
): Promise<FeatureSources> {
  const engine = await context.engine()
  const local = (keys: readonly string[]) => Promise.all(keys.map((key) => context.objects.localFile(key)))
  const files = { events: await local(features.events), corrections: await local(features.corrections ?? []) }
  await openEvents(engine, files, knownAt === undefined ? {} : { knownAt })
  const accounts = await context.objects.localFile(features.accounts)
  await engine.run(`create or replace view accounts as select * from read_parquet(${quoted(accounts)})`)
  return { events: 'events', accounts: 'accounts' }
}
