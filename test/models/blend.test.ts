// The blend by hand: two models with scores that are written down, their units, weights and candidates.
import { describe, expect, it } from 'vitest'
import { emptyRows, sparseRows, type Triple } from '../../src/data/interaction-matrix.ts'
import type { Histories, Model } from '../../src/data/model.ts'
import { type Algorithm, emptyRanking, floats, type ModelParts } from '../../src/models/algorithm.ts'
import { blendOf, blendParts } from '../../src/models/blend.ts'
import { readComponents } from '../../src/models/blend-components.ts'
import { holdOut, learnWeights } from '../../src/models/blend-learning.ts'
import { descending, popularity, rankByOrder, scorePlaces } from '../../src/models/popularity.ts'
import { segmentPopularity } from '../../src/models/segment-popularity.ts'
import { dense, historyOf, ownThread, sampleMatrix, settingsWith } from './sample.ts'

const context = { workers: ownThread, seed: 3 }

/** The same score of an artist for everybody, times the length of the history; each known artist gives an equal share. */
const fixedScores = (scores: readonly number[]): Algorithm => ({
  fit: async ({ matrix }) => ({
    artistCount: matrix.columns,
    options: {},
    arrays: { scores: Float32Array.from(scores) },
  }),
  open: openFixed,
})

function openFixed(parts: ModelParts): Model {
  const scores = floats(parts, 'scores', parts.artistCount)
  const lengthOf = ({ interactions: { rowPtr } }: Histories, row: number) => rowPtr[row + 1]! - rowPtr[row]!
  return {
    ...parts,
    async recommend(histories, k, options) {
      const ranking = emptyRanking(parts.artistCount, histories, k)
      const shared = rankByOrder({ order: descending(scores), scores }, histories, { ...options, k })
      ranking.artists.set(shared.artists)
      for (let at = 0; at < ranking.scores.length; at++)
        ranking.scores[at] = shared.scores[at]! * lengthOf(histories, Math.floor(at / k))
      return ranking
    },
    async score(histories, candidates) {
      const scoreOf = (row: number, artist: number) => scores[artist]! * lengthOf(histories, row)
      return scorePlaces(parts, { histories, candidates, scoreOf })
    },
    explain: ({ interactions: { rowPtr, colIndex } }, artist) =>
      [...colIndex.subarray(0, rowPtr[1])].map((artistIndex) => ({ artistIndex, score: scores[artist]! })),
  }
}

/*
 *   artist   0    1    2    3    4    5    6    7
 *   near     8    6    0    0   -1   -1    0    0
 *   far      0    0    3    4    1   -1    0    0
 */
const artistCount = 8
const known = {
  near: fixedScores([8, 6, 0, 0, -1, -1, 0, 0]),
  far: fixedScores([0, 0, 3, 4, 1, -1, 0, 0]),
  popularity,
}
const blend = blendOf(() => known)
const settings = (own: Readonly<Record<string, unknown>>) =>
  settingsWith({ blend: { candidates: 10, ...own } })

