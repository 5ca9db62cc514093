// The pieces of the graph filter that run on worker threads.
import type { FilterStep } from '../kernels/plain-filter.ts'
import { multiplyPanels, stepFilter } from '../kernels/simd-filter.ts'
import {
  type FilterAt,
  type FilterScores,
  type FilterTop,
  rankFiltered,
  scoreFiltered,
} from '../kernels/simd-filter-scores.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const filterTasks = import.meta.url

type InMemory = { readonly memory: WebAssembly.Memory | undefined }

/** One step of a filter on a range of rows. */
export function step({ memory, ...job }: InMemory & FilterStep): void {
  stepFilter(memory, job)
}

/** Rows of two blocks (rows x l) and room for their products, one l x l a piece. */
export type Overlaps = InMemory & {
  readonly left: Float32Array
  readonly right: Float32Array
  readonly rows: number
  readonly l: number
  readonly pieces: number
  readonly out: Float32Array
}

/** left^T right over the rows of each piece from `from` to `to`. */
export function overlap({ memory, left, right, rows, l, pieces, out, from, to }: Overlaps & RowRange): void {
  for (let piece = from; piece < to; piece++) {
    const first = Math.floor((piece * rows) / pieces)
    const last = Math.floor(((piece + 1) * rows) / pieces)
    multiplyPanels(memory, {
      a: left.subarray(first * l),
      rowStep: 1,
      step: l,
      m: l,
      b: right.subarray(first * l),
      bStep: l,
      panelStep: 8,
      n: l,
      k: last - first,
      out: out.subarray(piece * l * l),
      outStep: l,
    })
  }
}

/** A block (rows x l), what to multiply it by (l x n), and room for the product. */
export type Turn = InMemory & {
  readonly block: Float32Array
  readonly l: number
  readonly by: Float32Array
  readonly n: number
  readonly out: Float32Array
}

/** out = block by, for rows `from` to `to`. */
export function turn({ memory, block, l, by, n, out, from, to }: Turn & RowRange): void {
  multiplyPanels(memory, {
    a: block.subarray(from * l),
    rowStep: l,
    step: 1,
    m: to - from,
    b: by,
    bStep: n,
    panelStep: 8,
    n,
    k: l,
    out: out.subarray(from * n),
    outStep: n,
  })
}

/** Best artists of a range of listeners. */
export function rank({ model, ...job }: { readonly model: FilterScores } & FilterTop): void {
  rankFiltered(model, job)
}

/** Scores of given artists for a range of listeners. */
export function scoreAt({ model, ...job }: { readonly model: FilterScores } & FilterAt): void {
  scoreFiltered(model, job)
}
