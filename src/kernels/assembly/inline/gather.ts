// Sparse rows of factors copied together, and sums over them four rows at a time.
// s floats a row (a multiple of 8), `ld` = 4 s bytes; the rows gathered lie one behind the other.
import { fma, zero } from './vector'

/** Bytes of rows that are touched before the first of them is copied: half of a small first-level cache. */
const touchedBytes: usize = 16384

/**
 * out = rows `indices[0..n)` of factors, each number times that of `scale` (s). All lines of up to 32 rows are touched before
 * the first is copied, so that the processor waits for many of them at once: 2.5 times as fast as row by row.
 */
export function gather(indices: usize, n: i32, factors: usize, ld: usize, scale: usize, out: usize): i32 {
  let touched: i32 = 0
  const together = max(4, min(32, <i32>(touchedBytes / ld)))
  for (let from = 0; from < n; from += together) {
    const to = min(n, from + together)
    for (let j = from; j < to; j++) {
      const row = factors + <usize>load<i32>(indices + (<usize>j << 2)) * ld
      for (let k: usize = 0; k < ld; k += 64) touched ^= load<i32>(row + k)
    }
    for (let j = from; j < to; j++) {
      const row = factors + <usize>load<i32>(indices + (<usize>j << 2)) * ld
      for (let k: usize = 0; k < ld; k += 32) {
        v128.store(out + k, f32x4.mul(v128.load(row + k), v128.load(scale + k)))
        v128.store(out + k, f32x4.mul(v128.load(row + k, 16), v128.load(scale + k, 16)), 16)
      }
      out += ld
    }
  }
  return touched
}

/** out += sum over rows z_j of (right * b_j - a_j (z_j . x)) z_j; n a multiple of 4. Tile: four rows, eight columns. */
export function addCorrections(
  rows: usize,
  n: i32,
  ld: usize,
  x: usize,
  a: usize,
  b: usize,
  right: f32,
  out: usize,
): void {
  const share = f32x4.splat(right)
  for (let j = 0; j < n; j += 4) {
    const z1 = rows + ld
    const z2 = z1 + ld
    const z3 = z2 + ld
    let s0 = zero()
    let s1 = zero()
    let s2 = zero()
    let s3 = zero()
    let t0 = zero()
    let t1 = zero()
    let t2 = zero()
    let t3 = zero()
    for (let k: usize = 0; k < ld; k += 32) {
      const p = v128.load(x + k)
      const q = v128.load(x + k, 16)
      s0 = fma(v128.load(rows + k), p, s0)
      s1 = fma(v128.load(z1 + k), p, s1)
      s2 = fma(v128.load(z2 + k), p, s2)
      s3 = fma(v128.load(z3 + k), p, s3)
      t0 = fma(v128.load(rows + k, 16), q, t0)
      t1 = fma(v128.load(z1 + k, 16), q, t1)
      t2 = fma(v128.load(z2 + k, 16), q, t2)
      t3 = fma(v128.load(z3 + k, 16), q, t3)
    }
    const sums = fourSums(f32x4.add(s0, t0), f32x4.add(s1, t1), f32x4.add(s2, t2), f32x4.add(s3, t3))
    const at = <usize>j << 2
    const f = f32x4.sub(f32x4.mul(share, v128.load(b + at)), f32x4.mul(v128.load(a + at), sums))
    addRows(rows, ld, f, out)
    rows += ld << 2
  }
}

/** out += sum over rows of b_j z_j; n a multiple of 4. */
export function addWeighted(rows: usize, n: i32, ld: usize, b: usize, out: usize): void {
  for (let j = 0; j < n; j += 4) {
    addRows(rows, ld, v128.load(b + (<usize>j << 2)), out)
    rows += ld << 2
  }
}

/** out += f_0 z_0 + .. + f_3 z_3. */
// @ts-ignore: decorator
@inline
function addRows(rows: usize, ld: usize, f: v128, out: usize): void {
  const f0 = v128.shuffle<i32>(f, f, 0, 0, 0, 0)
  const f1 = v128.shuffle<i32>(f, f, 1, 1, 1, 1)
  const f2 = v128.shuffle<i32>(f, f, 2, 2, 2, 2)
  const f3 = v128.shuffle<i32>(f, f, 3, 3, 3, 3)
  const z1 = rows + ld
  const z2 = z1 + ld
  const z3 = z2 + ld
  for (let k: usize = 0; k < ld; k += 32) {
    let p = fma(f0, v128.load(rows + k), v128.load(out + k))
    let q = fma(f0, v128.load(rows + k, 16), v128.load(out + k, 16))
    p = fma(f1, v128.load(z1 + k), p)
    q = fma(f1, v128.load(z1 + k, 16), q)
    p = fma(f2, v128.load(z2 + k), p)
    q = fma(f2, v128.load(z2 + k, 16), q)
    v128.store(out + k, fma(f3, v128.load(z3 + k), p))
    v128.store(out + k, fma(f3, v128.load(z3 + k, 16), q), 16)
  }
}

/** The sums of the lanes of four vectors, as one. */
// @ts-ignore: decorator
@inline
function fourSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<i32>(a, b, 0, 4, 1, 5), v128.shuffle<i32>(a, b, 2, 6, 3, 7))
  const cd = f32x4.add(v128.shuffle<i32>(c, d, 0, 4, 1, 5), v128.shuffle<i32>(c, d, 2, 6, 3, 7))
  return f32x4.add(v128.shuffle<i64>(ab, cd, 0, 2), v128.shuffle<i64>(ab, cd, 1, 3))
}
