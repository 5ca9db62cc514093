// The feature job: clean data -> artist, listener and interaction tables, as of the newest event.
import { readChunks } from '../engine/files.ts'
import { TastemakerError } from '../errors.ts'
import { buildFeatures, openEvents } from '../features/features.ts'
import { readManifest } from './clean-manifest.ts'
import type { Job, JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { writeFeatureVersion } from './feature-version.ts'

/** Builds the feature tables when the clean data changed. */
export const featuresJob: Job = {
  name: 'features',
  inputVersion: async (context) => versionOf(await readManifest(context.objects)),
  settingsOf: (settings) => settings.features,
  async run(context) {
    const manifest = await readManifest(context.objects)
    if (manifest.accounts === undefined || manifest.parts.length === 0)
      throw new TastemakerError('not-ready', 'There are no clean events yet: run ingest first.')
    const version = versionOf([manifest, context.settings.features])
    const events = manifest.parts.map((part) => part.events)
    const local = await Promise.all(events.map((key) => context.objects.localFile(key)))
    const span = await timeSpan(context, local)
    const out = {
      artists: context.scratch.file(`${version}-artists.parquet`),
      listeners: context.scratch.file(`${version}-listeners.parquet`),
      interactions: context.scratch.file(`${version}-interactions.parquet`),
    }
    context.progress('features', 0.1, 'building tables')
    const counts = await buildFeatures(
      await context.engine(),
      {
        events: local,
        accounts: await context.objects.localFile(manifest.accounts),
        artistsOut: out.artists,
        listenersOut: out.listeners,
        interactionsOut: out.interactions,
      },
      { asOf: span.asOf, settings: context.settings.features },
    )
    const keys = {
      artistsKey: `features/${version}/artists.parquet`,
      listenersKey: `features/${version}/listeners.parquet`,
      interactionsKey: `features/${version}/interactions.parquet`,
    }
    await context.objects.put(keys.artistsKey, readChunks(out.artists))
    await context.objects.put(keys.listenersKey, readChunks(out.listeners))
    await context.objects.put(keys.interactionsKey, readChunks(out.interactions))
    await writeFeatureVersion(context.objects, {
      version,
      ...span,
      events,
      accounts: manifest.accounts,
      ...keys,
    })
    context.progress(
      'features',
      1,
      `${counts.listeners} listeners, ${counts.artists} artists, ${counts.interactions} interactions`,
    )
    return { inputs: events, outputs: Object.values(keys), counts }
  },
}

/** First and last moment of the events; `asOf` lies just behind the last one. */
async function timeSpan(context: JobContext, events: readonly string[]) {
  const engine = await context.engine()
  await openEvents(engine, events)
  const [span] = await engine.rows(`select min(occurred_at) as first_at, max(occurred_at) as last_at,
    min(occurred_at) filter (where kind <> 'play_count') as first_timed_at from events`)
  if (span?.last_at == null)
    throw new TastemakerError(
      'not-ready',
      'No event survived ingest: see `tastemaker status` for the rejects by reason.',
    )
  const firstTimedAt = span.first_timed_at == null ? {} : { firstTimedAt: Number(span.first_timed_at) }
  return { firstAt: Number(span.first_at), asOf: Number(span.last_at) + 1, ...firstTimedAt }
}
