// Inverses of large symmetric matrices, tile by tile, and Gram matrices of sparse rows.
// A tile is `side` x `side` floats, row-major. Pointers are in bytes; rows % 6 = 0 and columns % 8 = 0.
import { fma, zero } from './inline/vector'

/** Floats in a row of a tile: a multiple of 24, so that 6 x 8 blocks fill it. */
const side: i32 = 120
const stride: usize = 480

/**
 * c -= left * right for tiles: c rows x columns, left rows x depth, right depth x columns.
 * The sums of a 6 x 8 block stay in 12 registers and meet c once, so that c is rounded once a call; a step of depth takes two
 * loads of right and six broadcasts of left.
 */
export function subtractProduct(c: usize, left: usize, right: usize, rows: i32, columns: i32, depth: i32): void {
  for (let j = 0; j < columns; j += 8) {
    const at = <usize>j << 2
    for (let i = 0; i < rows; i += 6) subtractBlock(c + <usize>i * stride + at, left + <usize>i * stride, right + at, depth)
  }
}

// @ts-ignore: decorator
@inline
function subtractBlock(c: usize, left: usize, right: usize, depth: i32): void {
  let x0 = zero()
  let y0 = zero()
  let x1 = zero()
  let y1 = zero()
  let x2 = zero()
  let y2 = zero()
  let x3 = zero()
  let y3 = zero()
  let x4 = zero()
  let y4 = zero()
  let x5 = zero()
  let y5 = zero()
  for (let k = 0; k < depth; k++) {
    const p = v128.load(right)
    const q = v128.load(right, 16)
    let a = v128.load32_splat(left)
    x0 = fma(a, p, x0)
    y0 = fma(a, q, y0)
    a = v128.load32_splat(left, 480)
    x1 = fma(a, p, x1)
    y1 = fma(a, q, y1)
    a = v128.load32_splat(left, 960)
    x2 = fma(a, p, x2)
    y2 = fma(a, q, y2)
    a = v128.load32_splat(left, 1440)
    x3 = fma(a, p, x3)
    y3 = fma(a, q, y3)
    a = v128.load32_splat(left, 1920)
    x4 = fma(a, p, x4)
    y4 = fma(a, q, y4)
    a = v128.load32_splat(left, 2400)
    x5 = fma(a, p, x5)
    y5 = fma(a, q, y5)
    left += 4
    right += stride
  }
  subtractFrom(c + 0, x0)
  subtractFrom(c + 16, y0)
  subtractFrom(c + 480, x1)
  subtractFrom(c + 496, y1)
  subtractFrom(c + 960, x2)
  subtractFrom(c + 976, y2)
  subtractFrom(c + 1440, x3)
  subtractFrom(c + 1456, y3)
  subtractFrom(c + 1920, x4)
  subtractFrom(c + 1936, y4)
  subtractFrom(c + 2400, x5)
  subtractFrom(c + 2416, y5)
}

// @ts-ignore: decorator
@inline
function subtractFrom(at: usize, by: v128): void {
  v128.store(at, f32x4.sub(v128.load(at), by))
}

/** to = the transpose of from (rows x columns, both multiples of 4). */
export function transposeTile(to: usize, from: usize, rows: i32, columns: i32): void {
  for (let i = 0; i < rows; i += 4)
    for (let j = 0; j < columns; j += 4) {
      const at = from + <usize>i * stride + (<usize>j << 2)
      const a = v128.load(at)
      const b = v128.load(at, 480)
      const c = v128.load(at, 960)
      const d = v128.load(at, 1440)
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
      const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
      const ef = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
      const gh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
      const out = to + <usize>j * stride + (<usize>i << 2)
      v128.store(out, v128.shuffle<f64>(ab, cd, 0, 2))
      v128.store(out, v128.shuffle<f64>(ab, cd, 1, 3), 480)
      v128.store(out, v128.shuffle<f64>(ef, gh, 0, 2), 960)
      v128.store(out, v128.shuffle<f64>(ef, gh, 1, 3), 1440)
    }
}

/**
 * Cholesky factor and inverse of a symmetric tile (n x n, n even; only its lower triangle is read), in float64.
 * With tile = L L^T, `root` becomes -L^-1 (upper triangle zero) and the tile itself -(L L^T)^-1.
 * @param work 2 n^2 doubles
 * @returns pivots found positive: n when all went well
 */
