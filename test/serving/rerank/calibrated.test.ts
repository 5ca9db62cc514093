// Calibrated lists: by hand, against the divergence worked out in full, and at their ends.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calibrationDivergence } from '../../../src/evaluation/diversity.ts'
import { rerankCalibrated } from '../../../src/serving/rerank/calibrated.ts'
import { relevanceOf } from '../../../src/serving/rerank/candidates.ts'
import { randomCandidates, upTo } from './candidates.ts'

const shares = fc
  .array(fc.nat(3), { minLength: 4, maxLength: 4 })
  .filter((counts) => counts.some((count) => count > 0))

describe('rerankCalibrated', () => {
  it('gives three quarters rock and a quarter jazz to whom that is the taste', () => {
    const categories = Int32Array.of(0, 0, 0, 0, 0, 1, 1, 1)
    const relevance = Float64Array.of(1, 0.9, 0.8, 0.7, 0.6, 0.2, 0.1, 0)
    const target = Float64Array.of(0.75, 0.25)
    const list = (strength: number, k: number) => [
      ...rerankCalibrated(relevance, { categories, target }, { strength, k }),
    ]
    expect(list(0, 4)).toEqual([0, 1, 2, 3])
    expect(list(1, 4).map((place) => categories[place])).toEqual([0, 1, 0, 0])
    expect(list(1, 8).map((place) => categories[place])).toEqual([0, 1, 0, 0, 0, 1, 0, 1])
  })

  it('is the definition, whatever the candidates', () => {
    fc.assert(
      fc.property(randomCandidates, shares, fc.constantFrom(0.2, 0.5, 1), (drawn, counts, strength) => {
        const { scores, categories } = drawn
        const relevance = relevanceOf(scores)
        const sum = counts.reduce((a, b) => a + b)
        const target = Float64Array.from(counts, (count) => count / sum)
        // The definition as evaluation states it: artists 0 to n - 1 are the places, and those behind them are the history.
        const history = counts.flatMap((count, category) => Array<number>(count).fill(category))
        const of = Int32Array.of(...categories, ...history)
        const own = upTo(history.length).map((at) => scores.length + at)
        const chosen = rerankCalibrated(relevance, { categories, target }, { strength, k: scores.length })
        const list: number[] = []
        const gain = (place: number) =>
          (1 - strength) * relevance[place]! -
          strength * calibrationDivergence(own, [...list, place], { of, count: 4 })
        for (const place of chosen) {
          const left = upTo(scores.length).filter((other) => !list.includes(other))
          expect(gain(place)).toBeCloseTo(Math.max(...left.map(gain)), 9)
          list.push(place)
        }
        expect(list.toSorted((a, b) => a - b)).toEqual(upTo(scores.length))
      }),
    )
  })

  it('comes as near to the target as its artists allow at strength 1', () => {
    const categories = Int32Array.from({ length: 60 }, (_, place) => Math.floor(place / 20))
    const relevance = Float64Array.from(categories, (_, place) => 1 - place / 60)
    const target = Float64Array.of(0.2, 0.3, 0.5)
    const list = rerankCalibrated(relevance, { categories, target }, { strength: 1, k: 10 })
    expect(
      target.map((_, category) => list.filter((place) => categories[place] === category).length),
    ).toEqual(Float64Array.of(2, 3, 5))
  })

  it('keeps the order of the model at strength 0, and where nothing is known', () => {
    fc.assert(
      fc.property(randomCandidates, fc.constantFrom(0, 0.5, 1), ({ scores, categories }, strength) => {
        const relevance = relevanceOf(scores)
        const all = { strength: 0, k: scores.length }
        const even = Float64Array.of(0.25, 0.25, 0.25, 0.25)
        expect([...rerankCalibrated(relevance, { categories, target: even }, all)]).toEqual(
          upTo(scores.length),
        )
        const unknown = { categories, target: new Float64Array(4) }
        expect([...rerankCalibrated(relevance, unknown, { ...all, strength })]).toEqual(upTo(scores.length))
        const noGenre = { categories: categories.map(() => -1), target: even }
        expect([...rerankCalibrated(relevance, noGenre, { ...all, strength })]).toEqual(upTo(scores.length))
      }),
    )
  })
})
