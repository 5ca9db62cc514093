// Work over rows on threads: the same bytes for any number of them, and progress to the end.
import { describe, expect, it } from 'vitest'
import { openWorkers } from '../../src/engine/open.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import { sharedDoubles, sharedFloats } from '../../src/models/algorithm.ts'
import { alsTasks, turn } from '../../src/models/als-tasks.ts'
import { gramOf } from '../../src/models/als-training.ts'
import { overRows } from '../../src/models/row-work.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { ownThread } from './sample.ts'

const [rows, d] = [1500, 3]

function randomFactors(): Float32Array {
  const random = createRandom(2)
  const factors = sharedFloats(rows * d)
  for (let at = 0; at < factors.length; at++) factors[at] = random.normal()
  return factors
}

describe('gramOf', () => {
  it('sums blocks to the same bytes on any number of threads', async () => {
    const factors = randomFactors()
    const whole = kernels.gram({ factors, d, from: 0, to: rows })
    const alone = await gramOf(ownThread, factors, { rows, d })
    const workers = openWorkers({ threads: 3 })
    expect(await gramOf(workers, factors, { rows, d })).toEqual(alone)
    await workers.close()
    for (let at = 0; at < whole.length; at++) expect(alone[at]).toBeCloseTo(whole[at]!, 8)
  })
})

describe('overRows', () => {
  const basis = sharedDoubles(d * d)
  basis.set([0, 1, 0, 0, 0, 1, 1, 0, 0])

  it('reaches every row once, and tells how far it is', async () => {
    const before = randomFactors()
    const factors = randomFactors()
    const shares: number[] = []
    const args = { factors, d, basis }
    await overRows(ownThread, {
      module: alsTasks,
      task: turn,
      rows,
      args,
      onProgress: (share) => shares.push(share),
    })
    for (let at = 0; at < factors.length; at += d)
      expect([...factors.subarray(at, at + d)]).toEqual([before[at + 1], before[at + 2], before[at]])
    expect(shares.at(-1)).toBe(1)
    expect(shares).toEqual(shares.toSorted((a, b) => a - b))
  })

  it('runs few rows at once, without a worker', async () => {
    const workers = openWorkers({ threads: 1 })
    await workers.close()
    const factors = randomFactors()
    await overRows(workers, { module: alsTasks, task: turn, rows: 64, args: { factors, d, basis } })
    await expect(
      overRows(workers, { module: alsTasks, task: turn, rows: 65, args: { factors, d, basis } }),
    ).rejects.toMatchObject({
      code: 'not-ready',
    })
    await overRows(workers, { module: alsTasks, task: turn, rows: 0, args: { factors, d, basis } })
  })
})
