// Ranking by all weights of an exact item-item model, on worker threads.
import { createTop } from '../kernels/plain-top.ts'
import { type Scratch, simd, withScratch } from '../kernels/simd.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const denseRankingTasks = import.meta.url

/** Listeners to rank by dense weights. */
export type DenseRanking = {
  /** Absent where the machine has no SIMD. */
  readonly memory: WebAssembly.Memory | undefined
  /** artists x artists, a row for each artist of a history. */
  readonly weights: Float32Array
  readonly artists: number
  readonly room: Scratch
  readonly rowPtr: Int32Array
  readonly colIndex: Int32Array
  /** Scores of artists whose sum is exactly 0. */
  readonly silent: Float32Array
}

type DenseTop = RowRange & {
  readonly ranking: DenseRanking
  readonly excludeKnown: boolean
  readonly k: number
  /** rows x k. */
  readonly columns: Int32Array
  readonly scores: Float32Array
}

/** Ranks all artists for rows `from` to `to`: sums of weights with their k best in one pass. */
export function denseTop({ ranking, excludeKnown, k, columns, scores, from, to }: DenseTop): void {
  const { rowPtr, colIndex, artists } = ranking
  const top = createTop(k)
  for (let row = from; row < to; row++) {
    withSums(ranking, row, (sums) => {
      if (excludeKnown)
        for (let at = rowPtr[row]!; at < rowPtr[row + 1]!; at++) sums[colIndex[at]!] = Number.NaN
      for (let artist = 0; artist < artists; artist++) top.offer(artist, sums[artist]!)
    })
    top.drain(columns, scores, row * k)
  }
}

type DenseScores = RowRange & {
  readonly ranking: DenseRanking
  readonly k: number
  /** rows x k artists, -1 in an empty place. */
  readonly candidates: Int32Array
  readonly scores: Float32Array
}

/** The scores of given artists for rows `from` to `to`, those of `denseTop` to the bit. */
export function denseScores({ ranking, k, candidates, scores, from, to }: DenseScores): void {
  for (let row = from; row < to; row++)
    withSums(ranking, row, (sums) => {
      for (let at = row * k; at < (row + 1) * k; at++)
        scores[at] = candidates[at]! >= 0 ? sums[candidates[at]!]! : 0
    })
}

/** Hands over the summed weights of one history, valid for the call only. */
function withSums(ranking: DenseRanking, row: number, use: (sums: Float32Array) => void): void {
  const { memory, weights, artists, room, rowPtr, colIndex, silent } = ranking
  const history = colIndex.subarray(rowPtr[row]!, rowPtr[row + 1]!)
  withScratch(room, (address) => {
    const indices = new Int32Array(weights.buffer, address, artists)
    const sums = new Float32Array(weights.buffer, address + 4 * artists, artists)
    indices.set(history)
    if (memory)
      simd<SumKernels>('inverse', memory).sumRows(
        weights.byteOffset,
        artists,
        indices.byteOffset,
        history.length,
        sums.byteOffset,
      )
    else sumPlainly(weights, history, sums)
    for (let artist = 0; artist < artists; artist++) if (sums[artist] === 0) sums[artist] = silent[artist]!
    use(sums)
  })
}

type SumKernels = {
  sumRows(weights: number, n: number, indices: number, count: number, sums: number): void
}

function sumPlainly(weights: Float32Array, history: Int32Array, sums: Float32Array): void {
  sums.fill(0)
  for (const source of history)
    for (let artist = 0; artist < sums.length; artist++)
      sums[artist]! += weights[source * sums.length + artist]!
}
