// Training of implicit ALS: half-steps that solve all listeners, then all artists, while the other side holds still.
import type { ModelSettings } from './algorithm.ts'
import { type AlsArena, countColumns, withoutPadding } from './als-arena.ts'
import { type AlsWork, findEigenbasis, turnVectors } from './als-eigen.ts'
import { alsTasks, blockOfDraws, drawStart, solve, transposeColumns } from './als-tasks.ts'
import { overRows } from './row-work.ts'

/** Factors, half-steps and weights; the names are those of the settings. */
export type AlsSettings = Pick<
  ModelSettings['als'],
  'factors' | 'iterations' | 'regularization' | 'frequencyScaling' | 'unobservedWeight' | 'solver' | 'cgSteps'
> & {
  /**
   * What an entry weighs on the right-hand side beyond its weight in the matrix. 0: the loss of Rendle et al. (2021), where an
   * entry counts w (s - 1)^2 and every cell a0 s^2. a0: that of Hu et al. (2008), where an entry counts (a0 + w) (s - 1)^2 and
   * only the others a0 s^2.
   */
  readonly shift?: number
}

/** One side while it is solved: what prior means can be made of. All vectors are in the basis of this half-step. */
export type PriorSide = {
  /** rows x stride, as the last half-step left them; zero at first. */
  readonly vectors: Float32Array
  readonly rows: number
  readonly factors: number
  readonly stride: number
  /** One a row. */
  readonly ridges: Float32Array
  /** Dense part of every row's system (stride, the first `factors` count): eigenvalues of the other side's Gram matrix times a0. */
  readonly spectrum: Float32Array
  /** rows x stride, to be filled: the mean of each row's vector. Padding must stay zero. */
  readonly means: Float32Array
}

/** Fills a side's prior means before it is solved: w_u ~ N(m_u, 1 / ridge_u). */
export type PriorOf = (side: PriorSide) => void | Promise<void>

/** A training under way. The arena's `users` are filled; which sides have priors was said when it was opened. */
export type AlsTraining = AlsWork & {
  readonly arena: AlsArena
  /** Where the artists start: vectors (artists x factors), or the seed to draw them by. */
  readonly start: Float32Array | number
  readonly settings: AlsSettings
  readonly priors?:
    | { readonly listeners?: PriorOf | undefined; readonly artists?: PriorOf | undefined }
    | undefined
  readonly onProgress?: ((share: number) => void) | undefined
  /** Called after each half-step with both sides' vectors (rows x stride), in one basis. */
  readonly onHalfStep?: (listeners: Float32Array, artists: Float32Array) => void | Promise<void>
}

/** What training leaves, in the eigenbasis of the artists' Gram matrix: ready to fold histories in. */
export type TrainedAls = {
  /** artists x factors, copied out of the arena. */
  readonly artists: Float32Array
  /** Eigenvalues of that Gram matrix, largest first, times the weight of unobserved cells. */
  readonly spectrum: Float32Array
  /** users x factors of the last half-step, copied out of the arena when asked for. */
  readonly listeners: () => Float32Array
}

/**
 * Runs all iterations, listeners first. Cost of an iteration for n entries: 4 n d (steps + 1) flops by conjugate gradients, and
 * 4 (U + I) d^2 for turning both sides; n d^2 and more exactly. Memory: `alsBytes`.
 */
export async function trainAls(training: AlsTraining): Promise<TrainedAls> {
  const { arena, settings, onProgress, onHalfStep } = training
  const { listeners, artists, stride, shape } = arena
  const d = shape.factors
  await transpose(training)
  fillRidges(arena, settings)
  await fillStart(training)
  const halfSteps = 2 * settings.iterations
  for (let at = 0; at < halfSteps; at++) {
    await halfStep(training, at % 2 === 0 ? 'listeners' : 'artists', at > 0)
    await onHalfStep?.(listeners, artists)
    onProgress?.((at + 1) / (halfSteps + 1))
  }
  const values = await findEigenbasis(arena, artists, training)
  await turnVectors(arena, artists, training)
  await turnVectors(arena, listeners, training)
  onProgress?.(1)
  return {
    artists: withoutPadding(artists, stride, d),
    spectrum: Float32Array.from(values, (value) => settings.unobservedWeight * value),
    listeners: () => withoutPadding(listeners, stride, d),
  }
}

