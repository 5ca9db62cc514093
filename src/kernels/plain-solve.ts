// Regularized least squares for many sparse rows at once, in the eigenbasis of the dense part.
// Letters: r rows, c columns, d factors; n entries of one row.
import { gemmNT, potrf, potrs, syrk } from './plain.ts'

/** Sparse rows (r x c) whose `weights` are >= 0, one an entry. */
export type WeightedRows = {
  readonly rowPtr: Int32Array
  readonly colIndex: Int32Array
  readonly weights: Float32Array
}

/** What `solveRows` works on. */
export type RowSystems = {
  readonly matrix: WeightedRows
  /** c x d, turned so that its Gram matrix is diagonal. */
  readonly factors: Float32Array
  readonly d: number
  /** That diagonal (d), already times the weight of unobserved cells; >= 0. */
  readonly spectrum: Float64Array
  /** Ridge of every row (r), > 0 unless the spectrum is positive throughout. */
  readonly ridge: Float64Array
}

/** The rows to solve; the answer of row `from + i` lies at `out[i * d]`. */
export type SolveRange = { readonly from: number; readonly to: number; readonly out: Float64Array }

/**
 * For each row u solves (diag(spectrum + ridge_u) + sum_i w_ui f_i f_i^T) x = sum_i w_ui f_i exactly.
 * Rows with at most d entries go through the n x n dual (Woodbury), longer ones through the d x d primal;
 * both are Cholesky factorizations in Float64. An empty row gives zeros.
 */
export function solveRows(systems: RowSystems, range: SolveRange): void {
  const { matrix, d } = systems
  const scratch = createScratch(d, longestDual(matrix, range, d))
  for (let row = range.from; row < range.to; row++) {
    const n = matrix.rowPtr[row + 1]! - matrix.rowPtr[row]!
    const out = range.out.subarray((row - range.from) * d, (row - range.from + 1) * d)
    out.fill(0)
    if (n === 0) continue
    if (n <= d) solveDual(systems, row, scratch, out)
    else solvePrimal(systems, row, scratch, out)
  }
}

/** The d x d solve of one row whatever its length: what the dual must equal. `out` (d) is overwritten. */
export function solvePrimalRow(systems: RowSystems, row: number, out: Float64Array): void {
  solvePrimal(systems, row, createScratch(systems.d, 0), out.fill(0))
}

/**
 * One share an entry of `row`, in order: the row's answer is linear in its entries, x = sum_i w_i inverse(f_i), so its
 * product with the factors of column `target` splits into shares that sum to it (Hu et al. 2008, section 5).
 */
export function solveShares(systems: RowSystems, row: number, target: number): Float64Array {
  const { matrix, d } = systems
  const n = matrix.rowPtr[row + 1]! - matrix.rowPtr[row]!
  const scratch = createScratch(d, n <= d ? n : 0)
  return n <= d
    ? dualShares(systems, { row, target }, scratch)
    : primalShares(systems, { row, target }, scratch)
}

type Share = { readonly row: number; readonly target: number }

/** With z = (I + S S^T)^-1 S E f_target, the share of entry i is sqrt(w_i) z_i: their sum is `solveDual`'s x . f_target. */
function dualShares(systems: RowSystems, { row, target }: Share, scratch: Scratch): Float64Array {
  const { factors, d } = systems
  const { gathered, square, right: roots, inverse } = scratch
  const n = dualSystem(systems, row, scratch)
  const shares = new Float64Array(n)
  for (let i = 0; i < n; i++)
    for (let f = 0; f < d; f++) shares[i]! += gathered[i * d + f]! * inverse[f]! * factors[target * d + f]!
  potrs(square, n, shares)
  for (let i = 0; i < n; i++) shares[i]! *= roots[i]!
  return shares
}

function primalShares(systems: RowSystems, { row, target }: Share, scratch: Scratch): Float64Array {
  const { matrix, factors, d } = systems
  const { rowPtr, colIndex, weights } = matrix
  primalSystem(systems, row, scratch)
  const answer = Float64Array.from(factors.subarray(target * d, (target + 1) * d))
  potrf(scratch.square, d)
  potrs(scratch.square, d, answer)
  const shares = new Float64Array(rowPtr[row + 1]! - rowPtr[row]!)
  for (let at = 0; at < shares.length; at++) {
    const entry = rowPtr[row]! + at
    const column = colIndex[entry]! * d
    for (let f = 0; f < d; f++) shares[at]! += weights[entry]! * factors[column + f]! * answer[f]!
  }
  return shares
}

type Scratch = {
  /** n x d rows of a dual, or d x panel columns of a primal. */
  readonly gathered: Float64Array
  /** n x n or d x d. */
  readonly square: Float64Array
  readonly right: Float64Array
  readonly inverse: Float64Array
}

