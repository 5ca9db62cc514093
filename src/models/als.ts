// Implicit ALS: listeners and artists as vectors whose product says how much one likes the other.
import type { SparseRows } from '../data/interaction-matrix.ts'
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
  sharedFloats,
} from './algorithm.ts'
import { fillUsers, openAlsArena } from './als-arena.ts'
import { type Confidence, confidenceScale, weightBy } from './als-confidence.ts'
import { featureParts, openListenerPrior, priorOf, priorShare, pullingPriors } from './als-features.ts'
import { type FoldingRows, openFolding } from './als-folding.ts'
import { ridges, trainAls } from './als-training.ts'
import { openFactorRanking } from './factor-ranking.ts'
import { listenerShares, silentScores } from './popularity.ts'

/**
 * Hu, Koren and Volinsky (2008) with the regularization by frequency of Rendle et al. (2021):
 *
 *   loss = sum over heard (u, i) of c_ui (w_u . h_i - 1)^2 + a0 * sum over all (u, i) of (w_u . h_i)^2
 *        + sum_u lambda (n_u + a0 I)^nu |w_u|^2 + sum_i lambda (n_i + a0 U)^nu |h_i|^2
 *
 * c_ui is 1 by default: on artists, logarithms of play counts were within noise of it and 1 + log(1 + plays) was worse.
 * Only the artist vectors are kept; `recommend` solves each history exactly, as training does. A listener without history
 * has a zero vector and gets the artists by popularity, with scores in [-1, 0].
 *
 * With features of listeners or artists, vectors are pulled to what these say: see als-prior.ts. A listener whose features
 * are handed in then has a vector without any history; an artist nobody played has one too. `explain` gives the features'
 * part of a score as one further share, with artistIndex -1.
 */
export const als: Algorithm = { fit: fitAls, open: openAls }

async function fitAls(input: FitInput, context: FitContext) {
  const { matrix, settings } = input
  const { factors, iterations, regularization, frequencyScaling, unobservedWeight, confidence, solver } =
    settings.als
  const scale = confidenceScale(matrix, confidence)
  const pulling = pullingPriors(input)
  const arena = openAlsArena({
    users: matrix.rows,
    artists: matrix.columns,
    entries: matrix.colIndex.length,
    factors,
    weighted: confidence !== 'binary',
    solver,
    threads: context.workers.threads,
    priors: { listeners: pulling.listeners !== undefined, artists: pulling.artists !== undefined },
  })
  fillUsers(arena, matrix, weightBy(confidence, scale))
  const priors = {
    listeners: priorOf(context.workers, pulling.listeners),
    artists: priorOf(context.workers, pulling.artists),
  }
  const trained = await trainAls({ ...context, arena, start: context.seed, settings: settings.als, priors })
  const { artists, spectrum } = trained
  const kept = await featureParts(context.workers, pulling, { ...trained, settings: settings.als })
  const options = { factors, iterations, regularization, frequencyScaling, unobservedWeight, solver }
  return {
    artistCount: matrix.columns,
    options: { ...options, ...kept.options, seed: context.seed, confidence, confidenceScale: scale },
    arrays: { artistFactors: artists, spectrum, popularity: listenerShares(matrix), ...kept.arrays },
  }
}

function openAls(parts: ModelParts, workers: Workers): Model {
  const { artistCount } = parts
  const d = numberOption(parts, 'factors')
  const factors = floats(parts, 'artistFactors', artistCount * d)
  const silent = silentScores(floats(parts, 'popularity', artistCount))
  const spectrum = floats(parts, 'spectrum', d)
  const folding = openFolding({ factors, d, spectrum, shift: 0 }, workers)
  const prior = openListenerPrior(parts, d)
  const byFactors = openFactorRanking({ artists: factors, d }, workers)
  const historyRows = foldingRows(parts)
  const rowsOf = (histories: Histories): FoldingRows => {
    const rows = historyRows(histories)
    return { ...rows, prior: prior?.means(histories, { ridge: rows.ridge, spectrum }) }
  }
  const silentRows = ({ interactions, features }: Histories) =>
    prior && features ? emptyRowsOf(interactions).filter(emptyIn(features)) : emptyRowsOf(interactions)
  let units: Float32Array | undefined
  return {
    ...parts,
    async recommend(histories, k, { excludeKnown = true, onProgress, signal } = {}) {
      const ranking = emptyRanking(artistCount, histories, k)
      const { interactions } = histories
      const vectors = await folding.fold(rowsOf(histories), { signal })
      const out = { columns: ranking.artists, scores: ranking.scores }
      const exclude = excludeKnown ? interactions : undefined
      await byFactors.rank(vectors, { k, exclude, into: ranking, onProgress, signal })
      for (const row of silentRows(histories)) kernels.orderTop({ ...silent, k }, row, out)
      return ranking
    },
    async score(histories, candidates) {
      const vectors = await folding.fold(rowsOf(histories))
      const scores = byFactors.score(vectors, candidates)
      for (const row of silentRows(histories))
        for (let at = row * candidates.k; at < (row + 1) * candidates.k; at++)
          scores[at] = candidates.artists[at]! < 0 ? 0 : silent.scores[candidates.artists[at]!]!
      return scores
    },
    similar(artist, k) {
      units ??= unitVectors(factors, d)
      return nearest(units, d, artist, k)
    },
    explain(histories, artist) {
      const { interactions } = histories
      if (silentRows(histories).includes(0)) return []
      const systems = folding.systems(rowsOf(histories))
      const shares = kernels.solveShares(systems, 0, artist)
      const own = systems.prior ? [{ artistIndex: -1, score: priorShare(systems, artist, shares) }] : []
      return [...shares]
        .map((score, at) => ({ artistIndex: interactions.colIndex[at]!, score }))
        .concat(own)
        .sort((a, b) => b.score - a.score || a.artistIndex - b.artistIndex)
    },
  }
}

/** Histories as training saw them: values as weights, and each row's ridge. */
function foldingRows(parts: ModelParts): (histories: Histories) => FoldingRows {
  const scale = numberOption(parts, 'confidenceScale')
  const weightOf = weightBy(parts.options.confidence as Confidence, scale)
  const settings = {
    regularization: numberOption(parts, 'regularization'),
    frequencyScaling: numberOption(parts, 'frequencyScaling'),
    unobservedWeight: numberOption(parts, 'unobservedWeight'),
  }
  return ({ interactions }) => {
    const values = sharedFloats(interactions.values.length)
    for (let at = 0; at < values.length; at++) values[at] = weightOf(interactions.values[at]!)
    return {
      matrix: { ...interactions, values },
      ridge: ridges(interactions.rowPtr, parts.artistCount, settings),
    }
  }
}

const emptyIn =
  ({ rowPtr }: SparseRows) =>
  (row: number): boolean =>
    rowPtr[row] === rowPtr[row + 1]

const emptyRowsOf = (rows: SparseRows): number[] =>
  Array.from({ length: rows.rows }, (_, row) => row).filter(emptyIn(rows))

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
