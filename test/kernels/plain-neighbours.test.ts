// Sparse kernels against dense loops on random matrices.
import { describe, expect, it } from 'vitest'
import { type SparseRows, sparseRows, transpose } from '../../src/data/interaction-matrix.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import { randomRows } from './random-arrays.ts'

const [rows, c] = [30, 18]
const pattern = randomRows(
  Array.from({ length: rows }, (_, row) => row % 9),
  c,
  5,
)
const values = new Float32Array(pattern.colIndex.length).fill(1)
const matrix: SparseRows = { ...pattern, rows, columns: c, values }
const cells = Array.from({ length: rows }, (_, row) => {
  const known = matrix.colIndex.subarray(matrix.rowPtr[row]!, matrix.rowPtr[row + 1]!)
  return Array.from({ length: c }, (__, column) => (known.includes(column) ? 1 : 0))
})
/** At least 1, so that an empty row may be raised to a negative power. */
const lengths = cells.map((row) =>
  Math.max(
    1,
    row.reduce<number>((n, cell) => n + cell, 0),
  ),
)
const sizes = Array.from({ length: c }, (_, i) => cells.reduce((sum, row) => sum + row[i]!, 0))
const shared = (i: number, j: number, p: number) =>
  cells.reduce((sum, row, at) => sum + row[i]! * row[j]! * lengths[at]! ** -p, 0)
const float = Math.fround

/** What users, sources and targets are raised to, and the shrinkage. */
const families = [
  { name: 'cosine', p: 0, a: 0.5, b: 0.5, shrink: 2 },
  { name: 'P3alpha', p: 0.7, a: 0.7, b: 0, shrink: 0 },
  { name: 'RP3beta', p: 0.7, a: 0.7, b: 0.4, shrink: 0 },
  { name: 'Turbo-CF', p: 1.2, a: 0.4, b: 0.4, shrink: 0 },
]

describe('cooccurrenceTop', () => {
  it.each(families)('finds the nearest columns of each by $name', ({ p, a, b, shrink }) => {
    const input = {
      byRow: matrix,
      c,
      rowWeights: Float64Array.from(lengths, (length) => length ** -p),
      sourceScale: Float64Array.from(sizes, (size) => Math.max(1, size) ** a),
      targetScale: Float64Array.from(sizes, (size) => Math.max(1, size) ** b),
      shrink,
    }
    for (const keep of [1, 4, 17]) {
      const ends = kernels.listEnds(input, keep)
      const lists = {
        ends,
        sizes: new Int32Array(c),
        columns: new Int32Array(ends[c]!),
        scores: new Float32Array(ends[c]!),
      }
      const work = { ...input, byColumn: transpose(matrix), lists }
      kernels.cooccurrenceTop({ ...work, from: 0, to: 7 })
      kernels.cooccurrenceTop({ ...work, from: 7, to: c })
      for (let i = 0; i < c; i++) {
        const expected = Array.from({ length: c }, (_, j) => [j, shared(i, j, p)] as const)
          .filter(([j, sum]) => j !== i && sum > 0)
          .map(([j, sum]) => [j, sum / (sizes[j]! ** a * sizes[i]! ** b + shrink)] as const)
          .sort((x, y) => float(y[1]) - float(x[1]) || x[0] - y[0])
          .slice(0, keep)
        expect(lists.sizes[i]).toBe(expected.length)
        for (const [at, [, score]] of expected.entries())
          expect(lists.scores[ends[i]! + at]).toBeCloseTo(score, 6)
      }
    }
  })

  it('keeps no more room than neighbours can be', () => {
    const tiny = sparseRows(2, 4, [
      [0, 0, 1],
      [0, 1, 1],
      [1, 1, 1],
      [1, 2, 1],
    ])
    expect([...kernels.listEnds({ byRow: tiny, c: 4 }, 9)]).toEqual([0, 1, 3, 4, 4])
    expect([...kernels.listEnds({ byRow: tiny, c: 4 }, 1)]).toEqual([0, 1, 2, 3, 3])
  })
})

const weights = {
  rowPtr: Int32Array.of(0, 1, 3, 3, 4),
  colIndex: Int32Array.of(1, 0, 3, 1),
  values: Float32Array.of(0.5, 0.25, -2, 0.5),
}
const histories = sparseRows(3, 4, [
  [0, 0, 1],
  [0, 3, 1],
  [1, 1, 9],
])
const silent = Float32Array.of(-0.5, -0.5, -0.1, -0.9)

describe('sparseSumTop', () => {
  it('ranks sums of sparse rows, silent columns behind by their own score', () => {
    const [columns, scores] = [new Int32Array(12), new Float32Array(12)]
    kernels.sparseSumTop({
      rows: histories,
      weights,
      c: 4,
      silent,
      silentOrder: Int32Array.of(2, 0, 1, 3),
      exclude: histories,
      k: 4,
      from: 0,
      to: 3,
      columns,
      scores,
    })
    expect([...columns]).toEqual([1, 2, -1, -1, 0, 2, 3, -1, 2, 0, 1, 3])
    expect([...scores].map((score) => Number(score.toFixed(3)))).toEqual([
      1, -0.1, 0, 0, 0.25, -0.1, -2, 0, -0.1, -0.5, -0.5, -0.9,
    ])
  })
})

describe('sparseSumAt', () => {
  it('gives the same scores for columns asked for, 0 for an empty place', () => {
    const out = new Float32Array(6)
    const candidates = Int32Array.of(1, -1, 3, 2, 0, 0)
    kernels.sparseSumAt({ rows: histories, weights, c: 4, silent, from: 0, to: 3, k: 2, candidates, out })
    expect([...out]).toEqual([1, 0, -2, float(-0.1), -0.5, -0.5])
  })
})
