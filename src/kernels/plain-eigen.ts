// Eigenvalues and eigenvectors of a symmetric matrix: Householder tridiagonal form, then implicit QL.
import { TastemakerError } from '../errors.ts'

/** Eigenvalues, largest first, and their unit vectors: row j of `vectors` (n x n, row-major) belongs to `values[j]`. */
export type Eigen = { readonly values: Float64Array; readonly vectors: Float64Array }

/**
 * Decomposes a symmetric matrix: a = vectors^T diag(values) vectors.
 * Golub and Van Loan, Matrix Computations, 4th ed., algorithms 8.3.1 and 8.3.3. O(n^3), Float64 throughout.
 * @param a n x n row-major, both triangles filled; not changed. NaN or no convergence throws `bad-argument`.
 */
export function symmetricEigen(a: Float64Array, n: number): Eigen {
  const work = a.slice(0, n * n)
  const scale = largest(work)
  if (scale === 0) return { values: new Float64Array(n), vectors: identity(n) }
  for (let at = 0; at < work.length; at++) work[at] = work[at]! / scale
  const reflections = tridiagonalize(work, n)
  const { diagonal, beside } = reflections
  const vectors = formVectors(work, reflections.betas, n)
  const turns = new Float64Array(2 * n)
  for (const sweep of qlSweeps(diagonal, beside, turns)) rotateRows(vectors, n, turns, sweep)
  return sorted(diagonal, vectors, scale)
}

function largest(a: Float64Array): number {
  let most = 0
  for (const value of a) {
    if (!Number.isFinite(value))
      throw new TastemakerError('bad-argument', `A matrix to decompose holds ${value}; it must be finite.`)
    most = Math.max(most, Math.abs(value))
  }
  return most
}

function identity(n: number): Float64Array {
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++) out[i * n + i] = 1
  return out
}

/**
 * Reduces a in place to tridiagonal form. Row k, right of the diagonal, then keeps the k-th reflection's vector v
 * of H = I - beta v v^T; `beside[k]` couples k and k + 1.
 */
function tridiagonalize(a: Float64Array, n: number) {
  const diagonal = new Float64Array(n)
  const beside = new Float64Array(n)
  const betas = new Float64Array(n)
  const product = new Float64Array(n)
  for (let k = 0; k < n - 1; k++) {
    const v = a.subarray(k * n, (k + 1) * n)
    let rest = 0
    for (let j = k + 2; j < n; j++) rest += v[j]! * v[j]!
    const head = v[k + 1]!
    if (rest === 0) {
      beside[k] = head
      continue
    }
    const length = Math.sqrt(head * head + rest)
    const target = head > 0 ? -length : length
    v[k + 1] = head - target
    beside[k] = target
    betas[k] = 2 / (rest + v[k + 1]! * v[k + 1]!)
    reflectBothSides(a, { n, k, v, beta: betas[k]!, product })
  }
  for (let k = 0; k < n; k++) diagonal[k] = a[k * n + k]!
  return { diagonal, beside, betas }
}

type Reflection = {
  readonly n: number
  readonly k: number
  readonly v: Float64Array
  readonly beta: number
  readonly product: Float64Array
}

/** Trailing block a := H a H as a rank-two update: a -= v q^T + q v^T, q = beta (a v - beta/2 (v^T a v) v). */
function reflectBothSides(a: Float64Array, { n, k, v, beta, product: q }: Reflection): void {
  let inner = 0
  for (let i = k + 1; i < n; i++) {
    let sum = 0
    for (let j = k + 1; j < n; j++) sum += a[i * n + j]! * v[j]!
    q[i] = beta * sum
    inner += q[i]! * v[i]!
  }
  const half = 0.5 * beta * inner
  for (let i = k + 1; i < n; i++) q[i] = q[i]! - half * v[i]!
  for (let i = k + 1; i < n; i++) {
    const [vi, qi] = [v[i]!, q[i]!]
    for (let j = k + 1; j < n; j++) a[i * n + j] = a[i * n + j]! - vi * q[j]! - qi * v[j]!
  }
}

