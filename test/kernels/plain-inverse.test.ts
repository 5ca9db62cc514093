// The plain inverse and regressions against values worked out by hand.
import { expect, it } from 'vitest'
import { columnRegressions, inverse, sparseGram } from '../../src/kernels/plain-inverse.ts'

it('inverts a matrix of two rows as one does by hand', () => {
  // [[2, 1], [1, 3]] has determinant 5 and the inverse [[3, -1], [-1, 2]] / 5; the upper half is never read.
  const a = Float64Array.of(2, Number.NaN, 1, 3)
  expect(inverse(a, 2)).toBe(2)
  for (const [at, value] of [0.6, -0.2, -0.2, 0.4].entries()) expect(a[at]).toBeCloseTo(value, 12)
})

it('says at which row a matrix is not positive definite', () => {
  expect(inverse(Float64Array.of(1, 0, 0, 0, -1, 0, 0, 0, 1), 3)).toBe(1)
  expect(inverse(Float64Array.of(Number.NaN), 1)).toBe(0)
  expect(inverse(new Float64Array(0), 0)).toBe(0)
})

// Columns 0 and 1 share row 0; column 1 alone has row 1.
const columns = { rowPtr: Int32Array.of(0, 1, 3), colIndex: Int32Array.of(0, 0, 1) }

it('weighs the columns that two sparse rows share', () => {
  expect([...sparseGram(columns, Float32Array.of(2, 5))]).toEqual([2, 2, 2, 7])
})

it('regresses each column on the other', () => {
  // x^T x + 1 = [[2, 1], [1, 3]]: column 0 on column 1 is 1 / 3, column 1 on column 0 is 1 / 2.
  const weights = columnRegressions(columns, [1, 1], Float32Array.of(1, 1))
  for (const [at, value] of [0, 1 / 3, 1 / 2, 0].entries()) expect(weights[at]).toBeCloseTo(value, 12)
})
