// Products of dense panels, and one step of a filter on a graph.
import { fma } from './vector'

// @ts-ignore: decorator
@inline
function at4(base: usize, index: i32): usize {
  return base + (<usize>index << 2)
}

/**
 * out (m x n) = sum over k of a_rk b_kj: a_rk lies at `a + r * rowStep + k * step`, columns of b come eight at a time, b_kj at
 * `b + k * bStep + (j / 8) * panelStep` with j % 8 floats behind; rows of out are
 * `outStep` apart; steps are in bytes, n is a multiple of 8. Tile of 4 x 8: each value adds up in order of k, whatever m is.
 */
export function product(
  a: usize,
  rowStep: usize,
  step: usize,
  m: i32,
  b: usize,
  bStep: usize,
  panelStep: usize,
  n: i32,
  k: i32,
  out: usize,
  outStep: usize,
): void {
  for (let j = 0; j < n; j += 8) {
    for (let r = 0; r < m; r += 4) {
      let a0 = a + <usize>r * rowStep
      // Rows behind the last are the last again.
      let a1 = a + <usize>min(r + 1, m - 1) * rowStep
      let a2 = a + <usize>min(r + 2, m - 1) * rowStep
      let a3 = a + <usize>min(r + 3, m - 1) * rowStep
      let right = b + <usize>(j >> 3) * panelStep
      let s00 = f32x4.splat(0)
      let s01 = s00
      let s10 = s00
      let s11 = s00
      let s20 = s00
      let s21 = s00
      let s30 = s00
      let s31 = s00
      for (let at = 0; at < k; at++) {
        const b0 = v128.load(right)
        const b1 = v128.load(right, 16)
        right += bStep
        const x0 = v128.load32_splat(a0)
        s00 = fma(x0, b0, s00)
        s01 = fma(x0, b1, s01)
        const x1 = v128.load32_splat(a1)
        s10 = fma(x1, b0, s10)
        s11 = fma(x1, b1, s11)
        const x2 = v128.load32_splat(a2)
        s20 = fma(x2, b0, s20)
        s21 = fma(x2, b1, s21)
        const x3 = v128.load32_splat(a3)
        s30 = fma(x3, b0, s30)
        s31 = fma(x3, b1, s31)
        a0 += step
        a1 += step
        a2 += step
        a3 += step
      }
      let to = at4(out + <usize>r * outStep, j)
      v128.store(to, s00)
      v128.store(to, s01, 16)
      if (r + 1 < m) {
        to += outStep
        v128.store(to, s10)
        v128.store(to, s11, 16)
      }
      if (r + 2 < m) {
        to += outStep
        v128.store(to, s20)
        v128.store(to, s21, 16)
      }
      if (r + 3 < m) {
        to += outStep
        v128.store(to, s30)
        v128.store(to, s31, 16)
      }
    }
  }
}

/**
 * One step of a filter on rows `from` to `to`: out_r = factor * scale_r * (sum over entries c of row r of columnScale_c x_c)
 * + own * y_r + older * z_r, all rows of `d` floats, d a multiple of 4. Where `y` or `z` is 0, that term is left out.
 */
export function sumRows(
  rowPtr: usize,
  colIndex: usize,
  from: i32,
  to: i32,
  d: i32,
  scale: usize,
  columnScale: usize,
  x: usize,
  factor: f32,
  y: usize,
  own: f32,
  z: usize,
  older: f32,
  out: usize,
): void {
  const bytes = <usize>d << 2
  for (let row = from; row < to; row++) {
    const place = out + <usize>row * bytes
    const keepOwn = f32x4.splat(own)
    const keepOlder = f32x4.splat(older)
    for (let c: usize = 0; c < bytes; c += 16) {
      let sum = f32x4.splat(0)
      if (y) sum = f32x4.mul(keepOwn, v128.load(y + <usize>row * bytes + c))
      if (z) sum = fma(keepOlder, v128.load(z + <usize>row * bytes + c), sum)
      v128.store(place + c, sum)
    }
    const rowFactor = factor * load<f32>(at4(scale, row))
    const end = load<i32>(at4(rowPtr, row), 4)
    for (let entry = load<i32>(at4(rowPtr, row)); entry < end; entry++) {
      const column = load<i32>(at4(colIndex, entry))
      const weight = f32x4.splat(rowFactor * load<f32>(at4(columnScale, column)))
      const source = x + <usize>column * bytes
      for (let c: usize = 0; c < bytes; c += 16)
        v128.store(place + c, fma(weight, v128.load(source + c), v128.load(place + c)))
    }
  }
}
