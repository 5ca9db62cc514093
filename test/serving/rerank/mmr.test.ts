// Maximal marginal relevance: by hand, against the definition, and at its ends.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { relevanceOf } from '../../../src/serving/rerank/candidates.ts'
import { rerankByMmr } from '../../../src/serving/rerank/mmr.ts'
import { fromTable, randomCandidates, upTo } from './candidates.ts'

describe('rerankByMmr', () => {
  it('passes over a near copy of what is chosen', () => {
    // 1 is nearly 0. At strength 1/2: 1 gains (0.9 - 0.95) / 2, 2 gains (0.5 - 0.1) / 2; then 1 (0.9 - 0.95) / 2 and 3 (0 - 0.2) / 2.
    const near = fromTable([
      [1, 0.95, 0.1, 0.2],
      [0.95, 1, 0.1, 0.1],
      [0.1, 0.1, 1, 0.1],
      [0.2, 0.1, 0.1, 1],
    ])
    const relevance = Float64Array.of(1, 0.9, 0.5, 0)
    expect([...rerankByMmr(relevance, near, { strength: 0.5, k: 4 })]).toEqual([0, 2, 1, 3])
    expect([...rerankByMmr(relevance, near, { strength: 1, k: 3 })]).toEqual([0, 2, 3])
  })

  it('looks for opposites too', () => {
    const near = fromTable([
      [1, 0, -1],
      [0, 1, 0],
      [-1, 0, 1],
    ])
    expect([...rerankByMmr(Float64Array.of(1, 0.5, 0), near, { strength: 0.6, k: 3 })]).toEqual([0, 2, 1])
  })

  it('is the definition, whatever the candidates', () => {
    fc.assert(
      fc.property(
        randomCandidates,
        fc.integer({ min: 0, max: 4 }),
        fc.nat(14),
        ({ scores, table }, quarter, k) => {
          const relevance = relevanceOf(scores)
          const strength = quarter / 4
          const chosen: number[] = []
          const gain = (place: number) =>
            (1 - strength) * relevance[place]! -
            strength * (chosen.length === 0 ? 0 : Math.max(...chosen.map((other) => table[place]![other]!)))
          while (chosen.length < Math.min(k, scores.length)) {
            const left = upTo(scores.length).filter((place) => !chosen.includes(place))
            chosen.push(left.reduce((best, place) => (gain(place) > gain(best) ? place : best)))
          }
          expect([...rerankByMmr(relevance, fromTable(table), { strength, k })]).toEqual(chosen)
        },
      ),
    )
  })

  it('keeps the order of the model at strength 0, and takes nothing from nothing', () => {
    fc.assert(
      fc.property(randomCandidates, ({ scores, table }) => {
        const all = { strength: 0, k: scores.length }
        expect([...rerankByMmr(relevanceOf(scores), fromTable(table), all)]).toEqual(upTo(scores.length))
      }),
    )
    expect(rerankByMmr(new Float64Array(0), fromTable([]), { strength: 0.5, k: 3 })).toHaveLength(0)
    expect([...rerankByMmr(Float64Array.of(1), fromTable([[1]]), { strength: 0.5, k: 3 })]).toEqual([0])
  })
})
