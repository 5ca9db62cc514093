// Fits exact item-item models: one inverse of artists x artists, or of listeners x listeners where those are fewer.
import { type SparseRows, transpose } from '../data/interaction-matrix.ts'
import type { ModelArrays } from '../data/model.ts'
import { float32, int32, openArena, scratch } from '../kernels/arena.ts'
import { columnRegressions } from '../kernels/plain-inverse.ts'
import { type InverseJob, inversePlan, tilesAcross } from '../kernels/simd-inverse.ts'
import { type FitContext, sharedFloats } from './algorithm.ts'
import { invertSymmetric } from './dense-item-inverse.ts'
import { keptArrays } from './dense-item-kept.ts'
import { leastBin, openSelection, rowTaker, type Selecting, type Selection } from './dense-item-selection.ts'
import {
  type DenseItemJob,
  denseItemTasks,
  dualBlock,
  dualWeights,
  gramRows,
  primalWeights,
  roomBytes,
} from './dense-item-tasks.ts'
import { overRows } from './row-work.ts'

/** Catalogues up to this many artists keep every weight: 4 bytes each, 64 MiB at most. */
export const fullWeightsUpTo = 4096

/** What to fit. */
export type DenseItemFit = {
  /** users x artists; the pattern counts, not the values. */
  readonly matrix: SparseRows
  /** D_j > 0 of an artist with so many listeners. */
  readonly ridge: (listeners: number) => number
  /** Weights kept per artist on average, where there are more than `fullUpTo` artists: see `openSelection`. */
  readonly neighbours: number
  /** Default `fullWeightsUpTo`. */
  readonly fullUpTo?: number
  /** `auto` takes the smaller system; the two are the same but for rounding. Default `auto`. */
  readonly form?: 'auto' | 'primal' | 'dual'
}

/**
 * B[j][i] = -P[j][i] / P[i][i] with P = (x^T x + D)^-1: the ridge regression of every artist on all others, at once.
 *
 * Cost: n^3 flops and 2 n^2 bytes for n = min(artists, listeners). From the inverse to weights takes n^2 flops in the primal, and
 * entries x (listeners + artists) additions in the dual, twice where not all weights are kept. Over 4 GiB (n above about 44,000)
 * throws `too-large` before work begins; a system that is not positive definite in float32 throws `bad-argument`.
 * @returns arrays for `openDenseItems`
 */
export async function fitDenseItems(fit: DenseItemFit, context: FitContext): Promise<ModelArrays> {
  const { matrix, neighbours, fullUpTo = fullWeightsUpTo } = fit
  const artists = matrix.columns
  const full = artists <= fullUpTo
  const job = openJob(fit, context.workers.threads)
  const { memory } = job
  const selection = openSelection(listenersOf(job.byArtist.rowPtr), {
    neighbours: Math.min(neighbours, artists),
    full,
  })
  const take = memory
    ? await prepare({ ...job, memory, selection }, context)
    : async (selecting: Selecting) => takePlainly(fit, selection, selecting)
  if (full) await take('whole')
  else {
    await take('count')
    await take(leastBin(selection))
  }
  context.onProgress?.(1)
  return full ? { weights: turned(selection.values, artists) } : keptArrays(keptRows(selection))
}

/** Inverts the system; returns what takes the rows of weights out of it, as often as asked. */
async function prepare(job: DenseItemJob, context: FitContext) {
  const { workers, signal, onProgress } = context
  const shared = { module: denseItemTasks, signal, fewestRows: 1 }
  await overRows(workers, { ...shared, args: { job }, task: gramRows, rows: job.n })
  await invertSymmetric(job, { ...context, onProgress: (share) => onProgress?.(0.8 * share) })
  return (selecting: Selecting): Promise<void> => {
    const work = { ...shared, args: { job, selecting } }
    if (!job.dual) return overRows(workers, { ...work, task: primalWeights, rows: tilesAcross(job.n) })
    const artists = job.ridge.length
    return overRows(workers, { ...work, task: dualWeights, rows: artists, fewestRows: dualBlock })
  }
}

/** A job, on a machine that may have no SIMD. */
type OpenedJob = Omit<DenseItemJob, 'memory' | 'selection'> & Pick<InverseJob, 'memory'>

