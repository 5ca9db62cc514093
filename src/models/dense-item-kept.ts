// The weights that an item-item model keeps of each artist, as lists for item-weights.ts.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { Model, ModelArrays } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { type ModelParts, sharedFloats, sharedWholes } from './algorithm.ts'
import { openItemWeights } from './item-weights.ts'

/** As `openItemWeights`; weights may be negative, and only artists with positive ones are similar. */
export function openKeptItems(parts: ModelParts, workers: Workers): Model {
  const model = openItemWeights(parts, workers)
  return {
    ...model,
    similar: (artist, k) => (model.similar?.(artist, k) ?? []).filter(({ score }) => score > 0),
  }
}

const mostArtists = 2 ** 21

/**
 * The arrays of a model from rows of weights in any order (row i: what artists weigh for artist i): lists with the largest weight
 * first, ties by ascending index. O(entries log neighbours) time.
 */
export function keptArrays({ rows, rowPtr, colIndex, values }: SparseRows): ModelArrays {
  const neighbourPtr = sharedWholes(rows + 1)
  const neighbours = sharedWholes(colIndex.length)
  const weights = sharedFloats(colIndex.length)
  neighbourPtr.set(rowPtr)
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const answer = new Uint32Array(weights.buffer, weights.byteOffset, weights.length)
  for (let row = 0; row < rows; row++) {
    const from = rowPtr[row]!
    // One whole number each, sorted without a comparator: the order of the weight above the index.
    const keys = new Float64Array(rowPtr[row + 1]! - from)
    for (let at = 0; at < keys.length; at++)
      keys[at] = descendingBits(bits[from + at]!) * mostArtists + colIndex[from + at]!
    keys.sort()
    for (let at = 0; at < keys.length; at++) {
      neighbours[from + at] = keys[at]! % mostArtists
      answer[from + at] = fromDescendingBits(Math.floor(keys[at]! / mostArtists))
    }
  }
  return { neighbourPtr, neighbours, weights }
}

const sign = 2 ** 31

/** The bits of a float32 as a whole number that falls as the float32 rises. */
const descendingBits = (bits: number): number => (bits >= sign ? bits : sign - 1 - bits)

const fromDescendingBits = (whole: number): number => (whole >= sign ? whole : sign - 1 - whole)
