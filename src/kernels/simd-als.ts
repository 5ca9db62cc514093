// The SIMD kernels of assembly/als.ts with types: row solves in the eigenbasis, turns, Gram matrices, eigenvectors by slices.
import { simd } from './simd.ts'

/**
 * Addresses are in bytes, `s` is the floats of a row: the factors padded with zeros to a multiple of 8.
 * `work` is scratch of `alsWorkBytes`. Every row's result depends on that row alone.
 */
export type AlsKernels = {
  /** Rows of `writeSystems` by conjugate gradients; `warm` 1: from what `solved` holds, 0: from zero. */
  solveByGradients(systems: number, from: number, to: number, steps: number, warm: number, work: number): void
  /** The same rows exactly, by the dual or the primal. */
  solveExactly(systems: number, from: number, to: number, work: number): void
  /** Rows times a basis packed by `packBasis`, in place. */
  turnRows(rows: number, from: number, to: number, s: number, basis: number, work: number): void
  /** Upper triangle of out (s x s float64) += x^T x; `panel` rows at most are summed in float32 before they are added. */
  addGram(rows: number, from: number, to: number, s: number, panel: number, out: number, work: number): void
  /** Householder's form of a (n rows of s float64); see assembly/inline/eigen.ts. Scratch: 2 s float64. */
  tridiagonalize(
    a: number,
    n: number,
    s: number,
    diagonal: number,
    beside: number,
    betas: number,
    work: number,
  ): void
  /** Coordinates `first` to `first + 8` of all vectors before the sweeps, n x 8. */
  reflectSlice(reflections: number, betas: number, n: number, s: number, first: number, slice: number): void
  /** Sweeps of rotations applied to such a slice. */
  rotateSlice(slice: number, sweeps: number, count: number, turns: number): void
}

/** The kernels, working in `memory`. */
export const alsKernels = (memory: WebAssembly.Memory): AlsKernels => simd<AlsKernels>('als', memory)

/** Floats that a row of d factors takes. */
export const strideOf = (d: number): number => Math.ceil(d / 8) * 8

/** What the row solvers work on; all arrays lie in the kernels' memory. */
export type PackedSystems = {
  readonly rowPtr: Int32Array
  readonly colIndex: Int32Array
  /** Left out: every weight is 1. */
  readonly weights?: Float32Array | undefined
  /** columns x s, in the eigenbasis. */
  readonly factors: Float32Array
  /** rows x s: answers, and where to start. */
  readonly solved: Float32Array
  /** s numbers, times the weight of unobserved cells; > 0 with the ridge, also behind the last factor. */
  readonly spectrum: Float32Array
  readonly ridge: Float32Array
  /** rows x s prior means; left out: zero. */
  readonly prior?: Float32Array | undefined
  readonly s: number
  /** Weight on the right-hand side beyond that of the entry. */
  readonly shift: number
  readonly room: WorkRoom
}

/** How large the scratch of a solver is. */
export type WorkRoom = {
  /** Entries gathered at once, >= 128; a longer row is gathered again for every step. */
  readonly entries: number
  /** Rows of the largest square: s for exact solves of any length, else `shortest`. */
  readonly side: number
  /** Rows of at most so many entries are solved exactly by the gradient solver too; <= side. */
  readonly shortest: number
}

const systemsBytes = 128

/** Bytes of scratch that solves, turns and Gram panels of one thread need. */
export function alsWorkBytes(s: number, { entries, side }: WorkRoom): number {
  const line = 4 * s
  const solve =
    (7 + Math.max(side, 128) + entries + 8) * line + 8 * (entries + 8) + 4 * (side + 1) * (side + 8)
  const gram = 4 * s * (s + 8) + gramPanel(s) * line
  return systemsBytes + 192 + Math.max(solve, gram)
}

/** Rows of a Gram panel: about 128 KiB of them. */
export const gramPanel = (s: number): number => Math.max(32, Math.min(512, Math.floor(32_768 / s)))

/** Writes the systems' addresses to the head of a scratch; returns where the rest of it begins. */
export function writeSystems(memory: WebAssembly.Memory, at: number, systems: PackedSystems): number {
  const { rowPtr, colIndex, weights, factors, solved, spectrum, ridge, prior } = systems
  const arrays = [rowPtr, colIndex, weights, factors, solved, spectrum, ridge, prior]
  const words = new Uint32Array(memory.buffer, at, systemsBytes / 4)
  words.set(arrays.map((array) => array?.byteOffset ?? 0))
  const { entries, side, shortest } = systems.room
  words.set([systems.s, 0, entries, side, shortest], arrays.length)
  new Float32Array(memory.buffer, at)[arrays.length + 1] = systems.shift
  return at + systemsBytes
}
