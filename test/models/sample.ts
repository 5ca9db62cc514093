// Small invented matrices for the tests of models, and threads to run them on.
import { readSettings } from '../../src/config.ts'
import { type SparseRows, sparseRows, type Triple } from '../../src/data/interaction-matrix.ts'
import { openWorkers } from '../../src/engine/open.ts'
import type { ModelSettings, Segments } from '../../src/models/algorithm.ts'
import { createRandom } from '../../src/statistics/random.ts'

/** The calling thread as the only worker. */
export const ownThread = openWorkers({ threads: 0 })

/** Settings small enough for tests, with some of them set: `settingsWith({ als: { factors: 3 } })`. */
export const settingsWith = (models: Readonly<Record<string, unknown>>): ModelSettings =>
  readSettings({ file: { models: small }, flags: { models } }).models

const small = {
  als: { factors: 6, iterations: 4, regularization: 0.01, unobservedWeight: 0.1 },
  cosine: { neighbours: 12, shrink: 1 },
  segmentPopularity: { shrinkage: 5 },
}

/** Settings small enough for tests. */
export const smallSettings: ModelSettings = settingsWith({})

/** Users x artists with popular artists first, whole values 1..9, and every tenth user without history. */
export function sampleMatrix(users: number, artists: number, seed = 1): SparseRows {
  const random = createRandom(seed)
  const triples: Triple[] = []
  for (let user = 0; user < users; user++) {
    if (user % 10 === 9) continue
    for (let artist = 0; artist < artists; artist++) {
      const taste = user % 3 === artist % 3 ? 2 : 0.5
      if (random.uniform() < (taste * 3) / (artist + 8)) triples.push([user, artist, 1 + random.below(9)])
    }
  }
  return sparseRows(users, artists, triples)
}

/** Two countries below all listeners, and two age groups below the first. */
export const sampleSegments = (users: number): Segments => ({
  count: 4,
  parent: Int32Array.of(-1, -1, 0, 0),
  ofUser: Int32Array.from({ length: users }, (_, user) => (user % 5) - 1),
})

/**
 * A chessboard: user u plays the artists of u's own colour but the one at u.
 *
 *   u\i 0 1 2 3 4 5
 *    0  . . x . x .
 *    1  . . . x . x
 *    2  x . . . x .
 */
export function chessboard(size: number): SparseRows {
  const triples: Triple[] = []
  for (let user = 0; user < size; user++)
    for (let artist = user % 2; artist < size; artist += 2)
      if (artist !== user) triples.push([user, artist, 1])
  return sparseRows(size, size, triples)
}

/** One row of history. */
export const historyOf = (columns: number, artists: readonly number[]): SparseRows =>
  sparseRows(
    1,
    columns,
    artists.map((artist): Triple => [0, artist, 1]),
  )

/** A sparse matrix as rows of numbers. */
export const dense = (matrix: SparseRows): number[][] =>
  Array.from({ length: matrix.rows }, (_, row) => {
    const out = new Array<number>(matrix.columns).fill(0)
    for (let at = matrix.rowPtr[row]!; at < matrix.rowPtr[row + 1]!; at++)
      out[matrix.colIndex[at]!] = matrix.values[at]!
    return out
  })
