// The artists nearest to each artist, from vectors or from item-item weights, with popularity modelled apart from similarity.
import { emptyRows, type SparseRows, transpose } from '../data/interaction-matrix.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'
import { kernels } from '../kernels/kernels.ts'
import type { ColumnsByRow } from '../kernels/plain-top.ts'
import { sharedFloats, sharedWholes } from './algorithm.ts'
import { openFactorRanking } from './factor-ranking.ts'

/** The nearest of each artist, artists x k, best first; -1 and 0 where an artist has fewer. On shared memory. */
export type NearestArtists = {
  readonly k: number
  readonly artists: Int32Array
  readonly scores: Float32Array
}

/**
 * Popularity in standard deviations: ln(1 + listeners), less its mean, divided by its deviation, over artists with listeners.
 * An artist without any counts as the least popular of them; all equal give 0.
 */
export function standardPopularity(listeners: ArrayLike<number>): Float64Array {
  const logs = Float64Array.from(listeners, (count) => Math.log(1 + count))
  const known = logs.filter((log) => log > 0)
  if (known.length === 0) return logs.fill(0)
  const mean = known.reduce((sum, log) => sum + log, 0) / known.length
  const deviation = Math.sqrt(known.reduce((sum, log) => sum + (log - mean) ** 2, 0) / known.length)
  const least = known.reduce((low, log) => Math.min(low, log))
  return logs.map((log) => (deviation > 0 ? (Math.max(log, least) - mean) / deviation : 0))
}

/** What popularity adds to a neighbour, apart from how near it is. */
export type Mass = {
  /**
   * Weight of popularity: above 0 the well known come first, as with the masses of the gravity decoder, below 0 the unknown.
   * Default 0. On HetRec the plain cosine of ALS vectors gives neighbours half as popular as the artist, many of them known to
   * one or two listeners; 0.05 gives neighbours as popular as the artist, who are held out of the same histories half as often
   * again.
   */
  readonly mass?: number
  /** Of each artist, see `standardPopularity`; needed where `mass` is not 0. */
  readonly popularity?: Float64Array
}

/** Vectors of artists and how to read them. */
export type VectorForm = Mass & {
  /** artists x d, row-major, of any length; a zero vector is near to none. */
  readonly vectors: Float32Array
  readonly d: number
  readonly k: number
}

/** With a mass, so many times k nearest by cosine are looked at: nobody is similar for popularity alone. */
const poolFactor = 5

/**
 * The k artists b of highest cosine(a, b) + mass x popularity(b), among the 5 k of highest cosine above 0; without a mass the k
 * of highest cosine. Ties by index, never a itself. That popularity is modelled apart from nearness is the idea of the gravity
 * decoder (Salha-Galvan et al. 2021), here without anything to train.
 * Cost: artists^2 x d multiply-adds of 8 bits, see `openFactorRanking`; artists x (d + 10 k) x 4 bytes beside it.
 */
export async function nearestByVectors(form: VectorForm, workers: Workers): Promise<NearestArtists> {
  const { vectors, d, k, mass = 0, popularity } = form
  const count = d > 0 ? vectors.length / d : 0
  refuseMisfit(form, count)
  const units = sharedFloats(count * d)
  for (let at = 0; at < units.length; at += d)
    writeUnit(units.subarray(at, at + d), vectors.subarray(at, at + d))
  const pool = mass === 0 ? k : Math.min(count, poolFactor * k)
  const near = await openFactorRanking({ artists: units, d }, workers).rank(units, {
    k: pool,
    exclude: eachItself(count),
  })
  const top = kernels.createTop(k)
  const nearest = emptyNearest(count, k)
  for (let artist = 0; artist < count; artist++) {
    for (let at = artist * pool; at < (artist + 1) * pool && near.scores[at]! > 0; at++) {
      const other = near.artists[at]!
      top.offer(other, near.scores[at]! + (mass === 0 ? 0 : mass * popularity![other]!))
    }
    top.drain(nearest.artists, nearest.scores, artist * k)
  }
  return nearest
}

/** Row i leaves out column i. */
function eachItself(count: number): ColumnsByRow {
  const counting = sharedWholes(count + 1)
  for (let artist = 0; artist <= count; artist++) counting[artist] = artist
  return { rowPtr: counting, colIndex: counting }
}

