// P3alpha and RP3beta by hand.
import { describe, expect, it } from 'vitest'
import { sparseRows } from '../../src/data/interaction-matrix.ts'
import { fitModel } from '../../src/models/models.ts'
import { historyOf, ownThread, settingsWith } from './sample.ts'

const context = { workers: ownThread, seed: 1 }

/*
 *   user\artist 0 1 2      listeners of the artists: 2 3 1; artists of the users: 2 3 1
 *        0    [ 1 1 . ]
 *        1    [ 1 1 1 ]
 *        2    [ . 1 . ]
 */
const matrix = sparseRows(3, 3, [
  [0, 0, 1],
  [0, 1, 1],
  [1, 0, 1],
  [1, 1, 1],
  [1, 2, 1],
  [2, 1, 1],
])

describe('p3alpha', () => {
  it('is the chance to walk over a listener', async () => {
    const settings = settingsWith({ p3alpha: { alpha: 1, normalize: false } })
    const model = await fitModel('p3alpha', { matrix, settings }, context)
    // From 0 (2 listeners): over user 0 (2 artists) and user 1 (3 artists) to 1.
    expect(model.similar!(1, 3)).toEqual([
      { artistIndex: 0, score: expect.closeTo((1 / 2) * (1 / 2 + 1 / 3), 6) },
      { artistIndex: 2, score: expect.closeTo(1 * (1 / 3), 6) },
    ])
  })

  it('scales what each artist says to sum to 1', async () => {
    const settings = settingsWith({ p3alpha: { alpha: 1 } })
    const model = await fitModel('p3alpha', { matrix, settings }, context)
    const { scores } = await model.recommend({ interactions: historyOf(3, [0]) }, 2)
    expect(scores[0]! + scores[1]!).toBeCloseTo(1, 6)
    expect(scores[0]! / scores[1]!).toBeCloseTo((1 / 2 + 1 / 3) / (1 / 3), 5)
  })
})

describe('rp3beta', () => {
  it('divides by the popularity of what is recommended', async () => {
    const settings = settingsWith({ rp3beta: { alpha: 0.5, beta: 2, normalize: false } })
    const model = await fitModel('rp3beta', { matrix, settings }, context)
    const walk = 2 ** -0.5 * (2 ** -0.5 + 3 ** -0.5)
    expect(model.explain!({ interactions: historyOf(3, [0]) }, 1)).toEqual([
      { artistIndex: 0, score: expect.closeTo(walk / 9, 6) },
    ])
    expect(model.explain!({ interactions: historyOf(3, [1]) }, 0)[0]!.score).toBeCloseTo(
      (3 ** -0.5 * (2 ** -0.5 + 3 ** -0.5)) / 4,
      6,
    )
  })

  it('scores given artists as its lists do, and the silent by popularity', async () => {
    const settings = settingsWith({ rp3beta: { neighbours: 1 } })
    const model = await fitModel('rp3beta', { matrix, settings }, context)
    const histories = { interactions: historyOf(3, [0]) }
    const { artists, scores } = await model.recommend(histories, 2)
    expect(await model.score!(histories, { k: 3, artists: Int32Array.of(...artists, -1) })).toEqual(
      Float32Array.of(...scores, 0),
    )
  })
})
