// Beyond accuracy: by hand, and on the lists that RecBole tests its own with.
import { describe, expect, it } from 'vitest'
import {
  describeCatalogue,
  giniOf,
  measureSpread,
  measureTaste,
} from '../../src/evaluation/beyond-accuracy.ts'

/** RecBole's tests/metrics: five lists of three out of eight items, numbered from 0 here. */
const lists = [5, 7, 3, 4, 5, 2, 2, 3, 5, 1, 4, 6, 5, 3, 7]

describe('measureSpread', () => {
  it('agrees with RecBole on coverage 7/8 and Gini', () => {
    const counts = [0, 1, 1, 2, 2, 2, 3, 4]
    const gini =
      [-7, -5, -3, -1, 1, 3, 5, 7].reduce((sum, weight, at) => sum + weight * counts[at]!, 0) / (8 * 15)
    const spread = measureSpread(lists, 8)
    expect(spread.coverage).toBe(7 / 8)
    expect(spread.gini).toBeCloseTo(gini, 14)
  })

  it('calls an equal share 0, and all for one nearly 1', () => {
    expect(giniOf(Float64Array.of(2, 2, 2, 2))).toBe(0)
    expect(giniOf(Float64Array.of(0, 0, 0, 8))).toBe(0.75)
    expect(measureSpread([-1, -1], 3)).toEqual({ coverage: 0, gini: 0 })
    expect(measureSpread([], 0)).toEqual({ coverage: 0, gini: 0 })
  })
})

describe('measureTaste', () => {
  const catalogue = describeCatalogue([8, 4, 2, 1, 1, 0])

  it('holds the long tail to be what is not in the most popular 80% of interactions', () => {
    expect([...catalogue.longTail]).toEqual([0, 0, 0, 1, 1, 1])
  })

  it('means popularity, tail share and bits over the filled places', () => {
    const { meanPopularity, longTailShare, novelty } = measureTaste([0, 3, 5, -1], catalogue)
    expect(meanPopularity).toBe(3)
    expect(longTailShare).toBeCloseTo(2 / 3, 14)
    expect(novelty).toBeCloseTo((1 + 4 + 5) / 3, 12)
    expect(measureTaste([-1], catalogue)).toEqual({ meanPopularity: 0, longTailShare: 0, novelty: 0 })
  })
})
