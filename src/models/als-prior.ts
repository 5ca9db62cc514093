// The feature prior of ALS: vectors are pulled to a linear map of their features, and the map is learned along with them.
// Letters: r rows (listeners or artists), p features, d factors.
import { type SparseRows, transpose } from '../data/interaction-matrix.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'
import { kernels } from '../kernels/kernels.ts'
import { sharedDoubles, sharedFloats } from './algorithm.ts'
import { alsPriorTasks, fillMeans, type MeansTask, solveSides, sumVectors } from './als-prior-tasks.ts'
import { overRows } from './row-work.ts'

/**
 * One side's prior, ready to be fitted to vectors again and again. Instead of its vector's length, a row's ridge r_u holds
 * back the distance to s A f_u, where f_u are its features (feature-aware iALS, as in the irspack library):
 *
 *   sum_u r_u ((1 - s) |w_u|^2 + s |w_u - A f_u|^2)  +  s l mean(r) |A|^2
 *
 * s is the pull, 0..1, and l counts in rows: a feature is held back as if it were also seen on l average rows with a zero
 * vector. Rows without entries have no say: they take A f_u itself, since nothing was observed of them.
 */
export type FeaturePrior = {
  /** r x p. */
  readonly features: SparseRows
  /** p x r: F^T R, with R the ridges over their mean, and 0 for rows without entries. */
  readonly byFeature: SparseRows
  /** Cholesky factor of F^T R F + l Id (p x p), on shared memory. */
  readonly factor: Float64Array
}

/** Features that a prior takes at most: its dense system then has 128 MiB. */
export const mostPriorFeatures = 4096

/** What a prior is made of. */
export type PriorInput = {
  /** r x p, values > 0. */
  readonly features: SparseRows
  /** Offsets of the rows' entries in the interaction matrix (r + 1): which rows are empty. */
  readonly rowPtr: Int32Array
  /** Ridge of each row (r), > 0. */
  readonly ridge: ArrayLike<number>
  /** l above, > 0. */
  readonly regularization: number
}

/**
 * Factors the prior's system, which stays the same for a whole training: p^3 / 3 operations and 8 p^2 bytes.
 * Throws `too-large` above 4,096 features and `bad-argument` where features are not of as many rows as the matrix.
 */
export function createPrior({ features, rowPtr, ridge, regularization }: PriorInput): FeaturePrior {
  const { rows, columns: p } = features
  if (rows !== ridge.length)
    throw new TastemakerError(
      'bad-argument',
      `Features of ${rows} rows were given for ${ridge.length} rows of interactions.`,
    )
  if (p > mostPriorFeatures)
    throw new TastemakerError(
      'too-large',
      `A prior of ${p} features; at most ${mostPriorFeatures} fit. Keep the most frequent: build them with mostFeatures.`,
    )
  const weights = relativeRidges(rowPtr, ridge)
  const factor = weightedGram(features, weights)
  for (let j = 0; j < p; j++) factor[j * p + j]! += regularization
  if (kernels.potrf(factor, p) < p)
    throw new TastemakerError(
      'bad-argument',
      `The system of a prior of ${p} features has no one solution with regularization ${regularization}; raise it.`,
    )
  return { features, byFeature: weightedTranspose(features, weights), factor }
}

function relativeRidges(rowPtr: Int32Array, ridge: ArrayLike<number>): Float64Array {
  const weights = Float64Array.from(ridge, (value, row) => (rowPtr[row + 1]! > rowPtr[row]! ? value : 0))
  const filled = weights.reduce((count, value) => count + (value > 0 ? 1 : 0), 0)
  const mean = weights.reduce((sum, value) => sum + value, 0) / filled
  return weights.map((value) => (value > 0 ? value / mean : 0))
}

/** F^T R F, lower triangle, on shared memory. */
function weightedGram({ rows, columns: p, rowPtr, colIndex, values }: SparseRows, weights: Float64Array) {
  const out = sharedDoubles(p * p)
  for (let row = 0; row < rows; row++)
    for (let i = rowPtr[row]!; i < rowPtr[row + 1]!; i++) {
      const by = weights[row]! * values[i]!
      const at = colIndex[i]! * p
      for (let j = rowPtr[row]!; j <= i; j++) out[at + colIndex[j]!]! += by * values[j]!
    }
  return out
}

/** F^T R: what a feature's row of the right-hand sides sums up. */
function weightedTranspose(features: SparseRows, weights: Float64Array): SparseRows {
  const out = transpose(features)
  for (let at = 0; at < out.values.length; at++) out.values[at]! *= weights[out.colIndex[at]!]!
  return out
}

/** Vectors of `d` numbers; `stride` numbers from one to the next, default d. */
export type PaddedVectors = { readonly vectors: Float32Array; readonly d: number; readonly stride?: number }

/**
 * The map that fits the vectors best: A^T = (F^T R F + l Id)^-1 F^T R W, in Float64.
 * Costs d (2 p^2 + entries of F) multiplications; the same bytes for any number of threads.
 * @returns p x d on shared memory: the mean of a row is the sum of its features' rows, each times its value
 */
export async function fitPrior(
  workers: Workers,
  { byFeature, factor }: FeaturePrior,
  { vectors, d, stride = d }: PaddedVectors,
): Promise<Float32Array> {
  const p = byFeature.rows
  const sides = sharedDoubles(d * p)
  const module = alsPriorTasks
  const sums = { byFeature, vectors, d, stride, sides }
  await overRows(workers, { module, task: sumVectors, rows: p, args: sums })
  await overRows(workers, { module, task: solveSides, rows: d, args: { factor, p, sides }, fewestRows: 16 })
  const map = sharedFloats(p * d)
  for (let j = 0; j < p; j++) for (let f = 0; f < d; f++) map[j * d + f] = sides[f * p + j]!
  return map
}

/** Means of rows: `scale` times A f_u, r x d on shared memory; a row without features gets zeros. */
export function priorMeans(
  features: SparseRows,
  { map, d, scale }: { readonly map: Float32Array; readonly d: number; readonly scale: number },
): Float32Array {
  const means = sharedFloats(features.rows * d)
  fillMeans({ features, map, d, scale, means, stride: d, from: 0, to: features.rows })
  return means
}

/** The same into vectors that are there, on all threads: d multiplications an entry of the features. */
export async function fillPriorMeans(workers: Workers, args: Omit<MeansTask, 'from' | 'to'>): Promise<void> {
  await overRows(workers, { module: alsPriorTasks, task: fillMeans, rows: args.features.rows, args })
}