/** Lays everything a fit needs into one arena. */
function openJob({ matrix, ridge, form = 'auto' }: DenseItemFit, threads: number): OpenedJob {
  const { rows: users, columns: artists, colIndex, rowPtr } = matrix
  const dual = form === 'auto' ? users < artists : form === 'dual'
  const n = dual ? users : artists
  const byArtist = transpose(matrix)
  const purpose = `An exact item-item model of ${artists} artists and ${users} listeners (for large catalogues there is mrf)`
  const { memory, parts } = openArena(purpose, {
    ...inversePlan(n, threads),
    userPtr: int32(users + 1),
    userIndex: int32(colIndex.length),
    artistPtr: int32(artists + 1),
    artistIndex: int32(colIndex.length),
    ridge: float32(artists),
    gramWeights: float32(dual ? artists : users),
    room: scratch(threads, roomBytes({ n, artists, dual })),
  })
  parts.userPtr.set(rowPtr)
  parts.userIndex.set(colIndex)
  parts.artistPtr.set(byArtist.rowPtr)
  parts.artistIndex.set(byArtist.colIndex)
  for (let artist = 0; artist < artists; artist++)
    parts.ridge[artist] = ridge(byArtist.rowPtr[artist + 1]! - byArtist.rowPtr[artist]!)
  for (let at = 0; at < parts.gramWeights.length; at++)
    parts.gramWeights[at] = dual ? 1 / parts.ridge[at]! : 1
  const { cells, panels, root, progress, tileRoom, room, gramWeights } = parts
  return {
    ...{ cells, panels, root, progress, tileRoom, room, gramWeights, ridge: parts.ridge },
    ...{ memory, n, dual },
    byUser: { rowPtr: parts.userPtr, colIndex: parts.userIndex },
    byArtist: { rowPtr: parts.artistPtr, colIndex: parts.artistIndex },
  }
}

const listenersOf = (rowPtr: Int32Array): Int32Array =>
  Int32Array.from({ length: rowPtr.length - 1 }, (_, artist) => rowPtr[artist + 1]! - rowPtr[artist]!)

/** Without SIMD: weights by the specification, in float64. */
function takePlainly({ matrix, ridge }: DenseItemFit, selection: Selection, selecting: Selecting): void {
  const artists = matrix.columns
  const byArtist = transpose(matrix)
  const ridges = Array.from({ length: artists }, (_, i) =>
    ridge(byArtist.rowPtr[i + 1]! - byArtist.rowPtr[i]!),
  )
  const all = columnRegressions(byArtist, ridges, new Float32Array(matrix.rows).fill(1))
  const taker = rowTaker(selection, selecting)
  for (let artist = 0; artist < artists; artist++)
    taker.take(artist, Float32Array.from(all.subarray(artist * artists, (artist + 1) * artists)))
  taker.end()
}

/** The kept weights as sparse rows, in the order of artists. */
function keptRows({ values, columns, starts, counts }: Selection): SparseRows {
  const artists = counts.length
  const rowPtr = new Int32Array(artists + 1)
  for (let artist = 0; artist < artists; artist++) rowPtr[artist + 1] = rowPtr[artist]! + counts[artist]!
  const colIndex = new Int32Array(rowPtr[artists]!)
  const weights = new Float32Array(rowPtr[artists]!)
  for (let artist = 0; artist < artists; artist++) {
    const [from, to] = [starts[artist]!, starts[artist]! + counts[artist]!]
    colIndex.set(columns.subarray(from, to), rowPtr[artist])
    weights.set(values.subarray(from, to), rowPtr[artist])
  }
  return { rows: artists, columns: artists, rowPtr, colIndex, values: weights }
}

const turnSide = 64

/** The transpose of an n x n matrix, on shared memory. */
function turned(values: Float32Array, n: number): Float32Array {
  const out = sharedFloats(n * n)
  for (let i = 0; i < n; i += turnSide)
    for (let j = 0; j < n; j += turnSide)
      for (let r = i; r < Math.min(n, i + turnSide); r++)
        for (let c = j; c < Math.min(n, j + turnSide); c++) out[c * n + r] = values[r * n + c]!
  return out
}
