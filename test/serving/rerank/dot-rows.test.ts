// Dot products of rows: by hand, and the same whatever rows stand beside them.
import { describe, expect, it } from 'vitest'
import { dotRows } from '../../../src/serving/rerank/dot-rows.ts'
import { createRandom } from '../../../src/statistics/random.ts'

describe('dotRows', () => {
  it('counts the first columns of each row only', () => {
    const rows = { values: Float64Array.of(1, 2, 9, 3, 4, 9, 5, 6, 9), width: 3, length: 2 }
    const out = new Float64Array(3)
    dotRows(rows, 0, Int32Array.of(2, 0, 1), out)
    expect([...out]).toEqual([17, 5, 11])
    dotRows({ ...rows, length: 0 }, 0, Int32Array.of(2, 0, 1), out)
    expect([...out]).toEqual([0, 0, 0])
  })

  it('gives a row the same product alone and among others, bit for bit', () => {
    const random = createRandom(2)
    const rows = { values: Float64Array.from({ length: 130 }, () => random.normal()), width: 10, length: 9 }
    for (const count of [0, 1, 3, 4, 5, 9, 13]) {
      const others = Int32Array.from({ length: count }, (_, at) => (at * 5) % 13)
      const [together, alone] = [new Float64Array(count), new Float64Array(1)]
      dotRows(rows, 7, others, together)
      for (const [m, other] of others.entries()) {
        dotRows(rows, 7, Int32Array.of(other), alone)
        expect(together[m]).toBe(alone[0])
      }
    }
  })
})
