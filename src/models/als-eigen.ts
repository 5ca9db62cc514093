// Turns vectors into the eigenbasis of their Gram matrix: products stay, and the dense part of every row's system is diagonal.
import type { Workers } from '../engine/workers.ts'
import { kernels } from '../kernels/kernels.ts'
import { qlSweeps, type Sweep } from '../kernels/plain-eigen.ts'
import { alsKernels } from '../kernels/simd-als.ts'
import { type AlsArena, gramBlocks, mostTurns } from './als-arena.ts'
import { alsTasks, gramBlock, reflectSlices, rotateSlices, turn } from './als-tasks.ts'
import { overRows } from './row-work.ts'

/** Which threads, and a way to stop. */
export type AlsWork = { readonly workers: Workers; readonly signal?: AbortSignal | undefined }

/**
 * Leaves in `arena.parts.basis` the eigenvectors of x^T x, packed for `turnVectors`.
 * @returns the eigenvalues, largest first, >= 0, one a factor
 */
export async function findEigenbasis(
  arena: AlsArena,
  vectors: Float32Array,
  work: AlsWork,
): Promise<Float64Array> {
  await sumGram(arena, vectors, work)
  if (arena.memory) return simdEigen(arena, arena.memory, work)
  const { shape, parts } = arena
  const { values, vectors: basis } = kernels.symmetricEigen(parts.grams, shape.factors)
  parts.basis.set(basis)
  return values.map((value) => Math.max(0, value))
}

/** Turns vectors (rows x stride) in place into the basis found last. */
export async function turnVectors(
  { memory, stride, parts }: AlsArena,
  vectors: Float32Array,
  { workers, signal }: AlsWork,
): Promise<void> {
  const args = { memory, vectors, stride, basis: parts.basis, scratch: parts.scratch }
  const rows = vectors.length / stride
  await overRows(workers, { module: alsTasks, task: turn, rows, args, signal })
}

/** The Gram matrix (stride x stride, full) into the first block of `parts.grams`: blocks of rows, added in order. */
async function sumGram(arena: AlsArena, vectors: Float32Array, { workers, signal }: AlsWork): Promise<void> {
  const { memory, stride, parts } = arena
  const most = gramBlocks(stride)
  const size = stride * stride
  const rows = vectors.length / stride
  parts.grams.fill(0)
  const rowsEach = Math.max(512, Math.ceil(rows / most))
  const args = { memory, vectors, stride, grams: parts.grams, rowsEach, scratch: parts.scratch }
  const blocks = { fewestRows: rowsEach, mostRanges: most }
  await overRows(workers, { module: alsTasks, task: gramBlock, rows, args, signal, ...blocks })
  const sum = parts.grams
  for (let block = 1; block < Math.ceil(rows / rowsEach); block++)
    for (let at = 0; at < size; at++) sum[at]! += sum[block * size + at]!
  for (let i = 0; i < stride; i++) for (let j = 0; j < i; j++) sum[i * stride + j] = sum[j * stride + i]!
}

/**
 * Householder's form on the calling thread (4/3 d^3 flops), then eight coordinates of all vectors at a time on any thread:
 * the QL sweeps note their rotations, 65,536 at a time, and each slice turns by all of them while it lies in the cache.
 */
async function simdEigen(
  arena: AlsArena,
  memory: WebAssembly.Memory,
  { workers, signal }: AlsWork,
): Promise<Float64Array> {
  const { parts, stride: s } = arena
  const n = arena.shape.factors
  const { grams, tridiagonal, tridiagonalWork, slices } = parts
  const [diagonal, beside] = [tridiagonal.subarray(0, n), tridiagonal.subarray(s, s + n)]
  const betas = tridiagonal.subarray(2 * s, 2 * s + n)
  alsKernels(memory).tridiagonalize(
    grams.byteOffset,
    n,
    s,
    diagonal.byteOffset,
    beside.byteOffset,
    betas.byteOffset,
    tridiagonalWork.byteOffset,
  )
  const shared = { memory, slices, n }
  const onSlices = { module: alsTasks, rows: s / 8, fewestRows: 8, signal }
  const args = { ...shared, reflections: grams, betas, s }
  await overRows(workers, { ...onSlices, task: reflectSlices, args })
  for (const batch of rotationBatches(parts, qlSweeps(diagonal, beside, tridiagonalWork)))
    await overRows(workers, { ...onSlices, task: rotateSlices, args: { ...shared, ...batch } })
  return packBasis(arena, diagonal)
}

type Batch = { readonly sweeps: Int32Array; readonly turns: Float64Array; readonly count: number }

/** Sweeps noted in the arena, as many at a time as fit. */
function* rotationBatches(
  { sweeps, turns, tridiagonalWork }: AlsArena['parts'],
  all: Iterable<Sweep>,
): Generator<Batch, void> {
  let [count, turned] = [0, 0]
  for (const { last, first } of all) {
    const length = last - first
    turns.set(tridiagonalWork.subarray(0, 2 * length), 2 * turned)
    turned += length
    sweeps[2 * count] = last
    sweeps[2 * count + 1] = first
    count++
    if (turned < mostTurns && count < mostTurns) continue
    yield { sweeps, turns, count }
    count = 0
    turned = 0
  }
  if (count > 0) yield { sweeps, turns, count }
}

/** Sorts the vectors by falling eigenvalue and packs them: strip j / 8 holds, for each coordinate, eight vectors' numbers. */
function packBasis({ parts, stride: s, shape }: AlsArena, values: Float64Array): Float64Array {
  const n = shape.factors
  const { basis, slices } = parts
  const order = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b)
  basis.fill(0)
  for (const [to, from] of order.entries())
    for (let c = 0; c < n; c++)
      basis[(to >> 3) * 8 * s + c * 8 + (to & 7)] = slices[(c >> 3) * 8 * n + from * 8 + (c & 7)]!
  return Float64Array.from(order, (from) => Math.max(0, values[from]!))
}
