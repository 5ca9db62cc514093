// The pieces of ALS that run on worker threads: each runs a kernel over a range of rows of shared arrays.
import { kernels } from '../kernels/kernels.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const alsTasks = import.meta.url

type SolveTask = RowRange & {
  readonly systems: Parameters<typeof kernels.solveRows>[0]
  /** Answers of all rows, r x d. */
  readonly answers: Float32Array
}

type ProductArgs = Parameters<typeof kernels.productTop>[0]

type FoldInTask = RowRange & {
  readonly systems: Parameters<typeof kernels.solveRows>[0]
  readonly c: number
  readonly k: number
  readonly exclude?: ProductArgs['exclude']
  readonly columns: Int32Array
  readonly scores: Float32Array
}

type GramTask = {
  readonly factors: Float32Array
  readonly d: number
  readonly from: number
  readonly to: number
  /** Blocks of d x d; this task writes number `block`. */
  readonly blocks: Float64Array
  readonly block: number
}

type TurnTask = RowRange & {
  readonly factors: Float32Array
  readonly d: number
  readonly basis: Float64Array
}

const batch = 256

/** Solves rows and keeps the answers as float32. */
export function solve({ systems, answers, from, to }: SolveTask): void {
  const { d } = systems
  for (let start = from; start < to; start += batch) {
    const end = Math.min(to, start + batch)
    const out = new Float64Array((end - start) * d)
    kernels.solveRows(systems, { from: start, to: end, out })
    answers.set(out, start * d)
  }
}

/** Solves rows and ranks the columns by their product with the answers. */
export function foldIn({ systems, from, to, ...ranking }: FoldInTask): void {
  const { d, factors } = systems
  for (let start = from; start < to; start += batch) {
    const end = Math.min(to, start + batch)
    const left = new Float64Array((end - start) * d)
    kernels.solveRows(systems, { from: start, to: end, out: left })
    kernels.productTop({ ...ranking, left, from: start, to: end, right: factors, d })
  }
}

/** Gram matrix of one block of rows. */
export function gramBlock({ blocks, block, ...rows }: GramTask): void {
  blocks.set(kernels.gram(rows), block * rows.d * rows.d)
}

/** Turns rows into another basis, in place. */
export function turn({ factors, d, basis, from, to }: TurnTask): void {
  kernels.turnRows(factors, basis, { d, from, to })
}
