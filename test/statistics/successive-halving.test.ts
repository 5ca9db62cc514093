import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  halvingRungs,
  hyperbandBrackets,
  leaders,
  measurementsOf,
} from '../../src/statistics/successive-halving.ts'

const thirds = { reduction: 3, rungs: 3 }
const rounded = (rungs: readonly { candidates: number; resource: number }[]) =>
  rungs.map(({ candidates, resource }) => [candidates, Number(resource.toFixed(4))])

describe('successive halving', () => {
  test('27 candidates in thirds: each rung a third of the candidates with three times the resource', () => {
    expect(rounded(halvingRungs(27, thirds))).toEqual([
      [27, 0.1111],
      [9, 0.3333],
      [3, 1],
    ])
  })

  test('numbers that do not divide are rounded down, and four rungs of halves begin at an eighth', () => {
    expect(rounded(halvingRungs(21, { reduction: 2, rungs: 4 }))).toEqual([
      [21, 0.125],
      [10, 0.25],
      [5, 0.5],
      [2, 1],
    ])
  })

  test('few candidates skip the first rungs: they begin with more of the resource', () => {
    expect(rounded(halvingRungs(4, thirds))).toEqual([
      [4, 0.3333],
      [1, 1],
    ])
    expect(rounded(halvingRungs(1, thirds))).toEqual([[1, 1]])
    expect(halvingRungs(0, thirds)).toEqual([])
  })

  test('any schedule begins with all candidates, ends with the whole resource, and never grows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 2, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (count, reduction, most) => {
          const rungs = halvingRungs(count, { reduction, rungs: most })
          expect(rungs[0]!.candidates).toBe(count)
          expect(rungs.at(-1)!.resource).toBe(1)
          expect(rungs.length).toBeLessThanOrEqual(most)
          for (const [at, rung] of rungs.entries()) {
            const next = rungs[at + 1]
            if (!next) continue
            expect(next.candidates).toBe(Math.floor(count / reduction ** (at + 1)))
            expect(next.resource / rung.resource).toBeCloseTo(reduction, 10)
          }
        },
      ),
    )
  })

  test('a shape that reduces nothing is refused', () => {
    expect(() => halvingRungs(9, { reduction: 1, rungs: 3 })).toThrow(/reduction from 2/)
    expect(() => hyperbandBrackets({ reduction: 3, rungs: 0 })).toThrow(/1 rung/)
  })
})

test('Hyperband in thirds, R = 9: the brackets of its paper for that size', () => {
  // s = 2: ceil(3/3 * 9) = 9 at 1/9; s = 1: ceil(3/2 * 3) = 5 at 1/3; s = 0: ceil(3/1 * 1) = 3 at 1.
  expect(hyperbandBrackets(thirds).map(rounded)).toEqual([
    [
      [9, 0.1111],
      [3, 0.3333],
      [1, 1],
    ],
    [
      [5, 0.3333],
      [1, 1],
    ],
    [[3, 1]],
  ])
  expect(hyperbandBrackets(thirds).map(measurementsOf)).toEqual([13, 6, 3])
})

test('leaders are the highest first, equal ones by index, what is not a number last', () => {
  expect(leaders([0.2, Number.NaN, 0.5, 0.2, 0.1], 3)).toEqual([2, 0, 3])
  expect(leaders([Number.NaN, 0], 2)).toEqual([1, 0])
  expect(leaders([], 3)).toEqual([])
})
