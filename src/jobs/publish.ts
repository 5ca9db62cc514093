// The publish job: ranks artists for every listener with the measured champion and shows the new lists, all at once.

import type { ArtistFeatures } from '../data/features.ts'
import { createVocabulary } from '../data/vocabulary.ts'
import { quoted } from '../engine/engine.ts'
import { TastemakerError } from '../errors.ts'
import { readInteractionMatrix } from '../features/interactions.ts'
import { buildSegments } from '../features/segments.ts'
import { readReport } from '../reports/reports.ts'
import { rankGroups } from '../serving/group-lists.ts'
import { cacheEntries } from '../serving/list-cache.ts'
import { createPublisher, readPointer } from '../serving/list-publisher.ts'
import { rankAll } from '../serving/rank-all.ts'
import { listSimilar, rememberNearest } from '../serving/similar-artists.ts'
import type { ListEntry } from '../stores/lists/list-store.ts'
import { readAttributesOver } from './attributes.ts'
import type { Job, JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { readVerdict, type Verdict } from './evaluate.ts'
import { trackEntries } from './published-tracks.ts'
import { openRerank } from './rerank.ts'
import { tidy } from './tidy.ts'
import { type ModelVersion, openTrainedModel, readModelVersion } from './train.ts'
import { readArtists, readListeners, readPeople, requireFeatures } from './training-data.ts'

/** Artists kept as similar to each artist. */
const similarKept = 20

/** Publishes new lists when the models or the verdict on them changed. Lists that were not measured are never published. */
export const publishJob: Job = {
  name: 'publish',
  inputVersion: async (context) => versionOf([await readModelVersion(context), await readVerdict(context)]),
  settingsOf: (settings) => settings.serving,
  async run(context) {
    const { trained, verdict } = await requireMeasured(context)
    const generatedAt = context.now()
    const ranked = await prepare(context, { trained, verdict, generatedAt })
    const version = `${new Date(generatedAt).toISOString().replaceAll(/[^0-9]/g, '')}-${trained.version}`
    const publisher = createPublisher(context.lists, {
      version,
      model: verdict.champion,
      modelVersion: trained.version,
      publishedAt: generatedAt,
    })
    await publisher.put(groupEntries(ranked))
    await publisher.put(listEntries(context, ranked))
    await publisher.put(artistEntries(ranked))
    await publisher.put(listenerEntries(context))
    await publisher.put(trackEntries(context, await requireFeatures(context)))
    const report = await readReport(context.objects, 'evaluate')
    if (report) await publisher.put([cacheEntries.report(report)])
    const before = await readPointer(context.lists)
    const published = await publisher.publish()
    await tidy(context.objects, {
      featureVersions: [trained.featureVersion],
      modelVersions: [trained.version, before?.modelVersion ?? ''],
    })
    context.progress(
      'publish',
      1,
      `${ranked.everyone.size.toLocaleString('en')} lists by ${verdict.champion}`,
    )
    return {
      inputs: Object.values(trained.files),
      outputs: [version],
      counts: { lists: ranked.everyone.size, listeners: published.listeners, artists: published.artists },
    }
  },
}

async function requireMeasured(context: JobContext): Promise<{ trained: ModelVersion; verdict: Verdict }> {
  const trained = await readModelVersion(context)
  const verdict = await readVerdict(context)
  if (!trained || !verdict || trained.version !== verdict.modelVersion)
    throw new TastemakerError(
      'not-ready',
      'The newest models are not measured yet: run train and evaluate first.',
    )
  return { trained, verdict }
}

type Made = { readonly trained: ModelVersion; readonly verdict: Verdict; readonly generatedAt: number }

type Ranked = Awaited<ReturnType<typeof prepare>>

/** Opens the champion and everything its lists are made of. */
async function prepare(context: JobContext, made: Made) {
  const { trained, verdict, generatedAt } = made
  const features = await requireFeatures(context)
  const model = await openTrainedModel(context, trained, verdict.champion)
  const byId = await readArtists(context, features)
  const engine = await context.engine()
  const interactions = `read_parquet(${quoted(await context.objects.localFile(features.interactionsKey))})`
  const matrix = await readInteractionMatrix(engine, interactions)
  const artists = matrix.artists.ids.map((id) => byId.get(id) ?? unknownArtist(id))
  const people = await readPeople(context, features)
  const everyone = createVocabulary(
    [...new Set([...people.map((person) => person.userId), ...matrix.users.ids])].sort(),
  )
  const histories = await readInteractionMatrix(engine, interactions, {
    users: everyone,
    artists: matrix.artists,
  })
  const segments = buildSegments(people, everyone, context.settings.features.minSegmentListeners)
  const k = context.settings.serving.listLength
  const groups = await rankGroups({
    model: await openTrainedModel(context, trained, 'segment-popularity'),
    modelVersion: trained.version,
    artists,
    labels: segments.labels,
    parent: segments.parent,
    k,
    generatedAt,
    calibration: verdict.calibrations['segment-popularity'],
  })
  // The item-item model has its neighbours at hand; asking the champion would compare every artist with every other.
  const nearest = rememberNearest(await openTrainedModel(context, trained, 'cosine'), similarKept)
  const names = trained.listenerFeatures
  const listenerFeatures = await readAttributesOver(context, { features }, { names, users: everyone })
  const rerank = await openRerank(context, { artists, matrix, trained })
  return {
    ...made,
    model,
    nearest,
    rerank,
    listenerFeatures,
    artists,
    allArtists: byId,
    everyone,
    histories,
    segments,
    groups,
    k,
  }
}

const unknownArtist = (artistId: string): ArtistFeatures => ({
  artistId,
  name: artistId,
  genre: null,
  followers: null,
  plays: 0,
  listeners: 0,
  activeDays: 0,
  trendingRank: null,
})

function* groupEntries({ groups }: Ranked): Iterable<ListEntry> {
  yield cacheEntries.popular(groups.popular)
  for (const [at, label] of groups.labels.entries()) yield cacheEntries.segment(label, groups.bySegment[at]!)
}

async function* listEntries(context: JobContext, ranked: Ranked): AsyncIterable<ListEntry> {
  const lists = rankAll({
    model: ranked.model,
    modelVersion: ranked.trained.version,
    histories: {
      interactions: ranked.histories,
      segments: ranked.segments.ofUser,
      features: ranked.listenerFeatures,
    },
    users: ranked.everyone,
    artists: ranked.artists,
    fallback: ranked.groups,
    nearest: ranked.nearest,
    k: ranked.k,
    excludeKnown: context.settings.serving.excludeKnown,
    generatedAt: ranked.generatedAt,
    calibration: ranked.verdict.calibrations[ranked.verdict.champion],
    rerank: ranked.rerank,
    onProgress: (share) => context.progress('publish', 0.8 * share, 'ranking'),
  })
  for await (const list of lists) yield cacheEntries.list(list)
}

function* artistEntries({ nearest, artists, allArtists }: Ranked): Iterable<ListEntry> {
  for (const artist of allArtists.values()) yield cacheEntries.artist(artist)
  for (const [artistId, similar] of listSimilar(nearest, artists))
    yield cacheEntries.similar(artistId, similar)
}

async function* listenerEntries(context: JobContext): AsyncIterable<ListEntry> {
  const features = await requireFeatures(context)
  for await (const slice of readListeners(context, features)) {
    context.progress('publish', 0.9, 'profiles')
    for (const listener of slice) yield cacheEntries.listener(listener)
  }
}
