// Least squares of many sparse rows in the eigenbasis of the dense part, and what goes with it: Gram matrices and turns.
// Letters: s floats a row, padded to a multiple of 8 (`ld` bytes); n entries of a row; m = n padded to a multiple of 8.
import { cholesky, choleskySolve } from './inline/cholesky'
import { addCorrections, addWeighted, gather } from './inline/gather'
import { addSquare, packRows, packTurned, rowsTimesStrip } from './inline/strips'
import { fma, sumLanes, zero } from './inline/vector'

export { reflectSlice, rotateSlice, tridiagonalize } from './inline/eigen'

/** Where the systems of a half-step lie: byte addresses first, then numbers. simd-als.ts writes it field by field. */
@unmanaged
class Systems {
  rowPtr: usize
  colIndex: usize
  /** 0: every weight is 1. */
  weights: usize
  factors: usize
  /** Answers; row `u` at `solved + u * ld`. With warm start read first. */
  solved: usize
  /** s floats, already times the weight of unobserved cells; > 0 with the ridge. */
  spectrum: usize
  /** One float a row. */
  ridge: usize
  /** rows x s prior means, or 0. */
  prior: usize
  s: i32
  /** The right-hand side weighs an entry `weight + shift`. */
  shift: f32
  /** Entries whose factors fit into the scratch. */
  room: i32
  /** Rows of the square matrix in the scratch. */
  side: i32
  /** Rows of at most so many entries are solved exactly by `solveByGradients` too. */
  shortest: i32
}

/** The scratch of one thread: seven vectors, weights, a square, strips and the gathered rows; sized by `alsWorkBytes`. */
@unmanaged
class Work {
  root: usize
  inverse: usize
  right: usize
  x: usize
  residual: usize
  step: usize
  product: usize
  a: usize
  b: usize
  pivots: usize
  square: usize
  strips: usize
  rows: usize
  /** Keeps loads that only warm the cache from being dropped. */
  touched: i32
  ridge: f32
}

const headBytes: usize = 128

function layOut(work: usize, systems: Systems): Work {
  const w = changetype<Work>(work)
  const ld = <usize>systems.s << 2
  const wide = <usize>(systems.side + 8) << 2
  let at = work + headBytes
  w.root = at
  w.inverse = at += ld
  w.right = at += ld
  w.x = at += ld
  w.residual = at += ld
  w.step = at += ld
  w.product = at += ld
  w.a = at += ld
  w.b = at += <usize>(systems.room + 8) << 2
  w.pivots = at += <usize>(systems.room + 8) << 2
  w.square = at += wide
  w.strips = at += <usize>systems.side * wide
  w.rows = (at + <usize>max(systems.side, 128) * ld + 63) & ~63
  w.ridge = -1
  return w
}

/** Rows `from` to `to` by `steps` steps of conjugate gradients on the diagonally scaled system, from what `solved` holds if warm. */
export function solveByGradients(at: usize, from: i32, to: i32, steps: i32, warm: i32, work: usize): void {
  const systems = changetype<Systems>(at)
  const w = layOut(work, systems)
  for (let row = from; row < to; row++) {
    const start = load<i32>(systems.rowPtr + (<usize>row << 2))
    const n = load<i32>(systems.rowPtr + (<usize>row << 2), 4) - start
    scaleRow(systems, w, row)
    if (n <= systems.shortest) solveRow(systems, w, row, start, n)
    else descend(systems, w, row, start, n, steps, warm)
  }
}

/** Rows `from` to `to` exactly: short ones by the dual, others by the primal, both by Cholesky. */
export function solveExactly(at: usize, from: i32, to: i32, work: usize): void {
  const systems = changetype<Systems>(at)
  const w = layOut(work, systems)
  for (let row = from; row < to; row++) {
    const start = load<i32>(systems.rowPtr + (<usize>row << 2))
    const n = load<i32>(systems.rowPtr + (<usize>row << 2), 4) - start
    scaleRow(systems, w, row)
    solveRow(systems, w, row, start, n)
  }
}

