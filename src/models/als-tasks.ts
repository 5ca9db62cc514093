// The pieces of ALS that run on worker threads: each runs a kernel over a range of rows of shared arrays.
import { kernels } from '../kernels/kernels.ts'
import { type Scratch, withScratch } from '../kernels/simd.ts'
import { alsKernels, gramPanel, type PackedSystems, writeSystems } from '../kernels/simd-als.ts'
import { createRandom } from '../statistics/random.ts'
import type { AlsRows } from './als-arena.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const alsTasks = import.meta.url

/** Absent memory: the plain kernels run on the same arrays, whose rows then have no padding. */
type Shared = { readonly memory: WebAssembly.Memory | undefined; readonly scratch: Scratch }

type SolveTask = RowRange &
  Shared & {
    readonly systems: PackedSystems
    /** Steps of conjugate gradients; 0: exactly. */
    readonly steps: number
    /** Whether to start from what `systems.solved` holds. */
    readonly warm: boolean
  }

type GramTask = RowRange &
  Shared & {
    readonly vectors: Float32Array
    readonly stride: number
    /** Blocks of stride x stride; rows from `block * rowsEach` on are added to block number `block`. */
    readonly grams: Float64Array
    readonly rowsEach: number
  }

type TurnTask = RowRange &
  Shared & { readonly vectors: Float32Array; readonly stride: number; readonly basis: Float32Array }

type SliceTask = RowRange & {
  readonly memory: WebAssembly.Memory
  /** Slice `i` of n x 8 at `i * 8 * n`. */
  readonly slices: Float64Array
  readonly n: number
}

type ReflectTask = SliceTask & {
  readonly reflections: Float64Array
  readonly betas: Float64Array
  readonly s: number
}

type RotateTask = SliceTask & {
  readonly sweeps: Int32Array
  readonly count: number
  readonly turns: Float64Array
}

type StartTask = RowRange & {
  readonly vectors: Float32Array
  readonly stride: number
  readonly d: number
  readonly seed: number
}

type TransposeTask = RowRange & { readonly users: AlsRows; readonly items: AlsRows }

/**
 * Rows `from` to `to` of the transpose, whose offsets are known. Reads all of `users`, yet is faster in pieces than at once:
 * the places to write next then stay in the cache.
 */
export function transposeColumns({ users, items, from, to }: TransposeTask): void {
  const next = items.rowPtr.slice(from, to)
  const { rowPtr, colIndex } = users
  for (let row = 0; row < users.rows; row++)
    for (let at = rowPtr[row]!; at < rowPtr[row + 1]!; at++) {
      const column = colIndex[at]! - from
      if (column < 0 || column >= next.length) continue
      const here = next[column]!++
      items.colIndex[here] = row
      if (items.weights) items.weights[here] = users.weights![at]!
    }
}

/** Rows drawn from one stream of chance. */
export const blockOfDraws = 1024

const startDeviation = 0.1

/** Blocks `from` to `to` of normal draws of standard deviation 0.1 / sqrt(d) (Rendle et al. 2021); padding stays as it is. */
export function drawStart({ vectors, stride, d, seed, from, to }: StartTask): void {
  const rows = vectors.length / stride
  const scale = startDeviation / Math.sqrt(d)
  for (let block = from; block < to; block++) {
    const random = createRandom(seed).fork(`als start ${block}`)
    const end = Math.min(rows, (block + 1) * blockOfDraws)
    for (let row = block * blockOfDraws; row < end; row++)
      for (let f = 0; f < d; f++) vectors[row * stride + f] = random.normal() * scale
  }
}

/** Solves rows in place of `systems.solved`. */
export function solve({ memory, scratch, systems, steps, warm, from, to }: SolveTask): void {
  if (!memory) {
    solvePlain({ systems, steps, warm, from, to })
    return
  }
  const { solveByGradients, solveExactly } = alsKernels(memory)
  withScratch(scratch, (at) => {
    const work = writeSystems(memory, at, systems)
    if (steps > 0) solveByGradients(at, from, to, steps, warm ? 1 : 0, work)
    else solveExactly(at, from, to, work)
  })
}

const batch = 256

function solvePlain({ systems, steps, warm, from, to }: Omit<SolveTask, keyof Shared>): void {
  const { s: d, solved, rowPtr, colIndex, weights } = systems
  const spectrum = Float64Array.from(systems.spectrum)
  const plain = { ...systems, d, spectrum, matrix: { rowPtr, colIndex, weights } }
  for (let start = from; start < to; start += batch) {
    const end = Math.min(to, start + batch)
    const out = new Float64Array((end - start) * d)
    if (steps > 0) {
      if (warm) out.set(solved.subarray(start * d, end * d))
      kernels.descendRows(plain, { from: start, to: end, out }, steps)
    } else kernels.solveRows(plain, { from: start, to: end, out })
    solved.set(out, start * d)
  }
}

/** Gram matrix of rows, into the block they belong to. Without SIMD it is full, with it the upper triangle. */
export function gramBlock({ memory, scratch, vectors, stride, grams, rowsEach, from, to }: GramTask): void {
  const block = grams.subarray((from / rowsEach) * stride * stride)
  if (memory)
    withScratch(scratch, (at) =>
      alsKernels(memory).addGram(
        vectors.byteOffset,
        from,
        to,
        stride,
        gramPanel(stride),
        block.byteOffset,
        at,
      ),
    )
  else block.set(kernels.gram({ factors: vectors, d: stride, from, to }))
}

/** Turns rows into another basis, in place. */
export function turn({ memory, scratch, vectors, stride, basis, from, to }: TurnTask): void {
  if (memory)
    withScratch(scratch, (at) =>
      alsKernels(memory).turnRows(vectors.byteOffset, from, to, stride, basis.byteOffset, at),
    )
  else kernels.turnRows(vectors, Float64Array.from(basis), { d: stride, from, to })
}

/** Eight coordinates a slice of the eigenvectors before the sweeps. */
export function reflectSlices({ memory, slices, n, reflections, betas, s, from, to }: ReflectTask): void {
  for (let slice = from; slice < to; slice++)
    alsKernels(memory).reflectSlice(
      reflections.byteOffset,
      betas.byteOffset,
      n,
      s,
      8 * slice,
      slices.byteOffset + 64 * n * slice,
    )
}

/** The same, turned by sweeps. */
export function rotateSlices({ memory, slices, n, sweeps, count, turns, from, to }: RotateTask): void {
  for (let slice = from; slice < to; slice++)
    alsKernels(memory).rotateSlice(
      slices.byteOffset + 64 * n * slice,
      sweeps.byteOffset,
      count,
      turns.byteOffset,
    )
}
