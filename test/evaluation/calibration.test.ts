// Calibration: the sigmoid behind the data is found again, and never falls.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrated } from '../../src/data/calibration.ts'
import { fitPlatt } from '../../src/evaluation/calibration.ts'
import { createRandom } from '../../src/statistics/random.ts'

function clicks(slope: number, intercept: number, count: number) {
  const random = createRandom(8)
  const scores = Array.from({ length: count }, () => random.normal())
  const labels = scores.map((score) => (random.uniform() < calibrated({ slope, intercept }, score) ? 1 : 0))
  return { scores, labels }
}

describe('fitPlatt', () => {
  it('finds the sigmoid that made the clicks', () => {
    const { scores, labels } = clicks(1.5, -2, 20_000)
    const { slope, intercept } = fitPlatt(scores, labels)
    expect(slope).toBeCloseTo(1.5, 0)
    expect(intercept).toBeCloseTo(-2, 0)
    expect(Math.abs(slope - 1.5)).toBeLessThan(0.1)
    expect(Math.abs(intercept + 2)).toBeLessThan(0.1)
  })

  it('makes the mean probability the smoothed share of clicks', () => {
    const { scores, labels } = clicks(2, 0.5, 500)
    const fitted = fitPlatt(scores, labels)
    const positives = labels.filter((label) => label === 1).length
    const negatives = 500 - positives
    const targets = (positives * (positives + 1)) / (positives + 2) + negatives / (negatives + 2)
    const sum = scores.reduce((total, score) => total + calibrated(fitted, score), 0)
    expect(sum).toBeCloseTo(targets, 5)
  })

  it('does not care for the unit of the scores', () => {
    const { scores, labels } = clicks(1, -1, 300)
    const plain = fitPlatt(scores, labels)
    const scaled = fitPlatt(
      scores.map((score) => 1e-4 * score + 7),
      labels,
    )
    expect(calibrated(scaled, 1e-4 * 0.3 + 7)).toBeCloseTo(calibrated(plain, 0.3), 6)
  })

  it('never turns a ranking round, and never falls', () => {
    const { scores, labels } = clicks(-2, 0, 500)
    expect(fitPlatt(scores, labels).slope).toBe(0)
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -5, max: 5, noNaN: true }), fc.boolean())),
        fc.tuple(fc.double({ min: -9, max: 9, noNaN: true }), fc.double({ min: -9, max: 9, noNaN: true })),
        (pairs, [a, b]) => {
          const fitted = fitPlatt(
            pairs.map(([score]) => score),
            pairs.map(([, clicked]) => Number(clicked)),
          )
          const [low, high] = [calibrated(fitted, Math.min(a, b)), calibrated(fitted, Math.max(a, b))]
          expect(low).toBeGreaterThanOrEqual(0)
          expect(high).toBeLessThanOrEqual(1)
          expect(low).toBeLessThanOrEqual(high)
        },
      ),
    )
  })

  it('gives the smoothed share where scores say nothing, and even odds without data', () => {
    expect(calibrated(fitPlatt([1, 1, 1, 1], [1, 0, 0, 0]), 1)).toBeCloseTo((2 / 3 + 3 / 5) / 4, 6)
    expect(calibrated(fitPlatt([], []), 3)).toBe(0.5)
  })

  it('refuses scores that are not numbers, or not as many as labels', () => {
    const badArgument = expect.objectContaining({ code: 'bad-argument' })
    expect(() => fitPlatt([Number.NaN], [1])).toThrow(badArgument)
    expect(() => fitPlatt([1, 2], [1])).toThrow(badArgument)
  })
})
