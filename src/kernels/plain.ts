// Dense linear algebra in plain TypeScript: the specification of every faster kernel.
// Letters: n, m rows; d columns. All matrices row-major Float64Array unless said; nothing may overlap unless said.

/** Sum of x[i] * y[i] over the shorter of the two, added in index order; 0 when empty. */
export function dot(x: Float32Array | Float64Array, y: Float32Array | Float64Array): number {
  const length = Math.min(x.length, y.length)
  let sum = 0
  for (let at = 0; at < length; at++) sum += x[at]! * y[at]!
  return sum
}

/** y += a * x in place, over the shorter of the two. */
export function axpy(a: number, x: Float32Array | Float64Array, y: Float32Array | Float64Array): void {
  const length = Math.min(x.length, y.length)
  for (let at = 0; at < length; at++) y[at] = y[at]! + a * x[at]!
}

/** Row panels of three matrices: `a` is m x d from `aAt`, `b` is n x d from `bAt`, `out` has rows of `stride` from `outAt`. */
export type Panels = {
  readonly a: Float64Array
  readonly aAt?: number
  readonly m: number
  readonly b: Float64Array
  readonly bAt?: number
  readonly n: number
  readonly d: number
  readonly out: Float64Array
  readonly outAt?: number
  readonly stride: number
}

/**
 * out[i][j] += a_i . b_j for all rows i of a (m x d) and j of b (n x d).
 * Each product is added in column order, so a value does not depend on the other rows of the call.
 */
export function gemmNT(panels: Panels): void {
  const { a, aAt = 0, m, b, bAt = 0, n, d, out, outAt = 0, stride } = panels
  const even = m - (m % 2)
  for (let i = 0; i < even; i += 2) {
    const a0 = aAt + i * d
    const o0 = outAt + i * stride
    let j = 0
    for (; j + 4 <= n; j += 4) twoByFour(a, a0, b, bAt + j * d, d, out, o0 + j, stride)
    for (; j < n; j++) {
      out[o0 + j]! += rowDot(a, a0, b, bAt + j * d, d)
      out[o0 + stride + j]! += rowDot(a, a0 + d, b, bAt + j * d, d)
    }
  }
  if (even === m) return
  const last = aAt + even * d
  const lastOut = outAt + even * stride
  let j = 0
  for (; j + 4 <= n; j += 4) oneByFour(a, last, b, bAt + j * d, d, out, lastOut + j)
  for (; j < n; j++) out[lastOut + j]! += rowDot(a, last, b, bAt + j * d, d)
}

/** Four running sums at once: one sum alone would wait for each addition to end. */
function oneByFour(
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
  d: number,
  out: Float64Array,
  outAt: number,
): void {
  let s0 = 0
  let s1 = 0
  let s2 = 0
  let s3 = 0
  const b1 = bAt + d
  const b2 = b1 + d
  const b3 = b2 + d
  for (let c = 0; c < d; c++) {
    const x = a[aAt + c]!
    s0 += x * b[bAt + c]!
    s1 += x * b[b1 + c]!
    s2 += x * b[b2 + c]!
    s3 += x * b[b3 + c]!
  }
  out[outAt]! += s0
  out[outAt + 1]! += s1
  out[outAt + 2]! += s2
  out[outAt + 3]! += s3
}

/** Eight running sums at once: each loaded number is used two or four times, and sixteen registers are enough. */
function twoByFour(
  a: Float64Array,
  aAt: number,
  b: Float64Array,
  bAt: number,
  d: number,
  out: Float64Array,
  outAt: number,
  stride: number,
): void {
  let s00 = 0
  let s01 = 0
  let s02 = 0
  let s03 = 0
  let s10 = 0
  let s11 = 0
  let s12 = 0
  let s13 = 0
  const a1 = aAt + d
  const b1 = bAt + d
  const b2 = b1 + d
  const b3 = b2 + d
  for (let c = 0; c < d; c++) {
    const x0 = a[aAt + c]!
    const x1 = a[a1 + c]!
    const y0 = b[bAt + c]!
    const y1 = b[b1 + c]!
    const y2 = b[b2 + c]!
    const y3 = b[b3 + c]!
    s00 += x0 * y0
    s01 += x0 * y1
    s02 += x0 * y2
    s03 += x0 * y3
    s10 += x1 * y0
    s11 += x1 * y1
    s12 += x1 * y2
    s13 += x1 * y3
  }
  const second = outAt + stride
  out[outAt]! += s00
  out[outAt + 1]! += s01
  out[outAt + 2]! += s02
  out[outAt + 3]! += s03
  out[second]! += s10
  out[second + 1]! += s11
  out[second + 2]! += s12
  out[second + 3]! += s13
}

function rowDot(a: Float64Array, aAt: number, b: Float64Array, bAt: number, d: number): number {
  let sum = 0
  for (let c = 0; c < d; c++) sum += a[aAt + c]! * b[bAt + c]!
  return sum
}

/**
 * out += a a^T for a (n x d), out (n x n). Only the lower triangle and the diagonal are meant to be read;
 * a few entries above it may be written too.
 */
export function syrk(a: Float64Array, n: number, d: number, out: Float64Array): void {
  for (let i = 0; i < n; i += 2) {
    const m = Math.min(2, n - i)
    gemmNT({ a, aAt: i * d, m, b: a, n: Math.min(n, i + m), d, out, outAt: i * n, stride: n })
  }
}

const panelRows = 256

/** Rows to sum over: rows `from` to `to` of `factors` (float32, d columns). */
export type FactorRange = {
  readonly factors: Float32Array
  readonly d: number
  readonly from: number
  readonly to: number
}

/** Gram matrix x^T x (d x d, full) of a range of rows; zero for an empty range. Rows are added in panels of 256, in order. */
export function gram({ factors, d, from, to }: FactorRange): Float64Array {
  const out = new Float64Array(d * d)
  const turned = new Float64Array(d * panelRows)
  for (let start = from; start < to; start += panelRows) {
    const count = Math.min(panelRows, to - start)
    for (let row = 0; row < count; row++)
      for (let c = 0; c < d; c++) turned[c * count + row] = factors[(start + row) * d + c]!
    syrk(turned, d, count, out)
  }
  for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) out[j * d + i] = out[i * d + j]!
  return out
}

/**
 * Cholesky factor in place: the lower triangle of a (n x n, symmetric positive definite) becomes L with a = L L^T.
 * The upper triangle is left alone and never read.
 * @returns the number of pivots found positive: n when all went well, less where `a` is not positive definite
 */
export function potrf(a: Float64Array, n: number): number {
  for (let i = 0; i < n; i++) {
    const rowI = i * n
    for (let j = 0; j < i; j++) {
      const sum = a[rowI + j]! - rowDot(a, rowI, a, j * n, j)
      a[rowI + j] = sum / a[j * n + j]!
    }
    const pivot = a[rowI + i]! - rowDot(a, rowI, a, rowI, i)
    if (!(pivot > 0)) return i
    a[rowI + i] = Math.sqrt(pivot)
  }
  return n
}

/** Solves L L^T x = b in place of b (length n), given L as `potrf` leaves it. */
export function potrs(l: Float64Array, n: number, b: Float64Array): void {
  for (let i = 0; i < n; i++) b[i] = (b[i]! - rowDot(l, i * n, b, 0, i)) / l[i * n + i]!
  for (let i = n - 1; i >= 0; i--) {
    const x = b[i]! / l[i * n + i]!
    b[i] = x
    for (let j = 0; j < i; j++) b[j] = b[j]! - x * l[i * n + j]!
  }
}
