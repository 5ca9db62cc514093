// Sums of sparse rows on WebAssembly equal the plain kernel to the bit.
import { describe, expect, it } from 'vitest'
import { kernels } from '../../src/kernels/kernels.ts'
import { simdSupported } from '../../src/kernels/simd.ts'
import { layItemScores, rankRows, scoreRows } from '../../src/kernels/simd-itemscores.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { randomRows } from './random-arrays.ts'

/** Histories, signed weights with ties, and a silent score for each of c columns. */
function sample(c: number, rows: number) {
  const random = createRandom(c + rows)
  const lengths = (count: number) => Array.from({ length: count }, () => random.below(Math.min(c, 9) + 1))
  const weights = randomRows(lengths(c), c, 2)
  const values = weights.weights!.map((value) => Math.round(4 * (value - 0.7)) / 4 + 0)
  const silent = Float32Array.from({ length: c }, () => 0 - Math.round(10 * random.uniform()) / 10)
  const silentOrder = Int32Array.from(silent.keys()).sort((a, b) => silent[b]! - silent[a]! || a - b)
  return { rows: randomRows(lengths(rows), c, 3), weights: { ...weights, values }, c, silent, silentOrder }
}

describe.skipIf(!simdSupported())('item scores on WebAssembly', () => {
  it.each([1, 3, 4, 5, 127])('ranks as the plain kernel does over %i columns, to the bit', (c) => {
    const job = sample(c, 40)
    const model = layItemScores(job, 1)!
    for (const k of [0, 1, 3, c, c + 4])
      for (const exclude of [undefined, job.rows]) {
        const work = { ...job, exclude, k, from: 0, to: 40 }
        const fast = { columns: new Int32Array(40 * k), scores: new Float32Array(40 * k) }
        const slow = { columns: new Int32Array(40 * k), scores: new Float32Array(40 * k) }
        rankRows(model, { ...work, ...fast })
        kernels.sparseSumTop({ ...work, ...slow })
        expect(fast).toEqual(slow)
      }
  })

  it.each([1, 5, 127])('scores given columns as the plain kernel does over %i columns', (c) => {
    const job = sample(c, 12)
    const k = 2 * c + 1
    const random = createRandom(c)
    const candidates = Int32Array.from({ length: 12 * k }, () => random.below(c + 1) - 1)
    const work = { ...job, k, candidates, from: 0, to: 12 }
    const [fast, slow] = [new Float32Array(12 * k), new Float32Array(12 * k)]
    scoreRows(layItemScores(job, 1)!, { ...work, out: fast })
    kernels.sparseSumAt({ ...work, out: slow })
    expect(fast).toEqual(slow)
  })
})
