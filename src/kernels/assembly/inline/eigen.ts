// The parts of a symmetric eigen-decomposition in float64 that cost n^3: the tridiagonal form, and slices of the vectors.
// Rows lie s numbers apart (s a multiple of 8), with zeros behind the n-th.

// @ts-ignore: decorator
@inline
function fmaPair(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c)
  return f64x2.add(f64x2.mul(a, b), c)
}

// @ts-ignore: decorator
@inline
function sumPair(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1)
}

/**
 * Householder's tridiagonal form of a (n x n, both triangles), in place. Row k then holds the vector v of its reflection
 * I - beta v v^T, zero up to k; `diagonal`, `beside` (k with k + 1) and `betas` have n numbers. Scratch: 2 s numbers.
 * Golub and Van Loan, algorithm 8.3.1; the product a v of the next reflection is summed while this one's update is written.
 */
export function tridiagonalize(
  a: usize,
  n: i32,
  s: i32,
  diagonal: usize,
  beside: usize,
  betas: usize,
  work: usize,
): void {
  const ld = <usize>s << 3
  const product = work
  const before = work + ld
  memory.fill(work, 0, 2 * ld)
  // `v` and `before` are of the reflection still to be applied to the rows below; none at first.
  let v: usize = 0
  for (let k = 0; k < n; k++) {
    const row = a + <usize>k * ld
    const at = <usize>k << 3
    if (v != 0) subtractBoth(row, v, before, load<f64>(v + at), load<f64>(before + at), k & ~1, s)
    store<f64>(diagonal + at, load<f64>(row + at))
    memory.fill(row, 0, at + 8)
    if (k == n - 1) {
      store<f64>(beside + at, 0)
      store<f64>(betas + at, 0)
      memory.fill(row, 0, ld)
      return
    }
    const beta = reflection(row, k + 1, n, beside + at)
    store<f64>(betas + at, beta)
    for (let i = k + 1; i < n; i++) {
      const line = a + <usize>i * ld
      const here = <usize>i << 3
      const vi = v != 0 ? load<f64>(v + here) : 0
      const qi = v != 0 ? load<f64>(before + here) : 0
      const sum =
        v != 0
          ? updateAndMultiply(line, v, before, vi, qi, row, (k + 1) & ~1, s)
          : multiply(line, row, (k + 1) & ~1, s)
      store<f64>(product + here, beta * sum)
    }
    let inner: f64 = 0
    for (let i = k + 1; i < n; i++) inner += load<f64>(product + (<usize>i << 3)) * load<f64>(row + (<usize>i << 3))
    const half = 0.5 * beta * inner
    memory.fill(before, 0, at + 8)
    for (let i = k + 1; i < n; i++) {
      const here = <usize>i << 3
      store<f64>(before + here, load<f64>(product + here) - half * load<f64>(row + here))
    }
    v = row
  }
}

/** Makes row[from..n) the vector of the reflection that leaves only its first number; returns beta, 0 where nothing is to do. */
function reflection(row: usize, from: i32, n: i32, beside: usize): f64 {
  let rest: f64 = 0
  for (let j = from + 1; j < n; j++) {
    const x = load<f64>(row + (<usize>j << 3))
    rest += x * x
  }
  const first = row + (<usize>from << 3)
  const head = load<f64>(first)
  if (rest == 0) {
    store<f64>(beside, head)
    store<f64>(first, 0)
    return 0
  }
  const length = sqrt<f64>(head * head + rest)
  const target = head > 0 ? -length : length
  const lead = head - target
  store<f64>(first, lead)
  store<f64>(beside, target)
  return 2 / (rest + lead * lead)
}

/** line -= vi q + qi v from column `from` (even) on. */
function subtractBoth(line: usize, v: usize, q: usize, vi: f64, qi: f64, from: i32, s: i32): void {
  const a = f64x2.splat(-vi)
  const b = f64x2.splat(-qi)
  for (let j = from; j < s; j += 2) {
    const at = <usize>j << 3
    v128.store(line + at, fmaPair(a, v128.load(q + at), fmaPair(b, v128.load(v + at), v128.load(line + at))))
  }
}

/** The same, and the product of what is left with x. Tile: four columns. */
function updateAndMultiply(
  line: usize,
  v: usize,
  q: usize,
  vi: f64,
  qi: f64,
  x: usize,
  from: i32,
  s: i32,
): f64 {
  const a = f64x2.splat(-vi)
  const b = f64x2.splat(-qi)
  let sum = f64x2.splat(0)
  let other = f64x2.splat(0)
  let j = from
  if ((s - from) & 2) {
    const at = <usize>j << 3
    const y = fmaPair(a, v128.load(q + at), fmaPair(b, v128.load(v + at), v128.load(line + at)))
    v128.store(line + at, y)
    sum = fmaPair(y, v128.load(x + at), sum)
    j += 2
  }
  for (; j < s; j += 4) {
    const at = <usize>j << 3
    const y = fmaPair(a, v128.load(q + at), fmaPair(b, v128.load(v + at), v128.load(line + at)))
    const z = fmaPair(a, v128.load(q + at, 16), fmaPair(b, v128.load(v + at, 16), v128.load(line + at, 16)))
    v128.store(line + at, y)
    v128.store(line + at, z, 16)
    sum = fmaPair(y, v128.load(x + at), sum)
    other = fmaPair(z, v128.load(x + at, 16), other)
  }
  return sumPair(f64x2.add(sum, other))
}

