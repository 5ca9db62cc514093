// Row solves: dual equals primal, the turned basis equals the plain one, and the gradient is zero.
import { describe, expect, it } from 'vitest'
import { kernels } from '../../src/kernels/kernels.ts'
import type { RowSystems } from '../../src/kernels/plain-solve.ts'
import { normals, randomRows } from './random-arrays.ts'

const [columns, d, unobserved] = [40, 7, 0.3]
const lengths = [0, 1, 3, 7, 8, 20, 40]

function turnedSystems() {
  const original = Float32Array.from(normals(columns * d, 1))
  const factors = original.slice()
  const { values, vectors } = kernels.symmetricEigen(kernels.gram({ factors, d, from: 0, to: columns }), d)
  kernels.turnRows(factors, vectors, { d, from: 0, to: columns })
  const matrix = randomRows(lengths, columns, 2)
  const systems: RowSystems = {
    matrix,
    factors,
    d,
    spectrum: values.map((value) => unobserved * value),
    ridge: Float64Array.from(lengths, (length) => 0.1 * (length + 1)),
  }
  return { original, vectors, systems }
}

function solvedBy(systems: RowSystems) {
  const out = new Float64Array(lengths.length * d).fill(9)
  kernels.solveRows(systems, { from: 0, to: lengths.length, out })
  return (row: number) => out.subarray(row * d, (row + 1) * d)
}

