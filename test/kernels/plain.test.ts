// Dense kernels against the obvious loops.
import { describe, expect, it } from 'vitest'
import { kernels } from '../../src/kernels/kernels.ts'
import { normals, oddSizes, productOf } from './random-arrays.ts'

describe('products', () => {
  it('dot and axpy by hand', () => {
    expect(kernels.dot(Float64Array.of(1, 2, 3), Float32Array.of(4, 5, 6))).toBe(32)
    expect(kernels.dot(new Float64Array(0), new Float64Array(0))).toBe(0)
    const y = Float64Array.of(1, 1)
    kernels.axpy(2, Float64Array.of(3, 4), y)
    expect([...y]).toEqual([7, 9])
  })

  it.each(oddSizes)('gemmNT and syrk of %i rows', (n) => {
    for (const m of oddSizes)
      for (const d of [1, 3, 16]) {
        const [a, b] = [normals(m * d, 1), normals(n * d, 2)]
        const out = new Float64Array(m * n)
        kernels.gemmNT({ a, m, b, n, d, out, stride: n })
        expect([...out]).toEqual(productOf(a, b, { m, n, d }).flat())
      }
    const a = normals(n * 5, 3)
    const square = new Float64Array(n * n)
    kernels.syrk(a, n, 5, square)
    const expected = productOf(a, a, { m: n, n, d: 5 })
    for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) expect(square[i * n + j]).toBe(expected[i]![j])
  })

  it('gives the same number for a pair of rows, whatever rows are beside them', () => {
    const [a, b] = [normals(7 * 9, 1), normals(11 * 9, 2)]
    const whole = new Float64Array(77)
    kernels.gemmNT({ a, m: 7, b, n: 11, d: 9, out: whole, stride: 11 })
    const one = new Float64Array(1)
    kernels.gemmNT({ a, aAt: 6 * 9, m: 1, b, bAt: 10 * 9, n: 1, d: 9, out: one, stride: 1 })
    expect(one[0]).toBe(whole[76])
  })

  it('gram sums the outer products of a range of rows', () => {
    const [rows, d] = [300, 5]
    const factors = Float32Array.from(normals(rows * d, 4))
    const gram = kernels.gram({ factors, d, from: 10, to: rows })
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++) {
        let sum = 0
        for (let row = 10; row < rows; row++) sum += factors[row * d + i]! * factors[row * d + j]!
        expect(gram[i * d + j]).toBeCloseTo(sum, 9)
      }
    expect([...kernels.gram({ factors, d: 2, from: 3, to: 3 })]).toEqual([0, 0, 0, 0])
  })
})

describe('Cholesky', () => {
  it('factors by hand: [[4, 2], [2, 5]] = L L^T with L = [[2, 0], [1, 2]]', () => {
    const a = Float64Array.of(4, 2, 2, 5)
    expect(kernels.potrf(a, 2)).toBe(2)
    expect([a[0], a[2], a[3]]).toEqual([2, 1, 2])
    const b = Float64Array.of(8, 9)
    kernels.potrs(a, 2, b)
    expect([...b]).toEqual([1.375, 1.25])
  })

  it('says where a matrix is not positive definite', () => {
    expect(kernels.potrf(Float64Array.of(1, 0, 2, 1), 2)).toBe(1)
    expect(kernels.potrf(Float64Array.of(Number.NaN), 1)).toBe(0)
  })

  it.each(oddSizes)('solves %i equations', (n) => {
    const root = normals(n * n, n)
    const a = new Float64Array(n * n)
    kernels.syrk(root, n, n, a)
    for (let i = 0; i < n; i++) {
      a[i * n + i]! += 1
      for (let j = 0; j < i; j++) a[j * n + i] = a[i * n + j]!
    }
    const right = normals(n, 9)
    const x = right.slice()
    const factor = a.slice()
    expect(kernels.potrf(factor, n)).toBe(n)
    kernels.potrs(factor, n, x)
    for (const [i, [left]] of productOf(a, x, { m: n, n: 1, d: n }).entries())
      expect(left).toBeCloseTo(right[i]!, 8)
  })
})
