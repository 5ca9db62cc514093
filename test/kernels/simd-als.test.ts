// The SIMD kernels of ALS equal the plain ones, on shapes that meet every corner of an unrolled loop.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { float32, float64, int32, openArena, scratch } from '../../src/kernels/arena.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import type { RowSystems } from '../../src/kernels/plain-solve.ts'
import { simdSupported } from '../../src/kernels/simd.ts'
import { alsKernels, alsWorkBytes, gramPanel, strideOf, writeSystems } from '../../src/kernels/simd-als.ts'
import { normals, randomRows } from './random-arrays.ts'

const columns = 260
const lengths = [0, 1, 2, 3, 4, 5, 8, 13, 40, 127, 128, 129, 260]
const rows = lengths.length

type Case = {
  readonly d: number
  readonly weighted: boolean
  readonly prior: boolean
  readonly shift: number
  readonly shortest: number
}

/** The same random systems for both, weights zero among them. */
function systemsOf({ d, weighted, prior, shift, shortest }: Case) {
  const s = strideOf(d)
  const matrix = randomRows(lengths, columns, 2)
  const entries = matrix.colIndex.length
  const room = { entries: 128, side: s, shortest: Math.min(s, shortest) }
  const { memory, parts } = openArena('a test', {
    rowPtr: int32(rows + 1),
    colIndex: int32(entries),
    weights: float32(entries),
    factors: float32(columns * s),
    solved: float32(rows * s),
    spectrum: float32(s),
    ridge: float32(rows),
    prior: float32(rows * s),
    scratch: scratch(1, alsWorkBytes(s, room)),
  })
  const factors = Float32Array.from(normals(columns * d, 1))
  const means = Float32Array.from(normals(rows * d, 4))
  parts.rowPtr.set(matrix.rowPtr)
  parts.colIndex.set(matrix.colIndex)
  parts.weights.set(matrix.weights!)
  parts.weights.fill(0, 7, 10)
  parts.spectrum.fill(1)
  parts.spectrum.set(Array.from({ length: d }, (_, f) => 3 + 5 / (f + 1)))
  parts.ridge.set(lengths.map((n) => 0.5 + 0.1 * n))
  pad(factors, d, parts.factors, s)
  pad(means, d, parts.prior, s)
  const some = {
    weights: weighted ? parts.weights : undefined,
    prior: prior ? parts.prior : undefined,
    shift,
  }
  const work = writeSystems(memory!, parts.scratch.at, { ...parts, ...some, s, room })
  const plain: RowSystems = {
    matrix: { ...matrix, weights: some.weights },
    factors,
    d,
    spectrum: Float64Array.from(parts.spectrum.subarray(0, d)),
    ridge: parts.ridge,
    shift,
    prior: prior ? means : undefined,
  }
  return { plain, kernels: alsKernels(memory!), at: parts.scratch.at, work, solved: parts.solved, s, d }
}

function pad(from: Float32Array, d: number, to: Float32Array, s: number): void {
  for (let row = 0; row * d < from.length; row++) to.set(from.subarray(row * d, (row + 1) * d), row * s)
}

/** Largest difference of answers by the largest answer, padding included. */
function difference(out: Float64Array, { solved, s, d }: ReturnType<typeof systemsOf>): number {
  let [worst, most] = [0, 0]
  for (let row = 0; row < rows; row++)
    for (let f = 0; f < s; f++) {
      const wanted = f < d ? out[row * d + f]! : 0
      worst = Math.max(worst, Math.abs(solved[row * s + f]! - wanted))
      most = Math.max(most, Math.abs(wanted))
    }
  return worst / most
}

const anyCase = fc.record({
  d: fc.constantFrom(1, 3, 4, 5, 8, 17, 64, 127),
  weighted: fc.boolean(),
  prior: fc.boolean(),
  shift: fc.constantFrom(0, 0.7),
  shortest: fc.constantFrom(0, 5, 16),
})

