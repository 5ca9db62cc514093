// The k best of many: a bounded heap, and the best columns of a dense product.
// Letters: r rows, c columns, d factors, k best. Better is a higher score, then a lower column.
import { gemmNT } from './plain.ts'

/** Keeps the k best of the scores offered to it; scores are rounded to float32 first. NaN is never kept. */
export type Top = {
  offer(column: number, score: number): void
  /** Writes what was kept, best first, to `columns[at..at + k)` and `scores`; -1 and 0 behind the last. Empties the heap. */
  drain(columns: Int32Array, scores: Float32Array, at: number): void
}

/** A heap of the k best, worst on top. @param k at least 0 */
export function createTop(k: number): Top {
  const columns = new Int32Array(k)
  const scores = new Float32Array(k)
  const candidate = new Float32Array(1)
  let size = 0
  const worse = (a: number, b: number): boolean =>
    scores[a]! < scores[b]! || (scores[a] === scores[b] && columns[a]! > columns[b]!)
  const swap = (a: number, b: number): void => {
    const [column, score] = [columns[a]!, scores[a]!]
    columns[a] = columns[b]!
    scores[a] = scores[b]!
    columns[b] = column
    scores[b] = score
  }
  const sink = (): void => {
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      if (left >= size) return
      const child = left + 1 < size && worse(left + 1, left) ? left + 1 : left
      if (!worse(child, at)) return
      swap(child, at)
      at = child
    }
  }
  const rise = (): void => {
    for (let at = size - 1; at > 0; ) {
      const parent = (at - 1) >> 1
      if (!worse(at, parent)) return
      swap(at, parent)
      at = parent
    }
  }
  return {
    offer(column, raw) {
      candidate[0] = raw
      const score = candidate[0]!
      if (size < k) {
        if (Number.isNaN(score)) return
        columns[size] = column
        scores[size++] = score
        rise()
        return
      }
      if (k === 0 || !(score > scores[0]! || (score === scores[0] && column < columns[0]!))) return
      columns[0] = column
      scores[0] = score
      sink()
    },
    drain(outColumns, outScores, at) {
      outColumns.fill(-1, at, at + k)
      outScores.fill(0, at, at + k)
      while (size > 0) {
        size--
        outColumns[at + size] = columns[0]!
        outScores[at + size] = scores[0]!
        swap(0, size)
        sink()
      }
    },
  }
}

/** Columns to leave out of each row: CSR, ascending within a row. */
export type ColumnsByRow = { readonly rowPtr: Int32Array; readonly colIndex: Int32Array }

/** The best columns of `left` (r x d) times the transpose of `right` (c x d). */
export type ProductTop = {
  /** Rows `from` to `to` of the whole; row `from + i` lies at `left[i * d]`. */
  readonly left: Float64Array
  readonly from: number
  readonly to: number
  readonly right: Float32Array
  readonly c: number
  readonly d: number
  readonly k: number
  /** Rows numbered as the whole; left out: nothing is excluded. */
  readonly exclude?: ColumnsByRow | undefined
  /** r x k, row-major, rows numbered as the whole. */
  readonly columns: Int32Array
  readonly scores: Float32Array
}

const rowTile = 32
const columnTile = 128

/** Writes the k best columns of each row from `from` to `to`, best first; -1 and 0 where fewer than k are left. */
export function productTop(job: ProductTop): void {
  const tops = Array.from({ length: Math.min(rowTile, job.to - job.from) }, () => createTop(job.k))
  const right = new Float64Array(columnTile * job.d)
  const tile = new Float64Array(rowTile * columnTile)
  for (let row = job.from; row < job.to; row += rowTile) {
    const m = Math.min(rowTile, job.to - row)
    const cursors = Int32Array.from({ length: m }, (_, i) => job.exclude?.rowPtr[row + i] ?? 0)
    for (let column = 0; column < job.c; column += columnTile) {
      const n = Math.min(columnTile, job.c - column)
      right.set(job.right.subarray(column * job.d, (column + n) * job.d))
      tile.fill(0)
      const aAt = (row - job.from) * job.d
      gemmNT({ a: job.left, aAt, m, b: right, n, d: job.d, out: tile, stride: columnTile })
      for (let i = 0; i < m; i++)
        cursors[i] = offerTile(
          job,
          tops[i]!,
          { row: row + i, column, n, at: i * columnTile, tile },
          cursors[i]!,
        )
    }
    for (let i = 0; i < m; i++) tops[i]!.drain(job.columns, job.scores, (row + i) * job.k)
  }
}

type TileRow = {
  readonly row: number
  readonly column: number
  readonly n: number
  readonly at: number
  readonly tile: Float64Array
}

/** Offers one row of a tile, stepping over excluded columns; returns where the row's exclusions go on. */
function offerTile(
  { exclude }: ProductTop,
  top: Top,
  { row, column, n, at, tile }: TileRow,
  from: number,
): number {
  const end = exclude ? exclude.rowPtr[row + 1]! : 0
  let cursor = from
  let skip = cursor < end ? exclude!.colIndex[cursor]! : -1
  for (let j = 0; j < n; j++) {
    if (column + j === skip) {
      cursor++
      skip = cursor < end ? exclude!.colIndex[cursor]! : -1
    } else top.offer(column + j, tile[at + j]!)
  }
  return cursor
}
