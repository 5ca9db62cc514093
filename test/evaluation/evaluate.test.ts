// Evaluation of a model whose lists are known, listener by listener.
import { describe, expect, it } from 'vitest'
import { emptyRows, type SparseRows, sparseRows } from '../../src/data/interaction-matrix.ts'
import type { Histories, Model } from '../../src/data/model.ts'
import { compareModels, evaluateModel, toFigures } from '../../src/evaluation/evaluate.ts'

/** Ranks artists by index, forwards or backwards, known ones left out. Its score is 1 / place. */
function indexModel(direction: 'up' | 'down', artistCount: number): Model {
  return {
    name: direction,
    artistCount,
    options: {},
    arrays: {},
    async recommend({ interactions }: Histories, k) {
      const { rows, rowPtr, colIndex } = interactions
      const artists = new Int32Array(rows * k).fill(-1)
      const scores = new Float32Array(rows * k)
      for (let row = 0; row < rows; row++) {
        const known = new Set(colIndex.subarray(rowPtr[row]!, rowPtr[row + 1]!))
        const all = Array.from({ length: artistCount }, (_, at) => at).filter((artist) => !known.has(artist))
        const list = (direction === 'up' ? all : all.reverse()).slice(0, k)
        artists.set(list, row * k)
        scores.set(
          list.map((_, at) => 1 / (at + 1)),
          row * k,
        )
      }
      return { rows, k, artists, scores }
    },
  }
}

/*
 *   user   history   held out   masked   list of the rising model, k = 2
 *    0     0         1 4        .        1 2
 *    1     .         .          .        (left out)
 *    2     0 1       4          2        3 4
 */
const histories = {
  interactions: sparseRows(3, 5, [
    [0, 0, 1],
    [2, 0, 1],
    [2, 1, 1],
  ]),
}
const heldOut = sparseRows(3, 5, [
  [0, 1, 1],
  [0, 4, 1],
  [2, 4, 1],
])
const mask = sparseRows(3, 5, [[2, 2, 1]])
const popularity = Float64Array.of(2, 1, 1, 0, 0)
const input = { histories, heldOut, mask, k: 2, popularity }
const rising = () => evaluateModel(indexModel('up', 5), input)
const falling = () => evaluateModel(indexModel('down', 5), input)

describe('evaluateModel', () => {
  it('asks the model with all that is known of the measured listeners: history, segment, features', async () => {
    const asked: Histories[] = []
    const base = indexModel('up', 5)
    const model: Model = {
      ...base,
      recommend(some, k, options) {
        asked.push(some)
        return base.recommend(some, k, options)
      },
    }
    const features = sparseRows(3, 2, [
      [0, 0, 1],
      [1, 0, 1],
      [2, 1, 3],
    ])
    const known = { ...histories, segments: Int32Array.of(4, 5, 6), features }
    await evaluateModel(model, { ...input, histories: known })
    expect(asked).toHaveLength(1)
    expect([...asked[0]!.segments!]).toEqual([4, 6])
    expect(asked[0]!.features).toEqual(
      sparseRows(2, 2, [
        [0, 0, 1],
        [1, 1, 3],
      ]),
    )
  })

  it('measures the listeners who have something to find, with masked artists out of their lists', async () => {
    const { users, usersLeftOut, perUser, means, spread } = await rising()
    expect([...users]).toEqual([0, 2])
    expect(usersLeftOut).toBe(1)
    expect([...perUser.recall]).toEqual([0.5, 1])
    expect([...perUser.mrr]).toEqual([1, 0.5])
    expect(means.recall).toBe(0.75)
    expect(spread.coverage).toBe(4 / 5)
  })

  it('refuses held-out artists that the model was given, and a k of 0', async () => {
    const leaky: SparseRows = sparseRows(3, 5, [[0, 0, 1]])
    await expect(evaluateModel(indexModel('up', 5), { ...input, heldOut: leaky })).rejects.toMatchObject({
      code: 'bad-input',
    })
    await expect(evaluateModel(indexModel('up', 5), { ...input, k: 0 })).rejects.toMatchObject({
      code: 'bad-argument',
    })
  })

  it('has nothing to say without held-out artists', async () => {
    const nobody = await evaluateModel(indexModel('up', 5), { ...input, heldOut: emptyRows(3, 5, 0) })
    expect(nobody.usersLeftOut).toBe(3)
    expect(nobody.means.recall).toBeNaN()
    expect(
      toFigures(nobody, { bootstrapRounds: 10, seed: 1 }).every(({ value }) => Number.isFinite(value)),
    ).toBe(true)
  })
})

describe('toFigures', () => {
  it('names metric, model, interval and unit', async () => {
    const figures = toFigures(await rising(), { bootstrapRounds: 50, seed: 1 })
    const recall = figures.find(({ metric }) => metric === 'recall@2')
    expect(recall).toEqual({ metric: 'recall@2', of: 'up', value: 0.75, low: 0.5, high: 1, unit: 'share' })
    expect(figures.find(({ metric }) => metric === 'usersLeftOut')?.value).toBe(1)
    expect(figures.find(({ metric }) => metric === 'gini@2')?.low).toBeUndefined()
  })
})

describe('compareModels', () => {
  it('is the mean difference, second minus first, and turns its sign with the order', async () => {
    const [a, b] = [await rising(), await falling()]
    const mrrOf = (first: typeof a, second: typeof a) =>
      compareModels(first, second, { rounds: 100, seed: 2 }).find(({ metric }) => metric === 'mrr')!
    const mrr = mrrOf(a, b)
    expect(mrr.difference).toBe(0.25)
    expect([mrr.higher, mrr.lower, mrr.same]).toEqual([1, 0, 1])
    expect(mrrOf(b, a).low).toBeCloseTo(-mrr.high, 12)
  })

  it('refuses measurements of other listeners or lengths', async () => {
    const longer = await evaluateModel(indexModel('up', 5), { ...input, k: 3 })
    const short = await rising()
    expect(() => compareModels(short, longer, { rounds: 10, seed: 1 })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  })
})
