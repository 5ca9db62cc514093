// Probabilities of a list: Platt's formula by hand, and the law that none rises.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { probabilities, scoreOf } from '../../src/serving/calibrate.ts'

test('a calibration is the logistic function of slope times score plus intercept, to four digits', () => {
  // 1 / (1 + e^-(2 * 0.5 + 0)) = 0.73106, 1 / (1 + e^0) = 0.5, 1 / (1 + e^2) = 0.11920
  expect(probabilities([0.5, 0, -1], { slope: 2, intercept: 0 })).toEqual([0.7311, 0.5, 0.1192])
  expect(scoreOf(0.7311)).toBe(0.4622)
  expect(scoreOf(0)).toBe(-1)
})

test('without a calibration the best is at even odds and the rest in proportion', () => {
  expect(probabilities([8, 4, 1, 0, -3])).toEqual([0.5, 0.25, 0.0625, 0, 0])
  expect(probabilities([0, -1])).toEqual([0, 0])
  expect(probabilities([])).toEqual([])
})

test('no probability rises down a list, whatever the calibration', () => {
  fc.assert(
    fc.property(
      fc.array(fc.float({ noNaN: false })),
      fc.option(fc.record({ slope: fc.float(), intercept: fc.float() }), { nil: undefined }),
      (raw, calibration) => {
        const sorted = Float32Array.from(raw).sort().reverse()
        const found = probabilities(sorted, calibration)
        expect(found).toHaveLength(raw.length)
        for (const [at, p] of found.entries()) {
          expect(p).toBeGreaterThanOrEqual(0)
          expect(p).toBeLessThanOrEqual(found[at - 1] ?? 1)
          expect(Math.abs(scoreOf(p))).toBeLessThanOrEqual(1)
        }
      },
    ),
  )
})
