// The pieces of item-item models that run on worker threads.
import { kernels } from '../kernels/kernels.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const itemTasks = import.meta.url

/** Nearest columns by cosine. */
export function cosine(task: Parameters<typeof kernels.cosineTop>[0]): void {
  kernels.cosineTop(task)
}

/** Best columns of sums of sparse rows. */
export function sparseSum(task: Parameters<typeof kernels.sparseSumTop>[0]): void {
  kernels.sparseSumTop(task)
}
