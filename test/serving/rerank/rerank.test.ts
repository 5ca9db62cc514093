// The rerankers by name, and what all of them keep to.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../src/config.ts'
import { relevanceOf } from '../../../src/serving/rerank/candidates.ts'
import { popularityBuckets } from '../../../src/serving/rerank/popularity-buckets.ts'
import { type RerankMethod, rerank } from '../../../src/serving/rerank/rerank.ts'
import { fromTable, randomCandidates, upTo } from './candidates.ts'

const methods: readonly RerankMethod[] = [
  'none',
  'mmr',
  'dpp',
  'calibrated-genres',
  'calibrated-popularity',
  'genre-caps',
]
const defaults = readSettings().serving.rerank

describe('relevanceOf', () => {
  it('runs from 1 to 0, and is 1 for all where all are equal', () => {
    expect([...relevanceOf(Float32Array.of(5, 4, 1))]).toEqual([1, 0.75, 0])
    expect([...relevanceOf(Float32Array.of(-2, -2))]).toEqual([1, 1])
    expect([...relevanceOf(Float32Array.of(3))]).toEqual([1])
    expect(relevanceOf(new Float32Array(0))).toHaveLength(0)
  })
})

describe('popularityBuckets', () => {
  it('cuts at a fifth and four fifths of all interactions', () => {
    // 20 in all, by falling popularity 5 4 4 3 2 1 1; before each 0 5 9 13 16 18 19.
    expect([...popularityBuckets([1, 5, 4, 3, 4, 2, 1])]).toEqual([2, 0, 1, 1, 1, 2, 2])
    expect([...popularityBuckets([0, 0])]).toEqual([0, 0])
    expect(popularityBuckets([])).toHaveLength(0)
  })
})

describe('rerank', () => {
  it.each(methods)('%s gives distinct places, min(k, n) of them, the same each time', (method) => {
    fc.assert(
      fc.property(
        randomCandidates,
        fc.nat(14),
        fc.double({ min: 0, max: 1, noNaN: true }),
        ({ scores, table, categories }, k, strength) => {
          const candidates = {
            scores,
            similarities: fromTable(table),
            genres: categories,
            genreTarget: Float64Array.of(0.5, 0.5, 0, 0),
            buckets: categories.map((category) => Math.max(0, category - 1)),
            bucketTarget: Float64Array.of(0.2, 0.6, 0.2),
          }
          const settings = { ...defaults, method, strength, mostPerGenre: 3 }
          const list = rerank(candidates, settings, k)
          expect(new Set(list).size).toBe(list.length)
          expect(list.every((place) => place >= 0 && place < scores.length)).toBe(true)
          expect(list.length).toBeLessThanOrEqual(Math.min(k, scores.length))
          if (method !== 'genre-caps') expect(list).toHaveLength(Math.min(k, scores.length))
          if (method === 'none' || (strength === 0 && method !== 'genre-caps'))
            expect([...list]).toEqual(upTo(list.length))
          expect(rerank(candidates, settings, k)).toEqual(list)
          const scaled = { ...candidates, scores: scores.map((score) => 4 * score - 8) }
          expect(rerank(scaled, settings, k)).toEqual(list)
        },
      ),
      { numRuns: 50 },
    )
  })
})
