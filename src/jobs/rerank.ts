// The reranker of the settings, with what it must know of the artists: genres, popularity, and how alike they are.
import type { ArtistFeatures } from '../data/features.ts'
import { type InteractionMatrix, type SparseRows, transpose } from '../data/interaction-matrix.ts'
import type { Model } from '../data/model.ts'
import { TastemakerError } from '../errors.ts'
import type { Rerank } from '../serving/rank-all.ts'
import { popularityBuckets } from '../serving/rerank/popularity-buckets.ts'
import { type RerankCatalogue, rerankRows } from '../serving/rerank/rerank-rows.ts'
import type { ArtistSimilarity } from '../serving/rerank/similarity.ts'
import type { JobContext } from './context.ts'
import { type ModelVersion, openTrainedModel } from './train.ts'

/** What a reranker knows the artists by. */
export type RerankInput = {
  /** In the order of the matrix columns. */
  readonly artists: readonly ArtistFeatures[]
  readonly matrix: InteractionMatrix
  readonly trained: ModelVersion
}

/** The reranker that the settings ask for; undefined for `none`. */
export async function openRerank(context: JobContext, input: RerankInput): Promise<Rerank | undefined> {
  const settings = context.settings.serving.rerank
  if (settings.method === 'none') return undefined
  const catalogue = catalogueOf(input, await similarityOf(context, input.trained))
  return {
    candidates: settings.candidates,
    choose: (ranked, histories, k) =>
      rerankRows(context.workers, ranked, { catalogue, histories, settings, k }),
  }
}

/** The vectors of ALS, or the item-item cosines where ALS is not trained. */
async function similarityOf(context: JobContext, trained: ModelVersion): Promise<ArtistSimilarity> {
  if (trained.files.als === undefined) return cosinesOf(await openTrainedModel(context, trained, 'cosine'))
  const { arrays, options } = await openTrainedModel(context, trained, 'als')
  const { artistFactors } = arrays
  if (artistFactors instanceof Float32Array && typeof options.factors === 'number')
    return { kind: 'vectors', vectors: artistFactors, d: options.factors }
  throw new TastemakerError('corrupt', 'Model als has no artist vectors; train it again.')
}

function cosinesOf({ artistCount, arrays }: Model): ArtistSimilarity {
  const { neighbourPtr, neighbours, weights } = arrays
  if (
    !(
      neighbourPtr instanceof Int32Array &&
      neighbours instanceof Int32Array &&
      weights instanceof Float32Array
    )
  )
    throw new TastemakerError('corrupt', 'Model cosine has no weights; train it again.')
  const lists = {
    rows: artistCount,
    columns: artistCount,
    rowPtr: neighbourPtr,
    colIndex: neighbours,
    values: weights,
  }
  return { kind: 'weights', weights: transpose(lists) }
}

function catalogueOf({ artists, matrix }: RerankInput, similarity: ArtistSimilarity): RerankCatalogue {
  const names = [...new Set(artists.flatMap(({ genre }) => genre ?? []))].sort()
  const indexOf = new Map(names.map((name, index) => [name, index]))
  return {
    similarity,
    genres: onSharedMemory(Int32Array.from(artists, ({ genre }) => (genre ? indexOf.get(genre)! : -1))),
    genreCount: names.length,
    buckets: onSharedMemory(popularityBuckets(listenersOf(matrix))),
  }
}

function listenersOf({ columns, colIndex }: SparseRows): Int32Array {
  const counts = new Int32Array(columns)
  for (const column of colIndex) counts[column]! += 1
  return counts
}

function onSharedMemory(values: Int32Array): Int32Array {
  const shared = new Int32Array(new SharedArrayBuffer(values.byteLength))
  shared.set(values)
  return shared
}
