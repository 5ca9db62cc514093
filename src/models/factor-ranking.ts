// Ranking by factors: the k artists whose vectors have the highest product with a listener's, exactly, for one or all listeners.
import type { Candidates, RankedRows } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'
import { float32, openArena } from '../kernels/arena.ts'
import { kernels } from '../kernels/kernels.ts'
import type { ColumnsByRow } from '../kernels/plain-top.ts'
import { simdSupported } from '../kernels/simd.ts'
import { packColumns } from '../kernels/simd-top.ts'
import { sharedFloats, sharedWholes } from './algorithm.ts'
import { factorRankingTasks, type RankableArtists, rankByFactors } from './factor-ranking-tasks.ts'
import { overRows } from './row-work.ts'

/** How to rank. */
export type FactorRequest = {
  /** Artists a listener, from 0 on. */
  readonly k: number
  /** Artists to leave out of each listener's row; left out: none. */
  readonly exclude?: ColumnsByRow | undefined
  /** Where to write, of the listeners' rows and k, on shared memory; left out: made anew. */
  readonly into?: RankedRows | undefined
  /** Called with the share done, 0..1. */
  readonly onProgress?: ((share: number) => void) | undefined
  /** Aborted: throws `cancelled`. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Artists ready to be ranked. A score is the sum of products in float64 in the order of the factors, rounded to float32: it
 * depends on the two vectors alone, so one listener or all, on any number of threads and any machine, give the same bytes.
 */
export type FactorRanking = {
  /**
   * Best first, equal scores by ascending index, on shared memory. An artist or a listener whose vector is not finite is not
   * ranked or gets nobody. Throws `bad-argument` where the listeners are no rows of d or k is not whole.
   * Cost: at worst rows x artists x d multiply-adds of 8 bits and k x d of 64 a row. Artists are visited from the longest
   * vector on, until none left can reach the k-th best (Cauchy-Schwarz): at Last.fm size 2 to 3 in 100 of them.
   */
  rank(listeners: Float32Array, request: FactorRequest): Promise<RankedRows>
  /** The scores that `rank` gives these artists, place by place; 0 in an empty place. */
  score(listeners: Float32Array, candidates: Candidates): Float32Array
}

/** artists x d, row-major. */
export type FactorArtists = { readonly artists: Float32Array; readonly d: number }

/**
 * Gets artists ready at the first call of `rank` and keeps them: 5 bytes a number, 8 an artist and 2 for every 32 factors of it, and for each thread room for
 * the longest possible list, about 44 bytes an artist. Over 4 GiB throws `too-large` before anything is done.
 */
export function openFactorRanking(side: FactorArtists, workers: Workers): FactorRanking {
  const { artists, d } = side
  let ready: RankableArtists | undefined
  return {
    async rank(listeners, { k, exclude, into, onProgress, signal }) {
      const rows = rowsOf(listeners, d)
      if (!(Number.isInteger(k) && k >= 0))
        throw new TastemakerError('bad-argument', `k must be a whole number from 0 on; it is ${k}.`)
      ready ??= makeReady(side, workers.threads + 1)
      const ranking = into ?? { rows, k, artists: sharedWholes(rows * k), scores: sharedFloats(rows * k) }
      const args = {
        ready,
        left: shared(listeners),
        exclude: exclude && { rowPtr: shared(exclude.rowPtr), colIndex: shared(exclude.colIndex) },
        k,
        columns: ranking.artists,
        scores: ranking.scores,
      }
      const work = { module: factorRankingTasks, task: rankByFactors, rows, args }
      await overRows(workers, { ...work, onProgress, signal })
      return ranking
    },
    score(listeners, candidates) {
      rowsOf(listeners, d)
      const scores = new Float32Array(candidates.artists.length)
      for (const [at, artist] of candidates.artists.entries()) {
        if (artist < 0) continue
        const row = Math.floor(at / candidates.k)
        const listener = listeners.subarray(row * d, (row + 1) * d)
        scores[at] = Math.fround(kernels.dot(listener, artists.subarray(artist * d, (artist + 1) * d))) + 0
      }
      return scores
    },
  }
}

function rowsOf(listeners: Float32Array, d: number): number {
  const rows = listeners.length / d
  if (Number.isInteger(rows)) return rows
  throw new TastemakerError(
    'bad-argument',
    `Listeners must be rows of ${d} numbers; there are ${listeners.length} numbers.`,
  )
}

function makeReady({ artists, d }: FactorArtists, threads: number): RankableArtists {
  const c = artists.length / d
  const purpose = `Ranking ${c} artists of ${d} factors`
  if (simdSupported()) return { kind: 'packed', columns: packColumns(purpose, artists, { c, d, threads }) }
  const { parts } = openArena(purpose, { right: float32(artists.length) })
  parts.right.set(artists)
  return { kind: 'plain', right: parts.right, c, d }
}

/** The same numbers where every thread can read them. */
function shared<array extends Float32Array | Int32Array>(values: array): array {
  if (values.buffer instanceof SharedArrayBuffer) return values
  const make = values instanceof Float32Array ? sharedFloats : sharedWholes
  const copy = make(values.length)
  copy.set(values)
  return copy as array
}
