import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cramersV, pearson, ranks, spearman } from '../../src/statistics/correlation.ts'

test('Pearson by hand: deviations (-1, 0, 1) and (-1, 1, 0) give 1 / sqrt(2 x 2)', () => {
  expect(pearson([1, 2, 3], [4, 6, 5])).toBeCloseTo(0.5, 12)
  expect(pearson([1, 2, 3], [2, 4, 6])).toBe(1)
  expect(pearson([1, 2, 3], [9, 7, 5])).toBe(-1)
})

test('places with a gap are left out; constants and too few places have no correlation', () => {
  expect(pearson([1, Number.NaN, 2, 3], [4, 99, 6, 5])).toBeCloseTo(0.5, 12)
  expect(pearson([1, 1, 1], [1, 2, 3])).toBeNaN()
  expect(pearson([1], [2])).toBeNaN()
  expect(() => pearson([1], [1, 2])).toThrow('1 and 2 values')
})

test('ranks hold ties at their mean', () => {
  expect([...ranks([10, 30, 10, 40])]).toEqual([1.5, 3, 1.5, 4])
})

test('Spearman sees any rising order as 1, and ranks by hand: d = (0, 1, 1), 1 - 6 x 2 / (3 x 8)', () => {
  expect(spearman([1, 2, 3, 4], [1, 10, 100, 1000])).toBe(1)
  expect(spearman([1, 2, 3], [10, 30, 20])).toBeCloseTo(0.5, 12)
})

test('Cramer’s V by hand: table 4 1 / 1 4 has chi^2 = 10 x 0.36, V = 0.6', () => {
  const a = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
  const b = [0, 0, 0, 0, 1, 0, 1, 1, 1, 1]
  expect(cramersV(a, b)).toBeCloseTo(0.6, 12)
  expect(cramersV(a, a)).toBe(1)
  expect(cramersV([0, 0, 1, 1], [0, 1, 0, 1])).toBe(0)
  expect(cramersV([0, 0], [0, 1])).toBeNaN()
  expect(cramersV([...a, -1], [...b, 0])).toBeCloseTo(0.6, 12)
})

test('correlation does not care for unit, order of columns or order of rows', () => {
  const number = fc.integer({ min: -50, max: 50 })
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 3, maxLength: 30 }), (rows) => {
      const [x, y] = [rows.map(([a]) => a), rows.map(([, b]) => b)]
      const r = pearson(x, y)
      if (Number.isNaN(r)) return
      expect(pearson(y, x)).toBeCloseTo(r, 9)
      expect(
        pearson(
          x.map((value) => 3 * value + 7),
          y,
        ),
      ).toBeCloseTo(r, 9)
      expect(pearson(x.toReversed(), y.toReversed())).toBeCloseTo(r, 9)
      expect(Math.abs(r)).toBeLessThanOrEqual(1)
    }),
  )
})