/**
 * One side solved. The fixed side, and with it the side to be solved, is first turned into the eigenbasis of its Gram matrix:
 * products of vectors do not change by it, and the dense part of every row's system becomes diagonal.
 */
async function halfStep(training: AlsTraining, side: 'listeners' | 'artists', warm: boolean): Promise<void> {
  const { arena, settings, priors, workers, signal } = training
  const { memory, parts, stride, room } = arena
  const [fixed, matrix] = side === 'listeners' ? [arena.artists, arena.users] : [arena.listeners, arena.items]
  const solved = arena[side]
  const ridge = side === 'listeners' ? parts.listenerRidge : parts.artistRidge
  const values = await findEigenbasis(arena, fixed, training)
  parts.spectrum.fill(1)
  parts.spectrum.set(values.map((value) => settings.unobservedWeight * value))
  await turnVectors(arena, fixed, training)
  const exact = settings.solver === 'exact'
  const priorOf = priors?.[side]
  if (warm && (priorOf || !exact)) await turnVectors(arena, solved, training)
  const prior = priorOf && (side === 'listeners' ? parts.listenerMeans : parts.artistMeans)
  const { spectrum } = parts
  const priorSide = { vectors: solved, rows: matrix.rows, factors: settings.factors, stride }
  if (prior) await priorOf({ ...priorSide, ridges: ridge, spectrum, means: prior })
  const { rowPtr, colIndex, weights } = matrix
  const rest = { spectrum, ridge, prior, s: stride, shift: settings.shift ?? 0, room }
  const systems = { rowPtr, colIndex, weights, factors: fixed, solved, ...rest }
  const args = { memory, scratch: parts.scratch, systems, steps: exact ? 0 : settings.cgSteps, warm }
  await overRows(workers, { module: alsTasks, task: solve, rows: matrix.rows, args, signal })
}

function fillRidges({ users, items, parts }: AlsArena, settings: AlsSettings): void {
  parts.listenerRidge.set(ridges(users.rowPtr, users.columns, settings))
  parts.artistRidge.set(ridges(items.rowPtr, items.columns, settings))
}

const leastRidge = 1e-6

/**
 * lambda * (n + a0 * others)^nu for each row of n entries, where `others` is the number of columns (Rendle et al. 2021).
 * Never below 1e-6, so that every system has one solution even without regularization.
 */
export function ridges(
  rowPtr: Int32Array,
  others: number,
  settings: Pick<AlsSettings, 'regularization' | 'frequencyScaling' | 'unobservedWeight'>,
): Float32Array {
  const { regularization, frequencyScaling, unobservedWeight } = settings
  const out = new Float32Array(rowPtr.length - 1)
  for (let row = 0; row < out.length; row++) {
    const frequency = rowPtr[row + 1]! - rowPtr[row]! + unobservedWeight * others
    out[row] = Math.max(leastRidge, regularization * frequency ** frequencyScaling)
  }
  return out
}

const transposePieces = 4

async function transpose({ arena, workers, signal }: AlsTraining): Promise<void> {
  countColumns(arena)
  const { users, items } = arena
  const work = { module: alsTasks, task: transposeColumns, rows: items.rows, args: { users, items } }
  await overRows(workers, { ...work, signal, mostRanges: transposePieces })
}

/** Listeners at zero, artists at their start. */
async function fillStart({ arena, start, workers, signal }: AlsTraining): Promise<void> {
  const { listeners, artists, stride, shape } = arena
  const d = shape.factors
  listeners.fill(0)
  artists.fill(0)
  if (typeof start === 'number') {
    const args = { vectors: artists, stride, d, seed: start }
    const rows = Math.ceil(shape.artists / blockOfDraws)
    await overRows(workers, { module: alsTasks, task: drawStart, rows, args, signal, fewestRows: 1 })
  } else
    for (let row = 0; row < shape.artists; row++)
      artists.set(start.subarray(row * d, (row + 1) * d), row * stride)
}

/** The vectors that a seed stands for as `start`: count x d. */
export function startVectors(count: number, d: number, seed: number): Float32Array {
  const vectors = new Float32Array(count * d)
  drawStart({ vectors, stride: d, d, seed, from: 0, to: Math.ceil(count / blockOfDraws) })
  return vectors
}