const panel = 128

function createScratch(d: number, n: number): Scratch {
  const side = Math.max(d, n)
  return {
    gathered: new Float64Array(d * Math.max(panel, n)),
    square: new Float64Array(side * side),
    right: new Float64Array(side),
    inverse: new Float64Array(d),
  }
}

function longestDual(matrix: WeightedRows, range: SolveRange, d: number): number {
  let most = 0
  for (let row = range.from; row < range.to; row++) {
    const n = matrix.rowPtr[row + 1]! - matrix.rowPtr[row]!
    if (n <= d && n > most) most = n
  }
  return most
}

/** x = E S^T (I + S S^T)^-1 sqrt(w), with E = diag(spectrum + ridge)^-1/2 and rows s_i = sqrt(w_i) E f_i. */
function solveDual(systems: RowSystems, row: number, scratch: Scratch, out: Float64Array): void {
  const { d } = systems
  const { gathered, square, right, inverse } = scratch
  const n = dualSystem(systems, row, scratch)
  potrs(square, n, right)
  for (let i = 0; i < n; i++) {
    const by = right[i]!
    for (let f = 0; f < d; f++) out[f] = out[f]! + by * gathered[i * d + f]!
  }
  for (let f = 0; f < d; f++) out[f] = out[f]! * inverse[f]!
}

/** Leaves S in `gathered`, E in `inverse`, sqrt(w) in `right` and the Cholesky factor of I + S S^T in `square`; returns n. */
function dualSystem(
  { matrix, factors, d, spectrum, ridge }: RowSystems,
  row: number,
  scratch: Scratch,
): number {
  const { gathered, square, right, inverse } = scratch
  const from = matrix.rowPtr[row]!
  const n = matrix.rowPtr[row + 1]! - from
  for (let f = 0; f < d; f++) inverse[f] = 1 / Math.sqrt(spectrum[f]! + ridge[row]!)
  for (let i = 0; i < n; i++) {
    const root = Math.sqrt(matrix.weights[from + i]!)
    const column = matrix.colIndex[from + i]! * d
    for (let f = 0; f < d; f++) gathered[i * d + f] = root * inverse[f]! * factors[column + f]!
    right[i] = root
  }
  square.fill(0, 0, n * n)
  for (let i = 0; i < n; i++) square[i * n + i] = 1
  syrk(gathered, n, d, square)
  potrf(square, n)
  return n
}

function solvePrimal(systems: RowSystems, row: number, scratch: Scratch, out: Float64Array): void {
  const { matrix, factors, d } = systems
  primalSystem(systems, row, scratch)
  for (let entry = matrix.rowPtr[row]!; entry < matrix.rowPtr[row + 1]!; entry++) {
    const weight = matrix.weights[entry]!
    const column = matrix.colIndex[entry]! * d
    for (let f = 0; f < d; f++) out[f] = out[f]! + weight * factors[column + f]!
  }
  potrf(scratch.square, d)
  potrs(scratch.square, d, out)
}

/** Lays diag(spectrum + ridge) + sum_i w_i f_i f_i^T into the lower triangle of `scratch.square`, 128 entries at a time. */
function primalSystem(
  { matrix, factors, d, spectrum, ridge }: RowSystems,
  row: number,
  scratch: Scratch,
): void {
  const { gathered, square } = scratch
  square.fill(0, 0, d * d)
  for (let f = 0; f < d; f++) square[f * d + f] = spectrum[f]! + ridge[row]!
  const end = matrix.rowPtr[row + 1]!
  for (let start = matrix.rowPtr[row]!; start < end; start += panel) {
    const count = Math.min(panel, end - start)
    for (let i = 0; i < count; i++) {
      const root = Math.sqrt(matrix.weights[start + i]!)
      const column = matrix.colIndex[start + i]! * d
      for (let f = 0; f < d; f++) gathered[f * count + i] = root * factors[column + f]!
    }
    syrk(gathered, d, count, square)
  }
}

/** Rows `from` to `to` of a float32 matrix (d columns) times the transpose of `basis` (d x d, one direction a row), in place. */
export function turnRows(
  factors: Float32Array,
  basis: Float64Array,
  range: { readonly d: number; readonly from: number; readonly to: number },
): void {
  const { d, from, to } = range
  const source = new Float64Array(panel * d)
  const turned = new Float64Array(panel * d)
  for (let start = from; start < to; start += panel) {
    const count = Math.min(panel, to - start)
    source.set(factors.subarray(start * d, (start + count) * d))
    turned.fill(0)
    gemmNT({ a: source, m: count, b: basis, n: d, d, out: turned, stride: d })
    factors.set(turned.subarray(0, count * d), start * d)
  }
}
