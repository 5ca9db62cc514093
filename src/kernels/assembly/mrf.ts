// Ridge regressions of columns on their neighbourhoods: rows of a co-occurrence, and many small Cholesky solves.
// Pointers are in bytes. Systems are upper triangles, row-major, of d rows; d is a multiple of 8.
import { fma, fnma, sumLanes, zero } from './inline/vector'

/**
 * Counts the rows that column `column` shares with each other column (Gustavson 1978).
 * @param counts zeros on entry, one of each column; left filled
 * @param touched receives the columns met, in order of meeting
 * @returns how many were met, itself included
 */
export function countShared(
  column: i32,
  columnPtr: usize,
  rowIndex: usize,
  rowPtr: usize,
  colIndex: usize,
  counts: usize,
  touched: usize,
): i32 {
  let met = 0
  const end = load<i32>(columnPtr + (<usize>column << 2), 4)
  for (let at = load<i32>(columnPtr + (<usize>column << 2)); at < end; at++) {
    const row = rowPtr + (<usize>load<i32>(rowIndex + (<usize>at << 2)) << 2)
    const last = load<i32>(row, 4)
    for (let other = load<i32>(row); other < last; other++) {
      const neighbour = load<i32>(colIndex + (<usize>other << 2))
      const count = counts + (<usize>neighbour << 2)
      const before = load<i32>(count)
      store<i32>(touched + (<usize>met << 2), neighbour)
      met += i32(before == 0)
      store<i32>(count, before + 1)
    }
  }
  return met
}

/**
 * Copies the stored entries of one row that fall on a chosen set of columns into the upper triangle of their system. The row
 * stores columns of lower number than its own only, and the set ascends: each falls above the diagonal.
 * @param place 1-based place of each column in the set, 0 outside
 * @param own 0-based place of the row's own column
 */
export function gatherRow(
  ids: usize,
  values: usize,
  count: i32,
  place: usize,
  own: i32,
  system: usize,
  d: i32,
): void {
  const column = system + (<usize>own << 2)
  for (let at = 0; at < count; at++) {
    const other = load<i32>(place + (<usize>load<i32>(ids + (<usize>at << 2)) << 2))
    if (other != 0) store<f32>(column + (<usize>((other - 1) * d) << 2), load<f32>(values + (<usize>at << 2)))
  }
}

/**
 * The system of a set of columns as if none shared a row: -share_p share_q for p < q where the list of q is whole (-1), else 0.
 * Fills from the block of eight that holds the diagonal on.
 */
export function fillApart(system: usize, d: i32, shares: usize, whole: usize): void {
  for (let p = 0; p < d; p++) {
    const row = system + (<usize>(p * d) << 2)
    const minus = f32x4.splat(-load<f32>(shares + (<usize>p << 2)))
    for (let q = p & ~7; q < d; q += 4) {
      const at = <usize>q << 2
      v128.store(row + at, v128.and(v128.load(whole + at), f32x4.mul(minus, v128.load(shares + at))))
    }
  }
}

/**
 * Solves A x = b for a symmetric positive definite A (its upper triangle, overwritten by its Cholesky factor).
 * @param b overwritten by x
 * @param reciprocals room for 2 d floats
 * @returns pivots found positive: d when all went well
 */
export function solvePositive(a: usize, d: i32, b: usize, reciprocals: usize): i32 {
  const positive = factor(a, d, reciprocals)
  if (positive == d) substitute(a, d, b, reciprocals)
  return positive
}

/** A = U^T U by panels of eight rows: products with all rows above first, then the panel itself. */
function factor(a: usize, d: i32, reciprocals: usize): i32 {
  const stride = <usize>d << 2
  for (let first = 0; first < d; first += 8) {
    const panel = a + <usize>first * stride
    const left = a + (<usize>first << 2)
    for (let j = first; j < d && first > 0; j += 8) {
      const right = a + (<usize>j << 2)
      const c = panel + (<usize>j << 2)
      subtractPanel(c, left, right, stride, first)
      subtractPanel(c + 4 * stride, left + 16, right, stride, first)
    }
    for (let k = 0; k < 8; k++) if (!factorRow(panel, first, k, d, reciprocals)) return first + k
  }
  return d
}

