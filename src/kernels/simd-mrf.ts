// Sparse Markov random field: covariances of columns that share rows, and the regression of each column on its strongest.
import { type ArenaPart, float32, int32, scratch } from './arena.ts'
import { potrf, potrs } from './plain.ts'
import { createTop } from './plain-top.ts'
import { simd, withScratch } from './simd.ts'

/** Sizes of a field: columns and rows of the matrix, its entries, the largest neighbourhood (below `columns`), and threads. */
export type FieldShape = {
  readonly columns: number
  readonly rows: number
  readonly entries: number
  readonly neighbours: number
  readonly threads: number
}

const listBytes = 1.5 * 2 ** 30

/** Covariances stored per column, at most: 1.5 GiB of them in all. */
export const storedPerColumn = (columns: number): number =>
  Math.min(Math.max(0, columns - 1), Math.floor(listBytes / (8 * Math.max(1, columns))))

const rounded = (d: number): number => 8 * Math.ceil(d / 8)

/** The parts of an arena that a field takes: 8 bytes for each stored covariance and each weight, the matrix twice, scratch. */
export const fieldPlan = (shape: FieldShape) => {
  const { columns, rows, entries, neighbours, threads } = shape
  const side = rounded(neighbours)
  return {
    rowPtr: int32(rows + 1),
    colIndex: int32(entries),
    columnPtr: int32(columns + 1),
    rowIndex: int32(entries),
    scale: float32(columns),
    ids: int32(columns * storedPerColumn(columns)),
    covariances: float32(columns * storedPerColumn(columns)),
    counts: int32(columns),
    whole: int32(columns),
    near: int32(columns * neighbours),
    nearCounts: int32(columns),
    weights: float32(columns * neighbours),
    failed: int32(1),
    room: scratch(threads, 4 * (3 * columns + 8) + 4 * side * (side + 6)),
  }
}

type Made<plan> = { readonly [name in keyof plan]: plan[name] extends ArenaPart<infer made> ? made : never }

/**
 * A field to fit: `colIndex` by `rowPtr` is the pattern of the matrix by rows, `rowIndex` by `columnPtr` by columns. Columns are
 * best numbered by falling number of rows: the covariance of a pair is stored once, with its higher number, and so the columns
 * that are in most neighbourhoods have the shortest lists. Row i of `ids` and `covariances` (`stored` places) is the list of i,
 * row i of `near` its neighbourhood, ascending, and of `weights` their covariances with i and at last their weights.
 */
export type FieldJob = Made<ReturnType<typeof fieldPlan>> & {
  readonly memory: WebAssembly.Memory | undefined
  readonly stored: number
  readonly neighbours: number
  /** Added to the diagonal of every system. */
  readonly ridge: number
}

/** Columns `from` to `to`. */
export type ColumnRange = { readonly from: number; readonly to: number }

type Kernels = {
  countShared(
    column: number,
    columnPtr: number,
    rowIndex: number,
    rowPtr: number,
    colIndex: number,
    counts: number,
    touched: number,
  ): number
  gatherRow(
    ids: number,
    values: number,
    count: number,
    place: number,
    own: number,
    system: number,
    d: number,
  ): void
  fillApart(system: number, d: number, shares: number, whole: number): void
  solvePositive(a: number, d: number, b: number, reciprocals: number): number
}

/**
 * Standardizing factors of columns: variance^(-alpha / 2), the variance taken times the number of rows; 0 for a column that is
 * empty or full, which then has no covariance at all.
 */
export function standardize(job: Pick<FieldJob, 'scale' | 'columnPtr' | 'rowPtr'>, alpha: number): void {
  const { scale, columnPtr, rowPtr } = job
  const rows = rowPtr.length - 1
  for (let column = 0; column < scale.length; column++) {
    const n = columnPtr[column + 1]! - columnPtr[column]!
    const variance = n - (n * n) / Math.max(1, rows)
    scale[column] = variance > 0 ? variance ** (-alpha / 2) : 0
  }
}

/**
 * Finds the neighbourhoods and stores the lists of columns `from` to `to`, from
 * S_ab = (rows of both - n_a n_b / rows) scale_a scale_b for the pairs that share a row. One pass over the rows of each column.
 */
