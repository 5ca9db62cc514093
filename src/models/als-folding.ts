// Folding in: the vector of any listener from a history, by the exact solve of training on the model's artists.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { Workers } from '../engine/workers.ts'
import { type Arena, float32, openArena, scratch } from '../kernels/arena.ts'
import { kernels } from '../kernels/kernels.ts'
import type { RowSystems } from '../kernels/plain-solve.ts'
import { withScratch } from '../kernels/simd.ts'
import { alsKernels, alsWorkBytes, strideOf, type WorkRoom, writeSystems } from '../kernels/simd-als.ts'
import { sharedFloats } from './algorithm.ts'
import { overRows, type RowRange } from './row-work.ts'

/** The artists' side of a trained model. */
export type FoldingSide = {
  /** artists x d, in the eigenbasis of their Gram matrix. */
  readonly factors: Float32Array
  readonly d: number
  /** Its eigenvalues times the weight of unobserved cells (d). */
  readonly spectrum: Float32Array
  /** See `AlsSettings`. */
  readonly shift: number
}

/** Histories to fold in. */
export type FoldingRows = {
  /** rows x artists; values are weights. */
  readonly matrix: Pick<SparseRows, 'rows' | 'rowPtr' | 'colIndex' | 'values'>
  /** One a row. */
  readonly ridge: Float32Array
  /** rows x d prior means; left out: zero. */
  readonly prior?: Float32Array | undefined
}

/** A way to fold histories in, ready for many calls. */
export type Folding = {
  /** rows x d on shared memory. A row's vector depends on that row alone: alone or among others, the same bytes. */
  fold(rows: FoldingRows, progress?: FoldingProgress): Promise<Float32Array>
  /** The same systems in Float64, for shares of a score. */
  systems(rows: FoldingRows): RowSystems
}