/** c (4 x 8) -= left^T right over `count` rows; all with rows of `stride` bytes. Eight sums stay in registers. */
function subtractPanel(c: usize, left: usize, right: usize, stride: usize, count: i32): void {
  let x0 = zero()
  let y0 = zero()
  let x1 = zero()
  let y1 = zero()
  let x2 = zero()
  let y2 = zero()
  let x3 = zero()
  let y3 = zero()
  for (let k = 0; k < count; k++) {
    const p = v128.load(right)
    const q = v128.load(right, 16)
    let by = v128.load32_splat(left)
    x0 = fma(by, p, x0)
    y0 = fma(by, q, y0)
    by = v128.load32_splat(left, 4)
    x1 = fma(by, p, x1)
    y1 = fma(by, q, y1)
    by = v128.load32_splat(left, 8)
    x2 = fma(by, p, x2)
    y2 = fma(by, q, y2)
    by = v128.load32_splat(left, 12)
    x3 = fma(by, p, x3)
    y3 = fma(by, q, y3)
    left += stride
    right += stride
  }
  subtractFrom(c, x0, y0)
  subtractFrom(c + stride, x1, y1)
  subtractFrom(c + 2 * stride, x2, y2)
  subtractFrom(c + 3 * stride, x3, y3)
}

// @ts-ignore: decorator
@inline
function subtractFrom(at: usize, x: v128, y: v128): void {
  v128.store(at, f32x4.sub(v128.load(at), x))
  v128.store(at, f32x4.sub(v128.load(at, 16), y), 16)
}

/** Divides row k of a panel by the root of its pivot, and takes it off the rows below it in the panel. */
function factorRow(panel: usize, first: i32, k: i32, d: i32, reciprocals: usize): bool {
  const stride = <usize>d << 2
  const row = panel + <usize>k * stride
  const pivot = load<f32>(row + (<usize>(first + k) << 2))
  if (!(pivot > 0)) return false
  const over: f32 = 1 / sqrt<f32>(pivot)
  store<f32>(reciprocals + (<usize>(first + k) << 2), over)
  const scale = f32x4.splat(over)
  const from = <usize>first << 2
  for (let at = from; at < stride; at += 16) v128.store(row + at, f32x4.mul(v128.load(row + at), scale))
  for (let below = k + 1; below < 8; below++) {
    const by = f32x4.splat(load<f32>(row + (<usize>(first + below) << 2)))
    const other = panel + <usize>below * stride
    for (let at = from; at < stride; at += 16)
      v128.store(other + at, fnma(by, v128.load(row + at), v128.load(other + at)))
  }
  return true
}

/** b <- U^-1 U^-T b. Below the diagonal U holds leftovers: they only meet places of b that are spent, or still zero. */
function substitute(a: usize, d: i32, b: usize, reciprocals: usize): void {
  const stride = <usize>d << 2
  const halfway = reciprocals + stride
  for (let k = 0; k < d; k++) {
    const at = <usize>k << 2
    const value: f32 = load<f32>(b + at) * load<f32>(reciprocals + at)
    store<f32>(halfway + at, value)
    const row = a + <usize>k * stride
    const by = f32x4.splat(value)
    for (let c = <usize>((k + 1) & ~3) << 2; c < stride; c += 16)
      v128.store(b + c, fnma(by, v128.load(row + c), v128.load(b + c)))
  }
  memory.fill(b, 0, stride)
  for (let k = d - 1; k >= 0; k--) {
    const at = <usize>k << 2
    const row = a + <usize>k * stride
    let sum = zero()
    for (let c = <usize>((k + 1) & ~3) << 2; c < stride; c += 16) sum = fma(v128.load(row + c), v128.load(b + c), sum)
    store<f32>(b + at, (load<f32>(halfway + at) - sumLanes(sum)) * load<f32>(reciprocals + at))
  }
}
