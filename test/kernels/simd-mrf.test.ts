// The neighbourhood regressions against solves worked out in plain float64.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { transpose } from '../../src/data/interaction-matrix.ts'
import { openArena } from '../../src/kernels/arena.ts'
import { potrf, potrs } from '../../src/kernels/plain.ts'
import {
  type FieldJob,
  fieldPlan,
  listCovariances,
  regressOnNeighbours,
  standardize,
  storedPerColumn,
} from '../../src/kernels/simd-mrf.ts'
import { randomRows } from './random-arrays.ts'

type Shape = { readonly columns: number; readonly neighbours: number; readonly lengths: readonly number[] }

const [ridge, alpha] = [0.7, 0.6]

function jobOf({ columns, neighbours, lengths }: Shape, seed: number): FieldJob {
  const { rowPtr, colIndex } = randomRows(lengths, columns, seed)
  const [rows, entries] = [lengths.length, colIndex.length]
  const shape = { columns, rows, entries, neighbours, threads: 1 }
  const { memory, parts } = openArena('a test', fieldPlan(shape))
  const turned = transpose({ rows, columns, rowPtr, colIndex, values: new Float32Array(entries) })
  parts.rowPtr.set(rowPtr)
  parts.colIndex.set(colIndex)
  parts.columnPtr.set(turned.rowPtr)
  parts.rowIndex.set(turned.colIndex)
  standardize(parts, alpha)
  return { ...parts, memory, stored: storedPerColumn(columns), neighbours, ridge }
}

/** All standardized covariances and scales, in float64. */
function covariances({ rowPtr, colIndex, columnPtr }: FieldJob) {
  const columns = columnPtr.length - 1
  const rows = rowPtr.length - 1
  const both = new Float64Array(columns * columns)
  for (let row = 0; row < rows; row++)
    for (const a of colIndex.subarray(rowPtr[row]!, rowPtr[row + 1]!))
      for (const b of colIndex.subarray(rowPtr[row]!, rowPtr[row + 1]!)) both[a * columns + b]! += 1
  const n = (a: number): number => both[a * columns + a]!
  const scales = Array.from({ length: columns }, (_, a) => {
    const variance = n(a) - n(a) ** 2 / rows
    return variance > 0 ? variance ** (-alpha / 2) : 0
  })
  const s = (a: number, b: number): number =>
    (both[a * columns + b]! - (n(a) * n(b)) / rows) * scales[a]! * scales[b]!
  return { s, scales, both: (a: number, b: number) => both[a * columns + b]! }
}

function expectRegressions(job: FieldJob): void {
  const { s, scales, both } = covariances(job)
  const { near, nearCounts, neighbours, weights } = job
  for (let column = 0; column < nearCounts.length; column++) {
    const list = [...near.subarray(column * neighbours, column * neighbours + nearCounts[column]!)]
    const weakest = Math.min(...list.map((other) => Math.abs(s(column, other))))
    const left = scales.filter((_, other) => {
      const candidate = other !== column && both(column, other) > 0 && !list.includes(other)
      return candidate && Math.abs(s(column, other)) > weakest + 1e-5
    })
    expect(list.length === neighbours ? left.length : 0).toBe(0)
    const system = Float64Array.from(list.flatMap((a) => list.map((b) => s(a, b) + (a === b ? ridge : 0))))
    const solved = Float64Array.from(list, (other) => s(column, other))
    potrf(system, list.length)
    potrs(system, list.length, solved)
    for (const [place, other] of list.entries())
      expect(weights[column * neighbours + place]!).toBeCloseTo(
        (solved[place]! * scales[other]!) / scales[column]!,
        4,
      )
  }
}

it.each([1, 2, 7, 8, 9, 16, 39])('solves neighbourhoods of %i', (neighbours) => {
  const lengths = Array.from({ length: 60 }, (_, row) => (row * 7) % 23)
  const job = jobOf({ columns: 40, neighbours, lengths }, neighbours)
  const middle = { from: 0, to: 17 }
  for (const work of [listCovariances, regressOnNeighbours])
    for (const range of [middle, { from: 17, to: 40 }]) work(job, range)
  expect(job.failed[0]).toBe(0)
  expectRegressions(job)
})

it('solves random shapes', () => {
  const shapes = fc.record({
    columns: fc.integer({ min: 2, max: 30 }),
    neighbours: fc.integer({ min: 1, max: 12 }),
    lengths: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 }),
  })
  fc.assert(
    fc.property(shapes, fc.integer(), (shape, seed) => {
      const neighbours = Math.min(shape.neighbours, shape.columns - 1)
      const job = jobOf({ ...shape, neighbours }, seed)
      listCovariances(job, { from: 0, to: shape.columns })
      regressOnNeighbours(job, { from: 0, to: shape.columns })
      expectRegressions(job)
    }),
    { numRuns: 60 },
  )
})

it('is the same without SIMD', () => {
  const lengths = Array.from({ length: 50 }, (_, row) => row % 13)
  const shape = { columns: 35, neighbours: 12, lengths }
  const [job, plain] = [jobOf(shape, 4), { ...jobOf(shape, 4), memory: undefined }]
  for (const one of [job, plain])
    for (const work of [listCovariances, regressOnNeighbours]) work(one, { from: 0, to: 35 })
  expect(plain.near).toEqual(job.near)
  for (const [at, weight] of plain.weights.entries()) expect(weight).toBeCloseTo(job.weights[at]!, 5)
})

it('takes as uncorrelated what a full list has no room for', () => {
  const lengths = Array.from({ length: 80 }, () => 9)
  const job = jobOf({ columns: 30, neighbours: 10, lengths }, 5)
  const short = { ...job, stored: 20 }
  listCovariances(short, { from: 0, to: 30 })
  regressOnNeighbours(short, { from: 0, to: 30 })
  expect(short.counts[29]).toBe(20)
  expect(short.whole[29]).toBe(0)
  expect(short.failed[0]).toBe(0)
  expect(short.weights.every(Number.isFinite)).toBe(true)
})

it('marks a job failed whose systems have no solution', () => {
  const job = { ...jobOf({ columns: 12, neighbours: 11, lengths: [3, 4, 5] }, 1), ridge: -3 }
  listCovariances(job, { from: 0, to: 12 })
  regressOnNeighbours(job, { from: 0, to: 12 })
  expect(job.failed[0]).toBeGreaterThan(0)
})
