// The feature job: clean data -> artist, listener and interaction tables, as of the newest event.
import { readChunks } from '../engine/files.ts'
import { TastemakerError } from '../errors.ts'
import { buildFeatures } from '../features/features.ts'
import { type CleanManifest, readManifest } from './clean-manifest.ts'
import type { Job, JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { eventKeysOf, openFeatureEvents } from './feature-events.ts'
import { writeFeatureVersion } from './feature-version.ts'
import { readDecisions } from './identity.ts'
import { limitEngine } from './ingest-batches.ts'
import { judgeEvents } from './plausibility.ts'

/** Listeners done at once for each MiB that the job may take: 2,048 at the default. */
const listenersPerMiB = 1

/** Builds the feature tables when the clean data changed. */
export const featuresJob: Job = {
  name: 'features',
  inputVersion: async (context) => inputOf(context, await readManifest(context.objects)),
  settingsOf: (settings) => settings.features,
  async run(context) {
    const manifest = await readManifest(context.objects)
    if (manifest.accounts === undefined || manifest.parts.length === 0 || manifest.formerFiles)
      throw new TastemakerError('not-ready', 'There are no clean events yet: run ingest first.')
    const version = versionOf([await inputOf(context, manifest), context.settings.features])
    const keys = eventKeysOf(manifest)
    await limitEngine(context)
    await openFeatureEvents(context, keys)
    const span = await timeSpan(context)
    context.progress('features', 0.1, 'judging events')
    const judged = await judgeEvents(context, await context.engine(), { source: 'current_events', version })
    await openFeatureEvents(context, { ...keys, judgments: judged.keys })
    const out = {
      artists: context.scratch.file(`${version}-artists.parquet`),
      listeners: context.scratch.file(`${version}-listeners.parquet`),
      interactions: context.scratch.file(`${version}-interactions.parquet`),
    }
    context.progress('features', 0.3, 'building tables')
    const counts = await buildFeatures(
      await context.engine(),
      {
        accounts: await context.objects.localFile(manifest.accounts),
        artistsOut: out.artists,
        listenersOut: out.listeners,
        interactionsOut: out.interactions,
      },
      {
        asOf: span.asOf,
        settings: context.settings.features,
        listenersAtOnce: context.settings.ingest.memoryMiB * listenersPerMiB,
      },
    )
    const tables = {
      artistsKey: `features/${version}/artists.parquet`,
      listenersKey: `features/${version}/listeners.parquet`,
      interactionsKey: `features/${version}/interactions.parquet`,
    }
    await context.objects.put(tables.artistsKey, readChunks(out.artists))
    await context.objects.put(tables.listenersKey, readChunks(out.listeners))
    await context.objects.put(tables.interactionsKey, readChunks(out.interactions))
    await writeFeatureVersion(context.objects, {
      version,
      ...span,
      ...keys,
      accounts: manifest.accounts,
      judgments: judged.keys,
      ...tables,
    })
    context.progress(
      'features',
      1,
      `${counts.listeners} listeners, ${counts.artists} artists, ${counts.interactions} interactions`,
    )
    return { inputs: keys.events, outputs: Object.values(tables), counts: { ...counts, ...judged.counts } }
  },
}

/** What features are made from, as a version: neither the ledger nor the number of kept versions is part of it. */
const inputOf = async (context: JobContext, manifest: CleanManifest): Promise<string> =>
  versionOf([eventKeysOf(manifest), manifest.accounts, await readDecisions(context.objects)])

/** First and last moment of the events; `asOf` lies just behind the last one. */
async function timeSpan(context: JobContext) {
  const engine = await context.engine()
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
