// Products of matrices as tiles of 4 x 8 sums that stay in registers, over rows repacked into strips of eight columns.
// Lengths are in floats and multiples of 8; `ld` is the distance of two rows in bytes.
import { fma } from './vector'

/** Packs n rows of s floats as s / 8 strips of n x 8. */
export function packRows(rows: usize, n: i32, ld: usize, s: i32, out: usize): void {
  const strip = <usize>n << 5
  const bytes = <usize>s << 2
  for (let j = 0; j < n; j++) {
    let to = out + (<usize>j << 5)
    for (let k: usize = 0; k < bytes; k += 32) {
      v128.store(to, v128.load(rows + k))
      v128.store(to, v128.load(rows + k, 16), 16)
      to += strip
    }
    rows += ld
  }
}

/** Packs n rows of s floats turned: as n / 8 strips of s x 8, one column a row. */
export function packTurned(rows: usize, n: i32, ld: usize, s: i32, out: usize): void {
  const bytes = <usize>s << 2
  for (let j = 0; j < n; j += 4) {
    const r0 = rows + <usize>j * ld
    const r1 = r0 + ld
    const r2 = r1 + ld
    const r3 = r2 + ld
    let to = out + (<usize>(j >> 3) * <usize>s << 5) + (<usize>(j & 4) << 2)
    for (let k: usize = 0; k < bytes; k += 16) {
      const a = v128.load(r0 + k)
      const b = v128.load(r1 + k)
      const c = v128.load(r2 + k)
      const d = v128.load(r3 + k)
      const ab = v128.shuffle<i32>(a, b, 0, 4, 1, 5)
      const cd = v128.shuffle<i32>(c, d, 0, 4, 1, 5)
      const AB = v128.shuffle<i32>(a, b, 2, 6, 3, 7)
      const CD = v128.shuffle<i32>(c, d, 2, 6, 3, 7)
      v128.store(to, v128.shuffle<i64>(ab, cd, 0, 2))
      v128.store(to, v128.shuffle<i64>(ab, cd, 1, 3), 32)
      v128.store(to, v128.shuffle<i64>(AB, CD, 0, 2), 64)
      v128.store(to, v128.shuffle<i64>(AB, CD, 1, 3), 96)
      to += 128
    }
  }
}

/** Upper triangle of out (m x m) += p^T p for p as m / 8 strips of k x 8; whole tiles, so a little below it too. */
export function addSquare(strips: usize, k: i32, m: i32, out: usize, ld: usize): void {
  const strip = <usize>k << 5
  for (let i = 0; i < m; i += 8) {
    const a = strips + <usize>(i >> 3) * strip
    let b = a
    for (let j = i; j < m; j += 8) {
      const c = out + <usize>i * ld + (<usize>j << 2)
      addTile(a, b, k, c, ld)
      addTile(a + 16, b, k, c + 4 * ld, ld)
      b += strip
    }
  }
}

/** Tile: out (4 x 8) += a^T b over k rows; a is four columns of a strip, b a strip. */
function addTile(a: usize, b: usize, k: i32, out: usize, ld: usize): void {
  const o1 = out + ld
  const o2 = o1 + ld
  const o3 = o2 + ld
  let x0 = v128.load(out)
  let y0 = v128.load(out, 16)
  let x1 = v128.load(o1)
  let y1 = v128.load(o1, 16)
  let x2 = v128.load(o2)
  let y2 = v128.load(o2, 16)
  let x3 = v128.load(o3)
  let y3 = v128.load(o3, 16)
  for (; k > 0; k--) {
    const p = v128.load(b)
    const q = v128.load(b, 16)
    const a0 = v128.load32_splat(a)
    x0 = fma(a0, p, x0)
    y0 = fma(a0, q, y0)
    const a1 = v128.load32_splat(a, 4)
    x1 = fma(a1, p, x1)
    y1 = fma(a1, q, y1)
    const a2 = v128.load32_splat(a, 8)
    x2 = fma(a2, p, x2)
    y2 = fma(a2, q, y2)
    const a3 = v128.load32_splat(a, 12)
    x3 = fma(a3, p, x3)
    y3 = fma(a3, q, y3)
    a += 32
    b += 32
  }
  v128.store(out, x0)
  v128.store(out, y0, 16)
  v128.store(o1, x1)
  v128.store(o1, y1, 16)
  v128.store(o2, x2)
  v128.store(o2, y2, 16)
  v128.store(o3, x3)
  v128.store(o3, y3, 16)
}

/** Tile: out (n <= 4 rows x 8) = rows (4 x k) times a strip of k x 8. All four rows are read, only n are written. */
export function rowsTimesStrip(rows: usize, ld: usize, b: usize, k: i32, out: usize, n: i32): void {
  let r0 = rows
  let r1 = rows + ld
  let r2 = r1 + ld
  let r3 = r2 + ld
  let x0 = f32x4.splat(0)
  let y0 = f32x4.splat(0)
  let x1 = f32x4.splat(0)
  let y1 = f32x4.splat(0)
  let x2 = f32x4.splat(0)
  let y2 = f32x4.splat(0)
  let x3 = f32x4.splat(0)
  let y3 = f32x4.splat(0)
  for (; k > 0; k--) {
    const p = v128.load(b)
    const q = v128.load(b, 16)
    const a0 = v128.load32_splat(r0)
    x0 = fma(a0, p, x0)
    y0 = fma(a0, q, y0)
    const a1 = v128.load32_splat(r1)
    x1 = fma(a1, p, x1)
    y1 = fma(a1, q, y1)
    const a2 = v128.load32_splat(r2)
    x2 = fma(a2, p, x2)
    y2 = fma(a2, q, y2)
    const a3 = v128.load32_splat(r3)
    x3 = fma(a3, p, x3)
    y3 = fma(a3, q, y3)
    b += 32
    r0 += 4
    r1 += 4
    r2 += 4
    r3 += 4
  }
  v128.store(out, x0)
  v128.store(out, y0, 16)
  if (n > 1) {
    v128.store(out + ld, x1)
    v128.store(out + ld, y1, 16)
  }
  if (n > 2) {
    v128.store(out + 2 * ld, x2)
    v128.store(out + 2 * ld, y2, 16)
  }
  if (n > 3) {
    v128.store(out + 3 * ld, x3)
    v128.store(out + 3 * ld, y3, 16)
  }
}
