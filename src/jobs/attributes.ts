// What is known of listeners and artists besides who plays whom, as features over a matrix's rows and columns.
import type { InteractionMatrix, SparseRows } from '../data/interaction-matrix.ts'
import type { Vocabulary } from '../data/vocabulary.ts'
import { type ArtistFacts, artistAttributes } from '../features/artist-attributes.ts'
import { artistsSql } from '../features/artists.ts'
import { listenerAttributes, listenerAttributesOver } from '../features/listener-attributes.ts'
import type { JobContext } from './context.ts'
import { openFeatureEvents } from './feature-events.ts'
import { readPeople, type TrainingData } from './training-data.ts'

/** Features over one matrix; `listenerNames` are the columns of `listeners`, to lay out others by. */
export type Attributes = {
  readonly listeners: SparseRows
  readonly listenerNames: readonly string[]
  readonly artists: SparseRows
}

/**
 * Attributes of the listeners and artists of a matrix. Attributes that fewer than `features.minSegmentListeners` listeners,
 * or 5 artists, share are left out.
 * @param asOf artists are described as they were known at that time (ms UTC)
 */
export async function readAttributes(
  context: JobContext,
  data: Pick<TrainingData, 'features'>,
  { matrix, asOf }: { readonly matrix: InteractionMatrix; readonly asOf: number },
): Promise<Attributes> {
  const people = await readPeople(context, data.features)
  const minListeners = context.settings.features.minSegmentListeners
  const listeners = listenerAttributes(people, matrix.users, { minListeners })
  const artists = artistAttributes(await readFacts(context, data, asOf), matrix.artists)
  return { listeners: listeners.features, listenerNames: listeners.names, artists: artists.features }
}

/** The same attributes of other listeners. */
export async function readAttributesOver(
  context: JobContext,
  data: Pick<TrainingData, 'features'>,
  { names, users }: { readonly names: readonly string[]; readonly users: Vocabulary },
): Promise<SparseRows> {
  return listenerAttributesOver(names, await readPeople(context, data.features), users).features
}

async function readFacts(
  context: JobContext,
  { features }: Pick<TrainingData, 'features'>,
  asOf: number,
): Promise<readonly ArtistFacts[]> {
  const engine = await context.engine()
  await openFeatureEvents(context, features)
  const rows = await engine.rows(
    `select artist_id as "artistId", genre, followers, trending_rank as "trendingRank" from (${artistsSql('events', asOf)})`,
  )
  return rows as unknown as ArtistFacts[]
}
