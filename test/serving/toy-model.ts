// A model small enough to work out by hand: an artist's score is the sum of its weights to the listener's artists.

import type { ArtistFeatures } from '../../src/data/features.ts'
import { sparseRows } from '../../src/data/interaction-matrix.ts'
import type { Histories, Model, RankedRows } from '../../src/data/model.ts'

/**
 * weights[i][j] is how much playing artist i speaks for artist j; an empty history is answered by ascending index with
 * falling scores.
 */
export function toyModel(weights: readonly (readonly number[])[], name = 'toy'): Model {
  const artistCount = weights.length
  const rowOf = ({ interactions }: Histories, row: number) => [
    ...interactions.colIndex.subarray(interactions.rowPtr[row]!, interactions.rowPtr[row + 1]!),
  ]
  const scoreOf = (own: readonly number[], artist: number) =>
    own.length === 0 ? 1 / (artist + 1) : own.reduce((sum, other) => sum + weights[other]![artist]!, 0)
  return {
    name,
    artistCount,
    options: {},
    arrays: {},
    async recommend(histories, k, { excludeKnown = true } = {}): Promise<RankedRows> {
      const { rows } = histories.interactions
      const artists = new Int32Array(rows * k).fill(-1)
      const scores = new Float32Array(rows * k)
      for (let row = 0; row < rows; row++) {
        const own = rowOf(histories, row)
        const ranked = weights
          .map((_, artist) => ({ artist, score: scoreOf(own, artist) }))
          .filter(({ artist, score }) => score > 0 && !(excludeKnown && own.includes(artist)))
          .sort((a, b) => b.score - a.score || a.artist - b.artist)
          .slice(0, k)
        for (const [at, { artist, score }] of ranked.entries()) {
          artists[row * k + at] = artist
          scores[row * k + at] = score
        }
      }
      return { rows, k, artists, scores }
    },
    similar: (artist, k) =>
      weights[artist]!.map((score, artistIndex) => ({ artistIndex, score }))
        .filter((near) => near.artistIndex !== artist && near.score > 0)
        .sort((a, b) => b.score - a.score || a.artistIndex - b.artistIndex)
        .slice(0, k),
    explain: (histories, artist) =>
      rowOf(histories, 0).map((own) => ({ artistIndex: own, score: weights[own]![artist]! })),
  }
}

/** Artists named A, B, C, ... with ids a, b, c, ... */
export const toyArtists = (count: number): readonly ArtistFeatures[] =>
  Array.from({ length: count }, (_, index) => ({
    artistId: String.fromCharCode(97 + index),
    name: String.fromCharCode(65 + index),
    genre: null,
    followers: null,
    plays: 10,
    listeners: 5,
    activeDays: 1,
    trendingRank: null,
  }))

/** Histories of the given artists per listener. */
export const toyHistories = (
  rows: readonly (readonly number[])[],
  columns: number,
  segments?: readonly number[],
): Histories => ({
  interactions: sparseRows(
    rows.length,
    columns,
    rows.flatMap((own, row) => own.map((column) => [row, column, 1] as const)),
  ),
  ...(segments && { segments: Int32Array.from(segments) }),
})
