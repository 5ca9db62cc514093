// Sparse kernels against dense loops on random matrices.
import { describe, expect, it } from 'vitest'
import { type SparseRows, sparseRows, transpose } from '../../src/data/interaction-matrix.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import { randomRows } from './random-arrays.ts'

const [rows, c] = [30, 18]
const matrix: SparseRows = {
  ...randomRows(
    Array.from({ length: rows }, (_, row) => row % 9),
    c,
    5,
  ),
  rows,
  columns: c,
  values: new Float32Array(0),
}
const cells = Array.from({ length: rows }, (_, row) => {
  const known = matrix.colIndex.subarray(matrix.rowPtr[row]!, matrix.rowPtr[row + 1]!)
  return Array.from({ length: c }, (__, column) => (known.includes(column) ? 1 : 0))
})
const both = (i: number, j: number) => cells.reduce((sum, row) => sum + row[i]! * row[j]!, 0)
const float = Math.fround

describe('cosineTop', () => {
  it.each([1, 4, 17])('finds the %i nearest columns of each', (k) => {
    const [columns, cosines] = [new Int32Array(c * k), new Float32Array(c * k)]
    const byColumn = transpose({ ...matrix, values: new Float32Array(matrix.colIndex.length).fill(1) })
    const work = { byColumn, byRow: matrix, c, shrink: 2, k, columns, cosines }
    kernels.cosineTop({ ...work, from: 0, to: 7 })
    kernels.cosineTop({ ...work, from: 7, to: c })
    for (let i = 0; i < c; i++) {
      const expected = Array.from({ length: c }, (_, j) => [j, both(i, j)] as const)
        .filter(([j, count]) => j !== i && count > 0)
        .map(([j, count]) => [j, float(count / (Math.sqrt(both(i, i) * both(j, j)) + 2))] as const)
        .sort((a, b) => b[1] - a[1] || a[0] - b[0])
        .slice(0, k)
      expect([...columns.subarray(i * k, i * k + expected.length)]).toEqual(expected.map(([j]) => j))
      expect([...cosines.subarray(i * k, i * k + expected.length)]).toEqual(
        expected.map(([, value]) => value),
      )
    }
  })
})

describe('sparseSumTop', () => {
  it('ranks sums of sparse rows, silent columns behind by their own score', () => {
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
    const [columns, scores] = [new Int32Array(12), new Float32Array(12)]
    kernels.sparseSumTop({
      rows: histories,
      weights,
      c: 4,
      silent: Float32Array.of(-0.5, -0.5, -0.1, -0.9),
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
