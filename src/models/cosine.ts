// Item-item cosine: artists that share listeners with the ones you play.
import { type SparseRows, transpose } from '../data/interaction-matrix.ts'
import type { Model, ScoredArtist } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import {
  type Algorithm,
  emptyRanking,
  type FitContext,
  type FitInput,
  floats,
  lengthOf,
  type ModelParts,
  sharedFloats,
  sharedWholes,
  wholes,
} from './algorithm.ts'
import { cosine as cosineTask, itemTasks, sparseSum } from './item-tasks.ts'
import { listenerShares, silentScores } from './popularity.ts'
import { overRows } from './row-work.ts'

/**
 * W[j][i] = listeners of both / (sqrt(listeners of j * listeners of i) + shrink), the `neighbours` largest kept for each
 * artist i; the score of i is the sum of W[j][i] over the history (Sarwar et al. 2001, with shrinkage).
 * The pattern counts, not the values: on artists, play counts as weights gained nothing measurable.
 * Artists near to none of the history come last, by popularity, with scores in [-1, 0].
 */
export const cosine: Algorithm = { fit: fitCosine, open: openCosine }

async function fitCosine({ matrix, settings }: FitInput, { workers, onProgress }: FitContext) {
  const artistCount = matrix.columns
  const k = Math.min(settings.cosine.neighbours, Math.max(0, artistCount - 1))
  const columns = sharedWholes(artistCount * k)
  const cosines = sharedFloats(artistCount * k)
  await overRows(workers, {
    module: itemTasks,
    task: cosineTask,
    rows: artistCount,
    args: {
      byColumn: transpose(matrix),
      byRow: matrix,
      c: artistCount,
      shrink: settings.cosine.shrink,
      k,
      columns,
      cosines,
    },
    onProgress,
  })
  return {
    artistCount,
    options: { neighbours: settings.cosine.neighbours, shrink: settings.cosine.shrink },
    arrays: { ...packed({ columns, cosines, k, artistCount }), popularity: listenerShares(matrix) },
  }
}

type Neighbours = {
  readonly columns: Int32Array
  readonly cosines: Float32Array
  readonly k: number
  readonly artistCount: number
}

/** Padded neighbour lists as sparse rows, columns ascending. */
function packed({ columns, cosines, k, artistCount }: Neighbours) {
  const kept = columns.reduce((count, column) => count + (column >= 0 ? 1 : 0), 0)
  const neighbourPtr = sharedWholes(artistCount + 1)
  const neighbours = sharedWholes(kept)
  const values = sharedFloats(kept)
  let to = 0
  for (let artist = 0; artist < artistCount; artist++) {
    const list = [...columns.subarray(artist * k, (artist + 1) * k)]
      .map((column, at) => [column, cosines[artist * k + at]!] as const)
      .filter(([column]) => column >= 0)
      .sort((a, b) => a[0] - b[0])
    for (const [column, value] of list) {
      neighbours[to] = column
      values[to++] = value
    }
    neighbourPtr[artist + 1] = to
  }
  return { neighbourPtr, neighbours, cosines: values }
}

function openCosine(parts: ModelParts, workers: Workers): Model {
  const { artistCount } = parts
  const near = readNeighbours(parts)
  const weights = transpose(near)
  const silent = silentScores(floats(parts, 'popularity', artistCount))
  return {
    ...parts,
    async recommend(histories, k, { excludeKnown = true, onProgress, signal } = {}) {
      const ranking = emptyRanking(artistCount, histories, k)
      const rows = histories.interactions
      const args = {
        rows,
        weights,
        c: artistCount,
        silent: silent.scores,
        silentOrder: silent.order,
        exclude: excludeKnown ? rows : undefined,
        k,
        columns: ranking.artists,
        scores: ranking.scores,
      }
      await overRows(workers, {
        module: itemTasks,
        task: sparseSum,
        rows: ranking.rows,
        args,
        onProgress,
        signal,
      })
      return ranking
    },
    similar: (artist, k) => rowOf(near, artist).sort(bestFirst).slice(0, k),
    explain({ interactions }, artist) {
      const history = new Set(interactions.colIndex.subarray(0, interactions.rowPtr[1] ?? 0))
      return rowOf(near, artist)
        .filter(({ artistIndex }) => history.has(artistIndex))
        .sort(bestFirst)
    },
  }
}

function readNeighbours(parts: ModelParts): SparseRows {
  const { artistCount, arrays } = parts
  const entries = lengthOf(arrays, 'neighbours')
  return {
    rows: artistCount,
    columns: artistCount,
    rowPtr: wholes(parts, 'neighbourPtr', artistCount + 1),
    colIndex: wholes(parts, 'neighbours', entries),
    values: floats(parts, 'cosines', entries),
  }
}

function rowOf(near: SparseRows, artist: number): ScoredArtist[] {
  const from = near.rowPtr[artist] ?? 0
  const to = near.rowPtr[artist + 1] ?? from
  return [...near.colIndex.subarray(from, to)].map((artistIndex, at) => ({
    artistIndex,
    score: near.values[from + at]!,
  }))
}

const bestFirst = (a: ScoredArtist, b: ScoredArtist): number =>
  b.score - a.score || a.artistIndex - b.artistIndex
