// The score model by hand: midranks, the listener's mean, the sign rule and the threshold.
import { describe, expect, it } from 'vitest'
import { emptyRows, sparseRows } from '../../src/data/interaction-matrix.ts'
import { fitModel } from '../../src/models/models.ts'
import { matchOf } from '../../src/models/score-model.ts'
import { historyOf, ownThread, settingsWith } from './sample.ts'

const context = { workers: ownThread, seed: 1 }

/*
 *   artist     0    1    2    3
 *   listeners  3    2    1    0    midrank  7/8  5/8  3/8  1/8
 *   plays      3    6    9    0    midrank  3/8  5/8  7/8  1/8
 *   score                          .25  .25  .25 -.75
 */
const matrix = sparseRows(3, 4, [
  [0, 0, 1],
  [1, 0, 1],
  [2, 0, 1],
  [0, 1, 3],
  [1, 1, 3],
  [2, 2, 9],
])
const train = (threshold: number) =>
  fitModel('score-model', { matrix, settings: settingsWith({ scoreModel: { threshold } }) }, context)

describe('the score model', () => {
  it('scores artists by the mean of two midrank percentiles, stretched to [-1, 1]', async () => {
    const { arrays } = await train(-1)
    expect([...arrays.artistScores!]).toEqual([0.25, 0.25, 0.25, -0.75])
  })

  it('multiplies with the confidence-weighted mean of the history', async () => {
    const history = sparseRows(1, 4, [
      [0, 0, 7],
      [0, 3, 1],
    ])
    const model = await train(-1)
    const { artists, scores } = await model.recommend({ interactions: history }, 4, { excludeKnown: false })
    const listener = (7 * 0.25 - 0.75) / 8
    expect([...artists]).toEqual([0, 1, 2, 3])
    expect([...scores]).toEqual([0.25, 0.25, 0.25, -0.75].map((score) => listener * score))
  })

  it('never takes two negatives for a liking', async () => {
    expect(matchOf(-0.5, -0.5)).toBe(-0.25)
    expect(matchOf(-0.5, 0.5)).toBe(-0.25)
    expect(matchOf(0.5, 0.5)).toBe(0.25)
    const { artists, scores } = await (await train(-1)).recommend({ interactions: historyOf(4, [3]) }, 4)
    expect([...artists]).toEqual([0, 1, 2, -1])
    expect([...scores]).toEqual([-0.1875, -0.1875, -0.1875, 0])
  })

  it('recommends only what is above the threshold', async () => {
    const listen = { interactions: historyOf(4, [0]) }
    expect([...(await (await train(-0.2)).recommend(listen, 3)).artists]).toEqual([1, 2, 3])
    expect([...(await (await train(0)).recommend(listen, 3)).artists]).toEqual([1, 2, -1])
    expect([...(await (await train(0.0625)).recommend(listen, 3)).artists]).toEqual([-1, -1, -1])
  })

  it('scores as it ranks, also below the threshold', async () => {
    const histories = { interactions: historyOf(4, [3]) }
    const { k, artists, scores } = await (await train(-1)).recommend(histories, 4)
    const strict = await train(0.9)
    expect(await strict.score!(histories, { k, artists })).toEqual(scores)
  })

  it('takes a listener without history for the mean listener', async () => {
    const model = await train(-1)
    expect(model.arrays.meanListener![0]).toBe(0.25)
    const { scores } = await model.recommend({ interactions: emptyRows(1, 4, 0) }, 4)
    expect([...scores]).toEqual([0.0625, 0.0625, 0.0625, -0.1875])
  })
})