export function listCovariances(job: FieldJob, { from, to }: ColumnRange): void {
  const { memory, room, scale } = job
  const columns = scale.length
  withScratch(room, (address) => {
    const { buffer } = scale
    const shared = new Int32Array(buffer, address, columns)
    const touched = new Int32Array(buffer, shared.byteOffset + 4 * columns, columns + 1)
    const strength = new Float32Array(buffer, touched.byteOffset + 4 * (columns + 1), columns)
    const tops = { nearest: createTop(job.neighbours), strongest: createTop(job.stored) }
    for (let column = from; column < to; column++) {
      const met = memory
        ? simd<Kernels>('mrf', memory).countShared(
            column,
            job.columnPtr.byteOffset,
            job.rowIndex.byteOffset,
            job.rowPtr.byteOffset,
            job.colIndex.byteOffset,
            shared.byteOffset,
            touched.byteOffset,
          )
        : countPlainly(job, column, { shared, touched })
      const found = touched.subarray(0, met)
      measure(job, column, { found, shared, strength })
      keepNear(job, column, { found, strength, top: tops.nearest })
      keepList(job, column, { found, strength, top: tops.strongest })
    }
  })
}

type Pairs = { readonly shared: Int32Array; readonly touched: Int32Array }

function countPlainly(job: FieldJob, column: number, { shared, touched }: Pairs): number {
  const { columnPtr, rowIndex, rowPtr, colIndex } = job
  let met = 0
  for (let at = columnPtr[column]!; at < columnPtr[column + 1]!; at++) {
    const row = rowIndex[at]!
    for (let other = rowPtr[row]!; other < rowPtr[row + 1]!; other++) {
      const neighbour = colIndex[other]!
      if (shared[neighbour] === 0) touched[met++] = neighbour
      shared[neighbour]! += 1
    }
  }
  return met
}

type Measured = { readonly found: Int32Array; readonly shared: Int32Array; readonly strength: Float32Array }

/** The covariances of a column with those found, 0 with itself; clears the counts. */
function measure(job: FieldJob, column: number, { found, shared, strength }: Measured): void {
  const { scale, columnPtr, rowPtr } = job
  const rows = Math.max(1, rowPtr.length - 1)
  const mine = rowsOf(columnPtr, column)
  for (const other of found) {
    const apart = (mine * rowsOf(columnPtr, other)) / rows
    strength[other] = (shared[other]! - apart) * (scale[column]! * scale[other]!)
    shared[other] = 0
  }
  strength[column] = 0
}

type Choice = {
  readonly found: Int32Array
  readonly strength: Float32Array
  readonly top: ReturnType<typeof createTop>
}

/** Keeps the columns of strongest covariance as neighbourhood, ascending. */
function keepNear(job: FieldJob, column: number, { found, strength, top }: Choice): void {
  const { near, weights, nearCounts, neighbours } = job
  for (const other of found) if (strength[other] !== 0) top.offer(other, Math.abs(strength[other]!))
  const at = column * neighbours
  top.drain(near, weights, at)
  let count = 0
  while (count < neighbours && near[at + count]! >= 0) count++
  nearCounts[column] = count
  near.subarray(at, at + count).sort()
  for (let place = at; place < at + count; place++) weights[place] = strength[near[place]!]!
}

/** Stores the covariances with columns of lower number: all, or the strongest where there is not room for all. */
function keepList(job: FieldJob, column: number, { found, strength, top }: Choice): void {
  const { ids, covariances, counts, whole, stored } = job
  const at = column * stored
  let count = 0
  for (const other of found) {
    if (other >= column) continue
    if (count < stored) {
      ids[at + count] = other
      covariances[at + count] = strength[other]!
    }
    count++
  }
  whole[column] = count <= stored ? -1 : 0
  counts[column] = Math.min(count, stored)
  if (count <= stored) return
  for (const other of found) if (other < column) top.offer(other, Math.abs(strength[other]!))
  top.drain(ids, covariances, at)
  for (let place = at; place < at + stored; place++) covariances[place] = strength[ids[place]!]!
}

/**
 * Weights of columns `from` to `to`: the ridge regression of each on its neighbourhood N,
 * (S[N, N] + ridge) b = S[N, i], and from standardized to plain columns weight_ji = b_j scale_j / scale_i
 * (Steck, NeurIPS 2019, with one block a column).
 * About d^3 / 3 + 2 d^2 flops and d lists read a column. A system that is not positive definite marks the job failed.
 */