describe.skipIf(!simdSupported())('row solves', () => {
  it('are exact as the plain ones are, by the dual and by the primal', () => {
    fc.assert(
      fc.property(anyCase, (shape) => {
        const systems = systemsOf(shape)
        const out = new Float64Array(rows * shape.d)
        kernels.solveRows(systems.plain, { from: 0, to: rows, out })
        systems.kernels.solveExactly(systems.at, 0, rows, systems.work)
        expect(difference(out, systems)).toBeLessThan(2e-5)
      }),
      { numRuns: 20 },
    )
  })

  it('take the same steps of conjugate gradients, from the same start, in pieces of long rows too', () => {
    fc.assert(
      fc.property(anyCase, fc.integer({ min: 1, max: 3 }), (shape, steps) => {
        const systems = systemsOf({ ...shape, shortest: 0 })
        const out = normals(rows * shape.d, 9)
        pad(Float32Array.from(out), shape.d, systems.solved, systems.s)
        const exact = new Float64Array(rows * shape.d)
        kernels.solveRows(systems.plain, { from: 0, to: rows, out: exact })
        kernels.descendRows(systems.plain, { from: 0, to: rows, out }, steps)
        out.set(exact.subarray(0, shape.d))
        systems.kernels.solveByGradients(systems.at, 0, rows, steps, 1, systems.work)
        expect(difference(out, systems)).toBeLessThan(5e-5)
      }),
      { numRuns: 20 },
    )
  })

  it('end at the exact answer after many steps from nothing', () => {
    const systems = systemsOf({ d: 17, weighted: true, prior: true, shift: 0.7, shortest: 16 })
    const out = new Float64Array(rows * 17)
    kernels.solveRows(systems.plain, { from: 0, to: rows, out })
    systems.kernels.solveByGradients(systems.at, 0, rows, 60, 0, systems.work)
    expect(difference(out, systems)).toBeLessThan(2e-5)
  })

  it('give a row the same bytes alone as among others', () => {
    const systems = systemsOf({ d: 17, weighted: true, prior: false, shift: 0, shortest: 5 })
    systems.kernels.solveExactly(systems.at, 0, rows, systems.work)
    const whole = systems.solved.slice()
    for (let row = rows - 1; row >= 0; row--)
      systems.kernels.solveExactly(systems.at, row, row + 1, systems.work)
    expect(systems.solved).toEqual(whole)
  })
})

/** 700 vectors of d factors, plain and padded, with room for what is made of them. */
function vectorsOf(d: number) {
  const s = strideOf(d)
  const room = { entries: 128, side: s, shortest: 0 }
  const { memory, parts } = openArena('a test', {
    vectors: float32(700 * s),
    gram: float64(s * s),
    basis: float32(s * s),
    scratch: scratch(1, alsWorkBytes(s, room)),
  })
  const plain = Float32Array.from(normals(700 * d, 1))
  pad(plain, d, parts.vectors, s)
  return { ...parts, plain, s, kernels: alsKernels(memory!), work: parts.scratch.at }
}

describe.skipIf(!simdSupported())('vectors', () => {
  it.each([1, 3, 8, 13, 64, 127])('have the Gram matrix of the plain kernel, %i factors', (d) => {
    const { vectors, gram, plain, s, work, kernels: fast } = vectorsOf(d)
    fast.addGram(vectors.byteOffset, 0, 301, s, gramPanel(s), gram.byteOffset, work)
    fast.addGram(vectors.byteOffset, 301, 700, s, gramPanel(s), gram.byteOffset, work)
    const wanted = kernels.gram({ factors: plain, d, from: 0, to: 700 })
    for (let i = 0; i < d; i++)
      for (let j = i; j < d; j++) expect(Math.abs(gram[i * s + j]! - wanted[i * d + j]!)).toBeLessThan(2e-3)
  })

  it.each([1, 3, 8, 13, 64, 127])('turn as by the plain kernel, %i factors', (d) => {
    const { vectors, basis, plain, s, work, kernels: fast } = vectorsOf(d)
    const turn = normals(d * d, 2)
    for (let at = 0; at < d * d; at++) {
      const [j, k] = [Math.floor(at / d), at % d]
      basis[(j >> 3) * 8 * s + k * 8 + (j & 7)] = turn[at]!
    }
    kernels.turnRows(plain, turn, { d, from: 3, to: 690 })
    fast.turnRows(vectors.byteOffset, 3, 690, s, basis.byteOffset, work)
    const wanted = new Float32Array(700 * s)
    pad(plain, d, wanted, s)
    for (let at = 0; at < wanted.length; at += 7) expect(vectors[at]).toBeCloseTo(wanted[at]!, 3)
  })
})