/** root = sqrt(spectrum + ridge), inverse = 1 / root, right = ridge * prior * inverse: x' = root x solves the scaled system. */
function scaleRow(systems: Systems, w: Work, row: i32): void {
  const ld = <usize>systems.s << 2
  const number = load<f32>(systems.ridge + (<usize>row << 2))
  const ridge = f32x4.splat(number)
  if (number != w.ridge) {
    const one = f32x4.splat(1)
    for (let k: usize = 0; k < ld; k += 16) {
      const root = f32x4.sqrt(f32x4.add(v128.load(systems.spectrum + k), ridge))
      v128.store(w.root + k, root)
      v128.store(w.inverse + k, f32x4.div(one, root))
    }
    w.ridge = number
  }
  if (systems.prior == 0) {
    memory.fill(w.right, 0, ld)
    return
  }
  const means = systems.prior + <usize>row * ld
  for (let k: usize = 0; k < ld; k += 16)
    v128.store(w.right + k, f32x4.mul(f32x4.mul(ridge, v128.load(means + k)), v128.load(w.inverse + k)))
}

/** Gathers n <= room entries from `start` on, scaled, with their weights; padded with zeros to a multiple of 4. */
function gatherScaled(systems: Systems, w: Work, start: i32, n: i32): i32 {
  const ld = <usize>systems.s << 2
  const entry = <usize>start << 2
  w.touched ^= gather(systems.colIndex + entry, n, systems.factors, ld, w.inverse, w.rows)
  const shift = systems.shift
  for (let j = 0; j < n; j++) {
    const at = <usize>j << 2
    const weight: f32 = systems.weights == 0 ? 1 : load<f32>(systems.weights + entry + at)
    store<f32>(w.a + at, weight)
    store<f32>(w.b + at, weight + shift)
  }
  const padded = (n + 3) & ~3
  padWithZeros(w, n, padded, ld)
  return padded
}

function padWithZeros(w: Work, n: i32, padded: i32, ld: usize): void {
  const at = <usize>n << 2
  const bytes = <usize>(padded - n)
  memory.fill(w.rows + <usize>n * ld, 0, bytes * ld)
  memory.fill(w.a + at, 0, bytes << 2)
  memory.fill(w.b + at, 0, bytes << 2)
}

function descend(systems: Systems, w: Work, row: i32, start: i32, n: i32, steps: i32, warm: i32): void {
  const ld = <usize>systems.s << 2
  const out = systems.solved + <usize>row * ld
  beginResidual(systems, w, row, start, n, warm)
  memory.copy(w.step, w.residual, ld)
  let square = dot(w.residual, w.residual, ld)
  for (let step = 0; step < steps && square > 1e-30; step++) {
    // product = -(I + Z^T A Z) step
    for (let k: usize = 0; k < ld; k += 16) v128.store(w.product + k, f32x4.neg(v128.load(w.step + k)))
    passOver(systems, w, start, n, w.step, w.product)
    const by = f32x4.splat(-square / dot(w.step, w.product, ld))
    let sums = zero()
    for (let k: usize = 0; k < ld; k += 16) {
      v128.store(w.x + k, fma(by, v128.load(w.step + k), v128.load(w.x + k)))
      const rest = fma(by, v128.load(w.product + k), v128.load(w.residual + k))
      v128.store(w.residual + k, rest)
      sums = fma(rest, rest, sums)
    }
    const next = sumLanes(sums)
    const keep = f32x4.splat(next / square)
    square = next
    for (let k: usize = 0; k < ld; k += 16)
      v128.store(w.step + k, fma(keep, v128.load(w.step + k), v128.load(w.residual + k)))
  }
  for (let k: usize = 0; k < ld; k += 16)
    v128.store(out + k, f32x4.mul(v128.load(w.x + k), v128.load(w.inverse + k)))
}

