// Cholesky factor and solve of a symmetric positive definite matrix of floats, eight rows at a time.
// m is a multiple of 8; rows lie `ld` bytes apart; only the upper triangle (in whole tiles of 8 x 8) is read.
import { fma, fnma, sumLanes, zero } from './vector'

/** a = u^T u in place of the upper triangle; `inverse` (m) gets 1 over the diagonal. Pivots are kept from falling to zero. */
export function cholesky(a: usize, m: i32, ld: usize, inverse: usize): void {
  for (let top = 0; top < m; top += 8) {
    const block = a + <usize>top * ld
    const left = a + (<usize>top << 2)
    if (top > 0)
      for (let j = top; j < m; j += 8) {
        const c = block + (<usize>j << 2)
        subtractTile(left, a + (<usize>j << 2), ld, top, c)
        subtractTile(left + 16, a + (<usize>j << 2), ld, top, c + 4 * ld)
      }
    const corner = block + (<usize>top << 2)
    factorCorner(corner, ld, inverse + (<usize>top << 2))
    for (let j = top + 8; j < m; j += 4)
      solveStrip(corner, block + (<usize>j << 2), ld, inverse + (<usize>top << 2))
  }
}

/** Tile: c (4 x 8) -= a^T b over n rows of the matrix itself, rows `ld` bytes apart. */
function subtractTile(a: usize, b: usize, ld: usize, n: i32, c: usize): void {
  const c1 = c + ld
  const c2 = c1 + ld
  const c3 = c2 + ld
  let x0 = v128.load(c)
  let y0 = v128.load(c, 16)
  let x1 = v128.load(c1)
  let y1 = v128.load(c1, 16)
  let x2 = v128.load(c2)
  let y2 = v128.load(c2, 16)
  let x3 = v128.load(c3)
  let y3 = v128.load(c3, 16)
  for (; n > 0; n--) {
    const p = v128.load(b)
    const q = v128.load(b, 16)
    const a0 = v128.load32_splat(a)
    x0 = fnma(a0, p, x0)
    y0 = fnma(a0, q, y0)
    const a1 = v128.load32_splat(a, 4)
    x1 = fnma(a1, p, x1)
    y1 = fnma(a1, q, y1)
    const a2 = v128.load32_splat(a, 8)
    x2 = fnma(a2, p, x2)
    y2 = fnma(a2, q, y2)
    const a3 = v128.load32_splat(a, 12)
    x3 = fnma(a3, p, x3)
    y3 = fnma(a3, q, y3)
    a += ld
    b += ld
  }
  v128.store(c, x0)
  v128.store(c, y0, 16)
  v128.store(c1, x1)
  v128.store(c1, y1, 16)
  v128.store(c2, x2)
  v128.store(c2, y2, 16)
  v128.store(c3, x3)
  v128.store(c3, y3, 16)
}

const leastPivot: f32 = 1e-12

/** The factor of the 8 x 8 corner of a block, number by number. */
function factorCorner(corner: usize, ld: usize, inverse: usize): void {
  for (let k = 0; k < 8; k++) {
    const row = corner + <usize>k * ld
    const at = <usize>k << 2
    const pivot = max<f32>(load<f32>(row + at), leastPivot)
    const by: f32 = 1 / sqrt<f32>(pivot)
    store<f32>(inverse + at, by)
    for (let j = k; j < 8; j++) {
      const to = row + (<usize>j << 2)
      store<f32>(to, load<f32>(to) * by)
    }
    for (let i = k + 1; i < 8; i++) {
      const f = load<f32>(row + (<usize>i << 2))
      const below = corner + <usize>i * ld
      for (let j = i; j < 8; j++) {
        const to = below + (<usize>j << 2)
        store<f32>(to, load<f32>(to) - f * load<f32>(row + (<usize>j << 2)))
      }
    }
  }
}

