// Where the similarity of artists comes from: their vectors, or the weights of an item-item model.
import type { SparseRows } from '../../data/interaction-matrix.ts'
import type { Similarities } from './candidates.ts'
import { dotRows } from './dot-rows.ts'

/** What says how alike two artists are. Arrays on shared memory are not copied to threads. */
export type ArtistSimilarity =
  | {
      readonly kind: 'vectors'
      /** artists x d, row-major, of any length; a zero vector is like no other. */
      readonly vectors: Float32Array
      readonly d: number
    }
  | {
      readonly kind: 'weights'
      /** artists x artists, as an item-item model has them: any scale, need not be symmetric. */
      readonly weights: SparseRows
    }

/** The similarities among one listener's candidates. Each call makes those of the call before useless. */
export type SimilarityOpener = (artists: Int32Array) => Similarities

/**
 * Similarity of two artists, in [-1, 1]:
 * - from vectors, their cosine: n d multiply-adds a choice, n x d x 8 bytes for n candidates;
 * - from weights, (W_ij + W_ji) / (largest of row i + largest of row j), held within [-1, 1]: 1 where each is the other's
 *   nearest. One pass over the rows of the candidates, n^2 x 8 bytes and 4 bytes an artist of the catalogue.
 */
export function openSimilarity(source: ArtistSimilarity): SimilarityOpener {
  return source.kind === 'vectors' ? cosines(source.vectors, source.d) : sharedWeights(source.weights)
}

function cosines(vectors: Float32Array, d: number): SimilarityOpener {
  let units = new Float64Array(0)
  return (artists) => {
    if (units.length < artists.length * d) units = new Float64Array(artists.length * d)
    for (const [place, artist] of artists.entries())
      writeUnit(units.subarray(place * d, (place + 1) * d), vectors.subarray(artist * d, (artist + 1) * d))
    return (one, others, out) => {
      dotRows({ values: units, width: d, length: d }, one, others, out)
      for (let m = 0; m < others.length; m++) out[m] = Math.max(-1, Math.min(1, out[m]!))
    }
  }
}

function writeUnit(out: Float64Array, vector: Float32Array): void {
  let square = 0
  for (let f = 0; f < vector.length; f++) square += vector[f]! * vector[f]!
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0
  for (let f = 0; f < vector.length; f++) out[f] = vector[f]! * scale
}

function sharedWeights(weights: SparseRows): SimilarityOpener {
  // Place of each artist among the candidates plus 1; 0 for the rest of the catalogue.
  const placeOf = new Int32Array(weights.columns)
  let sums = new Float64Array(0)
  return (artists) => {
    const n = artists.length
    if (sums.length < n * n) sums = new Float64Array(n * n)
    sums.fill(0, 0, n * n)
    for (const [place, artist] of artists.entries()) placeOf[artist] = place + 1
    const largest = Float64Array.from(artists, (artist, place) =>
      addRow({ weights, placeOf, sums, n }, artist, place),
    )
    for (const artist of artists) placeOf[artist] = 0
    return (one, others, out) => {
      for (let m = 0; m < others.length; m++) {
        const most = largest[one]! + largest[others[m]!]!
        const share = most > 0 ? sums[one * n + others[m]!]! / most : 0
        out[m] = Math.max(-1, Math.min(1, share))
      }
    }
  }
}

type WeightSums = {
  readonly weights: SparseRows
  readonly placeOf: Int32Array
  /** n x n: W + its transpose among the candidates. */
  readonly sums: Float64Array
  readonly n: number
}

/** Adds one candidate's row to the sums, on both sides; returns its largest weight, 0 without any above 0. */
function addRow({ weights, placeOf, sums, n }: WeightSums, artist: number, place: number): number {
  let largest = 0
  for (let at = weights.rowPtr[artist]!; at < weights.rowPtr[artist + 1]!; at++) {
    const weight = weights.values[at]!
    largest = Math.max(largest, weight)
    const other = placeOf[weights.colIndex[at]!]! - 1
    if (other < 0 || other === place) continue
    sums[place * n + other]! += weight
    sums[other * n + place]! += weight
  }
  return largest
}
