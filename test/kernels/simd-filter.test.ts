// Panels, filter steps and filter scores on WebAssembly against the plain kernels.
import { describe, expect, it } from 'vitest'
import { float32, int32, openArena } from '../../src/kernels/arena.ts'
import { filterStep, panelProduct } from '../../src/kernels/plain-filter.ts'
import { simdSupported } from '../../src/kernels/simd.ts'
import { multiplyPanels, stepFilter } from '../../src/kernels/simd-filter.ts'
import { layFilterScores, rankFiltered, scoreFiltered } from '../../src/kernels/simd-filter-scores.ts'
import { normals, oddSizes, randomRows } from './random-arrays.ts'

const near = (fast: Float32Array, slow: Float32Array): void => {
  for (const [at, value] of slow.entries()) expect(fast[at]).toBeCloseTo(value, 3)
}

describe.skipIf(!simdSupported())('graph filters on WebAssembly', () => {
  it.each(oddSizes)('multiplies panels of %i rows as the plain kernel does, turned or not', (m) => {
    for (const [n, k] of [
      [8, 1],
      [16, 0],
      [24, 37],
    ] as const) {
      const { memory, parts } = openArena('a test', {
        a: float32(m * k),
        b: float32(k * n),
        out: float32(m * n),
      })
      parts.a.set(normals(m * k, 1))
      parts.b.set(normals(k * n, 2))
      const slow = new Float32Array(m * n)
      for (const [rowStep, step] of [
        [k, 1],
        [1, m],
      ] as const) {
        const job = { ...parts, rowStep, step, m, bStep: n, panelStep: 8, n, k, outStep: n }
        multiplyPanels(memory, job)
        panelProduct({ ...job, out: slow })
        near(parts.out, slow)
      }
    }
  })

  it('filters rows as the plain kernel does, with and without the terms of the row itself', () => {
    const [rows, columns, d] = [5, 9, 16]
    const cells = randomRows([0, 1, 3, 9, 4], columns, 1)
    const { memory, parts } = openArena('a test', {
      rowPtr: int32(rows + 1),
      colIndex: int32(cells.colIndex.length),
      rowScale: float32(rows),
      columnScale: float32(columns),
      x: float32(columns * d),
      y: float32(rows * d),
      z: float32(rows * d),
      out: float32(rows * d),
    })
    parts.rowPtr.set(cells.rowPtr)
    parts.colIndex.set(cells.colIndex)
    for (const [seed, array] of [parts.rowScale, parts.columnScale, parts.x, parts.y, parts.z].entries())
      array.set(normals(array.length, seed))
    const own = { rows: parts.y, factor: -1.5 }
    const older = { rows: parts.z, factor: 0.25 }
    for (const terms of [{}, { own }, { own, older }]) {
      const slow = new Float32Array(rows * d)
      const job = { ...parts, matrix: parts, from: 0, to: rows, d, factor: 2, ...terms }
      stepFilter(memory, job)
      filterStep({ ...job, out: slow })
      near(parts.out, slow)
    }
  })

  it.each([1, 5, 8, 70])('ranks and scores %i columns as sums and products by hand', (c) => {
    const [rows, d, k] = [37, 6, 9]
    const lengths = (count: number) => Array.from({ length: count }, (_, at) => at % Math.min(5, c + 1))
    const weights = randomRows(lengths(c), c, 1)
    const heard = Float32Array.from(normals(c * d, 2))
    const lift = Float32Array.from(normals(c, 3), Math.abs)
    const filter = { c, d, heard, lift, weights: { ...weights, values: weights.weights! } }
    const histories = randomRows(lengths(rows), c, 4)
    const model = layFilterScores(filter, 1)
    const work = { rows: histories, from: 0, to: rows, k }
    const quick = { columns: new Int32Array(rows * k), scores: new Float32Array(rows * k) }
    rankFiltered(model, { ...work, exclude: histories, ...quick })
    const slow = { columns: new Int32Array(rows * k), scores: new Float32Array(rows * k) }
    rankFiltered({ ...model, memory: undefined }, { ...work, exclude: histories, ...slow })
    near(quick.scores, slow.scores)
    const out = new Float32Array(rows * k)
    scoreFiltered(model, { ...work, candidates: quick.columns, out })
    expect(out).toEqual(quick.scores)
    const alone = { columns: new Int32Array(rows * k), scores: new Float32Array(rows * k) }
    for (let row = 0; row < rows; row++)
      rankFiltered(model, { ...work, exclude: histories, ...alone, from: row, to: row + 1 })
    expect(alone).toEqual(quick)
  })
})
