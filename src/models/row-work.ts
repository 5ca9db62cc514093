// Work over many rows, cut into ranges that depend on the number of rows alone and run on any number of threads.
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'

/** Rows `from` to `to` of a task. */
export type RowRange = { readonly from: number; readonly to: number }

/** An exported function of a module that works on a range of rows; its name is that of the export. */
export type RowTask<args> = (args: args & RowRange) => void

/** A task over rows 0 to `rows`. Arrays in `args` that it writes to must lie on shared memory. */
export type RowWork<args> = {
  /** `import.meta.url` of the module that exports the task. */
  readonly module: string
  readonly task: RowTask<args>
  readonly rows: number
  readonly args: args
  /** Rows up to which the calling thread does the work: an answer for one listener does not wait for a free worker. Default 64. */
  readonly fewestRows?: number
  /** Ranges that many rows are cut into, at most; default 64. Each is one call: a kernel's first is its slow one. */
  readonly mostRanges?: number
  /** Called with the share of the rows done, 0..1. */
  readonly onProgress?: ((share: number) => void) | undefined
  /** Aborted: no further range begins, and the work throws `cancelled`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Runs a task over all rows. Each row's result must depend on nothing but its inputs: then any number of threads gives the
 * same bytes. The first range that fails ends the work, once those under way are done.
 */
export async function overRows<args>(workers: Workers, work: RowWork<args>): Promise<void> {
  const { rows, task, args, onProgress, signal, fewestRows = 64, mostRanges = 64 } = work
  throwIfCancelled(signal)
  const ranges = cutRows(rows, Math.max(fewestRows, Math.ceil(rows / mostRanges)))
  if (ranges.length <= 1) {
    for (const range of ranges) task({ ...args, ...range })
    onProgress?.(1)
    return
  }
  let next = 0
  let done = 0
  let failed = false
  const pump = async (): Promise<void> => {
    while (next < ranges.length && !failed && !signal?.aborted) {
      const range = ranges[next++]!
      try {
        await workers.run({ module: work.module, name: task.name, args: { ...args, ...range } })
      } catch (error) {
        failed = true
        throw error
      }
      done += range.to - range.from
      onProgress?.(done / rows)
    }
  }
  const pumps = Array.from({ length: 2 * workers.threads }, pump)
  await Promise.allSettled(pumps)
  await Promise.all(pumps)
  throwIfCancelled(signal)
}

/** Throws `cancelled` when the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new TastemakerError('cancelled', 'The work was stopped before it was done.')
}

/** Ranges of `size` rows; the last may be shorter. */
export function cutRows(rows: number, size: number): RowRange[] {
  const count = Math.ceil(rows / size)
  return Array.from({ length: count }, (_, at) => ({
    from: at * size,
    to: Math.min(rows, (at + 1) * size),
  }))
}