function multiply(line: usize, x: usize, from: i32, s: i32): f64 {
  let sum = f64x2.splat(0)
  for (let j = from; j < s; j += 2) {
    const at = <usize>j << 3
    sum = fmaPair(v128.load(line + at), v128.load(x + at), sum)
  }
  return sumPair(sum)
}

/**
 * Eight columns of the transposed product of all reflections, as a slice of n x 8: column c of the first is coordinate
 * `first + c`. `vectors` are the rows that `tridiagonalize` leaves.
 */
export function reflectSlice(
  vectors: usize,
  betas: usize,
  n: i32,
  s: i32,
  first: i32,
  slice: usize,
): void {
  memory.fill(slice, 0, <usize>n << 6)
  for (let c = 0; c < 8; c++)
    if (first + c < n) store<f64>(slice + (<usize>(first + c) << 6) + (<usize>c << 3), 1)
  for (let k = 0; k < n - 1; k++) {
    const beta = load<f64>(betas + (<usize>k << 3))
    if (beta == 0) continue
    const v = vectors + (<usize>k * <usize>s << 3)
    let a = f64x2.splat(0)
    let b = f64x2.splat(0)
    let c = f64x2.splat(0)
    let d = f64x2.splat(0)
    for (let i = k + 1; i < n; i++) {
      const row = slice + (<usize>i << 6)
      const f = v128.load64_splat(v + (<usize>i << 3))
      a = fmaPair(f, v128.load(row), a)
      b = fmaPair(f, v128.load(row, 16), b)
      c = fmaPair(f, v128.load(row, 32), c)
      d = fmaPair(f, v128.load(row, 48), d)
    }
    const by = f64x2.splat(-beta)
    a = f64x2.mul(by, a)
    b = f64x2.mul(by, b)
    c = f64x2.mul(by, c)
    d = f64x2.mul(by, d)
    for (let i = k + 1; i < n; i++) {
      const row = slice + (<usize>i << 6)
      const f = v128.load64_splat(v + (<usize>i << 3))
      v128.store(row, fmaPair(f, a, v128.load(row)))
      v128.store(row, fmaPair(f, b, v128.load(row, 16)), 16)
      v128.store(row, fmaPair(f, c, v128.load(row, 32)), 32)
      v128.store(row, fmaPair(f, d, v128.load(row, 48)), 48)
    }
  }
}

/**
 * Applies sweeps of rotations to a slice. Each sweep is two int32, its last and its first row: rows i and i + 1 turn for
 * i = last - 1 down to first, by the next (cosine, sine) of `turns`.
 */
export function rotateSlice(slice: usize, sweeps: usize, count: i32, turns: usize): void {
  for (; count > 0; count--) {
    const last = load<i32>(sweeps)
    const first = load<i32>(sweeps, 4)
    sweeps += 8
    let row = slice + (<usize>last << 6)
    let a = v128.load(row)
    let b = v128.load(row, 16)
    let c = v128.load(row, 32)
    let d = v128.load(row, 48)
    for (let i = last - 1; i >= first; i--) {
      const cosine = v128.load64_splat(turns)
      const sine = v128.load64_splat(turns, 8)
      const back = f64x2.neg(sine)
      const above = row - 64
      turns += 16
      const e = v128.load(above)
      v128.store(row, fmaPair(sine, e, f64x2.mul(cosine, a)))
      a = fmaPair(back, a, f64x2.mul(cosine, e))
      const f = v128.load(above, 16)
      v128.store(row, fmaPair(sine, f, f64x2.mul(cosine, b)), 16)
      b = fmaPair(back, b, f64x2.mul(cosine, f))
      const g = v128.load(above, 32)
      v128.store(row, fmaPair(sine, g, f64x2.mul(cosine, c)), 32)
      c = fmaPair(back, c, f64x2.mul(cosine, g))
      const h = v128.load(above, 48)
      v128.store(row, fmaPair(sine, h, f64x2.mul(cosine, d)), 48)
      d = fmaPair(back, d, f64x2.mul(cosine, h))
      row = above
    }
    v128.store(row, a)
    v128.store(row, b, 16)
    v128.store(row, c, 32)
    v128.store(row, d, 48)
  }
}