/** The transpose of H_0 H_1 ... H_(n-2), by rows: built from the last reflection back, so that only its block is touched. */
function formVectors(a: Float64Array, betas: Float64Array, n: number): Float64Array {
  const product = identity(n)
  const row = new Float64Array(n)
  for (let k = n - 2; k >= 0; k--) {
    const beta = betas[k]!
    if (beta === 0) continue
    row.fill(0)
    for (let i = k + 1; i < n; i++) {
      const vi = a[k * n + i]!
      for (let j = k + 1; j < n; j++) row[j] = row[j]! + vi * product[i * n + j]!
    }
    for (let i = k + 1; i < n; i++) {
      const by = beta * a[k * n + i]!
      for (let j = k + 1; j < n; j++) product[i * n + j] = product[i * n + j]! - by * row[j]!
    }
  }
  const turned = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) turned[j * n + i] = product[i * n + j]!
  return turned
}

/** Rotations of eigenvector rows i and i + 1 for i = last - 1 down to first. */
export type Sweep = { readonly last: number; readonly first: number }

type Tridiagonal = {
  readonly diagonal: Float64Array
  readonly beside: Float64Array
  readonly turns: Float64Array
}

const mostSweeps = 60

/**
 * Eigenvalues of a symmetric tridiagonal matrix (n x n), in place of `diagonal` and in no order; `beside[k]` couples k and
 * k + 1 and ends as zeros. QL sweeps with implicit shifts.
 * @param turns 2 n numbers; at each sweep handed out they hold its rotations in order, cosine and sine
 */
export function* qlSweeps(
  diagonal: Float64Array,
  beside: Float64Array,
  turns: Float64Array,
): Generator<Sweep, void> {
  for (let first = 0; first < diagonal.length; first++)
    for (let sweep = 0, last = blockEnd(diagonal, beside, first); last > first; sweep++) {
      if (sweep === mostSweeps)
        throw new TastemakerError(
          'bad-argument',
          `An eigenvalue did not converge in ${mostSweeps} sweeps; is the matrix symmetric?`,
        )
      yield sweepBlock({ diagonal, beside, turns }, first, last)
      last = blockEnd(diagonal, beside, first)
    }
}

function blockEnd(diagonal: Float64Array, beside: Float64Array, first: number): number {
  let last = first
  while (last < diagonal.length - 1) {
    const near = Math.abs(diagonal[last]!) + Math.abs(diagonal[last + 1]!)
    if (Math.abs(beside[last]!) <= Number.EPSILON * near) break
    last++
  }
  return last
}

function sweepBlock({ diagonal, beside, turns }: Tridiagonal, first: number, last: number): Sweep {
  const half = (diagonal[first + 1]! - diagonal[first]!) / (2 * beside[first]!)
  const root = Math.sqrt(half * half + 1)
  let g = diagonal[last]! - diagonal[first]! + beside[first]! / (half + (half < 0 ? -root : root))
  let [sine, cosine, shift] = [1, 1, 0]
  for (let i = last - 1, at = 0; i >= first; i--) {
    const f = sine * beside[i]!
    const b = cosine * beside[i]!
    const length = Math.sqrt(f * f + g * g)
    beside[i + 1] = length
    if (length === 0) {
      diagonal[i + 1] = diagonal[i + 1]! - shift
      beside[last] = 0
      return { last, first: i + 1 }
    }
    sine = f / length
    cosine = g / length
    const moved = diagonal[i + 1]! - shift
    const turn = (diagonal[i]! - moved) * sine + 2 * cosine * b
    shift = sine * turn
    diagonal[i + 1] = moved + shift
    g = cosine * turn - b
    turns[at++] = cosine
    turns[at++] = sine
  }
  diagonal[first] = diagonal[first]! - shift
  beside[first] = g
  beside[last] = 0
  return { last, first }
}

function rotateRows(vectors: Float64Array, n: number, turns: Float64Array, { last, first }: Sweep): void {
  for (let i = last - 1, at = 0; i >= first; i--) {
    const cosine = turns[at++]!
    const sine = turns[at++]!
    for (let here = i * n; here < (i + 1) * n; here++) {
      const upper = vectors[here]!
      const lower = vectors[here + n]!
      vectors[here + n] = sine * upper + cosine * lower
      vectors[here] = cosine * upper - sine * lower
    }
  }
}

function sorted(diagonal: Float64Array, vectors: Float64Array, scale: number): Eigen {
  const n = diagonal.length
  const order = [...diagonal.keys()].sort((a, b) => diagonal[b]! - diagonal[a]! || a - b)
  const out = { values: new Float64Array(n), vectors: new Float64Array(n * n) }
  for (const [to, from] of order.entries()) {
    out.values[to] = diagonal[from]! * scale
    out.vectors.set(vectors.subarray(from * n, (from + 1) * n), to * n)
  }
  return out
}
