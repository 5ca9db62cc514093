// The k best: against a full sort, ties included.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernels } from '../../src/kernels/kernels.ts'
import { normals, productOf, randomRows } from './random-arrays.ts'

/** The k best of [column, score] by a full sort. */
const bestOf = (scores: readonly (readonly [number, number])[], k: number) =>
  scores.toSorted((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, k)

describe('createTop', () => {
  it('keeps the k best of any offers, lower columns first among equals', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 })), fc.nat(8), (scores, k) => {
        const top = kernels.createTop(k)
        for (const [column, score] of scores.entries()) top.offer(column, score)
        const [columns, kept] = [new Int32Array(k + 2).fill(7), new Float32Array(k + 2).fill(7)]
        top.drain(columns, kept, 1)
        const expected = bestOf([...scores.entries()], k)
        const padding = new Array<number>(k - expected.length)
        expect([...columns]).toEqual([7, ...expected.map(([column]) => column), ...padding.fill(-1), 7])
        expect([...kept]).toEqual([7, ...expected.map(([, score]) => score), ...padding.fill(0), 7])
      }),
    )
  })

  it('never keeps NaN, and starts empty again after it was drained', () => {
    const top = kernels.createTop(2)
    top.offer(0, Number.NaN)
    top.offer(1, Number.NEGATIVE_INFINITY)
    const columns = new Int32Array(2)
    top.drain(columns, new Float32Array(2), 0)
    expect([...columns]).toEqual([1, -1])
    top.drain(columns, new Float32Array(2), 0)
    expect([...columns]).toEqual([-1, -1])
  })
})

describe('productTop', () => {
  it.each([
    [1, 1, 1],
    [3, 127, 5],
    [33, 130, 10],
    [40, 300, 300],
  ])('ranks %i rows by %i columns as a full sort does, k %i', (rows, c, k) => {
    const d = 5
    const left = normals(rows * d, 1).map((value) => Math.round(value))
    const right = Float32Array.from(normals(c * d, 2), (value) => Math.round(value))
    const exclude = randomRows(
      Array.from({ length: rows }, (_, row) => row % Math.min(c, 7)),
      c,
      3,
    )
    const [columns, scores] = [new Int32Array(rows * k), new Float32Array(rows * k)]
    kernels.productTop({ left, from: 0, to: rows, right, c, d, k, exclude, columns, scores })
    for (const [row, products] of productOf(left, right, { m: rows, n: c, d }).entries()) {
      const known = new Set(exclude.colIndex.subarray(exclude.rowPtr[row]!, exclude.rowPtr[row + 1]!))
      const expected = bestOf(
        [...products.entries()].filter(([column]) => !known.has(column)),
        k,
      )
      const found = [...columns.subarray(row * k, row * k + k)].slice(0, expected.length)
      expect(found).toEqual(expected.map(([column]) => column))
      expect(
        [...columns.subarray(row * k + expected.length, row * k + k)].every((column) => column === -1),
      ).toBe(true)
    }
  })
})

describe('orderTop', () => {
  it('takes the first of an order that are not excluded', () => {
    const out = { columns: new Int32Array(6), scores: new Float32Array(6) }
    const exclude = { rowPtr: Int32Array.of(0, 0, 2), colIndex: Int32Array.of(0, 2) }
    const job = { order: Int32Array.of(2, 0, 1), scores: Float32Array.of(5, 1, 9), k: 3, exclude }
    kernels.orderTop(job, 0, out)
    kernels.orderTop(job, 1, out)
    expect([...out.columns]).toEqual([2, 0, 1, 1, -1, -1])
    expect([...out.scores]).toEqual([9, 5, 1, 1, 0, 0])
  })
})
