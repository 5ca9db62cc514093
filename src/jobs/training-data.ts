// What models are trained on: the interaction matrix of a feature version, its artists, and the listeners' segments.
import type { ArtistFeatures, ListenerFeatures } from '../data/features.ts'
import type { InteractionMatrix } from '../data/interaction-matrix.ts'
import { quoted } from '../engine/engine.ts'
import { TastemakerError } from '../errors.ts'
import { readInteractionMatrix } from '../features/interactions.ts'
import type { ListenerPerson } from '../features/listener-attributes.ts'
import { buildSegments, type Segments } from '../features/segments.ts'
import type { JobContext } from './context.ts'
import { type FeatureVersion, readFeatureVersion } from './feature-version.ts'

/** Everything a model may be fitted on. */
export type TrainingData = {
  readonly features: FeatureVersion
  readonly matrix: InteractionMatrix
  readonly segments: Segments
}

/** The newest feature version; throws `not-ready` when there is none. */
export async function requireFeatures(context: JobContext): Promise<FeatureVersion> {
  const features = await readFeatureVersion(context.objects)
  if (!features)
    throw new TastemakerError('not-ready', 'There are no features yet: run `tastemaker run` first.')
  return features
}

/** Reads the interactions of a feature version into a matrix, with the segment of each of its listeners. */
export async function readTrainingData(context: JobContext, features: FeatureVersion): Promise<TrainingData> {
  const engine = await context.engine()
  const table = `read_parquet(${quoted(await context.objects.localFile(features.interactionsKey))})`
  const matrix = await readInteractionMatrix(engine, table)
  if (matrix.rows === 0)
    throw new TastemakerError(
      'not-ready',
      'No listener has played an artist yet; there is nothing to learn from.',
    )
  const segments = buildSegments(
    await readPeople(context, features),
    matrix.users,
    context.settings.features.minSegmentListeners,
  )
  return { features, matrix, segments }
}

/** Who the listeners are, without their arrays. */
export async function readPeople(context: JobContext, features: FeatureVersion) {
  const engine = await context.engine()
  const path = await context.objects.localFile(features.accounts)
  const rows = await engine.rows(
    `select user_id as "userId", age_group as "ageGroup", country, state, city from read_parquet(${quoted(path)})`,
  )
  return rows as unknown as ListenerPerson[]
}

/** The artist table of a feature version, by artist id. */
export async function readArtists(
  context: JobContext,
  features: FeatureVersion,
): Promise<ReadonlyMap<string, ArtistFeatures>> {
  const engine = await context.engine()
  const path = await context.objects.localFile(features.artistsKey)
  const rows = await engine.rows(`select artist_id as "artistId", name, genre, followers, plays, listeners,
    active_days as "activeDays", trending_rank as "trendingRank" from read_parquet(${quoted(path)})`)
  return new Map(rows.map((row) => [row.artistId as string, row as unknown as ArtistFeatures]))
}

/** The listener table of a feature version, a slice of it at a time. */
export async function* readListeners(
  context: JobContext,
  features: FeatureVersion,
  sliceSize = 1000,
): AsyncIterable<readonly ListenerFeatures[]> {
  const engine = await context.engine()
  const path = await context.objects.localFile(features.listenersKey)
  await engine.run(`create or replace temp view listener_features as select user_id as "userId", age_group as "ageGroup",
    city, state, country, favourite_artists as "favouriteArtists", last_songs as "lastSongs",
    row_number() over (order by user_id) - 1 as row from read_parquet(${quoted(path)})`)
  for (let from = 0; ; from += sliceSize) {
    // As JSON text: the engine writes nested lists far faster than its client hands them over value by value.
    const rows = await engine.rows(`select to_json(l)::varchar as json from
      (select * exclude (row) from listener_features where row >= ${from} and row < ${from + sliceSize} order by row) l`)
    if (rows.length === 0) return
    yield rows.map(({ json }) => JSON.parse(String(json)) as ListenerFeatures)
  }
}