export function regressOnNeighbours(job: FieldJob, { from, to }: ColumnRange): void {
  const { room, nearCounts, near: all, neighbours, scale, weights, failed } = job
  withScratch(room, (address) => {
    const place = new Int32Array(scale.buffer, address, scale.length).fill(0)
    for (let column = from; column < to; column++) {
      const at = column * neighbours
      const near = all.subarray(at, at + nearCounts[column]!)
      if (near.length === 0) continue
      const d = rounded(near.length)
      const system = { near, place, d, ...layOut(scale.buffer, alignedAfter(place), d) }
      system.right.set(weights.subarray(at, at + near.length))
      if (!solveSystem(job, system)) Atomics.store(failed, 0, column + 1)
      for (let p = 0; p < near.length; p++)
        weights[at + p] = (system.right[p]! * scale[near[p]!]!) / scale[column]!
    }
  })
}

const alignedAfter = (array: Int32Array): number => Math.ceil((array.byteOffset + array.byteLength) / 16) * 16

/** Room for one system: d x d, and six vectors. */
function layOut(buffer: ArrayBufferLike, at: number, d: number) {
  const vector = (index: number): Float32Array => new Float32Array(buffer, at + 4 * d * (d + index), d)
  return {
    system: new Float32Array(buffer, at, d * d),
    right: vector(0),
    shares: vector(1),
    whole: new Int32Array(buffer, at + 4 * d * (d + 2), d),
    reciprocals: new Float32Array(buffer, at + 4 * d * (d + 3), 2 * d),
  }
}

type System = ReturnType<typeof layOut> & {
  readonly near: Int32Array
  readonly place: Int32Array
  readonly d: number
}

/** Lays the system of one column out and solves it in place of `right`; false where it is not positive definite. */
function solveSystem(job: FieldJob, parts: System): boolean {
  const { near, d, system, right, reciprocals } = parts
  const { memory, scale, columnPtr, rowPtr, ridge } = job
  const rows = Math.max(1, rowPtr.length - 1)
  right.fill(0, near.length)
  layApart(job, parts)
  gather(job, parts)
  for (let p = 0; p < d; p++) {
    const n = p < near.length ? rowsOf(columnPtr, near[p]!) : 0
    system[p * d + p] = p < near.length ? (n - (n * n) / rows) * scale[near[p]!]! ** 2 + ridge : 1
  }
  if (!memory) return solvePlainly(system, d, right)
  const { solvePositive } = simd<Kernels>('mrf', memory)
  return solvePositive(system.byteOffset, d, right.byteOffset, reciprocals.byteOffset) === d
}

const rowsOf = (columnPtr: Int32Array, column: number): number => columnPtr[column + 1]! - columnPtr[column]!

/** The system as if no two columns shared a row: what their lists do not name. */
function layApart(job: FieldJob, { near, d, system, shares, whole }: System): void {
  const { memory, scale, columnPtr, rowPtr } = job
  const rows = Math.max(1, rowPtr.length - 1)
  shares.fill(0)
  whole.fill(0)
  for (const [p, column] of near.entries()) {
    shares[p] = (rowsOf(columnPtr, column) / Math.sqrt(rows)) * scale[column]!
    whole[p] = job.whole[column]!
  }
  if (memory)
    simd<Kernels>('mrf', memory).fillApart(system.byteOffset, d, shares.byteOffset, whole.byteOffset)
  else
    for (let p = 0; p < d; p++)
      for (let q = p; q < d; q++) system[p * d + q] = whole[q] ? -Math.fround(shares[p]! * shares[q]!) : 0
}

/** Lays the stored covariances among the neighbours into the system. */
function gather(job: FieldJob, { near, place, d, system }: System): void {
  const { memory, ids, covariances, counts, stored } = job
  for (const [p, column] of near.entries()) place[column] = p + 1
  for (const [p, column] of near.entries()) {
    const [at, count] = [column * stored, counts[column]!]
    if (memory)
      simd<Kernels>('mrf', memory).gatherRow(
        ids.byteOffset + 4 * at,
        covariances.byteOffset + 4 * at,
        count,
        place.byteOffset,
        p,
        system.byteOffset,
        d,
      )
    else
      for (let entry = at; entry < at + count; entry++) {
        const other = place[ids[entry]!]!
        if (other !== 0) system[(other - 1) * d + p] = covariances[entry]!
      }
  }
  for (const column of near) place[column] = 0
}

function solvePlainly(system: Float32Array, d: number, right: Float32Array): boolean {
  const lower = new Float64Array(d * d)
  for (let p = 0; p < d; p++) for (let q = p; q < d; q++) lower[q * d + p] = system[p * d + q]!
  if (potrf(lower, d) < d) return false
  const x = Float64Array.from(right)
  potrs(lower, d, x)
  right.set(x)
  return true
}
