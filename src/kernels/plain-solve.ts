// Regularized least squares for many sparse rows at once, in the eigenbasis of the dense part.
// Letters: r rows, c columns, d factors; n entries of one row.
import { axpy, dot, gemmNT, potrf, potrs, syrk } from './plain.ts'

/** Sparse rows (r x c) whose `weights` are >= 0, one an entry; left out: all 1. */
export type WeightedRows = {
  readonly rowPtr: Int32Array
  readonly colIndex: Int32Array
  readonly weights?: Float32Array | undefined
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
  readonly ridge: Float32Array | Float64Array
  /** An entry of weight w counts w + shift on the right-hand side; default 0. */
  readonly shift?: number
  /** Mean of each row's prior, r x d, with precision `ridge`; left out: zero. */
  readonly prior?: Float32Array | undefined
}

/** The rows to solve; the answer of row `from + i` lies at `out[i * d]`. */
export type SolveRange = { readonly from: number; readonly to: number; readonly out: Float64Array }

/**
 * For each row u solves (diag(spectrum + ridge_u) + sum_i w_ui f_i f_i^T) x = ridge_u m_u + sum_i (w_ui + shift) f_i exactly,
 * for the prior mean m_u. Rows with at most d entries go through the n x n dual (Woodbury), longer ones through the d x d
 * primal; both are Cholesky factorizations in Float64. An empty row gives the answer of its prior: zeros without one.
 */
