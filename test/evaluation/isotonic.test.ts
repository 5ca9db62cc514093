// Isotonic calibration: pooled by hand, never falling, and chosen only where it foretells better.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrated } from '../../src/data/calibration.ts'
import { fitCalibration } from '../../src/evaluation/fit-calibration.ts'
import { fitIsotonic } from '../../src/evaluation/isotonic.ts'
import { createRandom } from '../../src/statistics/random.ts'

describe('fitIsotonic', () => {
  it('pools neighbours that fall: 0 1 0 1 becomes 0 1/2 1/2 1, kept 1/6 off the ends', () => {
    const fitted = fitIsotonic([4, 2, 1, 3], [1, 1, 0, 0])
    expect(fitted.scores).toEqual([1, 2, 3, 4])
    expect(fitted.probabilities).toEqual([1 / 6, 0.5, 0.5, 5 / 6])
    expect(calibrated(fitted, 2.9)).toBe(0.5)
    expect(calibrated(fitted, 1.5)).toBeCloseTo((1 / 6 + 0.5) / 2, 12)
    expect(calibrated(fitted, -7)).toBe(1 / 6)
    expect(calibrated(fitted, 99)).toBe(5 / 6)
  })

  it('counts equal scores as one, and pools all where scores speak against the labels', () => {
    expect(fitIsotonic([1, 1, 1, 1], [1, 0, 0, 0])).toEqual({ scores: [1], probabilities: [0.25] })
    expect(fitIsotonic([3, 1, 2], [0, 1, 1])).toEqual({ scores: [1, 3], probabilities: [2 / 3, 2 / 3] })
    expect(fitIsotonic([], [])).toEqual({ scores: [0], probabilities: [0.5] })
  })

  it('never falls, stays within 0 and 1, and keeps the mean of the labels', () => {
    const pairs = fc.array(fc.tuple(fc.integer({ min: -9, max: 9 }), fc.boolean()), { minLength: 1 })
    fc.assert(
      fc.property(pairs, (all) => {
        const scores = all.map(([score]) => score)
        const labels = all.map(([, clicked]) => Number(clicked))
        const fitted = fitIsotonic(scores, labels)
        const sorted = fitted.probabilities.toSorted((a, b) => a - b)
        expect(fitted.probabilities).toEqual(sorted)
        expect(sorted[0]).toBeGreaterThan(0)
        expect(sorted.at(-1)).toBeLessThan(1)
        const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
        const excess = sum(scores.map((score) => calibrated(fitted, score))) - sum(labels)
        expect(Math.abs(excess)).toBeLessThanOrEqual(scores.length / (scores.length + 2) + 1e-9)
      }),
    )
  })
})

describe('fitCalibration', () => {
  const drawn = (count: number, chance: (score: number) => number) => {
    const random = createRandom(4)
    const scores = Array.from({ length: count }, () => random.uniform())
    return { scores, labels: scores.map((score) => Number(random.uniform() < chance(score))) }
  }
  const step = (score: number) => (score < 0.8 ? 0.1 : 0.6)

  it('is a sigmoid below 1000 positives, and follows any shape with more', () => {
    const few = drawn(1000, step)
    expect(fitCalibration(few.scores, few.labels)).toHaveProperty('slope')
    const many = drawn(20_000, step)
    const fitted = fitCalibration(many.scores, many.labels)
    expect(fitted).toHaveProperty('scores')
    expect(calibrated(fitted, 0.4)).toBeCloseTo(0.1, 1)
    expect(calibrated(fitted, 0.9)).toBeCloseTo(0.6, 1)
  })

  it('stays a sigmoid where the truth is one, and can be kept as JSON', () => {
    const { scores, labels } = drawn(20_000, (score) => 1 / (1 + Math.exp(3 - 4 * score)))
    expect(fitCalibration(scores, labels)).toHaveProperty('slope')
    const isotonic = fitIsotonic(scores, labels)
    expect(JSON.parse(JSON.stringify(isotonic))).toEqual(isotonic)
  })

  it('refuses scores that are not numbers, or not as many as labels', () => {
    const badArgument = expect.objectContaining({ code: 'bad-argument' })
    expect(() => fitIsotonic([Number.NaN], [1])).toThrow(badArgument)
    expect(() => fitIsotonic([1, 2], [1])).toThrow(badArgument)
    expect(() => fitCalibration([1, 2], [1])).toThrow(badArgument)
  })
})