function refuseMisfit({ mass = 0, popularity }: Mass, count: number): void {
  if (mass !== 0 && popularity?.length !== count)
    throw new TastemakerError(
      'bad-argument',
      `Giving ${count} artists a mass needs the popularity of each; there are ${popularity?.length ?? 0} values.`,
    )
}

function writeUnit(out: Float32Array, vector: Float32Array): void {
  const length = Math.sqrt(kernels.dot(vector, vector))
  if (length > 0) for (let f = 0; f < vector.length; f++) out[f] = vector[f]! / length
}

const emptyNearest = (count: number, k: number): NearestArtists => ({
  k,
  artists: sharedWholes(count * k),
  scores: sharedFloats(count * k),
})

/**
 * The symmetric form of item-item weights: (W + W^T)_ij / sqrt(g_i g_j), with g the row sums of W + W^T. An artist who is
 * everybody's neighbour has a large g and counts less: the normalized adjacency of spectral graph theory (Chung 1997).
 * Weights at or below 0 and the diagonal are left out. Cost: a pass over the entries, twice their bytes.
 */
export function symmetricWeights(weights: SparseRows): SparseRows {
  const sum = addSparse(weights, transpose(weights))
  const degrees = new Float64Array(sum.rows)
  for (let row = 0; row < sum.rows; row++)
    for (let at = sum.rowPtr[row]!; at < sum.rowPtr[row + 1]!; at++) degrees[row]! += sum.values[at]!
  for (let row = 0; row < sum.rows; row++)
    for (let at = sum.rowPtr[row]!; at < sum.rowPtr[row + 1]!; at++)
      sum.values[at]! /= Math.sqrt(degrees[row]! * degrees[sum.colIndex[at]!]!)
  return sum
}

/** A + B of the same shape without the diagonal, of what is above 0; columns ascend. */
function addSparse(a: SparseRows, b: SparseRows): SparseRows {
  const out = emptyRows(a.rows, a.columns, a.colIndex.length + b.colIndex.length)
  const sums = new Float64Array(a.columns)
  let to = 0
  for (let row = 0; row < a.rows; row++) {
    const columns = new Set<number>([...addRow(a, row, sums), ...addRow(b, row, sums)])
    for (const column of [...columns].sort((x, y) => x - y)) {
      out.colIndex[to] = column
      out.values[to++] = sums[column]!
      sums[column] = 0
    }
    out.rowPtr[row + 1] = to
  }
  return { ...out, colIndex: out.colIndex.subarray(0, to), values: out.values.subarray(0, to) }
}

/** Adds one row, less its diagonal and what is not above 0; gives the columns it added to. */
function* addRow(
  { rowPtr, colIndex, values }: SparseRows,
  row: number,
  sums: Float64Array,
): Generator<number> {
  for (let at = rowPtr[row]!; at < rowPtr[row + 1]!; at++) {
    const column = colIndex[at]!
    if (column === row || !(values[at]! > 0)) continue
    sums[column]! += values[at]!
    yield column
  }
}

/** How to read item-item weights. */
export type WeightForm = Mass & {
  /** artists x artists: row i holds what is near to i, higher is nearer. Entries at or below 0 are near to nothing. */
  readonly weights: SparseRows
  readonly k: number
}

/**
 * The k artists of highest weight in each row, itself left out; with a mass each weight is first multiplied by
 * exp(mass x popularity of the neighbour). Ties by index. Cost: a pass over the entries.
 */
export function nearestByWeights(form: WeightForm): NearestArtists {
  const { weights, k, mass = 0, popularity } = form
  refuseMisfit(form, weights.columns)
  const scale = Float64Array.from({ length: weights.columns }, (_, artist) =>
    mass === 0 ? 1 : Math.exp(mass * popularity![artist]!),
  )
  const nearest = emptyNearest(weights.rows, k)
  const top = kernels.createTop(k)
  for (let row = 0; row < weights.rows; row++) {
    for (let at = weights.rowPtr[row]!; at < weights.rowPtr[row + 1]!; at++) {
      const column = weights.colIndex[at]!
      if (column !== row && weights.values[at]! > 0) top.offer(column, weights.values[at]! * scale[column]!)
    }
    top.drain(nearest.artists, nearest.scores, row * k)
  }
  return nearest
}
