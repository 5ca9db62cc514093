// Intervals of means: what they cover, and the paired comparison by hand.
import { describe, expect, it } from 'vitest'
import { bootstrapMean, comparePaired, quantileOf } from '../../src/statistics/bootstrap.ts'
import { createRandom } from '../../src/statistics/random.ts'

const options = { rounds: 500, seed: 1 }

describe('bootstrapMean', () => {
  it('covers the true mean about 95 times in 100', () => {
    const random = createRandom(9)
    let covered = 0
    for (let trial = 0; trial < 400; trial++) {
      const values = Float64Array.from({ length: 60 }, () => random.exponential())
      const { low, high } = bootstrapMean(values, { rounds: 200, seed: trial })
      if (low <= 1 && 1 <= high) covered++
    }
    expect(covered / 400).toBeGreaterThan(0.89)
    expect(covered / 400).toBeLessThan(0.98)
  })

  it('agrees with the normal interval on many values', () => {
    const random = createRandom(4)
    const many = Float64Array.from({ length: 20_000 }, () => random.uniform())
    const resampled = bootstrapMean(many.subarray(1), options)
    const normal = bootstrapMean(many, options)
    expect(normal.low).toBeCloseTo(resampled.low, 3)
    expect(normal.high).toBeCloseTo(resampled.high, 3)
  })

  it('is a point for values that are all the same, and nothing for none', () => {
    expect(bootstrapMean(Float64Array.of(2, 2, 2), options)).toEqual({ value: 2, low: 2, high: 2 })
    expect(bootstrapMean(Float64Array.of(7), options)).toEqual({ value: 7, low: 7, high: 7 })
    expect(bootstrapMean(new Float64Array(0), options).value).toBeNaN()
  })

  it('gives the same interval for the same seed, and refuses too few rounds', () => {
    const values = Float64Array.of(1, 5, 2, 8)
    expect(bootstrapMean(values, options)).toEqual(bootstrapMean(values, options))
    expect(() => bootstrapMean(values, { rounds: 3, seed: 1 })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  })
})

describe('comparePaired', () => {
  it('by hand: 3 higher, 1 lower, 1 same', () => {
    const first = Float64Array.of(1, 1, 1, 1, 1)
    const second = Float64Array.of(2, 3, 1, 0, 2)
    const { difference, higher, lower, same, signTestP } = comparePaired(first, second, options)
    expect(difference).toBeCloseTo(0.6, 14)
    expect([higher, lower, same]).toEqual([3, 1, 1])
    expect(signTestP).toBeCloseTo((2 * (1 + 4)) / 16, 12)
  })

  it('has a sign test that is exact for few and near to it for many', () => {
    const split = (higher: number, lower: number) =>
      comparePaired(
        new Float64Array(higher + lower),
        Float64Array.from({ length: higher + lower }, (_, at) => (at < higher ? 1 : -1)),
        { rounds: 10, seed: 1 },
      ).signTestP
    expect(split(0, 0)).toBe(1)
    expect(split(5, 5)).toBe(1)
    expect(split(10, 0)).toBeCloseTo(2 / 1024, 12)
    expect(split(530, 470)).toBeCloseTo(split(531, 470), 1)
    expect(split(600, 401)).toBeLessThan(1e-8)
  })

  it('refuses values of different things', () => {
    expect(() => comparePaired(new Float64Array(2), new Float64Array(3), options)).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  })
})

describe('quantileOf', () => {
  it('lies between neighbours', () => {
    expect(quantileOf(Float64Array.of(1, 2, 4), 0.75)).toBe(3)
    expect(quantileOf(Float64Array.of(1, 2, 4), 1)).toBe(4)
  })
})
