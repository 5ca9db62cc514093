// The graph filter against dense eigenvectors, by hand, and its spectrum.
import { describe, expect, it } from 'vitest'
import { sparseRows } from '../../src/data/interaction-matrix.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import { leadingVectors } from '../../src/models/graph-spectrum.ts'
import { fitModel } from '../../src/models/models.ts'
import { chessboard, dense, historyOf, ownThread, sampleMatrix, settingsWith } from './sample.ts'

const context = { workers: ownThread, seed: 1 }

/** P = R^T R, dense. */
function adjacency(rows: number[][], columns: number): Float64Array {
  const degrees = Array.from({ length: columns }, (_, i) => rows.filter((row) => row[i]! > 0).length)
  const out = new Float64Array(columns * columns)
  for (const row of rows) {
    const size = row.filter((cell) => cell > 0).length
    for (let i = 0; i < columns; i++)
      for (let j = 0; j < columns; j++)
        if (row[i]! > 0 && row[j]! > 0)
          out[i * columns + j]! += 1 / size / Math.sqrt(degrees[i]! * degrees[j]!)
  }
  return out
}

describe('leadingVectors', () => {
  it('finds the eigenvectors that a dense decomposition finds', async () => {
    const [users, artists, factors] = [300, 200, 10]
    const matrix = sampleMatrix(users, artists)
    const { values, vectors } = await leadingVectors(matrix, factors, context)
    const exact = kernels.symmetricEigen(adjacency(dense(matrix), artists), artists)
    for (let f = 0; f < factors; f++) {
      expect(values[f]).toBeCloseTo(exact.values[f]!, 4)
      let overlap = 0
      for (let i = 0; i < artists; i++) overlap += vectors[i * factors + f]! * exact.vectors[f * artists + i]!
      expect(Math.abs(overlap)).toBeCloseTo(1, 2)
    }
  })

  it('has no more vectors than the matrix has directions', async () => {
    const matrix = sparseRows(2, 3, [
      [0, 0, 1],
      [0, 1, 1],
      [1, 2, 1],
    ])
    const { values } = await leadingVectors(matrix, 8, context)
    expect([...values].map((value) => Number(value.toFixed(3)))).toEqual([1, 1, 0, 0, 0, 0, 0, 0])
  })
})

describe('graph-filter', () => {
  it('is the linear filter plus the low-pass between powers of popularity', async () => {
    /*
     *   user\artist 0 1 2 3
     *        0    [ 1 1 . . ]      two groups apart: the leading vectors are (1, 1, 0, 0) and (0, 0, 1, 1), over sqrt 2
     *        1    [ 1 1 . . ]
     *        2    [ . . 1 1 ]
     *        3    [ . . 1 1 ]
     */
    const matrix = sparseRows(
      4,
      4,
      [0, 1, 2, 3].flatMap((user) => [0, 1].map((artist) => [user, (user < 2 ? 0 : 2) + artist, 1] as const)),
    )
    const settings = settingsWith({ graphFilter: { factors: 8, lowPass: 0.3, degreeExponent: 0.25 } })
    const model = await fitModel('graph-filter', { matrix, settings }, context)
    const { artists, scores } = await model.recommend({ interactions: historyOf(4, [0]) }, 2)
    expect(artists[0]).toBe(1)
    // P_01 = (1/2 + 1/2) / 2; both artists have two listeners, so the powers cancel.
    expect(scores[0]).toBeCloseTo(0.5 + 0.3 * 0.5, 4)
    expect(scores[1]).toBeCloseTo(0, 4)
  })

  it('scores given artists as its lists do', async () => {
    const matrix = sampleMatrix(80, 40)
    const settings = settingsWith({ graphFilter: { factors: 16 } })
    const model = await fitModel('graph-filter', { matrix, settings }, context)
    const { artists, scores, k } = await model.recommend({ interactions: matrix }, 12)
    expect(await model.score!({ interactions: matrix }, { k, artists })).toEqual(scores)
  })

  it('finds the one artist of the own colour that was withheld on a chessboard', async () => {
    const board = chessboard(50)
    const settings = settingsWith({ graphFilter: { factors: 8 } })
    const model = await fitModel('graph-filter', { matrix: board, settings }, context)
    const { artists } = await model.recommend({ interactions: board }, 1)
    expect([...artists]).toEqual(Array.from({ length: 50 }, (_, user) => user))
  })
})
