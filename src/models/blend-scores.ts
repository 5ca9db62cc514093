// What a blend makes of its components' scores: candidates put up by each, one unit for all scores, and the weighted sum.
import { type SparseRows, selectRows } from '../data/interaction-matrix.ts'
import type { Candidates, Histories, Model, RankedRows, RecommendOptions } from '../data/model.ts'
import { TastemakerError } from '../errors.ts'
import { sharedWholes } from './algorithm.ts'
import type { Scale } from './blend-components.ts'

/**
 * Weight of a score below 0. Models answer for artists they know nothing of by popularity, from -1 to 0: that must neither
 * count as dislike nor be lost where nobody knows more.
 */
const leak = 1e-3

/** What a score of a component is multiplied with. */
export function factorOf(score: number, divisor: number): number {
  return score > 0 ? 1 / divisor : leak
}

/** base * max(1, n)^power */
export const divisorOf = ({ base, power }: Scale, known: number): number => base * Math.max(1, known) ** power

/** How many artists a row knows. */
export const knownOf = ({ rowPtr }: SparseRows, row: number): number => rowPtr[row + 1]! - rowPtr[row]!

/**
 * The scale of a model: base * n^power nearest, by squared error over listeners, to the quadratic mean of the positive
 * scores of a list, with power one of 0, 0.05, .. 1. Item-item scores grow with the history, ALS scores hardly do: the
 * power says how. Squares, not logarithms: then listeners of whom a model knows next to nothing do not bend the curve.
 * Scale 1 without positive scores.
 * @param length places of a list that count
 */
export async function fitScale(model: Model, histories: Histories, length: number): Promise<Scale> {
  const { interactions } = histories
  const { scores, k } = await model.recommend(histories, length)
  const points: Point[] = []
  for (let row = 0; row < interactions.rows; row++) {
    let [squares, count] = [0, 0]
    for (let at = row * k; at < (row + 1) * k; at++) {
      squares += Math.max(0, scores[at]!) ** 2
      if (scores[at] !== 0) count++
    }
    if (squares > 0)
      points.push({ known: Math.max(1, knownOf(interactions, row)), typical: Math.sqrt(squares / count) })
  }
  return nearestScale(points)
}

/** A listener's known artists, and a typical score of the model. */
type Point = { readonly known: number; readonly typical: number }

const powers = Array.from({ length: 21 }, (_, at) => at / 20)

function nearestScale(points: readonly Point[]): Scale {
  let nearest = { base: 1, power: 0 }
  let least = Infinity
  for (const power of points.length > 0 ? powers : []) {
    let [products, squares] = [0, 0]
    for (const { known, typical } of points) {
      products += typical * known ** power
      squares += known ** (2 * power)
    }
    const base = products / squares
    const error = points.reduce((sum, { known, typical }) => sum + (typical - base * known ** power) ** 2, 0)
    if (error >= least) continue
    least = error
    nearest = { base, power }
  }
  return nearest
}

/** Rows `from` to `to` of histories. */
export function sliceHistories(histories: Histories, from: number, to: number): Histories {
  const rows = Int32Array.from({ length: to - from }, (_, at) => from + at)
  return {
    interactions: selectRows(histories.interactions, rows),
    ...(histories.segments && { segments: histories.segments.slice(from, to) }),
    ...(histories.features && { features: selectRows(histories.features, rows) }),
  }
}

/** The artists that any of the models has among its `length` best of a row, ascending, -1 behind the last. */
export async function gatherCandidates(
  models: readonly Model[],
  histories: Histories,
  { length, ...options }: RecommendOptions & { readonly length: number },
): Promise<Candidates> {
  const lists: RankedRows[] = []
  for (const model of models) lists.push(await model.recommend(histories, length, options))
  const { rows } = histories.interactions
  const unions = Array.from({ length: rows }, (_, row) => {
    const all = new Int32Array(lists.length * length)
    for (const [at, { artists }] of lists.entries())
      all.set(artists.subarray(row * length, (row + 1) * length), at * length)
    return all.sort().filter((artist, at) => artist >= 0 && artist !== all[at - 1])
  })
  const k = unions.reduce((most, union) => Math.max(most, union.length), 0)
  const artists = sharedWholes(rows * k).fill(-1)
  for (const [row, union] of unions.entries()) artists.set(union, row * k)
  return { k, artists }
}

/** The models' own scores of the candidates. */
export async function scoreAll(
  models: readonly Model[],
  histories: Histories,
  candidates: Candidates,
): Promise<Float32Array[]> {
  const scores: Float32Array[] = []
  for (const model of models) {
    if (!model.score)
      throw new TastemakerError(
        'bad-argument',
        `Model ${model.name} cannot score artists, so it cannot be blended.`,
      )
    scores.push(await model.score(histories, candidates))
  }
  return scores
}
