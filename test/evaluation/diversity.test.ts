// Diversity of one list: by hand, and by law.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  calibrationDivergence,
  cosineSimilarity,
  intraListDistance,
  measureCategories,
} from '../../src/evaluation/diversity.ts'

/** Artists 0 and 1 alike, 2 at right angles, 3 between, 4 without a direction. */
const vectors = Float32Array.of(1, 0, 2, 0, 0, 3, 1, 1, 0, 0)
const similarity = cosineSimilarity(vectors, 2)

describe('intraListDistance', () => {
  it('is the mean of 1 - cosine over the pairs', () => {
    const half = Math.SQRT1_2
    expect(intraListDistance([0, 1], similarity)).toBeCloseTo(0, 14)
    expect(intraListDistance([0, 1, 2], similarity)).toBeCloseTo(2 / 3, 14)
    expect(intraListDistance([0, 2, 3], similarity)).toBeCloseTo((1 + 2 * (1 - half)) / 3, 7)
    expect(intraListDistance([0, 4], similarity)).toBe(1)
  })

  it('is 0 for fewer than two artists, and passes over empty places', () => {
    expect(intraListDistance([], similarity)).toBe(0)
    expect(intraListDistance([2, -1], similarity)).toBe(0)
    expect(intraListDistance([0, -1, 2, -1], similarity)).toBe(1)
  })
})

describe('measureCategories', () => {
  const genres = { of: Int32Array.of(0, 0, 1, 2, -1, 3), count: 4 }

  it('counts distinct genres and the entropy of their shares', () => {
    expect(measureCategories([0, 2], genres)).toEqual({ coverage: 1, entropy: 1 })
    expect(measureCategories([0, 1, 2, 3], genres)).toEqual({ coverage: 0.75, entropy: 1.5 })
    expect(measureCategories([0, 1], genres)).toEqual({ coverage: 0.5, entropy: 0 })
    expect(measureCategories([0, 1, 2, 3, 5], genres).coverage).toBe(1)
  })

  it('leaves unknown genres and empty places out', () => {
    expect(measureCategories([0, 2, 4, -1], genres)).toEqual({ coverage: 1, entropy: 1 })
    expect(measureCategories([4, -1], genres)).toEqual({ coverage: 0, entropy: 0 })
  })
})

describe('calibrationDivergence', () => {
  const genres = { of: Int32Array.of(0, 0, 1, 1, 2, -1), count: 3 }

  it('is KL(p || 0.99 q + 0.01 p)', () => {
    // p = (3/4, 1/4), q = (1/2, 1/2).
    const byHand =
      0.75 * Math.log(0.75 / (0.99 * 0.5 + 0.01 * 0.75)) + 0.25 * Math.log(0.25 / (0.99 * 0.5 + 0.01 * 0.25))
    expect(calibrationDivergence([0, 1, 0, 2], [0, 2], genres)).toBeCloseTo(byHand, 14)
    expect(calibrationDivergence([0, 2], [1, 3], genres)).toBeCloseTo(0, 14)
  })

  it('is ln 100 for a list with nothing of the mix, and NaN where the mix is unknown', () => {
    expect(calibrationDivergence([0], [4], genres)).toBeCloseTo(Math.log(100), 12)
    expect(calibrationDivergence([0], [], genres)).toBeCloseTo(Math.log(100), 12)
    expect(calibrationDivergence([5], [0], genres)).toBeNaN()
    expect(calibrationDivergence([], [0], genres)).toBeNaN()
  })

  it('lies between 0 and ln 100, and is 0 for the own mix, whatever the lists', () => {
    const artists = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(artists, artists, (history, list) => {
        const divergence = calibrationDivergence(history, list, genres)
        expect(divergence).toBeGreaterThanOrEqual(-1e-12)
        expect(divergence).toBeLessThanOrEqual(Math.log(100) + 1e-12)
        expect(calibrationDivergence(history, history, genres)).toBeCloseTo(0, 12)
      }),
    )
  })
})