describe('a blend', () => {
  const matrix = sparseRows(2, artistCount, [
    [0, 5, 1],
    [1, 5, 1],
    [1, 6, 1],
    [1, 7, 1],
  ])
  const fitTwo = (weights: string, input = matrix) =>
    blend
      .fit({ matrix: input, settings: settings({ components: 'near, far', weights }) }, context)
      .then((parts) => blend.open({ name: 'blend', ...parts }, ownThread))

  it('finds the unit of a model: quadratic mean of the scores above 0, growing with the history as they do', async () => {
    const { options } = await fitTwo('equal')
    // To the listener with one artist near says 8 6 0 0 -1: the two above 0 count among the three that are not 0.
    // To the one with three it says three times that.
    expect([options['0.scalePower'], options['1.scalePower']]).toEqual([1, 1])
    expect(options['0.scaleBase']).toBeCloseTo(Math.sqrt(100 / 3), 5)
    expect(options['1.scaleBase']).toBeCloseTo(Math.sqrt(26 / 3), 5)
    expect([options['0.model'], options['1.model'], options.components]).toEqual(['near', 'far', 2])
  })

  it('adds the scores, each over its unit, weighted; below 0 a thousandth', async () => {
    const model = await fitTwo('3, 1')
    const [near, far] = [Math.sqrt(100 / 3), Math.sqrt(26 / 3)]
    const { artists, scores } = await model.recommend({ interactions: historyOf(artistCount, [5]) }, 6)
    expect([...artists]).toEqual([0, 1, 3, 2, 4, 6])
    const expected = [(3 * 8) / near, (3 * 6) / near, 4 / far, 3 / far, 1 / far - 0.003, 0]
    for (const [at, value] of expected.entries()) expect(scores[at]).toBeCloseTo(value, 5)
    const again = await model.score!(
      { interactions: historyOf(artistCount, [5]) },
      { k: 3, artists: Int32Array.of(4, -1, 0) },
    )
    expect([...again]).toEqual([scores[4], 0, scores[0]])
  })

  it('keeps only models that count, and drops the others before they are fitted', async () => {
    const { options, arrays } = await fitTwo('0, 2')
    expect(options.components).toBe(1)
    expect(options['0.model']).toBe('far')
    expect(Object.keys(arrays)).toEqual(['0.scores'])
  })

  it('shares a score out among the history as its models do', async () => {
    const model = await fitTwo('1, 1')
    const history = { interactions: historyOf(artistCount, [4, 5]) }
    const { artists, scores } = await model.recommend(history, 1)
    const shares = model.explain!(history, artists[0]!)
    expect(shares.map(({ artistIndex }) => artistIndex)).toEqual([4, 5])
    expect(shares.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(scores[0]!, 5)
  })

  it('does not explain what one of its models cannot', async () => {
    const plan = { weights: [1, 1], histories: { interactions: matrix }, candidates: 5 }
    const parts = await Promise.all(
      ['near', 'popularity'].map(async (name) => {
        const algorithm = known[name as 'near']
        const fitted = await algorithm.fit({ matrix, settings: settings({}) }, context)
        return algorithm.open({ name, ...fitted }, ownThread)
      }),
    )
    const mixed = blend.open({ name: 'blend', ...(await blendParts(parts, plan)) }, ownThread)
    expect(mixed.explain).toBeUndefined()
    expect(mixed.similar).toBeUndefined()
  })

  it('weighs equally where there is nothing to learn from, and opens nothing foreign', async () => {
    const { options } = await fitTwo('learned', emptyRows(2, artistCount, 0))
    expect([options['0.weight'], options['1.weight']]).toEqual([0.5, 0.5])
    const parts = { name: 'blend', artistCount, arrays: {}, options: { ...options, '0.model': 'oracle' } }
    expect(() => blend.open(parts, ownThread)).toThrow(expect.objectContaining({ code: 'corrupt' }))
  })
})

describe('learning weights', () => {
  it('holds a tenth out, at least one, and nothing of listeners with a single artist', () => {
    const lengths = [0, 1, 2, 9, 25]
    const triples = lengths.flatMap((length, row) =>
      Array.from({ length }, (_, column): Triple => [row, column, 1 + column]),
    )
    const matrix = sparseRows(5, 30, triples)
    const { train, heldOut } = holdOut(matrix, 1)
    const counts = dense(heldOut).map((row) => row.filter((value) => value > 0).length)
    expect(counts).toEqual([0, 0, 1, 1, 2])
    const both = dense(train).map((row, at) =>
      row.map((value, column) => value + dense(heldOut)[at]![column]!),
    )
    expect(both).toEqual(dense(matrix))
    expect(holdOut(matrix, 1)).toEqual({ train, heldOut })
  })

  it('gives all weight to the model that finds what was held out', async () => {
    const train = sparseRows(2, artistCount, [
      [0, 5, 1],
      [1, 4, 1],
    ])
    const open = async (name: 'near' | 'far') => {
      const parts = await known[name].fit({ matrix: train, settings: settings({}) }, context)
      return known[name].open({ name, ...parts }, ownThread)
    }
    const heldOut = sparseRows(2, artistCount, [
      [0, 3, 1],
      [1, 2, 1],
    ])
    const [near, far] = await learnWeights([await open('near'), await open('far')], {
      histories: { interactions: train },
      heldOut,
      candidates: 6,
    })
    expect(near).toBe(0)
    expect(far).toBeGreaterThan(1)
  })

  it('prefers popularity that knows the segment where segments differ', async () => {
    const matrix = sampleMatrix(120, 40)
    const ofUser = Int32Array.from({ length: 120 }, (_, user) => user % 3)
    const both = blendOf(() => ({ popularity, 'segment-popularity': segmentPopularity }))
    const segments = { count: 3, parent: Int32Array.of(-1, -1, -1), ofUser }
    const parts = await both.fit(
      { matrix, segments, settings: settings({ components: 'popularity, segment-popularity shrinkage=1' }) },
      context,
    )
    const weights = new Map(
      Array.from({ length: Number(parts.options.components) }, (_, at) => [
        parts.options[`${at}.model`],
        Number(parts.options[`${at}.weight`]),
      ]),
    )
    expect(weights.get('segment-popularity')).toBeGreaterThan(weights.get('popularity') ?? 0)
    expect(parts.options['0.of.segmentShrinkage'] ?? parts.options['1.of.segmentShrinkage']).toBe(1)
  })
})

describe('the components of a blend', () => {
  const all = { ...known, als: popularity, edlae: popularity, mrf: popularity, blend }
  const named = (components: string) => readComponents(settings({ components }), 10, all)

  it('are named with settings and seeds of their own', () => {
    const [first, second] = named('als, als factors=3 seed=2')
    expect([first!.settings.als.factors, first!.seedOffset]).toEqual([6, 0])
    expect([second!.settings.als.factors, second!.seedOffset]).toEqual([3, 2])
    expect(second!.settings.als.iterations).toBe(first!.settings.als.iterations)
  })

  it('suit the size of the catalogue when chosen automatically', () => {
    const names = (artists: number) =>
      readComponents(settings({ components: 'auto' }), artists, all).map(({ name }) => name)
    expect(names(1000)).toContain('edlae')
    expect(names(100_000)).toContain('mrf')
    expect(names(100_000)).not.toContain('edlae')
  })

  it.each(['oracle', 'blend', 'als factors=0', 'als colour=red', 'als seed=x', 'popularity a=1'])(
    'refuse %s',
    (components) => {
      expect(() => named(components)).toThrow(expect.objectContaining({ code: 'bad-argument' }))
    },
  )

  it('need as many weights as there are models', async () => {
    for (const weights of ['1', '1, -1', '0, 0', 'a, b'])
      await expect(
        blend.fit(
          { matrix: emptyRows(1, artistCount, 0), settings: settings({ components: 'near, far', weights }) },
          context,
        ),
      ).rejects.toMatchObject({ code: 'bad-argument' })
  })
})
