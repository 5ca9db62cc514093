// Candidates for the tests of rerankers: random ones, and similarities from vectors or a table.
import fc from 'fast-check'
import type { Similarities } from '../../../src/serving/rerank/candidates.ts'

/** Similarities looked up in a table, row by row. */
export const fromTable =
  (table: readonly (readonly number[])[]): Similarities =>
  (one, others, out) => {
    for (const [m, other] of others.entries()) out[m] = table[one]![other]!
  }

/** The table of the cosines of vectors; 1 with itself, 0 beside a zero vector. */
export function cosineTable(vectors: readonly (readonly number[])[]): number[][] {
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, f) => sum + x * b[f]!, 0)
  return vectors.map((a, i) =>
    vectors.map((b, j) => {
      const lengths = Math.sqrt(dot(a, a) * dot(b, b))
      if (i === j) return 1
      return lengths === 0 ? 0 : Math.max(-1, Math.min(1, dot(a, b) / lengths))
    }),
  )
}

/** Falling relevance from 1 to 0, and a vector of each candidate. */
export const randomCandidates = fc
  .array(
    fc.record({
      score: fc.integer({ min: 0, max: 20 }),
      vector: fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 3, maxLength: 3 }),
      category: fc.integer({ min: -1, max: 3 }),
    }),
    { minLength: 0, maxLength: 12 },
  )
  .map((drawn) => {
    const sorted = drawn.toSorted((a, b) => b.score - a.score)
    return {
      scores: Float32Array.from(sorted, ({ score }) => score),
      table: cosineTable(sorted.map(({ vector }) => vector)),
      categories: Int32Array.from(sorted, ({ category }) => category),
    }
  })

/** 0, 1, 2, ... */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, at) => at)
