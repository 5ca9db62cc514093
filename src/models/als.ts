// Implicit ALS: listeners and artists as vectors whose product says how much one likes the other.
import { transpose } from '../data/interaction-matrix.ts'
import type { Histories, Model, ScoredArtist } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { kernels } from '../kernels/kernels.ts'
import {
  type Algorithm,
  emptyRanking,
  type FitContext,
  type FitInput,
  floats,
  type ModelParts,
  numberOption,
} from './algorithm.ts'
import { alsTasks, foldIn } from './als-tasks.ts'
import {
  type Confidence,
  confidenceScale,
  ridges,
  startVectors,
  trainAls,
  turnToEigenbasis,
  weighted,
} from './als-training.ts'
import { listenerShares, silentScores } from './popularity.ts'
import { overRows } from './row-work.ts'

/**
 * Hu, Koren and Volinsky (2008) with the regularization by frequency of Rendle et al. (2021), nu = 1:
 *
 *   loss = sum over heard (u, i) of c_ui (w_u . h_i - 1)^2 + a0 * sum over all (u, i) of (w_u . h_i)^2
 *        + sum_u lambda (n_u + a0 I) |w_u|^2 + sum_i lambda (n_i + a0 U) |h_i|^2
 *
 * c_ui is 1 by default: on artists, logarithms of play counts were within noise of it and 1 + log(1 + plays) was worse.
 * Only the artist vectors are kept; `recommend` solves each history exactly, as training does. A listener without history
 * has a zero vector and gets the artists by popularity, with scores in [-1, 0].
 */
export const als: Algorithm = { fit: fitAls, open: openAls }

async function fitAls({ matrix, settings }: FitInput, context: FitContext) {
  const { factors, iterations, regularization, unobservedWeight, confidence } = settings.als
  const scale = confidenceScale(matrix, confidence)
  const users = weighted(matrix, confidence, scale)
  const artists = startVectors(matrix.columns, factors, context.seed)
  await trainAls({
    users,
    items: transpose(users),
    artists,
    settings: { factors, iterations, regularization, unobservedWeight },
    ...context,
  })
  const shape = { rows: matrix.columns, d: factors, unobservedWeight }
  const spectrum = Float32Array.from(await turnToEigenbasis(context.workers, artists, shape))
  const options = { factors, iterations, regularization, unobservedWeight, seed: context.seed }
  return {
    artistCount: matrix.columns,
    options: { ...options, confidence, confidenceScale: scale },
    arrays: { artistFactors: artists, spectrum, popularity: listenerShares(matrix) },
  }
}

function openAls(parts: ModelParts, workers: Workers): Model {
  const { artistCount } = parts
  const d = numberOption(parts, 'factors')
  const factors = floats(parts, 'artistFactors', artistCount * d)
  const spectrum = Float64Array.from(floats(parts, 'spectrum', d))
  const silent = silentScores(floats(parts, 'popularity', artistCount))
  const scale = numberOption(parts, 'confidenceScale')
  const ridgeOptions = {
    regularization: numberOption(parts, 'regularization'),
    unobservedWeight: numberOption(parts, 'unobservedWeight'),
  }
  let units: Float32Array | undefined
  const systemsOf = ({ interactions }: Histories) => {
    const matrix = weighted(interactions, parts.options.confidence as Confidence, scale)
    const ridge = ridges(interactions.rowPtr, artistCount, ridgeOptions)
    return { matrix: { ...matrix, weights: matrix.values }, factors, d, spectrum, ridge }
  }
  return {
    ...parts,
    async recommend(histories, k, { excludeKnown = true, onProgress, signal } = {}) {
      const ranking = emptyRanking(artistCount, histories, k)
      const exclude = excludeKnown ? histories.interactions : undefined
      const out = { columns: ranking.artists, scores: ranking.scores }
      const args = { systems: systemsOf(histories), c: artistCount, k, exclude, ...out }
      await overRows(workers, {
        module: alsTasks,
        task: foldIn,
        rows: ranking.rows,
        args,
        onProgress,
        signal,
      })
      const { rowPtr } = histories.interactions
      for (let row = 0; row < ranking.rows; row++)
        if (rowPtr[row] === rowPtr[row + 1]) kernels.orderTop({ ...silent, k }, row, out)
      return ranking
    },
    similar(artist, k) {
      units ??= unitVectors(factors, d)
      return nearest(units, d, artist, k)
    },
    explain(histories, artist) {
      const { interactions } = histories
      if (!interactions.rowPtr[1]) return []
      const shares = kernels.solveShares(systemsOf(histories), 0, artist)
      return [...shares]
        .map((score, at) => ({ artistIndex: interactions.colIndex[at]!, score }))
        .sort((a, b) => b.score - a.score || a.artistIndex - b.artistIndex)
    },
  }
}

/** The vectors at length 1, with zero vectors left at zero. */
function unitVectors(factors: Float32Array, d: number): Float32Array {
  const units = factors.slice()
  for (let at = 0; at < units.length; at += d) {
    const unit = units.subarray(at, at + d)
    const length = Math.sqrt(kernels.dot(unit, unit))
    if (length > 0) for (let f = 0; f < d; f++) unit[f]! /= length
  }
  return units
}

/** The k artists of highest cosine, as far as it is above 0: an artist nobody played has no direction and is near to none. */
function nearest(units: Float32Array, d: number, artist: number, k: number): readonly ScoredArtist[] {
  const columns = new Int32Array(k)
  const scores = new Float32Array(k)
  const exclude = { rowPtr: Int32Array.of(0, 1), colIndex: Int32Array.of(artist) }
  const left = Float64Array.from(units.subarray(artist * d, (artist + 1) * d))
  const c = units.length / d
  kernels.productTop({ left, from: 0, to: 1, right: units, c, d, k, exclude, columns, scores })
  return [...columns]
    .map((artistIndex, at) => ({ artistIndex, score: scores[at]! }))
    .filter(({ score }) => score > 0)
}
