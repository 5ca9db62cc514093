import fc from 'fast-check'
import { expect, test } from 'vitest'
import { planBatches } from '../../src/jobs/clean-manifest.ts'

const options = { batchBytes: 100, plannedAt: 5 }
const source = (key: string, sizeBytes: number) => ({ key, sizeBytes })

test('objects are batched in order, at most so many bytes a batch, a larger one alone', () => {
  const listed = [source('a', 60), source('b', 40), source('c', 1), source('huge', 500), source('d', 5)]
  const batches = planBatches(listed, [], options)
  expect(batches.map(({ sources }) => sources.map(({ key }) => key))).toEqual([
    ['a', 'b'],
    ['c'],
    ['huge'],
    ['d'],
  ])
  expect(batches[0]?.plannedAt).toBe(5)
})

test('what was seen is left out, unless its size changed', () => {
  const batches = planBatches([source('a', 60), source('b', 41)], [source('a', 60), source('b', 40)], options)
  expect(batches.flatMap(({ sources }) => sources)).toEqual([source('b', 41)])
})

test('every object not seen is in exactly one batch, and ids depend on the objects alone', () => {
  const objects = fc.uniqueArray(fc.record({ key: fc.string({ minLength: 1 }), sizeBytes: fc.nat(300) }), {
    selector: ({ key }) => key,
  })
  fc.assert(
    fc.property(objects, fc.nat(10), (listed, seenCount) => {
      const seen = listed.slice(0, seenCount)
      const batches = planBatches(listed, seen, options)
      expect(batches.flatMap(({ sources }) => sources)).toEqual(listed.slice(seenCount))
      const later = planBatches(listed, seen, { ...options, plannedAt: 9 })
      expect(later.map(({ id }) => id)).toEqual(batches.map(({ id }) => id))
    }),
  )
})
