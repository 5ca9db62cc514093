import { expect, test } from 'vitest'
import { createRandom } from '../../src/statistics/random.ts'
import { varianceInflation } from '../../src/statistics/variance-inflation.ts'

test('two columns: 1 / (1 - r^2), by hand with r = 1/2', () => {
  const [a, b] = varianceInflation([
    [1, 2, 3],
    [4, 6, 5],
  ])
  expect(a).toBeCloseTo(4 / 3, 12)
  expect(b).toBeCloseTo(4 / 3, 12)
})

test('columns at right angles stand alone', () => {
  const factors = varianceInflation([
    [1, 1, -1, -1],
    [1, -1, 1, -1],
    [1, -1, -1, 1],
  ])
  for (const factor of factors) expect(factor).toBeCloseTo(1, 12)
})

test('a sum of two others is infinite, and so are the two; a bystander is not', () => {
  const random = createRandom(3)
  const column = () => Array.from({ length: 200 }, () => random.normal())
  const [a, b, c] = [column(), column(), column()]
  const sum = a.map((value, at) => value + b[at]!)
  const factors = varianceInflation([a, b, sum, c])
  expect(factors.slice(0, 3)).toEqual([
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ])
  expect(factors[3]).toBeLessThan(1.1)
})

test('two equal columns are infinite whatever else there is, also many collinear ones at once', () => {
  const random = createRandom(4)
  const a = Array.from({ length: 50 }, () => random.uniform())
  const b = Array.from({ length: 50 }, () => random.uniform())
  const factors = varianceInflation([a, a, a.map((value) => 1 - value), b])
  expect(factors.slice(0, 3).every((factor) => factor === Number.POSITIVE_INFINITY)).toBe(true)
  expect(factors[3]).toBeLessThan(1.5)
})

test('a column that is nearly another: noise of a tenth of its deviation gives about 101', () => {
  const random = createRandom(5)
  const a = Array.from({ length: 20_000 }, () => random.normal())
  const near = a.map((value) => value + 0.1 * random.normal())
  // var(a) / var(left) = 1 + 1 / 0.01
  expect(varianceInflation([a, near])[0]).toBeGreaterThan(96)
  expect(varianceInflation([a, near])[0]).toBeLessThan(106)
})

test('a constant column has no factor and disturbs nobody; gaps are refused', () => {
  const factors = varianceInflation([
    [1, 2, 3],
    [7, 7, 7],
    [4, 6, 5],
  ])
  expect(factors[1]).toBeNaN()
  expect(factors[0]).toBeCloseTo(4 / 3, 12)
  expect(() => varianceInflation([[1, Number.NaN]])).toThrow('without gaps')
  expect(varianceInflation([])).toEqual([])
})
