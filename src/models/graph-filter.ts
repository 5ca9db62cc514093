// The graph filter: what a listener plays, smoothed over the graph of artists, without training.
import { type SparseRows, transpose } from '../data/interaction-matrix.ts'
import type { Model, ScoredArtist } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { kernels } from '../kernels/kernels.ts'
import { layFilterScores } from '../kernels/simd-filter-scores.ts'
import {
  type Algorithm,
  emptyRanking,
  type FitContext,
  type FitInput,
  floats,
  lengthOf,
  type ModelParts,
  numberOption,
  sharedFloats,
  wholes,
} from './algorithm.ts'
import { fitWeights } from './cooccurrence.ts'
import { filterTasks, rank, scoreAt } from './graph-filter-tasks.ts'
import { leadingVectors } from './graph-spectrum.ts'
import { listenerShares, silentScores } from './popularity.ts'
import { overRows } from './row-work.ts'

/**
 * With R = D_listeners^-1/2 X D_artists^-1/2, P = R^T R and V its leading eigenvectors,
 *
 *   scores = D_artists^beta (P + lowPass V V^T) D_artists^-beta x
 *
 * a linear filter plus an ideal low-pass (GF-CF, Shen et al. 2021), both between powers of the artists' degrees (beta as in
 * ChebyCF, Kim et al. 2025; GF-CF has 1/2 around the low-pass and 0 around the linear part). Closed form: no gradient steps.
 * The linear part is a sparse item-item matrix of the co-occurrence family: W_ji = n_i^(beta - 1/2) n_j^(-beta - 1/2) C_ji
 * with C_ji the sum of 1 / n_u over listeners of both; the `neighbours` largest are kept of each j heard, or all. Values of the
 * matrix do not count, only its pattern.
 * Fit: see `fitWeights` and `leadingVectors`; a list: artists x factors multiply-adds and n_u x neighbours additions.
 */
export const graphFilter: Algorithm = { fit, open }

async function fit({ matrix, settings }: FitInput, context: FitContext) {
  const { lowPass, degreeExponent, neighbours } = settings.graphFilter
  // A filter that lets every direction pass is none: at most half of them.
  const most = Math.max(1, Math.floor(Math.min(matrix.rows, matrix.columns) / 2))
  const factors = Math.min(settings.graphFilter.factors, most)
  // Cut by artist heard, not by artist recommended: few rare artists would be all that speaks for a popular one.
  const family = {
    listenerExponent: 1,
    sourceExponent: 0.5 - degreeExponent,
    targetExponent: 0.5 + degreeExponent,
    shrink: 0,
    power: 1,
    neighbours,
    normalize: false,
  }
  const { workers, signal } = context
  const weights = await fitWeights(matrix, family, { workers, ...(signal && { signal }) })
  const { vectors } = await leadingVectors(matrix, factors, context)
  const degrees = new Float64Array(matrix.columns)
  for (const artist of matrix.colIndex) degrees[artist]! += 1
  const lift = sharedFloats(matrix.columns)
  for (let artist = 0; artist < matrix.columns; artist++) {
    const degree = Math.max(1, degrees[artist]!) ** degreeExponent
    lift[artist] = lowPass * degree * degree
    for (let f = artist * factors; f < (artist + 1) * factors; f++) vectors[f]! /= degree
  }
  return {
    artistCount: matrix.columns,
    options: { factors, lowPass, degreeExponent, neighbours, seed: context.seed },
    arrays: { ...weights, heard: vectors, lift, popularity: listenerShares(matrix) },
  }
}

function open(parts: ModelParts, workers: Workers): Model {
  const { artistCount: c } = parts
  const d = numberOption(parts, 'factors')
  const weights = readWeights(parts)
  const near = transpose(weights)
  const heard = floats(parts, 'heard', c * d)
  const lift = floats(parts, 'lift', c)
  const silent = silentScores(floats(parts, 'popularity', c))
  const model = layFilterScores({ c, weights, d, heard, lift }, workers.threads + 1)
  const lowPass = (one: number, other: number): number =>
    lift[one]! *
    kernels.dot(heard.subarray(one * d, (one + 1) * d), heard.subarray(other * d, (other + 1) * d))
  const work = { module: filterTasks, fewestRows: 16 }
  return {
    ...parts,
    async recommend(histories, k, { excludeKnown = true, onProgress, signal } = {}) {
      const ranking = emptyRanking(c, histories, k)
      const { interactions: rows } = histories
      const out = { columns: ranking.artists, scores: ranking.scores }
      const args = { model, rows: bare(rows), exclude: excludeKnown ? bare(rows) : undefined, k, ...out }
      await overRows(workers, { ...work, task: rank, rows: ranking.rows, args, onProgress, signal })
      for (const row of silentRows(rows)) kernels.orderTop({ ...silent, k }, row, out)
      return ranking
    },
    async score(histories, { k, artists: candidates }) {
      const { rows } = emptyRanking(c, histories, k)
      const out = sharedFloats(rows * k)
      const args = { model, rows: bare(histories.interactions), k, candidates, out }
      await overRows(workers, { ...work, task: scoreAt, rows, args })
      for (const row of silentRows(histories.interactions))
        for (let at = row * k; at < (row + 1) * k; at++)
          out[at] = candidates[at]! < 0 ? 0 : silent.scores[candidates[at]!]!
      return out
    },
    similar: (artist, k) =>
      listOf(near, artist)
        .map(({ artistIndex, score }) => ({ artistIndex, score: score + lowPass(artist, artistIndex) }))
        .sort(bestFirst)
        .slice(0, k),
    explain({ interactions }, artist) {
      const linear = new Map(listOf(near, artist).map(({ artistIndex, score }) => [artistIndex, score]))
      return [...interactions.colIndex.subarray(0, interactions.rowPtr[1] ?? 0)]
        .map((artistIndex) => ({
          artistIndex,
          score: (linear.get(artistIndex) ?? 0) + lowPass(artist, artistIndex),
        }))
        .sort(bestFirst)
    },
  }
}

const bare = ({ rowPtr, colIndex }: SparseRows) => ({ rowPtr, colIndex })

/** Listeners without history: the filter is zero for them, and popularity stands in. */
function* silentRows({ rows, rowPtr }: SparseRows): Generator<number> {
  for (let row = 0; row < rows; row++) if (rowPtr[row] === rowPtr[row + 1]) yield row
}

/** Row j: the artists that artist j speaks for, largest weight first. */
function readWeights(parts: ModelParts): SparseRows {
  const { artistCount, arrays } = parts
  const entries = lengthOf(arrays, 'neighbours')
  return {
    rows: artistCount,
    columns: artistCount,
    rowPtr: wholes(parts, 'neighbourPtr', artistCount + 1),
    colIndex: wholes(parts, 'neighbours', entries),
    values: floats(parts, 'weights', entries),
  }
}

function listOf(near: SparseRows, artist: number): ScoredArtist[] {
  const [from, to] = [near.rowPtr[artist]!, near.rowPtr[artist + 1]!]
  return [...near.colIndex.subarray(from, to)].map((artistIndex, at) => ({
    artistIndex,
    score: near.values[from + at]!,
  }))
}

const bestFirst = (a: ScoredArtist, b: ScoredArtist): number =>
  b.score - a.score || a.artistIndex - b.artistIndex
