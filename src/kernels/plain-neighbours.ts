// Sparse products: nearest columns by cosine, and sums of sparse rows with their best columns.
// Letters: r rows, c columns, k kept.
import { type ColumnsByRow, createTop } from './plain-top.ts'

/** The cosine of every column with its nearest ones. */
export type CosineTop = {
  /** r x c, which rows hold each column: the transpose of `byRow`. */
  readonly byColumn: ColumnsByRow
  /** r x c, only the pattern counts: a cell is there or not. */
  readonly byRow: ColumnsByRow
  readonly c: number
  readonly shrink: number
  readonly k: number
  readonly from: number
  readonly to: number
  /** c x k, row-major: neighbours best first, -1 behind the last. */
  readonly columns: Int32Array
  readonly cosines: Float32Array
}

/**
 * For columns `from` to `to`, the k columns of highest cosine: both / (sqrt(n_i n_j) + shrink), never itself,
 * only columns that share a row. One pass over the rows of each column (Gustavson 1978).
 */
export function cosineTop({ byColumn, byRow, c, shrink, k, from, to, columns, cosines }: CosineTop): void {
  const both = new Int32Array(c)
  const touched = new Int32Array(c)
  const top = createTop(k)
  const size = (column: number): number => byColumn.rowPtr[column + 1]! - byColumn.rowPtr[column]!
  for (let column = from; column < to; column++) {
    let count = 0
    for (let at = byColumn.rowPtr[column]!; at < byColumn.rowPtr[column + 1]!; at++) {
      const row = byColumn.colIndex[at]!
      for (let other = byRow.rowPtr[row]!; other < byRow.rowPtr[row + 1]!; other++) {
        const neighbour = byRow.colIndex[other]!
        if (both[neighbour] === 0) touched[count++] = neighbour
        both[neighbour]! += 1
      }
    }
    for (let at = 0; at < count; at++) {
      const neighbour = touched[at]!
      if (neighbour !== column)
        top.offer(neighbour, both[neighbour]! / (Math.sqrt(size(column) * size(neighbour)) + shrink))
      both[neighbour] = 0
    }
    top.drain(columns, cosines, column * k)
  }
}

/** The best columns of sums of sparse rows. */
export type SparseSumTop = {
  /** r x c pattern: which rows of `weights` each row sums. */
  readonly rows: ColumnsByRow
  /** c x c sparse rows. */
  readonly weights: ColumnsByRow & { readonly values: Float32Array }
  readonly c: number
  /** Score of a column that no row touches (c); a touched column's sum is taken alone. */
  readonly silent: Float32Array
  /** Columns by `silent`, best first, ties ascending. */
  readonly silentOrder: Int32Array
  readonly exclude?: ColumnsByRow | undefined
  readonly k: number
  readonly from: number
  readonly to: number
  /** r x k, row-major. */
  readonly columns: Int32Array
  readonly scores: Float32Array
}

/** Writes the k best columns of each row of `rows` x `weights`, best first; -1 and 0 where fewer than k are left. */
export function sparseSumTop(job: SparseSumTop): void {
  const { rows, weights, exclude, k } = job
  const sums = new Float64Array(job.c)
  const state = new Uint8Array(job.c)
  const touched = new Int32Array(job.c)
  const top = createTop(k)
  for (let row = job.from; row < job.to; row++) {
    let count = 0
    for (let at = rows.rowPtr[row]!; at < rows.rowPtr[row + 1]!; at++) {
      const source = rows.colIndex[at]!
      for (let entry = weights.rowPtr[source]!; entry < weights.rowPtr[source + 1]!; entry++) {
        const column = weights.colIndex[entry]!
        if (state[column] === 0) {
          state[column] = 1
          touched[count++] = column
        }
        sums[column] = sums[column]! + weights.values[entry]!
      }
    }
    const known = exclude ? exclude.colIndex.subarray(exclude.rowPtr[row]!, exclude.rowPtr[row + 1]!) : none
    for (const column of known) state[column] = state[column]! | 2
    for (let at = 0; at < count; at++)
      if (state[touched[at]!] === 1) top.offer(touched[at]!, sums[touched[at]!]!)
    offerSilent(job, state, top)
    top.drain(job.columns, job.scores, row * k)
    for (let at = 0; at < count; at++) {
      sums[touched[at]!] = 0
      state[touched[at]!] = 0
    }
    for (const column of known) state[column] = 0
  }
}

const none = new Int32Array(0)

/** The k best untouched columns are enough: no other can be among the k best of all. */
function offerSilent(
  { silent, silentOrder, k }: SparseSumTop,
  state: Uint8Array,
  top: ReturnType<typeof createTop>,
) {
  let offered = 0
  for (let at = 0; at < silentOrder.length && offered < k; at++) {
    const column = silentOrder[at]!
    if (state[column] !== 0) continue
    top.offer(column, silent[column]!)
    offered++
  }
}

/** The best columns of one order shared by many rows. */
export type OrderTop = {
  /** Columns, best first. */
  readonly order: Int32Array
  /** Score of each column (c). */
  readonly scores: Float32Array
  readonly exclude?: ColumnsByRow | undefined
  readonly k: number
}

/** Writes the first k columns of the order that `row` does not exclude to `columns[row * k..]`; -1 and 0 behind the last. */
export function orderTop(
  job: OrderTop,
  row: number,
  out: { columns: Int32Array; scores: Float32Array },
): void {
  const { order, scores, exclude, k } = job
  const known = exclude
    ? new Set(exclude.colIndex.subarray(exclude.rowPtr[row]!, exclude.rowPtr[row + 1]!))
    : new Set<number>()
  const start = row * k
  let count = 0
  for (let at = 0; at < order.length && count < k; at++) {
    const column = order[at]!
    if (known.has(column)) continue
    out.columns[start + count] = column
    out.scores[start + count++] = scores[column]!
  }
  out.columns.fill(-1, start + count, start + k)
  out.scores.fill(0, start + count, start + k)
}
