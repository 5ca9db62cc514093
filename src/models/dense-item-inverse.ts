// Inverts a large symmetric matrix on all worker threads at once.
import { TastemakerError } from '../errors.ts'
import { type InverseJob, inverseEnd, stopInverse, takePartInInverse } from '../kernels/simd-inverse.ts'
import type { FitContext } from './algorithm.ts'
import { throwIfCancelled } from './row-work.ts'

/** The task of one thread. */
export function takePart({ job }: { readonly job: InverseJob }, report: (share: number) => void): void {
  takePartInInverse(job, report)
}

/**
 * Replaces the cells of a job by their inverse: see `takePartInInverse`. The same bytes for any number of threads.
 * Throws `bad-argument` where the matrix is not positive definite in float32, `cancelled` when stopped; the cells are then spoilt.
 */
export async function invertSymmetric(
  job: InverseJob,
  { workers, signal, onProgress }: Pick<FitContext, 'workers' | 'signal' | 'onProgress'>,
): Promise<void> {
  throwIfCancelled(signal)
  const stop = (): void => stopInverse(job)
  signal?.addEventListener('abort', stop)
  const task = { module: import.meta.url, name: takePart.name, args: { job } }
  const parts = Array.from({ length: workers.threads }, () =>
    workers.run(task, (share) => onProgress?.(share as number)),
  )
  await Promise.allSettled(parts)
  signal?.removeEventListener('abort', stop)
  await Promise.all(parts)
  throwIfCancelled(signal)
  const end = inverseEnd(job)
  if (end.kind === 'indefinite')
    throw new TastemakerError(
      'bad-argument',
      `The system of ${job.n} rows is not positive definite in 32 bits (seen at row ${end.row}); raise the regularization.`,
    )
}