/** x = root * start, residual = right + sum b_j z_j - (I + Z^T A Z) x. Leaves the rows gathered where they fit. */
function beginResidual(systems: Systems, w: Work, row: i32, start: i32, n: i32, warm: i32): void {
  const ld = <usize>systems.s << 2
  if (warm) {
    const before = systems.solved + <usize>row * ld
    for (let k: usize = 0; k < ld; k += 16) {
      const x = f32x4.mul(v128.load(before + k), v128.load(w.root + k))
      v128.store(w.x + k, x)
      v128.store(w.residual + k, f32x4.sub(v128.load(w.right + k), x))
    }
  } else {
    memory.fill(w.x, 0, ld)
    memory.copy(w.residual, w.right, ld)
  }
  for (let at = 0; at < n; at += systems.room) {
    const count = gatherScaled(systems, w, start + at, min(systems.room, n - at))
    if (warm) addCorrections(w.rows, count, ld, w.x, w.a, w.b, 1, w.residual)
    else addWeighted(w.rows, count, ld, w.b, w.residual)
  }
}

/** out -= Z^T A Z x. Rows that fit are gathered already; longer ones come in pieces, every time. */
function passOver(systems: Systems, w: Work, start: i32, n: i32, x: usize, out: usize): void {
  const ld = <usize>systems.s << 2
  if (n <= systems.room) {
    addCorrections(w.rows, (n + 3) & ~3, ld, x, w.a, w.b, 0, out)
    return
  }
  for (let at = 0; at < n; at += systems.room) {
    const count = gatherScaled(systems, w, start + at, min(systems.room, n - at))
    addCorrections(w.rows, count, ld, x, w.a, w.b, 0, out)
  }
}

function solveRow(systems: Systems, w: Work, row: i32, start: i32, n: i32): void {
  const ld = <usize>systems.s << 2
  memory.copy(w.x, w.right, ld)
  if (n > systems.side) solvePrimal(systems, w, start, n)
  else if (n > 0) solveDual(systems, w, start, n)
  const out = systems.solved + <usize>row * ld
  for (let k: usize = 0; k < ld; k += 16)
    v128.store(out + k, f32x4.mul(v128.load(w.x + k), v128.load(w.inverse + k)))
}

/** x = g + Z^T R t with (I + R Z Z^T R) t = b / r - R Z g, for R = diag(r), r = sqrt(a) and the right-hand side g of the prior. */
function solveDual(systems: Systems, w: Work, start: i32, n: i32): void {
  const ld = <usize>systems.s << 2
  const m = (n + 7) & ~7
  padWithZeros(w, gatherScaled(systems, w, start, n), m, ld)
  const wide = <usize>(m + 8) << 2
  packTurned(w.rows, m, ld, systems.s, w.strips)
  memory.fill(w.square, 0, <usize>m * wide)
  addSquare(w.strips, systems.s, m, w.square, wide)
  for (let j = 0; j < m; j++) {
    const at = <usize>j << 2
    const r = sqrt<f32>(max<f32>(load<f32>(w.a + at), 1e-12))
    let right = load<f32>(w.b + at) / r
    if (systems.prior != 0) right -= r * dot(w.rows + <usize>j * ld, w.right, ld)
    store<f32>(w.a + at, r)
    store<f32>(w.b + at, right)
  }
  for (let i = 0; i < m; i++) {
    const line = w.square + <usize>i * wide
    const r = v128.load32_splat(w.a + (<usize>i << 2))
    for (let j = i & ~3; j < m; j += 4) {
      const at = <usize>j << 2
      v128.store(line + at, f32x4.mul(f32x4.mul(r, v128.load(w.a + at)), v128.load(line + at)))
    }
    const corner = line + (<usize>i << 2)
    store<f32>(corner, load<f32>(corner) + 1)
  }
  cholesky(w.square, m, wide, w.pivots)
  choleskySolve(w.square, m, wide, w.pivots, w.b)
  for (let j = 0; j < m; j += 4) {
    const at = <usize>j << 2
    v128.store(w.b + at, f32x4.mul(v128.load(w.a + at), v128.load(w.b + at)))
  }
  addWeighted(w.rows, m, ld, w.b, w.x)
}

