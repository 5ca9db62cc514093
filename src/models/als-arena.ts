// The memory of one ALS training: the matrix and its transpose, both sides' vectors and all scratch, laid out once.
import type { SparseRows } from '../data/interaction-matrix.ts'
import { type Arena, arenaBytes, float32, float64, int32, openArena, scratch } from '../kernels/arena.ts'
import { simdSupported } from '../kernels/simd.ts'
import { alsWorkBytes, strideOf, type WorkRoom } from '../kernels/simd-als.ts'

/** What is to be trained. */
export type AlsShape = {
  readonly users: number
  readonly artists: number
  readonly entries: number
  readonly factors: number
  /** Whether entries have weights; without, each is 1 and none is stored. */
  readonly weighted: boolean
  /** Whether rows are solved exactly, or by conjugate gradients. */
  readonly solver: 'exact' | 'cg'
  readonly threads: number
  /** Sides whose rows have prior means. */
  readonly priors?: { readonly listeners?: boolean; readonly artists?: boolean }
}

/** One side of the matrix by rows, in the arena. `weights` is absent where every weight is 1. */
export type AlsRows = {
  readonly rows: number
  readonly columns: number
  readonly rowPtr: Int32Array
  readonly colIndex: Int32Array
  readonly weights: Float32Array | undefined
}

/** The memory of a training. `users` is the caller's to fill; `trainAls` fills the rest. */
export type AlsArena = {
  readonly shape: AlsShape
  /** Floats from one vector to the next: the factors padded with zeros. */
  readonly stride: number
  readonly room: WorkRoom
  readonly users: AlsRows
  readonly items: AlsRows
  /** users x stride. */
  readonly listeners: Float32Array
  /** artists x stride. */
  readonly artists: Float32Array
  readonly bytes: number
  readonly memory: WebAssembly.Memory | undefined
  readonly parts: Arena<ReturnType<typeof planOf>>['parts']
}

/** Of one row's factors: longer rows are gathered again for every step, which costs more than the third-level cache. */
const gatheredBytes = 16 * 2 ** 20
const shortest = 16

/** Blocks a Gram matrix is summed in: a number that depends on the factors alone, so that sums do too. */
export const gramBlocks = (stride: number): number =>
  Math.max(4, Math.min(16, Math.floor(2 ** 22 / stride ** 2)))

/** Rotations noted before they are applied. */
export const mostTurns = 65_536

/** Bytes that training takes at once, but for the caller's own matrix and the vectors copied out: known before it starts. */
export const alsBytes = (shape: AlsShape): number => arenaBytes(planOf(shape))

/** Opens the memory of a training; `too-large` over 4 GiB. Fill `users` (row offsets, columns, weights), then train. */
export function openAlsArena(shape: AlsShape): AlsArena {
  const { users, artists, entries, factors } = shape
  const purpose = `ALS with ${factors} factors for ${users} listeners, ${artists} artists and ${entries} interactions`
  const { memory, bytes, parts } = openArena(purpose, planOf(shape))
  const weights = (array: Float32Array) => (shape.weighted ? array : undefined)
  return {
    shape,
    stride: paddedStride(factors),
    room: roomOf(shape),
    users: {
      rows: users,
      columns: artists,
      rowPtr: parts.userPtr,
      colIndex: parts.userIndex,
      weights: weights(parts.userWeights),
    },
    items: {
      rows: artists,
      columns: users,
      rowPtr: parts.itemPtr,
      colIndex: parts.itemIndex,
      weights: weights(parts.itemWeights),
    },
    listeners: parts.listeners,
    artists: parts.artists,
    bytes,
    memory,
    parts,
  }
}

/** Where there is no SIMD the plain kernels run, which know no padding. */
const paddedStride = (d: number): number => (simdSupported() ? strideOf(d) : d)

function roomOf({ users, artists, factors, solver }: AlsShape): WorkRoom {
  const s = strideOf(factors)
  const longest = Math.ceil(Math.max(users, artists, 128) / 16) * 16
  const fits = Math.max(128, s, Math.floor(gatheredBytes / (64 * s)) * 16)
  const side = solver === 'exact' ? s : shortest
  return { entries: Math.max(side, Math.min(longest, fits)), side, shortest }
}

function planOf(shape: AlsShape) {
  const { users, artists, entries, factors, weighted, threads, priors } = shape
  const s = paddedStride(factors)
  const weights = weighted ? entries : 0
  return {
    userPtr: int32(users + 1),
    userIndex: int32(entries),
    userWeights: float32(weights),
    itemPtr: int32(artists + 1),
    itemIndex: int32(entries),
    itemWeights: float32(weights),
    listeners: float32(users * s),
    artists: float32(artists * s),
    listenerMeans: float32(priors?.listeners ? users * s : 0),
    artistMeans: float32(priors?.artists ? artists * s : 0),
    listenerRidge: float32(users),
    artistRidge: float32(artists),
    spectrum: float32(s),
    basis: float32(s * s),
    grams: float64(gramBlocks(s) * s * s),
    tridiagonal: float64(3 * s),
    tridiagonalWork: float64(2 * s),
    slices: float64(s * s),
    sweeps: int32(2 * mostTurns),
    turns: float64(2 * (mostTurns + s)),
    scratch: scratch(threads, alsWorkBytes(s, roomOf(shape))),
  }
}

/** Copies a matrix into the arena; `weightOf` makes an entry's weight of its value, where the arena keeps weights. */
export function fillUsers(
  { users }: AlsArena,
  matrix: SparseRows,
  weightOf: (value: number) => number = (value) => value,
): void {
  users.rowPtr.set(matrix.rowPtr)
  users.colIndex.set(matrix.colIndex)
  const { weights } = users
  if (weights) for (let at = 0; at < weights.length; at++) weights[at] = weightOf(matrix.values[at]!)
}

/** Counts the entries of each column of `users` into the row offsets of `items`, its transpose. */
export function countColumns({ users, items }: AlsArena): void {
  const { rowPtr } = items
  rowPtr.fill(0)
  const { colIndex } = users
  for (let at = 0; at < colIndex.length; at++) rowPtr[colIndex[at]! + 1]! += 1
  for (let row = 0; row < items.rows; row++) rowPtr[row + 1]! += rowPtr[row]!
}

/** The first `d` of every `stride` numbers: vectors without their padding, on memory of their own that threads share. */
export function withoutPadding(vectors: Float32Array, stride: number, d: number): Float32Array {
  const rows = vectors.length / stride
  const out = new Float32Array(new SharedArrayBuffer(4 * rows * d))
  if (stride === d) out.set(vectors)
  else for (let row = 0; row < rows; row++) out.set(vectors.subarray(row * stride, row * stride + d), row * d)
  return out
}