export function pivotTile(tile: usize, n: i32, root: usize, work: usize): i32 {
  const wide = <usize>n << 3
  const inverse = work + <usize>n * wide
  memory.fill(inverse, 0, <usize>n * wide)
  for (let i = 0; i < n; i++) {
    store<f64>(inverse + <usize>i * (wide + 8), 1)
    for (let j = 0; j <= i; j++)
      store<f64>(work + <usize>j * wide + (<usize>i << 3), <f64>load<f32>(tile + <usize>i * stride + (<usize>j << 2)))
  }
  for (let k = 0; k < n; k++) if (!eliminate(work, inverse, n, k)) return k
  memory.fill(work, 0, <usize>n * wide)
  for (let k = 0; k < n; k++) {
    const row = inverse + <usize>k * wide
    for (let i = 0; i <= k; i++) addRow(work + <usize>i * wide, row, load<f64>(row + (<usize>i << 3)), 0, k + 1)
  }
  storeNegative(tile, work, n)
  storeNegative(root, inverse, n)
  return n
}

/** Step k of the factorization of the upper triangle `work`, done to the rows of `inverse` too: I becomes L^-1. */
function eliminate(work: usize, inverse: usize, n: i32, k: i32): bool {
  const wide = <usize>n << 3
  const row = work + <usize>k * wide
  const pivot = load<f64>(row + (<usize>k << 3))
  if (!(pivot > 0)) return false
  const over = f64x2.splat(1 / sqrt<f64>(pivot))
  for (let at: usize = 0; at < wide; at += 16) {
    v128.store(row + at, f64x2.mul(v128.load(row + at), over))
    const other = inverse + <usize>k * wide + at
    v128.store(other, f64x2.mul(v128.load(other), over))
  }
  for (let i = k + 1; i < n; i++) {
    const by = -load<f64>(row + (<usize>i << 3))
    addRow(work + <usize>i * wide, row, by, i, n)
    addRow(inverse + <usize>i * wide, inverse + <usize>k * wide, by, 0, k + 1)
  }
  return true
}

/** to += by * from for the pairs of doubles that hold places `first` to `end`. */
function addRow(to: usize, from: usize, by: f64, first: i32, end: i32): void {
  const scale = f64x2.splat(by)
  const last = <usize>end << 3
  for (let at = <usize>(first & ~1) << 3; at < last; at += 16)
    v128.store(to + at, f64x2.add(v128.load(to + at), f64x2.mul(scale, v128.load(from + at))))
}

function storeNegative(tile: usize, from: usize, n: i32): void {
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      store<f32>(tile + <usize>i * stride + (<usize>j << 2), <f32>-load<f64>(from))
      from += 8
    }
}

/** Changes the sign of a whole tile. */
export function negateTile(tile: usize): void {
  for (let at: usize = 0; at < stride * side; at += 16) v128.store(tile + at, f32x4.neg(v128.load(tile + at)))
}

/** Makes a tile (n x n used) symmetric: what lies below its diagonal also lies above. */
export function mirrorTile(tile: usize, n: i32): void {
  for (let i = 1; i < n; i++)
    for (let j = 0; j < i; j++)
      store<f32>(tile + <usize>j * stride + (<usize>i << 2), load<f32>(tile + <usize>i * stride + (<usize>j << 2)))
}

/**
 * Row `row` of the Gram matrix a diag(weights) a^T of sparse rows a with ones for values, up to its diagonal:
 * sums[j] = the weights of the columns that rows `row` and j share. `turned` is the transpose; rows ascend in it.
 */
export function gramRow(
  row: i32,
  rowPtr: usize,
  colIndex: usize,
  turnedPtr: usize,
  turnedIndex: usize,
  weights: usize,
  sums: usize,
): void {
  memory.fill(sums, 0, (<usize>row + 1) << 2)
  const end = load<i32>(rowPtr + (<usize>row << 2), 4)
  for (let at = load<i32>(rowPtr + (<usize>row << 2)); at < end; at++) {
    const column = <usize>load<i32>(colIndex + (<usize>at << 2)) << 2
    const weight = load<f32>(weights + column)
    const last = load<i32>(turnedPtr + column, 4)
    for (let other = load<i32>(turnedPtr + column); other < last; other++) {
      const j = load<i32>(turnedIndex + (<usize>other << 2))
      if (j > row) break
      const sum = sums + (<usize>j << 2)
      store<f32>(sum, load<f32>(sum) + weight)
    }
  }
}