export function solveRows(systems: RowSystems, range: SolveRange): void {
  const { matrix, d } = systems
  const scratch = createScratch(d, longestDual(matrix, range, d))
  for (let row = range.from; row < range.to; row++) {
    const n = matrix.rowPtr[row + 1]! - matrix.rowPtr[row]!
    const out = range.out.subarray((row - range.from) * d, (row - range.from + 1) * d)
    out.fill(0)
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

/** With z = (I + S S^T)^-1 S E f_target, the share of entry i is b_i z_i / sqrt(w_i): A^-1 f_target as `solveDual` has it. */
function dualShares(systems: RowSystems, { row, target }: Share, scratch: Scratch): Float64Array {
  const { factors, d } = systems
  const { gathered, square, roots, inverse } = scratch
  const n = dualSystem(systems, row, scratch)
  const shares = new Float64Array(n)
  for (let i = 0; i < n; i++)
    for (let f = 0; f < d; f++) shares[i]! += gathered[i * d + f]! * inverse[f]! * factors[target * d + f]!
  potrs(square, n, shares)
  const from = systems.matrix.rowPtr[row]!
  for (let i = 0; i < n; i++) shares[i]! *= rightWeight(systems, from + i) / roots[i]!
  return shares
}

function primalShares(systems: RowSystems, { row, target }: Share, scratch: Scratch): Float64Array {
  const { matrix, factors, d } = systems
  const { rowPtr, colIndex } = matrix
  primalSystem(systems, row, scratch)
  const answer = Float64Array.from(factors.subarray(target * d, (target + 1) * d))
  potrf(scratch.square, d)
  potrs(scratch.square, d, answer)
  const shares = new Float64Array(rowPtr[row + 1]! - rowPtr[row]!)
  for (let at = 0; at < shares.length; at++) {
    const entry = rowPtr[row]! + at
    const column = colIndex[entry]! * d
    let product = 0
    for (let f = 0; f < d; f++) product += factors[column + f]! * answer[f]!
    shares[at] = rightWeight(systems, entry) * product
  }
  return shares
}

/** What an entry weighs in the matrix of its row's system, and on the right-hand side. */
const weightOf = ({ matrix }: RowSystems, entry: number): number => matrix.weights?.[entry] ?? 1
const rightWeight = (systems: RowSystems, entry: number): number =>
  weightOf(systems, entry) + (systems.shift ?? 0)

/** ridge_u m_u of a row, as number f. */
const priorPull = ({ prior, ridge, d }: RowSystems, row: number, f: number): number =>
  prior ? ridge[row]! * prior[row * d + f]! : 0

type Scratch = {
  /** n x d rows of a dual, or d x panel columns of a primal. */
  readonly gathered: Float64Array
  /** n x n or d x d. */
  readonly square: Float64Array
  readonly right: Float64Array
  /** Square roots of a dual's weights. */
  readonly roots: Float64Array
  readonly inverse: Float64Array
}

const panel = 128

function createScratch(d: number, n: number): Scratch {
  const side = Math.max(d, n)
  return {
    gathered: new Float64Array(d * Math.max(panel, n)),
    square: new Float64Array(side * side),
    right: new Float64Array(side),
    roots: new Float64Array(side),
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

/**
 * x = E (g + S^T (I + S S^T)^-1 (b / sqrt(w) - S g)), with E = diag(spectrum + ridge)^-1/2, rows s_i = sqrt(w_i) E f_i and
 * the pull of the prior g = E ridge m.
 */
function solveDual(systems: RowSystems, row: number, scratch: Scratch, out: Float64Array): void {
  const { d } = systems
  const { gathered, square, right, roots, inverse } = scratch
  const n = dualSystem(systems, row, scratch)
  for (let f = 0; f < d; f++) out[f] = inverse[f]! * priorPull(systems, row, f)
  const from = systems.matrix.rowPtr[row]!
  for (let i = 0; i < n; i++) {
    right[i] = rightWeight(systems, from + i) / roots[i]!
    for (let f = 0; f < d; f++) right[i]! -= gathered[i * d + f]! * out[f]!
  }
  potrs(square, n, right)
  for (let i = 0; i < n; i++) {
    const by = right[i]!
    for (let f = 0; f < d; f++) out[f] = out[f]! + by * gathered[i * d + f]!
  }
  for (let f = 0; f < d; f++) out[f] = out[f]! * inverse[f]!
}

/** Keeps an entry of weight zero, which may still weigh on the right-hand side, from dividing by zero. */
const leastWeight = 1e-12

/** Leaves S in `gathered`, E in `inverse`, sqrt(w) in `roots` and the Cholesky factor of I + S S^T in `square`; returns n. */
function dualSystem(systems: RowSystems, row: number, scratch: Scratch): number {
  const { matrix, factors, d, spectrum, ridge } = systems
  const { gathered, square, roots, inverse } = scratch
  const from = matrix.rowPtr[row]!
  const n = matrix.rowPtr[row + 1]! - from
  for (let f = 0; f < d; f++) inverse[f] = 1 / Math.sqrt(spectrum[f]! + ridge[row]!)
  for (let i = 0; i < n; i++) {
    const root = Math.sqrt(Math.max(leastWeight, weightOf(systems, from + i)))
    const column = matrix.colIndex[from + i]! * d
    for (let f = 0; f < d; f++) gathered[i * d + f] = root * inverse[f]! * factors[column + f]!
    roots[i] = root
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
  for (let f = 0; f < d; f++) out[f] = priorPull(systems, row, f)
  for (let entry = matrix.rowPtr[row]!; entry < matrix.rowPtr[row + 1]!; entry++) {
    const weight = rightWeight(systems, entry)
    const column = matrix.colIndex[entry]! * d
    for (let f = 0; f < d; f++) out[f] = out[f]! + weight * factors[column + f]!
  }
  potrf(scratch.square, d)
  potrs(scratch.square, d, out)
}

/** Lays diag(spectrum + ridge) + sum_i w_i f_i f_i^T into the lower triangle of `scratch.square`, 128 entries at a time. */
function primalSystem(systems: RowSystems, row: number, scratch: Scratch): void {
  const { matrix, factors, d, spectrum, ridge } = systems
  const { gathered, square } = scratch
  square.fill(0, 0, d * d)
  for (let f = 0; f < d; f++) square[f * d + f] = spectrum[f]! + ridge[row]!
  const end = matrix.rowPtr[row + 1]!
  for (let start = matrix.rowPtr[row]!; start < end; start += panel) {
    const count = Math.min(panel, end - start)
    for (let i = 0; i < count; i++) {
      const root = Math.sqrt(weightOf(systems, start + i))
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

/**
 * The same systems by `steps` steps of conjugate gradients on x' = E^-1 x, that is preconditioned with the diagonal
 * (Hestenes and Stiefel, 1952; Takacs, Pilaszy and Tikk, 2011, for ALS). `range.out` holds where to start.
 */
export function descendRows(systems: RowSystems, range: SolveRange, steps: number): void {
  const { d } = systems
  for (let row = range.from; row < range.to; row++) {
    const x = range.out.subarray((row - range.from) * d, (row - range.from + 1) * d)
    const scale = systems.spectrum.map((value) => 1 / Math.sqrt(value + systems.ridge[row]!))
    for (let f = 0; f < d; f++) x[f] = x[f]! / scale[f]!
    const residual = scaledRight(systems, row, scale)
    axpy(-1, scaledProduct(systems, { row, scale, x }), residual)
    const step = residual.slice()
    let square = dot(residual, residual)
    for (let at = 0; at < steps && square > 1e-30; at++) {
      const product = scaledProduct(systems, { row, scale, x: step })
      const by = square / dot(step, product)
      axpy(by, step, x)
      axpy(-by, product, residual)
      const next = dot(residual, residual)
      for (let f = 0; f < d; f++) step[f] = residual[f]! + (next / square) * step[f]!
      square = next
    }
    for (let f = 0; f < d; f++) x[f] = x[f]! * scale[f]!
  }
}

function scaledRight(systems: RowSystems, row: number, scale: Float64Array): Float64Array {
  const { matrix, factors, d } = systems
  const out = new Float64Array(d)
  for (let f = 0; f < d; f++) out[f] = priorPull(systems, row, f)
  for (let entry = matrix.rowPtr[row]!; entry < matrix.rowPtr[row + 1]!; entry++) {
    const column = matrix.colIndex[entry]! * d
    axpy(rightWeight(systems, entry), factors.subarray(column, column + d), out)
  }
  for (let f = 0; f < d; f++) out[f]! *= scale[f]!
  return out
}

type Scaled = { readonly row: number; readonly scale: Float64Array; readonly x: Float64Array }

/** (I + E F^T W F E) x. */
function scaledProduct(systems: RowSystems, { row, scale, x }: Scaled): Float64Array {
  const { matrix, factors, d } = systems
  const out = new Float64Array(d)
  const scaled = x.map((value, f) => value * scale[f]!)
  for (let entry = matrix.rowPtr[row]!; entry < matrix.rowPtr[row + 1]!; entry++) {
    const factor = factors.subarray(matrix.colIndex[entry]! * d, matrix.colIndex[entry]! * d + d)
    axpy(weightOf(systems, entry) * dot(factor, scaled), factor, out)
  }
  return out.map((value, f) => value * scale[f]! + x[f]!)
}
