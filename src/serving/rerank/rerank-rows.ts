// Reranks the lists of many listeners: each row by itself, on threads, in bounded memory.
import type { SparseRows } from '../../data/interaction-matrix.ts'
import type { RankedRows } from '../../data/model.ts'
import type { Workers } from '../../engine/workers.ts'
import { TastemakerError } from '../../errors.ts'
import type { RerankCandidates } from './candidates.ts'
import { bucketCount } from './popularity-buckets.ts'
import { type RerankSettings, rerank } from './rerank.ts'
import { type ArtistSimilarity, openSimilarity } from './similarity.ts'

/** What is known of the artists, by the model's index. Made once for all blocks of listeners. */
export type RerankCatalogue = {
  /** Needed by `mmr` and `dpp`. */
  readonly similarity?: ArtistSimilarity | undefined
  /** Genre of each artist, 0 to `genreCount - 1`; -1 where unknown. */
  readonly genres: Int32Array
  readonly genreCount: number
  /** See `popularityBuckets`. */
  readonly buckets: Int32Array
}

/** What to rerank with. */
export type RerankRowsOptions = {
  readonly catalogue: RerankCatalogue
  /** The listeners' own artists, row by row as the ranking: what calibrated lists aim at. Values do not count. */
  readonly histories: SparseRows
  readonly settings: RerankSettings
  /** Length of the lists; usually below the ranking's, which holds the candidates. */
  readonly k: number
}

/** Rows up to which the calling thread does the work. */
const fewestRows = 64

/**
 * The ranking with each row's k artists chosen by the reranker of the settings, in the order chosen, with the model's raw
 * scores: they need not fall down a row any more. -1 and 0 where a row has fewer. Any number of threads gives the same bytes.
 *
 * Besides its answer it takes, on each thread, what `openSimilarity` says and k x candidates x 8 bytes for `dpp`; arrays on
 * shared memory are not copied. Throws `bad-argument` for `mmr` and `dpp` without a similarity, and for histories of another
 * number of rows.
 */
export async function rerankRows(
  workers: Workers,
  ranked: RankedRows,
  { catalogue, histories, settings, k }: RerankRowsOptions,
): Promise<RankedRows> {
  refuseMisfit(ranked, { catalogue, histories, settings, k })
  const chosen: RankedRows = {
    rows: ranked.rows,
    k,
    artists: new Int32Array(new SharedArrayBuffer(4 * ranked.rows * k)).fill(-1),
    scores: new Float32Array(new SharedArrayBuffer(4 * ranked.rows * k)),
  }
  const { rowPtr, colIndex } = histories
  const task = { ranked, catalogue, history: { rowPtr, colIndex }, settings, chosen }
  const size = Math.max(fewestRows, Math.ceil(ranked.rows / (4 * workers.threads)))
  if (ranked.rows <= fewestRows) rerankRange({ ...task, from: 0, to: ranked.rows })
  else
    await Promise.all(
      Array.from({ length: Math.ceil(ranked.rows / size) }, (_, at) => {
        const args = { ...task, from: at * size, to: Math.min(ranked.rows, (at + 1) * size) }
        return workers.run({ module: import.meta.url, name: rerankRange.name, args })
      }),
    )
  return chosen
}

type RerankTask = {
  readonly ranked: RankedRows
  readonly catalogue: RerankCatalogue
  readonly history: Pick<SparseRows, 'rowPtr' | 'colIndex'>
  readonly settings: RerankSettings
  /** On shared memory. */
  readonly chosen: RankedRows
  readonly from: number
  readonly to: number
}

/** Reranks rows `from` to `to`: the task of a thread. */
export function rerankRange({ ranked, catalogue, history, settings, chosen, from, to }: RerankTask): void {
  const similaritiesOf = asksSimilarity(settings) ? openSimilarity(catalogue.similarity!) : () => unasked
  for (let row = from; row < to; row++) {
    const list = ranked.artists.subarray(row * ranked.k, (row + 1) * ranked.k)
    const artists = filled(list)
    const own = history.colIndex.subarray(history.rowPtr[row]!, history.rowPtr[row + 1]!)
    const candidates: RerankCandidates = {
      scores: ranked.scores.subarray(row * ranked.k, row * ranked.k + artists.length),
      similarities: similaritiesOf(artists),
      genres: artists.map((artist) => catalogue.genres[artist]!),
      genreTarget: sharesOf(own, catalogue.genres, catalogue.genreCount),
      buckets: artists.map((artist) => catalogue.buckets[artist]!),
      bucketTarget: sharesOf(own, catalogue.buckets, bucketCount),
    }
    for (const [at, place] of rerank(candidates, settings, chosen.k).entries()) {
      chosen.artists[row * chosen.k + at] = artists[place]!
      chosen.scores[row * chosen.k + at] = candidates.scores[place]!
    }
  }
}

function filled(list: Int32Array): Int32Array {
  const end = list.indexOf(-1)
  return end < 0 ? list : list.subarray(0, end)
}

/** How the artists spread over categories, each artist counting once; those of unknown category are left out. */
function sharesOf(artists: Int32Array, categoryOf: Int32Array, count: number): Float64Array {
  const shares = new Float64Array(count)
  let known = 0
  for (const artist of artists) {
    const category = categoryOf[artist]!
    if (category < 0) continue
    shares[category]! += 1
    known++
  }
  for (let category = 0; category < count; category++) shares[category]! /= Math.max(1, known)
  return shares
}

const asksSimilarity = ({ method }: RerankSettings): boolean => method === 'mmr' || method === 'dpp'

const unasked = (): void => {}

function refuseMisfit(ranked: RankedRows, { catalogue, histories, settings, k }: RerankRowsOptions): void {
  if (asksSimilarity(settings) && !catalogue.similarity)
    throw new TastemakerError(
      'bad-argument',
      `Reranking by ${settings.method} needs the similarity of artists: vectors, or item-item weights.`,
    )
  if (histories.rows !== ranked.rows || !(Number.isInteger(k) && k >= 0))
    throw new TastemakerError(
      'bad-argument',
      `Cannot rerank ${ranked.rows} rows with ${histories.rows} histories to lists of ${k}.`,
    )
}
