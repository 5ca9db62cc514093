// Inverse of a symmetric positive definite matrix in plain TypeScript: the specification of the tiled one.
import { potrf, potrs } from './plain.ts'

/**
 * Inverse in place of a symmetric positive definite matrix (n x n, row-major), column by column of its Cholesky factor.
 * Only the lower triangle is read; the whole is written, symmetric to rounding.
 * @returns the number of pivots found positive: n when all went well; less, and `a` is spoilt, where it is not positive definite
 */
export function inverse(a: Float64Array, n: number): number {
  const positive = potrf(a, n)
  if (positive < n) return positive
  const columns = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const column = columns.subarray(i * n, (i + 1) * n)
    column[i] = 1
    potrs(a, n, column)
  }
  a.set(columns)
  return n
}

/** Sparse rows with ones for values: rows + 1 offsets, and columns ascending within a row. */
export type Pattern = { readonly rowPtr: Int32Array; readonly colIndex: Int32Array }

/**
 * Gram matrix a diag(weights) a^T (n x n) of n sparse rows with ones for values: cell (i, j) is the sum of the weights of the
 * columns that rows i and j share.
 */
export function sparseGram({ rowPtr, colIndex }: Pattern, weights: Float32Array): Float64Array {
  const n = rowPtr.length - 1
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    const mine = new Set(colIndex.subarray(rowPtr[i]!, rowPtr[i + 1]!))
    for (let j = 0; j < n; j++)
      for (let at = rowPtr[j]!; at < rowPtr[j + 1]!; at++)
        if (mine.has(colIndex[at]!)) out[i * n + j]! += weights[colIndex[at]!]!
  }
  return out
}

/**
 * Ridge regressions of every column on all others, from one inverse (Steck 2019): with P = (x^T x + diag(ridge))^-1, the
 * weight of column j in the regression of column i is -P[j][i] / P[i][i]. x is given by its columns.
 * @returns n x n, row i the weights of the regression of column i, zero for itself
 */
export function columnRegressions(
  columns: Pattern,
  ridge: ArrayLike<number>,
  ones: Float32Array,
): Float64Array {
  const n = columns.rowPtr.length - 1
  const p = sparseGram(columns, ones)
  for (let i = 0; i < n; i++) p[i * n + i]! += ridge[i]!
  inverse(p, n)
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) if (j !== i) out[i * n + j] = -p[j * n + i]! / p[i * n + i]!
  return out
}
