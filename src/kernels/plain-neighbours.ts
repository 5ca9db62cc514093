// Sparse products: nearest columns by weighted co-occurrence, and sums of sparse rows with their best columns.
// Letters: r rows, c columns, k kept.
import { TastemakerError } from '../errors.ts'
import { type ColumnsByRow, createTop } from './plain-top.ts'

/** How near columns are that share rows, and how many to keep. */
export type Cooccurrence = {
  /** r x c, only the pattern counts: a cell is there or not. */
  readonly byRow: ColumnsByRow
  readonly c: number
  /** What a row adds to each pair of its columns (r), > 0. */
  readonly rowWeights: Float64Array
  /** Divides what a column says of others, and what others say of it (c each), > 0 where the column has rows. */
  readonly sourceScale: Float64Array
  readonly targetScale: Float64Array
  /** Added to the product of both scales, >= 0. */
  readonly shrink: number
}

/** Where the list of each column begins and ends at most (c + 1), for lists of different lengths behind one another. */
export type ListEnds = Int32Array

/** Lists of columns, best first: list i begins at `ends[i]` and has `sizes[i]` places filled. */
export type NearLists = {
  readonly ends: ListEnds
  readonly sizes: Int32Array
  readonly columns: Int32Array
  readonly scores: Float32Array
}

/**
 * Room for the list of each column: at most `keep` neighbours, all other columns, and the cells that share a row with it.
 * O(entries).
 */
export function listEnds({ byRow, c }: Pick<Cooccurrence, 'byRow' | 'c'>, keep: number): ListEnds {
  const ends = new Int32Array(c + 1)
  const most = Math.min(keep, Math.max(0, c - 1))
  const { rowPtr, colIndex } = byRow
  for (let row = 0; row + 1 < rowPtr.length; row++) {
    const others = rowPtr[row + 1]! - rowPtr[row]! - 1
    for (let entry = rowPtr[row]!; entry < rowPtr[row + 1]!; entry++) {
      const end = colIndex[entry]! + 1
      ends[end] = Math.min(most, ends[end]! + others)
    }
  }
  let places = 0
  for (let column = 0; column < c; column++) {
    places += ends[column + 1]!
    if (places > mostPlaces)
      throw new TastemakerError(
        'too-large',
        `${c} columns with up to ${most} neighbours each need more than ${mostPlaces} places in lists; keep fewer neighbours.`,
      )
    ends[column + 1] = places
  }
  return ends
}

const mostPlaces = 2 ** 29

/** The columns to find neighbours of, and where the lists go. */
export type CooccurrenceTop = Cooccurrence & {
  /** The transpose of `byRow`. */
  readonly byColumn: ColumnsByRow
  readonly from: number
  readonly to: number
  /** Their room is what `listEnds` gives. */
  readonly lists: NearLists
}

/**
 * For columns i from `from` to `to`, the columns j of highest
 *
 *   score(j, i) = sum over rows with both of rowWeight / (sourceScale_j * targetScale_i + shrink)
 *
 * never itself, only columns that share a row, ties ascending. One pass over the rows of each column (Gustavson 1978).
 */
export function cooccurrenceTop(job: CooccurrenceTop): void {
  const { byRow, byColumn, c, rowWeights, sourceScale, targetScale, shrink, lists } = job
  const { ends } = lists
  const sums = new Float64Array(c)
  const touched = new Int32Array(c)
  for (let column = job.from; column < job.to; column++) {
    let count = 0
    for (let at = byColumn.rowPtr[column]!; at < byColumn.rowPtr[column + 1]!; at++) {
      const row = byColumn.colIndex[at]!
      for (let other = byRow.rowPtr[row]!; other < byRow.rowPtr[row + 1]!; other++) {
        const neighbour = byRow.colIndex[other]!
        if (sums[neighbour] === 0) touched[count++] = neighbour
        sums[neighbour]! += rowWeights[row]!
      }
    }
    const room = ends[column + 1]! - ends[column]!
    const top = createTop(room)
    for (let at = 0; at < count; at++) {
      const neighbour = touched[at]!
      if (neighbour !== column)
        top.offer(neighbour, sums[neighbour]! / (sourceScale[neighbour]! * targetScale[column]! + shrink))
      sums[neighbour] = 0
    }
    top.drain(lists.columns, lists.scores, ends[column]!)
    lists.sizes[column] = Math.min(room, count > 0 ? count - 1 : 0)
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

/** Columns to score for each row of a sum of sparse rows. */
export type SparseSumAt = Pick<SparseSumTop, 'rows' | 'weights' | 'c' | 'silent' | 'from' | 'to'> & {
  readonly k: number
  /** r x k, row-major; -1 is an empty place. */
  readonly candidates: Int32Array
  /** r x k: 0 in an empty place. */
  readonly out: Float32Array
}

/** Writes the score that `sparseSumTop` gives to each candidate. */
export function sparseSumAt({ rows, weights, c, silent, from, to, k, candidates, out }: SparseSumAt): void {
  const sums = new Float64Array(c)
  const touched = new Uint8Array(c)
  for (let row = from; row < to; row++) {
    sums.fill(0)
    touched.fill(0)
    for (let at = rows.rowPtr[row]!; at < rows.rowPtr[row + 1]!; at++) {
      const source = rows.colIndex[at]!
      for (let entry = weights.rowPtr[source]!; entry < weights.rowPtr[source + 1]!; entry++) {
        touched[weights.colIndex[entry]!] = 1
        sums[weights.colIndex[entry]!]! += weights.values[entry]!
      }
    }
    for (let at = row * k; at < (row + 1) * k; at++) {
      const column = candidates[at]!
      if (column < 0) out[at] = 0
      else out[at] = touched[column] ? sums[column]! : silent[column]!
    }
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
