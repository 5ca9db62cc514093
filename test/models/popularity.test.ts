// Popularity, for all and by segment, by hand.
import { describe, expect, it } from 'vitest'
import { emptyRows, sparseRows } from '../../src/data/interaction-matrix.ts'
import { fitModel } from '../../src/models/models.ts'
import { historyOf, ownThread, settingsWith, smallSettings } from './sample.ts'

const context = { workers: ownThread, seed: 1 }

/*
 *   user  segment       artists 0 1 2
 *    0    Arvale              [ 1 . 1 ]
 *    1    Arvale              [ 1 . . ]
 *    2    Bremmer             [ . 1 1 ]
 *    3    unknown             [ 1 1 . ]
 */
const matrix = sparseRows(4, 3, [
  [0, 0, 1],
  [0, 2, 9],
  [1, 0, 1],
  [2, 1, 1],
  [2, 2, 1],
  [3, 0, 1],
  [3, 1, 1],
])
const [arvale, bremmer] = [0, 1]
const segments = { count: 2, parent: Int32Array.of(-1, -1), ofUser: Int32Array.of(0, 0, 1, -1) }

describe('popularity', () => {
  it('scores an artist by the share of listeners, plays aside', async () => {
    const model = await fitModel('popularity', { matrix, settings: smallSettings }, context)
    const { artists, scores } = await model.recommend({ interactions: emptyRows(1, 3, 0) }, 3)
    expect([...artists]).toEqual([0, 1, 2])
    expect([...scores]).toEqual([0.75, 0.5, 0.5])
  })

  it('scores any artists asked for, 0 in an empty place', async () => {
    const model = await fitModel('popularity', { matrix, settings: smallSettings }, context)
    const candidates = { k: 2, artists: Int32Array.of(2, 0, -1, 1) }
    expect([...(await model.score!({ interactions: emptyRows(2, 3, 0) }, candidates))]).toEqual([
      0.5, 0.75, 0, 0.5,
    ])
    for (const [rows, columns] of [
      [1, 3],
      [2, 4],
    ] as const)
      await expect(
        model.score!({ interactions: emptyRows(rows, columns, 0) }, candidates),
      ).rejects.toMatchObject({ code: 'bad-argument' })
  })

  it('steps over what the listener knows', async () => {
    const model = await fitModel('popularity', { matrix, settings: smallSettings }, context)
    const { artists } = await model.recommend({ interactions: historyOf(3, [0, 2]) }, 2)
    expect([...artists]).toEqual([1, -1])
  })
})

describe('segment popularity', () => {
  const train = (segmentShrinkage: number) =>
    fitModel(
      'segment-popularity',
      { matrix, segments, settings: settingsWith({ segmentPopularity: { shrinkage: segmentShrinkage } }) },
      context,
    )
  const ask = async (segment: number, shrinkage = 7) => {
    const model = await train(shrinkage)
    const histories = { interactions: emptyRows(1, 3, 0), segments: Int32Array.of(segment) }
    const { artists, scores } = await model.recommend(histories, 3)
    return [...artists].map((artist, at) => [artist, scores[at]!] as const)
  }

  it('mixes the segment with all listeners: (own count + 7 x 3/7) / (3 + 7) for artist 0 in Arvale', async () => {
    const [first, second, third] = await ask(arvale)
    expect(first![0]).toBe(0)
    expect(first![1]).toBeCloseTo((2 + 7 * (3 / 7)) / 10, 6)
    expect(second).toEqual([2, expect.closeTo((1 + 7 * (2 / 7)) / 10, 6)])
    expect(third).toEqual([1, expect.closeTo((7 * (2 / 7)) / 10, 6)])
  })

  it('is the segment alone without shrinkage', async () => {
    expect(await ask(bremmer, 0)).toEqual([
      [1, 0.5],
      [2, 0.5],
      [0, 0],
    ])
  })

  it('scores as it ranks, for each listener by the own segment', async () => {
    const model = await train(7)
    const histories = { interactions: emptyRows(3, 3, 0), segments: Int32Array.of(bremmer, -1, arvale) }
    const { k, artists, scores } = await model.recommend(histories, 3)
    expect(await model.score!(histories, { k, artists })).toEqual(scores)
  })

  it('answers as all listeners for an unknown segment', async () => {
    expect((await ask(-1)).map(([artist]) => artist)).toEqual([0, 1, 2])
    expect(await ask(99)).toEqual(await ask(-1))
  })

  it('hands evidence up to the parent, and a segment without members answers as its parent', async () => {
    const nested = { count: 2, parent: Int32Array.of(-1, 0), ofUser: Int32Array.of(0, 0, 0, 0) }
    const model = await fitModel(
      'segment-popularity',
      { matrix, segments: nested, settings: smallSettings },
      context,
    )
    const asked = { interactions: emptyRows(2, 3, 0), segments: Int32Array.of(0, 1) }
    const { scores } = await model.recommend(asked, 3)
    expect([...scores.subarray(3)]).toEqual([...scores.subarray(0, 3)])
  })

  it('refuses segments that are their own ancestors, and users of no segment', async () => {
    const circle = { count: 2, parent: Int32Array.of(1, 0), ofUser: Int32Array.of(0, 0, 1, -1) }
    const foreign = { ...segments, ofUser: Int32Array.of(0, 0, 2, -1) }
    for (const wrong of [circle, foreign])
      await expect(
        fitModel('segment-popularity', { matrix, segments: wrong, settings: smallSettings }, context),
      ).rejects.toMatchObject({ code: 'bad-argument' })
  })
})
