// Training of implicit ALS: half-steps that solve all listeners, then all artists, exactly.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { Workers } from '../engine/workers.ts'
import { kernels } from '../kernels/kernels.ts'
import { createRandom } from '../statistics/random.ts'
import { type ModelSettings, sharedDoubles, sharedFloats } from './algorithm.ts'
import { alsTasks, gramBlock, solve, turn } from './als-tasks.ts'
import { cutRows, overRows } from './row-work.ts'

/** Factors, half-steps and weights; the names are those of the settings. */
export type AlsSettings = Pick<
  ModelSettings['als'],
  'factors' | 'iterations' | 'regularization' | 'unobservedWeight'
>

/** What ALS makes of the matrix values: nothing, their logarithm, or the values; the last two scaled to a mean of 1. */
export type Confidence = ModelSettings['als']['confidence']

/** A training under way. */
export type AlsTraining = {
  /** users x artists, values are confidence weights. */
  readonly users: SparseRows
  /** Its transpose. */
  readonly items: SparseRows
  /** artists x factors on shared memory: where to start; overwritten by the result. */
  readonly artists: Float32Array
  readonly settings: AlsSettings
  readonly workers: Workers
  readonly onProgress?: (share: number) => void
  /** Called after each half-step with both sides' vectors, in one basis. */
  readonly onHalfStep?: (listeners: Float32Array, artists: Float32Array) => void
}

/** Runs all iterations on `artists` in place; returns the listeners' vectors of the last one. */
export async function trainAls(training: AlsTraining): Promise<Float32Array> {
  const { users, items, artists, settings, workers, onProgress, onHalfStep } = training
  const listeners = sharedFloats(users.rows * settings.factors)
  for (let iteration = 0; iteration < settings.iterations; iteration++) {
    await halfStep(workers, { matrix: users, fixed: artists, solved: listeners, settings })
    onHalfStep?.(listeners, artists)
    await halfStep(workers, { matrix: items, fixed: listeners, solved: artists, settings })
    onHalfStep?.(listeners, artists)
    onProgress?.((iteration + 1) / settings.iterations)
  }
  return listeners
}

type HalfStep = {
  /** Rows to solve x rows held fixed. */
  readonly matrix: SparseRows
  readonly fixed: Float32Array
  readonly solved: Float32Array
  readonly settings: AlsSettings
}

/**
 * One side solved while the other holds still. The fixed side is first turned into the eigenbasis of its Gram matrix:
 * products of vectors do not change by it, and the dense part of every row's system becomes diagonal.
 */
async function halfStep(workers: Workers, { matrix, fixed, solved, settings }: HalfStep): Promise<void> {
  const { factors: d, unobservedWeight } = settings
  const spectrum = await turnToEigenbasis(workers, fixed, { rows: matrix.columns, d, unobservedWeight })
  const ridge = ridges(matrix.rowPtr, matrix.columns, settings)
  const systems = { matrix: { ...matrix, weights: matrix.values }, factors: fixed, d, spectrum, ridge }
  await overRows(workers, {
    module: alsTasks,
    task: solve,
    rows: matrix.rows,
    args: { systems, answers: solved },
  })
}

/**
 * Turns vectors (rows x d) in place into the eigenbasis of their Gram matrix.
 * @returns its eigenvalues, largest first, times the weight of unobserved cells
 */
export async function turnToEigenbasis(
  workers: Workers,
  vectors: Float32Array,
  shape: { readonly rows: number; readonly d: number; readonly unobservedWeight: number },
): Promise<Float64Array> {
  const { rows, d, unobservedWeight } = shape
  const eigen = kernels.symmetricEigen(await gramOf(workers, vectors, { rows, d }), d)
  const basis = sharedDoubles(d * d)
  basis.set(eigen.vectors)
  await overRows(workers, { module: alsTasks, task: turn, rows, args: { factors: vectors, d, basis } })
  return eigen.values.map((value) => unobservedWeight * Math.max(0, value))
}

const gramBlocks = 16

/**
 * Gram matrix x^T x (d x d) of shared factors (rows x d). Cut into blocks by the number of rows alone and added in
 * order, so the sum is the same for any number of threads.
 */
export async function gramOf(
  workers: Workers,
  factors: Float32Array,
  shape: { readonly rows: number; readonly d: number },
): Promise<Float64Array> {
  const { rows, d } = shape
  const ranges = cutRows(rows, Math.max(512, Math.ceil(rows / gramBlocks)))
  const blocks = new Float64Array(new SharedArrayBuffer(8 * d * d * ranges.length))
  await Promise.all(
    ranges.map(({ from, to }, block) =>
      workers.run({
        module: alsTasks,
        name: gramBlock.name,
        args: { factors, d, from, to, blocks, block },
      }),
    ),
  )
  const sum = new Float64Array(d * d)
  for (let block = 0; block < ranges.length; block++)
    for (let at = 0; at < sum.length; at++) sum[at] = sum[at]! + blocks[block * d * d + at]!
  return sum
}

const leastRidge = 1e-6

/**
 * lambda * (n + a0 * others) for each row of n entries, where `others` is the number of columns (Rendle et al. 2021, nu = 1).
 * Never below 1e-6, so that every system has one solution even without regularization.
 */
export function ridges(
  rowPtr: Int32Array,
  others: number,
  settings: Pick<AlsSettings, 'regularization' | 'unobservedWeight'>,
): Float64Array {
  const out = sharedDoubles(rowPtr.length - 1)
  for (let row = 0; row < out.length; row++) {
    const n = rowPtr[row + 1]! - rowPtr[row]!
    out[row] = Math.max(leastRidge, settings.regularization * (n + settings.unobservedWeight * others))
  }
  return out
}

const startDeviation = 0.1

/** Normal draws of standard deviation 0.1 / sqrt(d) (Rendle et al. 2021), count x d, on shared memory. */
export function startVectors(count: number, d: number, seed: number): Float32Array {
  const random = createRandom(seed).fork('als start')
  const out = sharedFloats(count * d)
  for (let at = 0; at < out.length; at++) out[at] = (random.normal() * startDeviation) / Math.sqrt(d)
  return out
}

const transforms: Readonly<Record<Confidence, (value: number) => number>> = {
  binary: () => 1,
  log: (value) => Math.log1p(value),
  linear: (value) => value,
}

/** What to multiply transformed values with so that their mean is 1; 1 for an empty matrix. */
export function confidenceScale(matrix: SparseRows, confidence: Confidence): number {
  const transform = transforms[confidence]
  let sum = 0
  for (const value of matrix.values) sum += transform(value)
  return sum > 0 ? matrix.values.length / sum : 1
}

/** The matrix with confidence weights for values, on shared memory. */
export function weighted(matrix: SparseRows, confidence: Confidence, scale: number): SparseRows {
  const transform = transforms[confidence]
  const values = sharedFloats(matrix.values.length)
  for (let at = 0; at < values.length; at++) values[at] = scale * transform(matrix.values[at]!)
  return { ...matrix, values }
}
