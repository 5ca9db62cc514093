// Popularity: every listener gets the artists with the most listeners; the baseline, and the answer where others are silent.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { Candidates, Histories, Model, RankedRows, RecommendOptions } from '../data/model.ts'
import { TastemakerError } from '../errors.ts'
import { kernels } from '../kernels/kernels.ts'
import {
  type Algorithm,
  emptyRanking,
  floats,
  type ModelParts,
  sharedFloats,
  sharedWholes,
} from './algorithm.ts'

/**
 * Score of an artist: the share of listeners who have it in their history, 0..1. No chance, no settings, no personal answer.
 * A matrix without users gives 0 for all.
 */
export const popularity: Algorithm = {
  async fit({ matrix }) {
    return {
      artistCount: matrix.columns,
      options: {},
      arrays: { popularity: listenerShares(matrix) },
    }
  },
  open: openPopularity,
}

function openPopularity(parts: ModelParts): Model {
  const scores = floats(parts, 'popularity', parts.artistCount)
  const order = descending(scores)
  return {
    ...parts,
    async recommend(histories, k, options) {
      return rankByOrder({ order, scores }, histories, { ...options, k })
    },
    async score(histories, candidates) {
      return scorePlaces(parts, { histories, candidates, scoreOf: (_, artist) => scores[artist]! })
    },
  }
}

/** Candidates to score one by one. */
export type PlacesToScore = {
  readonly histories: Histories
  readonly candidates: Candidates
  readonly scoreOf: (row: number, artist: number) => number
}

/** The score of each place of the candidates, 0 in an empty one; `bad-argument` where they do not fit model and histories. */
export function scorePlaces(
  { name, artistCount }: Pick<Model, 'name' | 'artistCount'>,
  { histories, candidates, scoreOf }: PlacesToScore,
): Float32Array {
  const { k, artists } = candidates
  const { rows, columns } = histories.interactions
  if (columns !== artistCount || artists.length !== rows * k)
    throw new TastemakerError(
      'bad-argument',
      `Model ${name} of ${artistCount} artists got ${artists.length} candidates, ${k} a row, for ${rows} histories over ${columns} artists.`,
    )
  const scores = sharedFloats(artists.length)
  for (let row = 0; row < rows; row++)
    for (let at = row * k; at < (row + 1) * k; at++)
      if (artists[at]! >= 0) scores[at] = scoreOf(row, artists[at]!)
  return scores
}

/** Share of the rows that hold each column, on shared memory; 0 for all where there is no row. */
export function listenerShares(matrix: SparseRows): Float32Array {
  const shares = sharedFloats(matrix.columns)
  for (const artist of matrix.colIndex) shares[artist]! += 1
  for (let artist = 0; artist < shares.length; artist++) shares[artist]! /= Math.max(1, matrix.rows)
  return shares
}

/** Indices by score, highest first, ties ascending; on shared memory. */
export function descending(scores: Float32Array): Int32Array {
  const order = sharedWholes(scores.length)
  for (let at = 0; at < order.length; at++) order[at] = at
  return order.sort((a, b) => scores[b]! - scores[a]! || a - b)
}

/**
 * What a model that is silent about an artist says of it: the share of listeners less one, in [-1, 0], so that popularity
 * orders the silent ones among themselves.
 */
export function silentScores(shares: Float32Array): { scores: Float32Array; order: Int32Array } {
  const scores = sharedFloats(shares.length)
  for (let artist = 0; artist < scores.length; artist++) scores[artist] = shares[artist]! - 1
  return { scores, order: descending(scores) }
}

/** Artists in one order for everybody, and the score of each. */
export type SharedOrder = { readonly order: Int32Array; readonly scores: Float32Array }

/** The first k artists of a shared order for each history, known ones left out unless asked for. */
export function rankByOrder(
  shared: SharedOrder,
  histories: Histories,
  { k, excludeKnown = true, onProgress }: RecommendOptions & { readonly k: number },
): RankedRows {
  const ranking = emptyRanking(shared.scores.length, histories, k)
  const exclude = excludeKnown ? histories.interactions : undefined
  const out = { columns: ranking.artists, scores: ranking.scores }
  for (let row = 0; row < ranking.rows; row++) kernels.orderTop({ ...shared, exclude, k }, row, out)
  onProgress?.(1)
  return ranking
}
