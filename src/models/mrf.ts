// Sparse Markov random field: EASE for large catalogues, each artist regressed on its own neighbourhood.
import { type SparseRows, transpose } from '../data/interaction-matrix.ts'
import { TastemakerError } from '../errors.ts'
import { openArena } from '../kernels/arena.ts'
import { type FieldJob, fieldPlan, standardize, storedPerColumn } from '../kernels/simd-mrf.ts'
import type { Algorithm, FitContext, FitInput } from './algorithm.ts'
import { keptArrays, openKeptItems } from './dense-item-kept.ts'
import { covariances, mrfTasks, regressions } from './mrf-tasks.ts'
import { descending, listenerShares } from './popularity.ts'
import { overRows } from './row-work.ts'

/**
 * Steck (NeurIPS 2019), one block an artist. With G = x^T x, mu_j = G_jj / U and s_j = (G_jj - U mu_j^2)^(-alpha / 2):
 *
 *   S_ab = (G_ab - U mu_a mu_b) s_a s_b;   N_i the `neighbours` artists of largest |S_ji| that share a listener with i;
 *   (S[N, N] + lambda) b = S[N, i];        B_ji = b_j s_j / s_i;   score(u, i) = sum over the history of B_ji.
 *
 * The whole catalogue as neighbourhood is EASE on S. Memory: 8 bytes for each stored covariance, 1.5 GiB at most (each pair is stored
 * with its less popular artist; where that one has too many, the strongest, and the others count as uncorrelated), 8 bytes a
 * weight, the matrix twice.
 * Cost: one pass over the pairs of each history, then d^3 / 3 flops and d stored lists read for each artist of d neighbours.
 * A catalogue whose lists do not fit in 4 GiB throws `too-large`; systems that are not positive definite throw `bad-argument`.
 */
export const mrf: Algorithm = { fit: fitMrf, open: openKeptItems }

async function fitMrf({ matrix, settings }: FitInput, context: FitContext) {
  const { neighbours, regularization, alpha } = settings.mrf
  const fitted = openJob(matrix, settings.mrf, context.workers.threads)
  const { job, order } = fitted
  const { workers, signal, onProgress } = context
  const work = { module: mrfTasks, rows: matrix.columns, args: { job }, signal, mostRanges: 512 }
  await overRows(workers, { ...work, task: covariances, onProgress: (share) => onProgress?.(share / 2) })
  await overRows(workers, {
    ...work,
    task: regressions,
    onProgress: (share) => onProgress?.((1 + share) / 2),
  })
  const failed = job.failed[0]!
  if (failed > 0)
    throw new TastemakerError(
      'bad-argument',
      `The covariances around artist ${order[failed - 1]} are not positive definite with regularization ${regularization}; raise models.mrf.regularization.`,
    )
  return {
    artistCount: matrix.columns,
    options: { neighbours, regularization, alpha },
    arrays: { ...keptArrays(fittedWeights(fitted)), popularity: listenerShares(matrix) },
  }
}

type MrfSettings = FitInput['settings']['mrf']

type Fitted = { readonly job: FieldJob; readonly order: Int32Array }

/** Lays a matrix into an arena with its artists numbered by popularity, as the kernel likes them. */
function openJob(matrix: SparseRows, settings: MrfSettings, threads: number): Fitted {
  const { rows, columns, rowPtr, colIndex } = matrix
  const neighbours = Math.min(settings.neighbours, Math.max(0, columns - 1))
  const shape = { columns, rows, entries: colIndex.length, neighbours, threads }
  const purpose = `A Markov random field of ${columns} artists with ${neighbours} neighbours each`
  const { memory, parts } = openArena(purpose, fieldPlan(shape))
  const order = descending(listenerShares(matrix))
  const numberOf = new Int32Array(columns)
  for (const [number, artist] of order.entries()) numberOf[artist] = number
  parts.rowPtr.set(rowPtr)
  for (let at = 0; at < colIndex.length; at++) parts.colIndex[at] = numberOf[colIndex[at]!]!
  const byArtist = transpose({ ...matrix, colIndex: parts.colIndex })
  parts.columnPtr.set(byArtist.rowPtr)
  parts.rowIndex.set(byArtist.colIndex)
  standardize(parts, settings.alpha)
  const ridge = settings.regularization
  return { job: { ...parts, memory, stored: storedPerColumn(columns), neighbours, ridge }, order }
}

/** The weights of each artist's neighbourhood as sparse rows, by the artists' own indices. */
function fittedWeights({ job, order }: Fitted): SparseRows {
  const { near, nearCounts, neighbours, weights } = job
  const columns = order.length
  const rowPtr = new Int32Array(columns + 1)
  for (const [number, artist] of order.entries()) rowPtr[artist + 1] = nearCounts[number]!
  for (let artist = 0; artist < columns; artist++) rowPtr[artist + 1]! += rowPtr[artist]!
  const colIndex = new Int32Array(rowPtr[columns]!)
  const values = new Float32Array(rowPtr[columns]!)
  for (const [number, artist] of order.entries()) {
    const from = number * neighbours
    for (let place = 0; place < nearCounts[number]!; place++) {
      colIndex[rowPtr[artist]! + place] = order[near[from + place]!]!
      values[rowPtr[artist]! + place] = weights[from + place]!
    }
  }
  return { rows: columns, columns, rowPtr, colIndex, values }
}
