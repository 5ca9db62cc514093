// Opens the events of a feature version, or of the clean data as they are now, as the view `events`.
import { openEvents } from '../features/features.ts'
import type { CleanManifest } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import type { FeatureVersion } from './feature-version.ts'
import { localJudgments } from './plausibility.ts'

/** Opens what a feature version was made from. */
export async function openFeatureEvents(
  context: JobContext,
  { events, corrections = [], judgments }: Pick<FeatureVersion, 'events' | 'corrections' | 'judgments'>,
): Promise<void> {
  const local = (keys: readonly string[]) => Promise.all(keys.map((key) => context.objects.localFile(key)))
  await openEvents(await context.engine(), {
    events: await local(events),
    corrections: await local(corrections),
    judgments: await localJudgments(context.objects, judgments),
  })
}

/** Opens all clean events as they are now. */
export const openCleanEvents = (context: JobContext, manifest: CleanManifest): Promise<void> =>
  openFeatureEvents(context, eventKeysOf(manifest))

/** Object keys of everything that says which events there are. */
export const eventKeysOf = ({ files, corrections }: CleanManifest) => ({
  events: files.map(({ key }) => key),
  corrections: corrections.map(({ key }) => key),
})
