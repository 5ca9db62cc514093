// The tiled inverse against the plain one, and against the identity.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openArena } from '../../src/kernels/arena.ts'
import { inverse } from '../../src/kernels/plain-inverse.ts'
import {
  cellIndex,
  type InverseJob,
  inverseEnd,
  inversePlan,
  stopInverse,
  takePartInInverse,
} from '../../src/kernels/simd-inverse.ts'
import { normals } from './random-arrays.ts'

/** Largest distance of two arrays' numbers. */
const furthest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0)

/** A random positive definite matrix: a a^T / n + 1. */
function positiveDefinite(n: number, seed: number): Float64Array {
  const a = normals(n * n, seed)
  const out = new Float64Array(n * n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = i === j ? n : 0
      for (let k = 0; k < n; k++) sum += a[i * n + k]! * a[j * n + k]!
      out[i * n + j] = out[j * n + i] = sum / n
    }
  return out
}

function jobOf(matrix: Float64Array, n: number): InverseJob {
  const { memory, parts } = openArena('a test', inversePlan(n, 1))
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) parts.cells[cellIndex(i, j)] = matrix[i * n + j]!
  return { ...parts, memory, n }
}

const cellsOf = ({ cells, n }: InverseJob): Float64Array =>
  Float64Array.from({ length: n * n }, (_, at) => cells[cellIndex(Math.floor(at / n), at % n)]!)

describe.each([1, 2, 5, 63, 64, 65, 119, 120, 121, 200, 241, 370])('of %i rows', (n) => {
  const matrix = positiveDefinite(n, n)
  const job = jobOf(matrix, n)
  takePartInInverse(job)

  it('is the plain inverse', () => {
    const plain = matrix.slice()
    inverse(plain, n)
    expect(inverseEnd(job)).toEqual({ kind: 'done' })
    const found = cellsOf(job)
    expect(furthest(found, plain)).toBeLessThan(2e-6)
  })

  it('gives the identity with what was inverted', () => {
    const found = cellsOf(job)
    for (let i = 0; i < n; i += 7)
      for (let j = 0; j < n; j += 5) {
        let sum = 0
        for (let k = 0; k < n; k++) sum += Math.fround(matrix[i * n + k]!) * found[k * n + j]!
        expect(Math.abs(sum - (i === j ? 1 : 0))).toBeLessThan(3e-6)
      }
  })
})

it('is that of random sizes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 150 }), fc.integer(), (n, seed) => {
      const matrix = positiveDefinite(n, seed)
      const job = jobOf(matrix, n)
      takePartInInverse(job)
      inverse(matrix, n)
      expect(furthest(cellsOf(job), matrix)).toBeLessThan(2e-6)
    }),
    { numRuns: 12 },
  )
})

it('is made by one thread alone without SIMD', () => {
  const matrix = positiveDefinite(130, 2)
  const job = { ...jobOf(matrix, 130), memory: undefined }
  takePartInInverse(job)
  takePartInInverse(job)
  inverse(matrix, 130)
  expect(furthest(cellsOf(job), matrix)).toBeLessThan(1e-6)
  const indefinite = { ...jobOf(Float64Array.of(-1), 1), memory: undefined }
  takePartInInverse(indefinite)
  expect(inverseEnd(indefinite)).toEqual({ kind: 'indefinite', row: 0 })
})

it('takes nothing and gives nothing for no rows', () => {
  const job = jobOf(new Float64Array(0), 0)
  takePartInInverse(job)
  expect(inverseEnd(job)).toEqual({ kind: 'done' })
})

it('reports progress', () => {
  const seen: number[] = []
  takePartInInverse(jobOf(positiveDefinite(370, 1), 370), (share) => seen.push(share))
  expect(seen).toEqual([0, 0.25, 0.5, 0.75])
})

it('says at which row a matrix is not positive definite', () => {
  const matrix = positiveDefinite(260, 3)
  matrix[250 * 260 + 250] = -5
  const job = jobOf(matrix, 260)
  takePartInInverse(job)
  expect(inverseEnd(job)).toEqual({ kind: 'indefinite', row: 250 })
})

it('ends when it is stopped', () => {
  const job = jobOf(positiveDefinite(130, 3), 130)
  stopInverse(job)
  takePartInInverse(job)
  expect(inverseEnd(job)).toEqual({ kind: 'stopped' })
})

it('lays cells out by tiles of the lower triangle', () => {
  expect(cellIndex(0, 0)).toBe(0)
  expect(cellIndex(2, 1)).toBe(241)
  expect(cellIndex(120, 0)).toBe(14_400)
  expect(cellIndex(0, 120)).toBe(14_400)
  expect(cellIndex(121, 122)).toBe(2 * 14_400 + 2 * 120 + 1)
})
