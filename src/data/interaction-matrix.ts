// The interaction matrix: users x artists, sparse by rows (CSR), with both vocabularies.
import { TastemakerError } from '../errors.ts'
import type { Vocabulary } from './vocabulary.ts'

/**
 * Rows of sparse positive values (compressed sparse rows). Arrays may lie on shared memory.
 *
 *        columns 0 1 2 3
 *   row 0      [ 5 . 2 . ]     rowPtr   0 2 3
 *   row 1      [ . 1 . . ]     colIndex 0 2 | 1
 *                              values   5 2 | 1
 */
export type SparseRows = {
  readonly rows: number
  readonly columns: number
  /** rows + 1 offsets into `colIndex` and `values`. */
  readonly rowPtr: Int32Array
  /** Column of each entry, ascending within a row, no column twice. */
  readonly colIndex: Int32Array
  /** Value of each entry, > 0. */
  readonly values: Float32Array
}

/** Users x artists; a value is the confidence that the listener likes the artist, > 0 (plays, outcomes, likes, follows, recency). */
export type InteractionMatrix = SparseRows & {
  readonly users: Vocabulary
  readonly artists: Vocabulary
}

/** One entry to be laid into sparse rows. */
export type Triple = readonly [row: number, column: number, value: number]

/**
 * Lays triples out as sparse rows on shared memory, columns ascending.
 * @param triples in any order; the same cell twice, a cell outside the shape or a value not > 0 throws `bad-argument`
 */
export function sparseRows(rows: number, columns: number, triples: Iterable<Triple>): SparseRows {
  const all = [...triples].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const out = emptyRows(rows, columns, all.length)
  for (const [at, [row, column, value]] of all.entries()) {
    const previous = all[at - 1]
    const inside = row >= 0 && row < rows && column >= 0 && column < columns && value > 0
    if (!inside || (previous?.[0] === row && previous[1] === column))
      throw new TastemakerError(
        'bad-argument',
        `Cell (${row}, ${column}) = ${value} does not fit ${rows} x ${columns}, or comes twice.`,
      )
    out.rowPtr[row + 1]! += 1
    out.colIndex[at] = column
    out.values[at] = value
  }
  for (let row = 0; row < rows; row++) out.rowPtr[row + 1]! += out.rowPtr[row]!
  return out
}

/** Sparse rows of the given shape with room for `entries` cells, all zero, on shared memory so that workers read them without a copy. */
export function emptyRows(rows: number, columns: number, entries: number): SparseRows {
  return {
    rows,
    columns,
    rowPtr: new Int32Array(new SharedArrayBuffer(4 * (rows + 1))),
    colIndex: new Int32Array(new SharedArrayBuffer(4 * entries)),
    values: new Float32Array(new SharedArrayBuffer(4 * entries)),
  }
}

/** The transpose: columns become rows, rows ascend within each. O(entries). */
export function transpose(matrix: SparseRows): SparseRows {
  const out = emptyRows(matrix.columns, matrix.rows, matrix.colIndex.length)
  for (const column of matrix.colIndex) out.rowPtr[column + 1]! += 1
  for (let row = 0; row < out.rows; row++) out.rowPtr[row + 1]! += out.rowPtr[row]!
  const next = out.rowPtr.slice()
  for (let row = 0; row < matrix.rows; row++) {
    for (let at = matrix.rowPtr[row]!; at < matrix.rowPtr[row + 1]!; at++) {
      const to = next[matrix.colIndex[at]!]!++
      out.colIndex[to] = row
      out.values[to] = matrix.values[at]!
    }
  }
  return out
}

/** The rows at `indices`, in that order; an index may come twice. */
export function selectRows(matrix: SparseRows, indices: ArrayLike<number>): SparseRows {
  let entries = 0
  for (let at = 0; at < indices.length; at++)
    entries += matrix.rowPtr[indices[at]! + 1]! - matrix.rowPtr[indices[at]!]!
  const out = emptyRows(indices.length, matrix.columns, entries)
  for (let at = 0, to = 0; at < indices.length; at++) {
    const from = matrix.rowPtr[indices[at]!]!
    const end = matrix.rowPtr[indices[at]! + 1]!
    out.colIndex.set(matrix.colIndex.subarray(from, end), to)
    out.values.set(matrix.values.subarray(from, end), to)
    to += end - from
    out.rowPtr[at + 1] = to
  }
  return out
}

/** The bare rows of a matrix, without its vocabularies: what another thread can be handed. No array is copied. */
export const bareRows = ({ rows, columns, rowPtr, colIndex, values }: SparseRows): SparseRows => ({
  rows,
  columns,
  rowPtr,
  colIndex,
  values,
})