describe('solveRows', () => {
  it('solves one entry by hand: f = 2, w = 3, spectrum + ridge = 4 gives 3 x 2 / (4 + 3 x 4)', () => {
    const systems: RowSystems = {
      matrix: { rowPtr: Int32Array.of(0, 1), colIndex: Int32Array.of(0), weights: Float32Array.of(3) },
      factors: Float32Array.of(2),
      d: 1,
      spectrum: Float64Array.of(1.5),
      ridge: Float64Array.of(2.5),
    }
    const out = new Float64Array(1)
    kernels.solveRows(systems, { from: 0, to: 1, out })
    expect(out[0]).toBeCloseTo(6 / 16, 14)
  })

  it('adds the prior and the shift by hand: (2.5 x .8 + (3 + .5) x 2) / (4 + 3 x 4)', () => {
    const systems: RowSystems = {
      matrix: { rowPtr: Int32Array.of(0, 1, 1), colIndex: Int32Array.of(0), weights: Float32Array.of(3) },
      factors: Float32Array.of(2),
      d: 1,
      spectrum: Float64Array.of(1.5),
      ridge: Float64Array.of(2.5, 0.5),
      prior: Float32Array.of(0.8, 6),
      shift: 0.5,
    }
    const out = new Float64Array(2)
    kernels.solveRows(systems, { from: 0, to: 2, out })
    expect(out[0]).toBeCloseTo(9 / 16, 7)
    // A row without entries: its prior alone, .5 x 6 / (1.5 + .5).
    expect(out[1]).toBeCloseTo(1.5, 12)
    const primal = new Float64Array(1)
    kernels.solvePrimalRow(systems, 0, primal)
    expect(primal[0]).toBeCloseTo(9 / 16, 7)
  })

  it('counts an entry of weight zero on the right-hand side alone, and one without weights as 1', () => {
    const systems: RowSystems = {
      matrix: { rowPtr: Int32Array.of(0, 1), colIndex: Int32Array.of(0), weights: Float32Array.of(0) },
      factors: Float32Array.of(2),
      d: 1,
      spectrum: Float64Array.of(1.5),
      ridge: Float64Array.of(2.5),
      shift: 1,
    }
    const out = new Float64Array(1)
    kernels.solveRows(systems, { from: 0, to: 1, out })
    expect(out[0]).toBeCloseTo(2 / 4, 7)
    const { rowPtr, colIndex } = systems.matrix
    kernels.solveRows({ ...systems, shift: 0, matrix: { rowPtr, colIndex } }, { from: 0, to: 1, out })
    expect(out[0]).toBeCloseTo(2 / 8, 12)
  })

  it('is where as many steps of conjugate gradients as factors end', () => {
    const { systems } = turnedSystems()
    const some = {
      ...systems,
      shift: 0.3,
      prior: Float32Array.from(normals(lengths.length * d, 5)),
    }
    const [exact, steps] = [new Float64Array(lengths.length * d), normals(lengths.length * d, 6)]
    kernels.solveRows(some, { from: 0, to: lengths.length, out: exact })
    kernels.descendRows(some, { from: 0, to: lengths.length, out: steps }, d)
    for (let at = 0; at < exact.length; at++) expect(steps[at]).toBeCloseTo(exact[at]!, 6)
  })

  it('gives the primal answer also for short rows, and zeros for an empty one', () => {
    const { systems } = turnedSystems()
    const solved = solvedBy(systems)
    const primal = new Float64Array(d)
    for (let row = 0; row < lengths.length; row++) {
      kernels.solvePrimalRow(systems, row, primal)
      for (let f = 0; f < d; f++) expect(solved(row)[f]).toBeCloseTo(primal[f]!, 10)
    }
    expect([...solved(0)]).toEqual(new Array(d).fill(0))
  })

  it('leaves no gradient in the basis before the turn', () => {
    const { original, vectors, systems } = turnedSystems()
    const solved = solvedBy(systems)
    const { rowPtr, colIndex } = systems.matrix
    const weights = systems.matrix.weights!
    for (let row = 1; row < lengths.length; row++) {
      const x = new Float64Array(d)
      for (let f = 0; f < d; f++) kernels.axpy(solved(row)[f]!, vectors.subarray(f * d, f * d + d), x)
      const gradient = x.map((value) => value * systems.ridge[row]!)
      for (let column = 0; column < columns; column++) {
        const factor = original.subarray(column * d, column * d + d)
        kernels.axpy(unobserved * kernels.dot(factor, x), factor, gradient)
      }
      for (let at = rowPtr[row]!; at < rowPtr[row + 1]!; at++) {
        const factor = original.subarray(colIndex[at]! * d, colIndex[at]! * d + d)
        kernels.axpy(weights[at]! * (kernels.dot(factor, x) - 1), factor, gradient)
      }
      for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(1e-4)
    }
  })

  it('solves any range of rows to the same bytes', () => {
    const { systems } = turnedSystems()
    const solved = solvedBy(systems)
    const part = new Float64Array(2 * d)
    kernels.solveRows(systems, { from: 4, to: 6, out: part })
    expect(part).toEqual(Float64Array.of(...solved(4), ...solved(5)))
  })

  it('splits a score into shares that sum to it', () => {
    const { systems } = turnedSystems()
    const solved = solvedBy(systems)
    for (const row of [1, 3, 5]) {
      const shares = kernels.solveShares(systems, row, 11)
      expect(shares).toHaveLength(lengths[row]!)
      const score = kernels.dot(solved(row), systems.factors.subarray(11 * d, 12 * d))
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(score, 10)
    }
  })
})

describe('turnRows', () => {
  it('makes the Gram matrix diagonal and keeps products', () => {
    const { original, systems } = turnedSystems()
    const gram = kernels.gram({ factors: systems.factors, d, from: 0, to: columns })
    for (let i = 0; i < d; i++)
      for (let j = 0; j < d; j++)
        expect(gram[i * d + j]).toBeCloseTo(i === j ? systems.spectrum[i]! / unobserved : 0, 4)
    const rowOf = (x: Float32Array, row: number) => x.subarray(row * d, row * d + d)
    expect(kernels.dot(rowOf(systems.factors, 3), rowOf(systems.factors, 30))).toBeCloseTo(
      kernels.dot(rowOf(original, 3), rowOf(original, 30)),
      4,
    )
  })
})
