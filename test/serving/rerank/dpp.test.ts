// The greedy determinantal point process: against determinants worked out in full, and where vectors run out.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { relevanceOf } from '../../../src/serving/rerank/candidates.ts'
import { rerankByDpp } from '../../../src/serving/rerank/dpp.ts'
import { cosineTable, fromTable, randomCandidates, upTo } from './candidates.ts'

/** By elimination with row exchange. */
function determinant(matrix: readonly (readonly number[])[]): number {
  const rows = matrix.map((row) => [...row])
  let product = 1
  for (let at = 0; at < rows.length; at++) {
    const pivot = upTo(rows.length)
      .slice(at)
      .reduce((best, row) => (Math.abs(rows[row]![at]!) > Math.abs(rows[best]![at]!) ? row : best))
    if (rows[pivot]![at] === 0) return 0
    if (pivot !== at) product = -product
    ;[rows[at], rows[pivot]] = [rows[pivot]!, rows[at]!]
    product *= rows[at]![at]!
    for (let row = at + 1; row < rows.length; row++) {
      const factor = rows[row]![at]! / rows[at]![at]!
      for (let column = at; column < rows.length; column++) rows[row]![column]! -= factor * rows[at]![column]!
    }
  }
  return product
}

/** log det of diag(q) S diag(q) over a list, with q = exp(relevance x (1 - strength) / (2 strength)) and S = (1 + cosine) / 2. */
function logDet(
  list: readonly number[],
  { table, relevance, strength }: { table: number[][]; relevance: Float64Array; strength: number },
): number {
  const quality = (place: number) => Math.exp((relevance[place]! * (1 - strength)) / (2 * strength))
  const kernel = list.map((i) => list.map((j) => (quality(i) * quality(j) * (1 + table[i]![j]!)) / 2))
  return Math.log(Math.max(0, determinant(kernel)))
}

describe('rerankByDpp', () => {
  it('takes a step of the greatest volume by hand', () => {
    // S of 0 and 1: (1 + 0.8) / 2 = 0.9, volume 1 - 0.81; of 0 and 2: 0.5, volume 1 - 0.25.
    const near = fromTable([
      [1, 0.8, 0],
      [0.8, 1, 0],
      [0, 0, 1],
    ])
    const relevance = Float64Array.of(1, 0.9, 0)
    // 0.5 x 0.9 + 0.5 ln 0.19 = -0.38 against 0.5 x 0 + 0.5 ln 0.75 = -0.14.
    expect([...rerankByDpp(relevance, near, { strength: 0.5, k: 2 })]).toEqual([0, 2])
    // 0.7 x 0.9 + 0.3 ln 0.19 = 0.13 against 0.3 ln 0.75 = -0.09.
    expect([...rerankByDpp(relevance, near, { strength: 0.3, k: 2 })]).toEqual([0, 1])
  })

  it('chooses at every step the artist with the highest log det, worked out in full', () => {
    fc.assert(
      fc.property(randomCandidates, fc.constantFrom(0.2, 0.5, 0.8, 1), ({ scores, table }, strength) => {
        const relevance = relevanceOf(scores)
        const chosen = rerankByDpp(relevance, fromTable(table), { strength, k: scores.length })
        const list: number[] = []
        for (const place of chosen) {
          const gains = upTo(scores.length)
            .filter((other) => !list.includes(other))
            .map((other) => logDet([...list, other], { table, relevance, strength }))
          const most = Math.max(...gains)
          const base = logDet(list, { table, relevance, strength })
          // Once no artist adds volume worth the name, the rest follow in the model's order.
          if (!(most - base > Math.log(1e-6))) break
          list.push(place)
          expect(logDet(list, { table, relevance, strength })).toBeCloseTo(most, 6)
        }
        expect([...chosen].sort((a, b) => a - b)).toEqual(upTo(scores.length))
      }),
    )
  })

  it('puts copies last, in the order of the model', () => {
    const table = cosineTable([
      [1, 0],
      [2, 0],
      [1, 0],
      [0, 1],
    ])
    const relevance = relevanceOf(Float32Array.of(9, 8, 7, 6))
    expect([...rerankByDpp(relevance, fromTable(table), { strength: 0.1, k: 4 })]).toEqual([0, 3, 1, 2])
  })

  it('has a place for artists without a direction, and for none at all', () => {
    const table = cosineTable([
      [0, 0],
      [0, 0],
      [1, 1],
    ])
    const relevance = relevanceOf(Float32Array.of(1, 1, 1))
    expect([...rerankByDpp(relevance, fromTable(table), { strength: 1, k: 9 })]).toEqual([0, 1, 2])
    expect(rerankByDpp(new Float64Array(0), fromTable([]), { strength: 1, k: 2 })).toHaveLength(0)
  })

  it('keeps the order of the model at strength 0', () => {
    fc.assert(
      fc.property(randomCandidates, ({ scores, table }) => {
        const all = { strength: 0, k: scores.length }
        expect([...rerankByDpp(relevanceOf(scores), fromTable(table), all)]).toEqual(upTo(scores.length))
      }),
    )
  })
})
