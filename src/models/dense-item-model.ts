// Puts the weights of an exact item-item model to work: all of them as a square, or the kept ones as sparse rows.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { Histories, Model, ScoredArtist } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { float32, openArena, scratch } from '../kernels/arena.ts'
import { emptyRanking, floats, lengthOf, type ModelParts } from './algorithm.ts'
import { openKeptItems } from './dense-item-kept.ts'
import { type DenseRanking, denseRankingTasks, denseScores, denseTop } from './dense-item-ranking.ts'
import { scorePlaces, silentScores } from './popularity.ts'
import { overRows } from './row-work.ts'

/**
 * score(u, i) = sum over the history of B[j][i]; artists on whom the history is silent (a sum of exactly 0) come by
 * popularity, with scores in [-1, 0], and so do all for a listener without history. Weights may be negative.
 * `similar` names the artists that speak most for one; `explain` splits a score into its weights exactly.
 */
export const openDenseItems = (parts: ModelParts, workers: Workers): Model =>
  lengthOf(parts.arrays, 'neighbourPtr') > 0 ? openKeptItems(parts, workers) : openSquare(parts, workers)

function openSquare(parts: ModelParts, workers: Workers): Model {
  const { artistCount } = parts
  const popularity = floats(parts, 'popularity', artistCount)
  const silent = silentScores(popularity).scores
  const { memory, parts: made } = openArena(`${artistCount} x ${artistCount} item-item weights`, {
    weights: float32(artistCount ** 2),
    room: scratch(workers.threads + 1, 8 * artistCount),
  })
  const { weights } = made
  weights.set(floats(parts, 'weights', artistCount ** 2))
  const rankingOf = ({ interactions: { rowPtr, colIndex } }: Histories): DenseRanking => ({
    memory,
    ...made,
    artists: artistCount,
    rowPtr,
    colIndex,
    silent,
  })
  return {
    ...parts,
    arrays: { weights, popularity },
    async recommend(histories, k, { excludeKnown = true, onProgress, signal } = {}) {
      const answer = emptyRanking(artistCount, histories, k)
      const out = { columns: answer.artists, scores: answer.scores }
      const args = { ranking: rankingOf(histories), excludeKnown, k, ...out }
      const work = { module: denseRankingTasks, task: denseTop, rows: answer.rows, args }
      await overRows(workers, { ...work, onProgress, signal })
      return answer
    },
    async score(histories, candidates) {
      const scores = scorePlaces(parts, { histories, candidates, scoreOf: () => 0 })
      const args = { ranking: rankingOf(histories), k: candidates.k, candidates: candidates.artists, scores }
      const { rows } = histories.interactions
      await overRows(workers, { module: denseRankingTasks, task: denseScores, rows, args })
      return scores
    },
    similar: (artist, k) =>
      Array.from({ length: artistCount }, (_, source) => ({
        artistIndex: source,
        score: weights[source * artistCount + artist]!,
      }))
        .filter(({ score }) => score > 0)
        .sort(bestFirst)
        .slice(0, k),
    explain: ({ interactions }, artist) =>
      historyOf(interactions)
        .map((source) => ({ artistIndex: source, score: weights[source * artistCount + artist]! }))
        .filter(({ score }) => score !== 0)
        .sort(bestFirst),
  }
}

const historyOf = ({ rowPtr, colIndex }: SparseRows): number[] => [...colIndex.subarray(0, rowPtr[1] ?? 0)]

const bestFirst = (a: ScoredArtist, b: ScoredArtist): number =>
  b.score - a.score || a.artistIndex - b.artistIndex
