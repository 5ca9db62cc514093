import fc from 'fast-check'
import { expect, test } from 'vitest'
import { equalFrequencyBins, mutualInformation } from '../../src/statistics/mutual-information.ts'

test('a column tells all of itself, nothing of what is independent of it', () => {
  const same = mutualInformation([0, 0, 1, 1], [5, 5, 9, 9])
  expect(same.counted).toBeCloseTo(Math.log(2), 12)
  // Miller: 2 + 2 categories less 2 cells less 1, over 2 x 4.
  expect(same.corrected).toBeCloseTo(Math.log(2) + 1 / 8, 12)
  expect(same.share).toBe(1)
  const none = mutualInformation([0, 0, 1, 1], [0, 1, 0, 1])
  expect(none.counted).toBeCloseTo(0, 12)
  expect(none).toMatchObject({ corrected: 0, share: 0 })
})

test('by hand: 4 1 / 1 4 over 10 rows', () => {
  const a = [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]
  const b = [0, 0, 0, 0, 1, 0, 1, 1, 1, 1]
  // 2 x 0.4 ln(0.4 / 0.25) + 2 x 0.1 ln(0.1 / 0.25)
  const expected = 0.8 * Math.log(1.6) + 0.2 * Math.log(0.4)
  const found = mutualInformation(a, b)
  expect(found.counted).toBeCloseTo(expected, 12)
  expect(found.corrected).toBeCloseTo(expected - 1 / 20, 12)
  expect(found.share).toBeCloseTo((expected - 1 / 20) / Math.log(2), 12)
})

test('a share of 1 also when the other column is finer: a city tells its state', () => {
  const city = [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]
  expect(
    mutualInformation(
      city,
      city.map((one) => one >> 1),
    ).share,
  ).toBeCloseTo(1, 6)
})

test('unknown places are left out; constants tell nothing', () => {
  expect(mutualInformation([0, 0, 1, 1, -1], [0, 0, 1, 1, 7]).counted).toBeCloseTo(Math.log(2), 12)
  expect(mutualInformation([0, 0], [0, 1])).toEqual({ counted: 0, corrected: 0, share: 0 })
  expect(mutualInformation([], [])).toEqual({ counted: 0, corrected: 0, share: 0 })
})

test('bins hold equally many, equal numbers together, gaps apart', () => {
  expect([...equalFrequencyBins([4, 1, 3, 2], 2)]).toEqual([1, 0, 1, 0])
  expect([...equalFrequencyBins([1, 1, 1, 2], 2)]).toEqual([0, 0, 0, 1])
  expect([...equalFrequencyBins([0, 0, 0, 0, 0, 9, 10, 11], 4)]).toEqual([1, 1, 1, 1, 1, 2, 3, 3])
  expect([...equalFrequencyBins([Number.NaN, 5], 3)]).toEqual([-1, 1])
})

test('what two columns tell of each other is the same both ways, and never over the smaller entropy', () => {
  const code = fc.integer({ min: 0, max: 3 })
  fc.assert(
    fc.property(fc.array(fc.tuple(code, code), { maxLength: 60 }), (rows) => {
      const [a, b] = [rows.map(([one]) => one), rows.map(([, other]) => other)]
      const [there, back] = [mutualInformation(a, b), mutualInformation(b, a)]
      expect(there.counted).toBeCloseTo(back.counted, 9)
      expect(there.counted).toBeLessThanOrEqual(mutualInformation(a, a).counted + 1e-9)
      expect(there.share).toBeGreaterThanOrEqual(0)
      expect(there.share).toBeLessThanOrEqual(1)
    }),
  )
})
