// The pieces of the sparse Markov random field that run on worker threads.
import { type FieldJob, listCovariances, regressOnNeighbours } from '../kernels/simd-mrf.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const mrfTasks = import.meta.url

/** Lists the strongest covariances of a range of artists. */
export function covariances({ job, ...range }: { readonly job: FieldJob } & RowRange): void {
  listCovariances(job, range)
}

/** Regresses a range of artists on their neighbourhoods. */
export function regressions({ job, ...range }: { readonly job: FieldJob } & RowRange): void {
  regressOnNeighbours(job, range)
}