/** Tile: x (8 x 4) = inverse(corner^T) x, row by row in registers. */
function solveStrip(corner: usize, x: usize, ld: usize, inverse: usize): void {
  let u = corner
  let x0 = f32x4.mul(v128.load(x), v128.load32_splat(inverse))
  let x1 = fnma(v128.load32_splat(u, 4), x0, v128.load(x + ld))
  let x2 = fnma(v128.load32_splat(u, 8), x0, v128.load(x + 2 * ld))
  let x3 = fnma(v128.load32_splat(u, 12), x0, v128.load(x + 3 * ld))
  let x4 = fnma(v128.load32_splat(u, 16), x0, v128.load(x + 4 * ld))
  let x5 = fnma(v128.load32_splat(u, 20), x0, v128.load(x + 5 * ld))
  let x6 = fnma(v128.load32_splat(u, 24), x0, v128.load(x + 6 * ld))
  let x7 = fnma(v128.load32_splat(u, 28), x0, v128.load(x + 7 * ld))
  u += ld
  x1 = f32x4.mul(x1, v128.load32_splat(inverse, 4))
  x2 = fnma(v128.load32_splat(u, 8), x1, x2)
  x3 = fnma(v128.load32_splat(u, 12), x1, x3)
  x4 = fnma(v128.load32_splat(u, 16), x1, x4)
  x5 = fnma(v128.load32_splat(u, 20), x1, x5)
  x6 = fnma(v128.load32_splat(u, 24), x1, x6)
  x7 = fnma(v128.load32_splat(u, 28), x1, x7)
  u += ld
  x2 = f32x4.mul(x2, v128.load32_splat(inverse, 8))
  x3 = fnma(v128.load32_splat(u, 12), x2, x3)
  x4 = fnma(v128.load32_splat(u, 16), x2, x4)
  x5 = fnma(v128.load32_splat(u, 20), x2, x5)
  x6 = fnma(v128.load32_splat(u, 24), x2, x6)
  x7 = fnma(v128.load32_splat(u, 28), x2, x7)
  u += ld
  x3 = f32x4.mul(x3, v128.load32_splat(inverse, 12))
  x4 = fnma(v128.load32_splat(u, 16), x3, x4)
  x5 = fnma(v128.load32_splat(u, 20), x3, x5)
  x6 = fnma(v128.load32_splat(u, 24), x3, x6)
  x7 = fnma(v128.load32_splat(u, 28), x3, x7)
  u += ld
  x4 = f32x4.mul(x4, v128.load32_splat(inverse, 16))
  x5 = fnma(v128.load32_splat(u, 20), x4, x5)
  x6 = fnma(v128.load32_splat(u, 24), x4, x6)
  x7 = fnma(v128.load32_splat(u, 28), x4, x7)
  u += ld
  x5 = f32x4.mul(x5, v128.load32_splat(inverse, 20))
  x6 = fnma(v128.load32_splat(u, 24), x5, x6)
  x7 = fnma(v128.load32_splat(u, 28), x5, x7)
  u += ld
  x6 = f32x4.mul(x6, v128.load32_splat(inverse, 24))
  x7 = fnma(v128.load32_splat(u, 28), x6, x7)
  x7 = f32x4.mul(x7, v128.load32_splat(inverse, 28))
  v128.store(x, x0)
  v128.store(x + ld, x1)
  v128.store(x + 2 * ld, x2)
  v128.store(x + 3 * ld, x3)
  v128.store(x + 4 * ld, x4)
  v128.store(x + 5 * ld, x5)
  v128.store(x + 6 * ld, x6)
  v128.store(x + 7 * ld, x7)
}

/** u^T u x = b in place of b (m), given what `cholesky` leaves. */
export function choleskySolve(u: usize, m: i32, ld: usize, inverse: usize, b: usize): void {
  for (let k = 0; k < m; k++) {
    const row = u + <usize>k * ld
    const at = <usize>k << 2
    const value = load<f32>(b + at) * load<f32>(inverse + at)
    store<f32>(b + at, value)
    const f = f32x4.splat(value)
    let j = k + 1
    for (; j < m && (j & 3) != 0; j++) {
      const to = <usize>j << 2
      store<f32>(b + to, load<f32>(b + to) - value * load<f32>(row + to))
    }
    for (; j < m; j += 4) {
      const to = <usize>j << 2
      v128.store(b + to, fnma(f, v128.load(row + to), v128.load(b + to)))
    }
  }
  for (let k = m - 1; k >= 0; k--) {
    const row = u + <usize>k * ld
    const at = <usize>k << 2
    let sum: f32 = 0
    let j = k + 1
    for (; j < m && (j & 3) != 0; j++) sum += load<f32>(row + (<usize>j << 2)) * load<f32>(b + (<usize>j << 2))
    let lanes = zero()
    for (; j < m; j += 4) {
      const to = <usize>j << 2
      lanes = fma(v128.load(row + to), v128.load(b + to), lanes)
    }
    store<f32>(b + at, (load<f32>(b + at) - (sum + sumLanes(lanes))) * load<f32>(inverse + at))
  }
}