/**
 * out (side floats) = the sum of the rows of `panel` (side floats each) that `indices` names.
 * Four sums of 16 bytes at a time stay in registers while the indices pass.
 */
export function sumPanelRows(panel: usize, indices: usize, count: i32, out: usize): void {
  for (let at: usize = 0; at < stride; at += 96) {
    let a = zero()
    let b = zero()
    let c = zero()
    let d = zero()
    let e = zero()
    let f = zero()
    for (let i = 0; i < count; i++) {
      const row = panel + <usize>load<i32>(indices + (<usize>i << 2)) * stride + at
      a = f32x4.add(a, v128.load(row))
      b = f32x4.add(b, v128.load(row, 16))
      c = f32x4.add(c, v128.load(row, 32))
      d = f32x4.add(d, v128.load(row, 48))
      e = f32x4.add(e, v128.load(row, 64))
      f = f32x4.add(f, v128.load(row, 80))
    }
    v128.store(out + at, a)
    v128.store(out + at, b, 16)
    v128.store(out + at, c, 32)
    v128.store(out + at, d, 48)
    v128.store(out + at, e, 64)
    v128.store(out + at, f, 80)
  }
}

/**
 * For each row of `rowPtr`/`colIndex`, the sum of the eight floats that `eights` holds for each of its columns:
 * eight products of a sparse matrix with vectors at once. out: rows x 8.
 */
export function sumEights(rows: i32, rowPtr: usize, colIndex: usize, eights: usize, out: usize): void {
  let at = load<i32>(rowPtr)
  for (let row = 0; row < rows; row++) {
    const end = load<i32>(rowPtr + (<usize>row << 2), 4)
    let a = zero()
    let b = zero()
    for (; at < end; at++) {
      const eight = eights + (<usize>load<i32>(colIndex + (<usize>at << 2)) << 5)
      a = f32x4.add(a, v128.load(eight))
      b = f32x4.add(b, v128.load(eight, 16))
    }
    v128.store(out + (<usize>row << 5), a)
    v128.store(out + (<usize>row << 5), b, 16)
  }
}

/** sums (n) = the sum of the rows of `weights` (n floats each) that `indices` names, in that order, four rows a pass. */
export function sumRows(weights: usize, n: i32, indices: usize, count: i32, sums: usize): void {
  const row = <usize>n << 2
  memory.fill(sums, 0, row)
  let i = 0
  for (; i + 4 <= count; i += 4) {
    const index = indices + (<usize>i << 2)
    addFour(
      weights + <usize>load<i32>(index) * row,
      weights + <usize>load<i32>(index, 4) * row,
      weights + <usize>load<i32>(index, 8) * row,
      weights + <usize>load<i32>(index, 12) * row,
      sums,
      n,
    )
  }
  for (; i < count; i++) addOne(weights + <usize>load<i32>(indices + (<usize>i << 2)) * row, sums, n)
}

function addFour(a: usize, b: usize, c: usize, d: usize, sums: usize, n: i32): void {
  const even = <usize>(n & ~3) << 2
  for (let at: usize = 0; at < even; at += 16) {
    const first = f32x4.add(v128.load(a + at), v128.load(b + at))
    const second = f32x4.add(v128.load(c + at), v128.load(d + at))
    v128.store(sums + at, f32x4.add(v128.load(sums + at), f32x4.add(first, second)))
  }
  for (let at = even; at < <usize>n << 2; at += 4)
    store<f32>(sums + at, load<f32>(sums + at) + (load<f32>(a + at) + load<f32>(b + at) + (load<f32>(c + at) + load<f32>(d + at))))
}

function addOne(a: usize, sums: usize, n: i32): void {
  const even = <usize>(n & ~3) << 2
  for (let at: usize = 0; at < even; at += 16) v128.store(sums + at, f32x4.add(v128.load(sums + at), v128.load(a + at)))
  for (let at = even; at < <usize>n << 2; at += 4) store<f32>(sums + at, load<f32>(sums + at) + load<f32>(a + at))
}
