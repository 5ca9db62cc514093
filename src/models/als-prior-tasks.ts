// The pieces of the feature prior of ALS that run on worker threads, over features, right-hand sides and rows.
// Letters: r rows (listeners or artists), p features, d factors.
import type { SparseRows } from '../data/interaction-matrix.ts'
import { kernels } from '../kernels/kernels.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const alsPriorTasks = import.meta.url

type SumTask = RowRange & {
  /** p x r: F^T R. */
  readonly byFeature: SparseRows
  /** r vectors of d numbers, `stride` numbers from one to the next. */
  readonly vectors: Float32Array
  readonly d: number
  readonly stride: number
  /** d x p on shared memory. */
  readonly sides: Float64Array
}

/** Columns `from` to `to` of the right-hand sides (F^T R W)^T, one a feature. */
export function sumVectors({ byFeature, vectors, d, stride, sides, from, to }: SumTask): void {
  const { rows: p, rowPtr, colIndex, values } = byFeature
  const sum = new Float64Array(d)
  for (let feature = from; feature < to; feature++) {
    sum.fill(0)
    for (let at = rowPtr[feature]!; at < rowPtr[feature + 1]!; at++) {
      const by = values[at]!
      const row = colIndex[at]! * stride
      for (let f = 0; f < d; f++) sum[f]! += by * vectors[row + f]!
    }
    for (let f = 0; f < d; f++) sides[f * p + feature] = sum[f]!
  }
}

type SolveTask = RowRange & {
  /** p x p Cholesky factor, as `potrf` leaves it. */
  readonly factor: Float64Array
  readonly p: number
  /** d x p on shared memory, one right-hand side a row; overwritten by its solution. */
  readonly sides: Float64Array
}

/** Solves the right-hand sides `from` to `to` in place. */
export function solveSides({ factor, p, sides, from, to }: SolveTask): void {
  for (let side = from; side < to; side++) kernels.potrs(factor, p, sides.subarray(side * p, (side + 1) * p))
}

/** What means of rows are made of. */
export type MeansTask = RowRange & {
  /** r x p. */
  readonly features: SparseRows
  /** p x d: A^T. */
  readonly map: Float32Array
  readonly d: number
  readonly scale: number
  /** r means of d numbers, `stride` numbers from one to the next; what lies between is left alone. */
  readonly means: Float32Array
  readonly stride: number
}

/** Means of rows `from` to `to`: `scale` times A f_u, zeros for a row without features. */
export function fillMeans({ features, map, d, scale, means, stride, from, to }: MeansTask): void {
  const { rowPtr, colIndex, values } = features
  const mean = new Float64Array(d)
  for (let row = from; row < to; row++) {
    mean.fill(0)
    for (let at = rowPtr[row]!; at < rowPtr[row + 1]!; at++) {
      const by = scale * values[at]!
      const feature = colIndex[at]! * d
      for (let f = 0; f < d; f++) mean[f]! += by * map[feature + f]!
    }
    means.set(mean, row * stride)
  }
}