const panel: i32 = 128

/** (I + Z^T A Z) x = g + Z^T b, the square summed over panels of 128 entries. */
function solvePrimal(systems: Systems, w: Work, start: i32, n: i32): void {
  const s = systems.s
  const ld = <usize>s << 2
  const wide = <usize>(s + 8) << 2
  memory.fill(w.square, 0, <usize>s * wide)
  for (let k = 0; k < s; k++) store<f32>(w.square + <usize>k * (wide + 4), 1)
  for (let at = 0; at < n; at += panel) {
    const count = gatherScaled(systems, w, start + at, min(panel, n - at))
    addWeighted(w.rows, count, ld, w.b, w.x)
    if (systems.weights != 0) scaleByRoots(w, count, ld)
    packRows(w.rows, count, ld, s, w.strips)
    addSquare(w.strips, count, s, w.square, wide)
  }
  cholesky(w.square, s, wide, w.pivots)
  choleskySolve(w.square, s, wide, w.pivots, w.x)
}

function scaleByRoots(w: Work, n: i32, ld: usize): void {
  let row = w.rows
  for (let j = 0; j < n; j++) {
    const r = f32x4.sqrt(v128.load32_splat(w.a + (<usize>j << 2)))
    for (let k: usize = 0; k < ld; k += 16) v128.store(row + k, f32x4.mul(r, v128.load(row + k)))
    row += ld
  }
}

function dot(x: usize, y: usize, ld: usize): f32 {
  let s = zero()
  let t = zero()
  for (let k: usize = 0; k < ld; k += 32) {
    s = fma(v128.load(x + k), v128.load(y + k), s)
    t = fma(v128.load(x + k, 16), v128.load(y + k, 16), t)
  }
  return sumLanes(f32x4.add(s, t))
}

const turnPanel: i32 = 32

/** Rows `from` to `to` times a basis (s x s, packed as s / 8 strips of s x 8), in place. Scratch: 32 rows. */
export function turnRows(rows: usize, from: i32, to: i32, s: i32, basis: usize, work: usize): void {
  const ld = <usize>s << 2
  for (let start = from; start < to; start += turnPanel) {
    const count = min(turnPanel, to - start)
    const out = rows + <usize>start * ld
    memory.copy(work, out, <usize>count * ld)
    let strip = basis
    for (let j: usize = 0; j < ld; j += 32) {
      for (let r = 0; r < count; r += 4)
        rowsTimesStrip(work + <usize>r * ld, ld, strip, s, out + <usize>r * ld + j, count - r)
      strip += ld << 3
    }
  }
}

/** out (s x s float64, upper triangle in tiles of 8) += x^T x over rows `from` to `to`, float32 within a panel of rows. */
export function addGram(rows: usize, from: i32, to: i32, s: i32, most: i32, out: usize, work: usize): void {
  const ld = <usize>s << 2
  const wide = <usize>(s + 8) << 2
  const strips = work + <usize>s * wide
  for (let start = from; start < to; start += most) {
    const count = min(most, to - start)
    memory.fill(work, 0, <usize>s * wide)
    packRows(rows + <usize>start * ld, count, ld, s, strips)
    addSquare(strips, count, s, work, wide)
    for (let i = 0; i < s; i++) {
      const line = work + <usize>i * wide
      const sums = out + (<usize>i * <usize>s << 3)
      for (let j = i & ~1; j < s; j += 2) {
        const to = sums + (<usize>j << 3)
        const pair = f64x2.promote_low_f32x4(v128.load64_zero(line + (<usize>j << 2)))
        v128.store(to, f64x2.add(v128.load(to), pair))
      }
    }
  }
}
