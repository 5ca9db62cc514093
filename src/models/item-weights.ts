// Item-item models at work: scores are sums of the weights between what a listener hears and each artist.
import { type SparseRows, transpose } from '../data/interaction-matrix.ts'
import type { Model, ScoredArtist } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { type ItemScores, layItemScores } from '../kernels/simd-itemscores.ts'
import { emptyRanking, floats, lengthOf, type ModelParts, sharedFloats, wholes } from './algorithm.ts'
import { itemTasks, quickScores, quickSums, sparseScores, sparseSum } from './item-tasks.ts'
import { silentScores } from './popularity.ts'
import { overRows } from './row-work.ts'

/**
 * Opens a model from its parts: `neighbourPtr`, `neighbours` and `weights` as `fitWeights` gives them, and `popularity`.
 * The score of artist i is the sum of W_ji over the artists j of the history: about n_u x neighbours additions a listener.
 * Artists near to none of the history come last, by popularity, with scores in [-1, 0].
 */
export function openItemWeights(parts: ModelParts, workers: Workers): Model {
  const { artistCount } = parts
  const near = readLists(parts)
  const rank = ranker(parts, near, workers)
  return {
    ...parts,
    async recommend(histories, k, { excludeKnown = true, onProgress, signal } = {}) {
      const ranking = emptyRanking(artistCount, histories, k)
      const rows = histories.interactions
      const exclude = excludeKnown ? rows : undefined
      const { artists: columns, scores } = ranking
      await rank.top({ rows, exclude, k, columns, scores }, { onProgress, signal })
      return ranking
    },
    async score(histories, candidates) {
      const { rows } = emptyRanking(artistCount, histories, candidates.k)
      const out = sharedFloats(rows * candidates.k)
      await rank.at({ rows: histories.interactions, k: candidates.k, candidates: candidates.artists, out })
      return out
    },
    similar: (artist, k) => listOf(near, artist).slice(0, k),
    explain({ interactions }, artist) {
      const history = new Set(interactions.colIndex.subarray(0, interactions.rowPtr[1] ?? 0))
      return listOf(near, artist).filter(({ artistIndex }) => history.has(artistIndex))
    },
  }
}

/** Lists by artist recommended, best first: not ascending, as rows elsewhere are. */
function readLists(parts: ModelParts): SparseRows {
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
  const from = near.rowPtr[artist] ?? 0
  const to = near.rowPtr[artist + 1] ?? from
  return [...near.colIndex.subarray(from, to)].map((artistIndex, at) => ({
    artistIndex,
    score: near.values[from + at]!,
  }))
}

type Ears = {
  readonly onProgress?: ((share: number) => void) | undefined
  readonly signal?: AbortSignal | undefined
}
type TopJob = Omit<Parameters<typeof sparseSum>[0], keyof PlainModel | 'from' | 'to'>
type AtJob = Omit<Parameters<typeof sparseScores>[0], keyof PlainModel | 'from' | 'to'>
type PlainModel = {
  readonly weights: SparseRows
  readonly c: number
  readonly silent: Float32Array
  readonly silentOrder: Int32Array
}

/** The kernels that this machine has, over the weights by artist heard. */
function ranker(parts: ModelParts, near: SparseRows, workers: Workers) {
  const { artistCount: c } = parts
  const silent = silentScores(floats(parts, 'popularity', c))
  const model = { weights: transpose(near), c, silent: silent.scores, silentOrder: silent.order }
  const quick = layItemScores(model, workers.threads + 1)
  return quick ? onSimd(quick, workers) : onPlain(model, workers)
}

function onSimd(model: ItemScores, workers: Workers) {
  const work = (rows: SparseRows | TopJob['rows']) => ({ module: itemTasks, rows: rows.rowPtr.length - 1 })
  return {
    top: (job: TopJob, ears: Ears) =>
      overRows(workers, { ...work(job.rows), task: quickSums, args: { model, ...job }, ...ears }),
    at: (job: AtJob) => overRows(workers, { ...work(job.rows), task: quickScores, args: { model, ...job } }),
  }
}

function onPlain(model: PlainModel, workers: Workers) {
  const work = (rows: TopJob['rows']) => ({ module: itemTasks, rows: rows.rowPtr.length - 1 })
  return {
    top: (job: TopJob, ears: Ears) =>
      overRows(workers, { ...work(job.rows), task: sparseSum, args: { ...model, ...job }, ...ears }),
    at: (job: AtJob) =>
      overRows(workers, { ...work(job.rows), task: sparseScores, args: { ...model, ...job } }),
  }
}
