import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { planBatches } from '../../src/jobs/plan-batches.ts'

const options = { batchBytes: 100, plannedAt: 5, settings: readSettings().ingest, readBefore: 0 }
const source = (key: string, sizeBytes: number) => ({ key, sizeBytes })

test('objects are batched in order, at most so many bytes a batch, a larger one alone', () => {
  const listed = [source('a', 60), source('b', 40), source('c', 1), source('huge', 500), source('d', 5)]
  const batches = planBatches(listed, options)
  expect(batches.map(({ sources }) => sources.map(({ key }) => key))).toEqual([
    ['a', 'b'],
    ['c'],
    ['huge'],
    ['d'],
  ])
  expect(batches[0]).toMatchObject({ plannedAt: 5, settings: options.settings })
})

test('a batch has at most 500 objects', () => {
  const listed = Array.from({ length: 1001 }, (_, n) => source(String(n), 0))
  expect(planBatches(listed, options).map(({ sources }) => sources.length)).toEqual([500, 500, 1])
})

test('every object is in exactly one batch; ids depend on the objects and on what was read before, not on the clock', () => {
  const objects = fc.uniqueArray(fc.record({ key: fc.string({ minLength: 1 }), sizeBytes: fc.nat(300) }), {
    selector: ({ key }) => key,
    minLength: 1,
  })
  fc.assert(
    fc.property(objects, (listed) => {
      const ids = (changes: object) => planBatches(listed, { ...options, ...changes }).map(({ id }) => id)
      expect(planBatches(listed, options).flatMap(({ sources }) => sources)).toEqual(listed)
      expect(ids({ plannedAt: 9 })).toEqual(ids({}))
      expect(ids({ readBefore: 1 })).not.toEqual(ids({}))
      expect(new Set(ids({})).size).toBe(ids({}).length)
    }),
  )
})
