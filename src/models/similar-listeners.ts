// The listeners nearest to one listener by taste, with the artists they share; for aggregates, never to be shown by name.
import type { SparseRows } from '../data/interaction-matrix.ts'
import { kernels } from '../kernels/kernels.ts'

/** A listener whose taste is near. */
export type SimilarListener = {
  /** Row of the histories: no identity, and none is to be looked up for showing. */
  readonly listenerIndex: number
  /** Cosine of both vectors, above 0. */
  readonly similarity: number
  /** Artists of both, those with the fewest listeners first: what says the most. */
  readonly sharedArtists: readonly number[]
}

/** Where to look. */
export type ListenersAtHand = {
  /** listeners x d, row-major: the vectors a model folds histories into. */
  readonly vectors: Float32Array
  readonly d: number
  /** listeners x artists. */
  readonly histories: SparseRows
  /** Listeners of each artist. */
  readonly popularity: ArrayLike<number>
}

/** How many to give. */
export type SimilarListenersOptions = {
  readonly k: number
  /** Shared artists named of each, at most. Default 5. */
  readonly reasons?: number
  /** Artists with fewer listeners are named to nobody: they could tell who it is. Default 20. */
  readonly fewestListeners?: number
}

/**
 * The k listeners of highest cosine, never the one asked for, and none without a direction (no history folds into a zero
 * vector); ties by index. What it returns is for aggregates over many, such as "listeners like you": an answer about one
 * person is not to leave the service.
 * Cost: listeners x d multiply-adds, listeners x 4 bytes.
 */
export function similarListeners(
  { vectors, d, histories, popularity }: ListenersAtHand,
  listener: number,
  { k, reasons = 5, fewestListeners = 20 }: SimilarListenersOptions,
): readonly SimilarListener[] {
  const own = vectors.subarray(listener * d, (listener + 1) * d)
  const ownLength = Math.sqrt(kernels.dot(own, own))
  const top = kernels.createTop(k)
  for (let other = 0; other < histories.rows; other++) {
    if (other === listener) continue
    const vector = vectors.subarray(other * d, (other + 1) * d)
    const lengths = ownLength * Math.sqrt(kernels.dot(vector, vector))
    const cosine = lengths > 0 ? kernels.dot(own, vector) / lengths : 0
    if (cosine > 0) top.offer(other, cosine)
  }
  const columns = new Int32Array(k)
  const scores = new Float32Array(k)
  top.drain(columns, scores, 0)
  const known = new Set(artistsOf(histories, listener))
  return [...columns.subarray(0, k)]
    .map((listenerIndex, at) => ({ listenerIndex, similarity: scores[at]! }))
    .filter(({ listenerIndex }) => listenerIndex >= 0)
    .map((near) => ({
      ...near,
      sharedArtists: artistsOf(histories, near.listenerIndex)
        .filter((artist) => known.has(artist) && popularity[artist]! >= fewestListeners)
        .sort((a, b) => popularity[a]! - popularity[b]! || a - b)
        .slice(0, reasons),
    }))
}

const artistsOf = ({ rowPtr, colIndex }: SparseRows, row: number): number[] => [
  ...colIndex.subarray(rowPtr[row]!, rowPtr[row + 1]!),
]
