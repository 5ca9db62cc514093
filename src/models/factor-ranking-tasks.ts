// The piece of ranking by factors that runs on worker threads.
import { kernels } from '../kernels/kernels.ts'
import { type PackedColumns, type PackedTop, packedTop } from '../kernels/simd-top.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const factorRankingTasks = import.meta.url

/** Artists where every thread can reach them: packed for SIMD, or plain (c x d) where a machine has none. */
export type RankableArtists =
  | { readonly kind: 'packed'; readonly columns: PackedColumns }
  | { readonly kind: 'plain'; readonly right: Float32Array; readonly c: number; readonly d: number }

type RankTask = RowRange & Omit<PackedTop, 'from' | 'to'> & { readonly ready: RankableArtists }

/** Listeners worked on at once without SIMD: bounds what is held as float64. */
const batch = 256

/** Writes the best artists of listeners `from` to `to`. */
export function rankByFactors({ ready, ...job }: RankTask): void {
  if (ready.kind === 'packed') {
    packedTop(ready.columns, job)
    return
  }
  const { right, c, d } = ready
  for (let from = job.from; from < job.to; from += batch) {
    const to = Math.min(job.to, from + batch)
    const left = Float64Array.from(job.left.subarray(from * d, to * d))
    kernels.productTop({ ...job, left, from, to, right, c, d })
  }
}
