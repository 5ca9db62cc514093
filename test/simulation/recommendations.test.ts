// The logging policy and the click model: propensities that are true.
import { describe, expect, test } from 'vitest'
import { createCatalogue } from '../../src/simulation/catalogue.ts'
import { genreVectors } from '../../src/simulation/genres.ts'
import { createPopularity, pools } from '../../src/simulation/popularity.ts'
import { clickProbability, drawSlots, propensityOf } from '../../src/simulation/recommendations.ts'
import { createRandom } from '../../src/statistics/random.ts'

const random = createRandom(5)
const catalogue = createCatalogue(60, random.fork('catalogue'), {
  vectors: genreVectors(random.fork('genres')),
  startAt: Date.UTC(2026, 0, 1),
  days: 30,
})
const popularity = createPopularity(catalogue)(3)
const everyone = catalogue.artists.map((_, artist) => artist)

describe.each(['control', 'treatment'] as const)('the policy of %s', (variant) => {
  const who = { variant, genre: catalogue.genreOf[0]! }

  test('has propensities that sum to 1 over all artists', () => {
    const sum = everyone.reduce((total, artist) => total + propensityOf(popularity, artist, who), 0)
    expect(sum).toBeCloseTo(1, 12)
  })

  test('shows each artist in a slot as often as its propensity says', () => {
    const draws = 40_000
    const shown = new Float64Array(60)
    for (let draw = 0; draw < draws; draw++) shown[drawSlots(popularity, random, who)[2]!.artist]! += 1
    for (const artist of everyone) {
      const chance = propensityOf(popularity, artist, who)
      const slack = 5 * Math.sqrt((chance * (1 - chance)) / draws) + 1e-12
      expect(Math.abs(shown[artist]! / draws - chance)).toBeLessThan(slack)
    }
  })

  test('shows 5 to 10 different artists that have debuted', () => {
    for (let draw = 0; draw < 500; draw++) {
      const artists = drawSlots(popularity, random, who).map(({ artist }) => artist)
      expect(artists.length >= 5 && artists.length <= pools).toBe(true)
      expect(new Set(artists).size).toBe(artists.length)
      expect(artists.every((artist) => popularity.weights[artist]! > 0)).toBe(true)
    }
  })
})

test('a click needs a look and a liking: worked by hand', () => {
  // First slot, affinity 1: 1 * (0.02 + 0.45) = 0.47. Second slot, affinity 0.5: 2^-0.6 * (0.02 + 0.1125) = 0.087416...
  expect(clickProbability(1, 1)).toBeCloseTo(0.47, 12)
  expect(clickProbability(0.5, 2)).toBeCloseTo(0.6597539554 * 0.1325, 9)
  expect(clickProbability(1, 11)).toBe(0)
})
