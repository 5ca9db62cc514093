// The eigendecomposition: by hand, by its laws, and where eigenvalues coincide.
import { describe, expect, it } from 'vitest'
import { kernels } from '../../src/kernels/kernels.ts'
import { normals, oddSizes, productOf } from './random-arrays.ts'

function expectDecomposed(a: Float64Array, n: number): void {
  const { values, vectors } = kernels.symmetricEigen(a, n)
  const size = Math.max(1e-300, ...a.map(Math.abs))
  const identity = productOf(vectors, vectors, { m: n, n, d: n })
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      expect(identity[i]![j]).toBeCloseTo(i === j ? 1 : 0, 12)
      let sum = 0
      for (let k = 0; k < n; k++) sum += values[k]! * vectors[k * n + i]! * vectors[k * n + j]!
      expect(Math.abs(sum - a[i * n + j]!) / size).toBeLessThan(1e-12)
    }
  for (let k = 1; k < n; k++) expect(values[k]).toBeLessThanOrEqual(values[k - 1]!)
}

describe('symmetricEigen', () => {
  it('by hand: [[2, 1], [1, 2]] has 3 along (1, 1) and 1 along (1, -1)', () => {
    const { values, vectors } = kernels.symmetricEigen(Float64Array.of(2, 1, 1, 2), 2)
    expect(values[0]).toBeCloseTo(3, 14)
    expect(values[1]).toBeCloseTo(1, 14)
    expect(Math.abs(vectors[0]!)).toBeCloseTo(Math.SQRT1_2, 14)
    expect(vectors[0]).toBeCloseTo(vectors[1]!, 14)
    expect(vectors[2]).toBeCloseTo(-vectors[3]!, 14)
  })

  it.each(oddSizes)('decomposes a random matrix of %i rows', (n) => {
    const half = normals(n * n, n)
    expectDecomposed(
      half.map((value, at) => value + half[(at % n) * n + Math.floor(at / n)]!),
      n,
    )
  })

  it('decomposes diagonal, zero, low-rank, tiny, huge and coinciding ones', () => {
    const n = 6
    const diagonal = new Float64Array(n * n)
    for (let i = 0; i < n; i++) diagonal[i * n + i] = i % 3
    expectDecomposed(diagonal, n)
    expectDecomposed(new Float64Array(n * n), n)
    expectDecomposed(new Float64Array(n * n).fill(1), n)
    expectDecomposed(new Float64Array(n * n).fill(1e-280), n)
    expectDecomposed(new Float64Array(n * n).fill(1e250), n)
    const hilbert = Float64Array.from({ length: n * n }, (_, at) => 1 / (1 + (at % n) + Math.floor(at / n)))
    expectDecomposed(hilbert, n)
  })

  it('leaves its input alone and refuses what is not finite', () => {
    const a = Float64Array.of(2, 1, 1, 2)
    kernels.symmetricEigen(a, 2)
    expect([...a]).toEqual([2, 1, 1, 2])
    expect(() => kernels.symmetricEigen(Float64Array.of(Number.NaN), 1)).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  })
})