/** As in `overRows`. */
export type FoldingProgress = {
  readonly onProgress?: ((share: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** Copies the artists where the kernels can reach them, at the first call: artists x d float32 once more. */
export function openFolding(side: FoldingSide, workers: Workers): Folding {
  let room: FoldingRoom | undefined
  return {
    async fold(rows, { onProgress, signal } = {}) {
      room ??= openRoom(side, workers.threads + 1)
      const answers = sharedFloats(rows.matrix.rows * side.d)
      const args = { room, rows, answers, ...side }
      const work = { module: import.meta.url, task: foldRows, rows: rows.matrix.rows, args }
      await overRows(workers, { ...work, onProgress, signal })
      return answers
    },
    systems: (rows) => plainSystems(side, rows),
  }
}

const plainSystems = ({ factors, d, spectrum, shift }: FoldingSide, rows: FoldingRows): RowSystems => {
  const { rowPtr, colIndex, values } = rows.matrix
  const matrix = { rowPtr, colIndex, weights: values }
  const { ridge, prior } = rows
  return { matrix, factors, d, spectrum: Float64Array.from(spectrum), ridge, prior, shift }
}

/** Rows folded in by one call of the kernel. */
const rowsAtOnce = 64

type FoldingRoom = {
  readonly memory: WebAssembly.Memory | undefined
  readonly parts: Arena<{
    artists: ReturnType<typeof float32>
    spectrum: ReturnType<typeof float32>
    scratch: ReturnType<typeof scratch>
  }>['parts']
  readonly work: WorkRoom
  readonly stride: number
  /** Entries that fit beside the solver's scratch: those of the longest history there can be. */
  readonly entries: number
}

function openRoom({ factors, d, spectrum }: FoldingSide, threads: number): FoldingRoom {
  const stride = strideOf(d)
  const count = factors.length / d
  const entries = Math.max(count, 4096)
  const work = { entries: Math.max(128, stride), side: stride, shortest: 0 }
  const { memory, parts } = openArena(`ALS with ${d} factors for ${count} artists`, {
    artists: float32(count * stride),
    spectrum: float32(stride),
    scratch: scratch(threads, alsWorkBytes(stride, work) + inputBytes(entries, stride)),
  })
  for (let row = 0; row < count; row++)
    parts.artists.set(factors.subarray(row * d, (row + 1) * d), row * stride)
  parts.spectrum.fill(1)
  parts.spectrum.set(spectrum)
  return { memory, parts, work, stride, entries }
}

const inputBytes = (entries: number, stride: number): number =>
  8 * entries + 4 * (2 * rowsAtOnce + 1) + 8 * rowsAtOnce * stride + 5 * 64

type FoldTask = RowRange &
  FoldingSide & {
    readonly room: FoldingRoom
    readonly rows: FoldingRows
    readonly answers: Float32Array
  }

/** Runs on a worker: folds a range of rows in, as many at a time as the scratch holds. */
export function foldRows(task: FoldTask): void {
  const { room, rows, answers, d, from, to } = task
  const { memory } = room
  if (!memory) {
    foldPlain(task)
    return
  }
  const { rowPtr } = rows.matrix
  withScratch(room.parts.scratch, (at) => {
    const input = layInput(memory, at, task)
    for (let start = from; start < to; ) {
      let end = start + 1
      while (end < Math.min(to, start + rowsAtOnce) && rowPtr[end + 1]! - rowPtr[start]! <= room.entries)
        end++
      input.fill(start, end)
      alsKernels(memory).solveExactly(at, 0, end - start, input.work)
      for (let row = start; row < end; row++) {
        const here = (row - start) * room.stride
        answers.set(input.solved.subarray(here, here + d), row * d)
      }
      start = end
    }
  })
}

/** Small arrays behind the solver's scratch, to copy rows into. */
function layInput(memory: WebAssembly.Memory, at: number, { room, rows, d, shift }: FoldTask) {
  const { parts, work, stride, entries } = room
  let next = Math.ceil((at + alsWorkBytes(stride, work)) / 64) * 64
  const place = (bytes: number): number => {
    const here = next
    next = Math.ceil((next + bytes) / 64) * 64
    return here
  }
  const { buffer } = memory
  const rowPtr = new Int32Array(buffer, place(4 * (rowsAtOnce + 1)), rowsAtOnce + 1)
  const ridge = new Float32Array(buffer, place(4 * rowsAtOnce), rowsAtOnce)
  const colIndex = new Int32Array(buffer, place(4 * entries), entries)
  const weights = new Float32Array(buffer, place(4 * entries), entries)
  const solved = new Float32Array(buffer, place(4 * rowsAtOnce * stride), rowsAtOnce * stride)
  const means = new Float32Array(buffer, place(4 * rowsAtOnce * stride), rowsAtOnce * stride)
  const prior = rows.prior && means
  const arrays = { rowPtr, colIndex, weights, solved, ridge, prior }
  const { artists: factors, spectrum } = parts
  const systems = { ...arrays, factors, spectrum, s: stride, shift, room: work }
  return {
    solved,
    work: writeSystems(memory, at, systems),
    fill(start: number, end: number): void {
      const { matrix } = rows
      const first = matrix.rowPtr[start]!
      const last = matrix.rowPtr[end]!
      for (let row = start; row <= end; row++) rowPtr[row - start] = matrix.rowPtr[row]! - first
      ridge.set(rows.ridge.subarray(start, end))
      colIndex.set(matrix.colIndex.subarray(first, last))
      weights.set(matrix.values.subarray(first, last))
      means.fill(0)
      if (rows.prior)
        for (let row = start; row < end; row++)
          means.set(rows.prior.subarray(row * d, (row + 1) * d), (row - start) * stride)
    },
  }
}

function foldPlain({ rows, answers, from, to, ...side }: FoldTask): void {
  const { d } = side
  const systems = plainSystems(side, rows)
  for (let start = from; start < to; start += rowsAtOnce) {
    const end = Math.min(to, start + rowsAtOnce)
    const out = new Float64Array((end - start) * d)
    kernels.solveRows(systems, { from: start, to: end, out })
    answers.set(out, start * d)
  }
}
