// The pieces of item-item models that run on worker threads.
import { kernels } from '../kernels/kernels.ts'
import { countPieces, type PairsJob, settleLists } from '../kernels/simd-cooccurrence.ts'
import { type ItemScores, rankRows, scoreRows } from '../kernels/simd-itemscores.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const itemTasks = import.meta.url

/** Counts the pairs of pieces `from` to `to` of a co-occurrence. */
export function countPairs({ job, from, to }: { readonly job: PairsJob } & RowRange): void {
  countPieces(job, from, to)
}

/** Sorts the lists of columns `from` to `to`. */
export function sortLists({ job, from, to }: { readonly job: PairsJob } & RowRange): void {
  settleLists(job, from, to)
}

/** The same by the plain kernel. */
export function plainNeighbours(task: Parameters<typeof kernels.cooccurrenceTop>[0]): void {
  kernels.cooccurrenceTop(task)
}

/** Best columns of sums of sparse rows. */
export function quickSums(task: QuickTask<typeof rankRows>): void {
  rankRows(task.model, task)
}

/** Scores of given columns in sums of sparse rows. */
export function quickScores(task: QuickTask<typeof scoreRows>): void {
  scoreRows(task.model, task)
}

type QuickTask<kernel extends (model: ItemScores, job: never) => void> = Parameters<kernel>[1] & {
  readonly model: ItemScores
}

/** Best columns by the plain kernel. */
export function sparseSum(task: Parameters<typeof kernels.sparseSumTop>[0]): void {
  kernels.sparseSumTop(task)
}

/** Scores of given columns by the plain kernel. */
export function sparseScores(task: Parameters<typeof kernels.sparseSumAt>[0]): void {
  kernels.sparseSumAt(task)
}
