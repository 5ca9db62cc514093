// Item-item cosine by hand, and on the chessboard.
import { describe, expect, it } from 'vitest'
import { sparseRows } from '../../src/data/interaction-matrix.ts'
import { openWorkers } from '../../src/engine/open.ts'
import { fitModel } from '../../src/models/models.ts'
import { chessboard, historyOf, ownThread, sampleMatrix, settingsWith } from './sample.ts'

const context = { workers: ownThread, seed: 1 }

/*
 *   user\artist 0 1 2 3
 *        0    [ 1 5 . . ]
 *        1    [ 2 1 1 . ]
 *        2    [ . . 1 . ]
 *        3    [ . . . 1 ]
 */
const matrix = sparseRows(4, 4, [
  [0, 0, 1],
  [0, 1, 5],
  [1, 0, 2],
  [1, 1, 1],
  [1, 2, 1],
  [2, 2, 1],
  [3, 3, 1],
])

describe('cosine', () => {
  it('is shared listeners over the root of the product of listeners plus the shrinkage', async () => {
    const model = await fitModel(
      'cosine',
      { matrix, settings: settingsWith({ cosine: { shrink: 1 } }) },
      context,
    )
    expect(model.similar!(0, 5)).toEqual([
      { artistIndex: 1, score: expect.closeTo(2 / 3, 6) },
      { artistIndex: 2, score: expect.closeTo(1 / 3, 6) },
    ])
    expect(model.similar!(3, 5)).toEqual([])
  })

  it('adds over the history, and puts artists near to none of it last, by popularity', async () => {
    const model = await fitModel(
      'cosine',
      { matrix, settings: settingsWith({ cosine: { shrink: 0 } }) },
      context,
    )
    const { artists, scores } = await model.recommend({ interactions: historyOf(4, [0, 1]) }, 3)
    expect([...artists]).toEqual([2, 3, -1])
    expect(scores[0]).toBeCloseTo(1 / 2 + 1 / 2, 6)
    expect(scores[1]).toBe(0.25 - 1)
  })

  it('gives the same bytes for any number of threads where the work is shared out', async () => {
    const large = sampleMatrix(6000, 300)
    const arrays = []
    for (const threads of [0, 2, 4]) {
      const workers = openWorkers({ threads })
      const settings = settingsWith({ cosine: { neighbours: 30 } })
      arrays.push((await fitModel('cosine', { matrix: large, settings }, { workers, seed: 1 })).arrays)
      await workers.close()
    }
    expect(arrays[1]).toEqual(arrays[0])
    expect(arrays[2]).toEqual(arrays[0])
  })

  it('keeps the nearest neighbours only', async () => {
    const model = await fitModel(
      'cosine',
      { matrix, settings: settingsWith({ cosine: { neighbours: 1 } }) },
      context,
    )
    expect(model.similar!(0, 5)).toHaveLength(1)
    expect(model.explain!({ interactions: historyOf(4, [2]) }, 0)).toEqual([])
  })

  it('finds the one artist of the own colour that was withheld on a chessboard', async () => {
    const board = chessboard(50)
    const model = await fitModel(
      'cosine',
      { matrix: board, settings: settingsWith({ cosine: { neighbours: 50 } }) },
      context,
    )
    const { artists } = await model.recommend({ interactions: board }, 1)
    expect([...artists]).toEqual(Array.from({ length: 50 }, (_, user) => user))
  })
})
