// Work over many rows, cut into ranges that depend on the number of rows alone and run on any number of threads.
import type { Workers } from '../engine/workers.ts'
import {
  cosine,
  foldIn,
  gramBlock,
  type RowRange,
  rowTasksModule,
  solve,
  sparseSum,
  turn,
} from './row-tasks.ts'

const rowTasks = { cosine, foldIn, gramBlock, solve, sparseSum, turn }
type RowTasks = typeof rowTasks
type TaskName = keyof RowTasks
type TaskArgs<name extends TaskName> = Parameters<RowTasks[name]>[0]

/** A task of row-tasks.ts over rows 0 to `rows`. Arrays in `args` that it writes to must lie on shared memory. */
export type RowWork<name extends TaskName> = {
  readonly name: name
  readonly rows: number
  readonly args: Omit<TaskArgs<name>, 'from' | 'to'>
  /** Called with the share of the rows done, 0..1. */
  readonly onProgress?: ((share: number) => void) | undefined
}

const fewestRows = 64
const mostRanges = 64

/**
 * Runs a task over all rows. Each row's result depends on nothing but its inputs, so any number of threads gives the same bytes.
 * Up to 64 rows run on the calling thread: an answer for one listener does not wait for a free worker.
 */
export async function overRows<name extends TaskName>(workers: Workers, work: RowWork<name>): Promise<void> {
  const { name, rows, args, onProgress } = work
  if (rows === 0) return
  const run = rowTasks[name] as (args: TaskArgs<name>) => void
  const ranges = cut(rows, Math.max(fewestRows, Math.ceil(rows / mostRanges)))
  if (ranges.length === 1) {
    run({ ...args, ...ranges[0] } as TaskArgs<name>)
    onProgress?.(1)
    return
  }
  let done = 0
  await Promise.all(
    ranges.map(async (range) => {
      await workers.run({ module: rowTasksModule, name, args: { ...args, ...range } })
      done += range.to - range.from
      onProgress?.(done / rows)
    }),
  )
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
  const ranges = cut(rows, Math.max(512, Math.ceil(rows / gramBlocks)))
  const blocks = new Float64Array(new SharedArrayBuffer(8 * d * d * ranges.length))
  await Promise.all(
    ranges.map(({ from, to }, block) =>
      workers.run({
        module: rowTasksModule,
        name: 'gramBlock' satisfies TaskName,
        args: { factors, d, from, to, blocks, block },
      }),
    ),
  )
  const sum = new Float64Array(d * d)
  for (let block = 0; block < ranges.length; block++)
    for (let at = 0; at < sum.length; at++) sum[at] = sum[at]! + blocks[block * d * d + at]!
  return sum
}

function cut(rows: number, size: number): RowRange[] {
  const count = Math.ceil(rows / size)
  return Array.from({ length: count }, (_, at) => ({
    from: at * size,
    to: Math.min(rows, (at + 1) * size),
  }))
}
