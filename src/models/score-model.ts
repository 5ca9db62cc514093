// The score model: one score a listener, one score an artist, and their product against a threshold.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { Histories, Model, RankedRows, RecommendOptions, ScoredArtist } from '../data/model.ts'
import {
  type Algorithm,
  emptyRanking,
  floats,
  type ModelParts,
  numberOption,
  sharedFloats,
} from './algorithm.ts'
import { scorePlaces } from './popularity.ts'

/**
 * Artist score in [-1, 1]: midrank percentile by listeners plus midrank percentile by total confidence, less one.
 * Listener score in [-1, 1]: mean of the scores of the history's artists, weighted by confidence; a listener without
 * history counts as the mean listener of training.
 * Match = product of both, but where both are negative the product is negated: a listener of the unusual shown an unusual
 * artist is no liking by itself, and two negatives must not look like one.
 * Only artists with a match above the threshold are recommended: a high threshold gives short lists, -1 behind them.
 */
export const scoreModel: Algorithm = {
  async fit({ matrix, settings }) {
    const scores = artistScores(matrix)
    return {
      artistCount: matrix.columns,
      options: { threshold: settings.scoreModel.threshold },
      arrays: { artistScores: scores, meanListener: Float32Array.of(meanListener(matrix, scores)) },
    }
  },
  open: openScoreModel,
}

/** The product of two scores in [-1, 1], negated where both are negative. */
export const matchOf = (listener: number, artist: number): number =>
  listener < 0 && artist < 0 ? -listener * artist : listener * artist

function artistScores(matrix: SparseRows): Float32Array {
  const listeners = new Float64Array(matrix.columns)
  const confidence = new Float64Array(matrix.columns)
  for (let at = 0; at < matrix.colIndex.length; at++) {
    listeners[matrix.colIndex[at]!]! += 1
    confidence[matrix.colIndex[at]!]! += matrix.values[at]!
  }
  const byListeners = midranks(listeners)
  const byConfidence = midranks(confidence)
  const scores = sharedFloats(matrix.columns)
  for (let artist = 0; artist < scores.length; artist++)
    scores[artist] = byListeners[artist]! + byConfidence[artist]! - 1
  return scores
}

/** (values below + half of the equal ones) / all, for each value: in (0, 1), mean 1/2. */
function midranks(values: Float64Array): Float64Array {
  const order = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!)
  const out = new Float64Array(values.length)
  for (let from = 0, to = 0; from < order.length; from = to) {
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (let at = from; at < to; at++) out[order[at]!] = (from + to) / 2 / order.length
  }
  return out
}

function listenerScore(rows: SparseRows, row: number, scores: Float32Array): number | undefined {
  let sum = 0
  let weight = 0
  for (let at = rows.rowPtr[row]!; at < rows.rowPtr[row + 1]!; at++) {
    sum += rows.values[at]! * scores[rows.colIndex[at]!]!
    weight += rows.values[at]!
  }
  return weight > 0 ? sum / weight : undefined
}

function meanListener(matrix: SparseRows, scores: Float32Array): number {
  let sum = 0
  let count = 0
  for (let row = 0; row < matrix.rows; row++) {
    const score = listenerScore(matrix, row, scores)
    if (score === undefined) continue
    sum += score
    count++
  }
  return count > 0 ? sum / count : 0
}

function openScoreModel(parts: ModelParts): Model {
  const scores = floats(parts, 'artistScores', parts.artistCount)
  const mean = floats(parts, 'meanListener', 1)[0]!
  const threshold = numberOption(parts, 'threshold')
  const orders = matchOrders(scores)
  return {
    ...parts,
    async recommend(histories, k, options) {
      const ranking = emptyRanking(parts.artistCount, histories, k)
      for (let row = 0; row < ranking.rows; row++) {
        const listener = listenerScore(histories.interactions, row, scores) ?? mean
        fillRow(ranking, row, {
          listener,
          scores,
          threshold,
          order: orderFor(orders, listener),
          histories,
          options,
        })
      }
      options?.onProgress?.(1)
      return ranking
    },
    async score(histories, candidates) {
      const listeners = Float64Array.from(
        { length: histories.interactions.rows },
        (_, row) => listenerScore(histories.interactions, row, scores) ?? mean,
      )
      const scoreOf = (row: number, artist: number) => matchOf(listeners[row]!, scores[artist]!)
      return scorePlaces(parts, { histories, candidates, scoreOf })
    },
    explain: (histories, artist) => contributions(histories.interactions, scores, artist),
  }
}

/** Artists by falling match: for listeners above 0, at 0, and below 0. */
type MatchOrders = { readonly above: Int32Array; readonly even: Int32Array; readonly below: Int32Array }

function matchOrders(scores: Float32Array): MatchOrders {
  const even = Int32Array.from(scores.keys())
  return {
    above: even.toSorted((a, b) => scores[b]! - scores[a]! || a - b),
    even,
    below: even.toSorted((a, b) => Math.abs(scores[a]!) - Math.abs(scores[b]!) || a - b),
  }
}

function orderFor({ above, even, below }: MatchOrders, listener: number): Int32Array {
  if (listener > 0) return above
  return listener < 0 ? below : even
}

type RowToFill = {
  readonly listener: number
  readonly scores: Float32Array
  readonly threshold: number
  readonly order: Int32Array
  readonly histories: Histories
  readonly options: RecommendOptions | undefined
}

function fillRow(ranking: RankedRows, row: number, fill: RowToFill): void {
  const { listener, scores, threshold, order } = fill
  const { rowPtr, colIndex } = fill.histories.interactions
  const excluded = fill.options?.excludeKnown ?? true
  const known = new Set(excluded ? colIndex.subarray(rowPtr[row]!, rowPtr[row + 1]!) : [])
  const start = row * ranking.k
  let count = 0
  for (let at = 0; at < order.length && count < ranking.k; at++) {
    const artist = order[at]!
    const match = matchOf(listener, scores[artist]!)
    if (!(match > threshold)) break
    if (known.has(artist)) continue
    ranking.artists[start + count] = artist
    ranking.scores[start + count++] = match
  }
  ranking.artists.fill(-1, start + count, start + ranking.k)
}

/** Shares of the match in proportion to confidence times artist score: the match is linear in the listener's score. */
function contributions(rows: SparseRows, scores: Float32Array, artist: number): readonly ScoredArtist[] {
  const listener = listenerScore(rows, 0, scores)
  if (listener === undefined) return []
  const slope = listener < 0 && scores[artist]! < 0 ? -scores[artist]! : scores[artist]!
  const history = rows.values.subarray(0, rows.rowPtr[1]!)
  const weight = history.reduce((sum, value) => sum + value, 0)
  return [...history]
    .map((value, at) => {
      const artistIndex = rows.colIndex[at]!
      return { artistIndex, score: (value / weight) * scores[artistIndex]! * slope }
    })
    .sort((a, b) => b.score - a.score || a.artistIndex - b.artistIndex)
}
