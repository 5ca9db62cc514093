import { expect, test } from 'vitest'
import { createVocabulary } from '../../src/data/vocabulary.ts'
import { listenerAttributes, listenerAttributesOver } from '../../src/features/listener-attributes.ts'
import { dense } from '../models/sample.ts'

const users = createVocabulary(['ann', 'bo', 'cy', 'guest'])
const people = [
  { userId: 'ann', ageGroup: '25-34', country: 'US', state: 'OH', city: 'Akron' },
  { userId: 'bo', ageGroup: '25-34', country: 'US', state: 'OH', city: 'Dayton' },
  { userId: 'cy', ageGroup: 'unknown', country: 'SE', state: 'unknown', city: 'unknown' },
  { userId: 'elsewhere', ageGroup: '65-plus', country: 'SE', state: 'unknown', city: 'Lund' },
]

test('listeners who share an age group, country or state share a feature; cities too small do not count', () => {
  const { features, names } = listenerAttributes(people, users, { minListeners: 2 })
  expect(names).toEqual([
    'everyone',
    'age:25-34',
    'age:25-34|US',
    'age:25-34|US|OH',
    'country:US',
    'state:US|OH',
  ])
  const fifth = Math.fround(1 / Math.sqrt(5))
  expect(dense(features)).toEqual([
    [1, fifth, fifth, fifth, fifth, fifth],
    [1, fifth, fifth, fifth, fifth, fifth],
    [1, 0, 0, 0, 0, 0],
    [1, 0, 0, 0, 0, 0],
  ])
})

test('a smallest size of 1 keeps all that is known of the listeners of the vocabulary, and nothing unknown', () => {
  const { names } = listenerAttributes(people, users, { minListeners: 1 })
  expect(names).toEqual([
    'everyone',
    'age:25-34',
    'age:25-34|US',
    'age:25-34|US|OH',
    'city:US|OH|Akron',
    'city:US|OH|Dayton',
    'country:SE',
    'country:US',
    'state:US|OH',
  ])
  expect(listenerAttributes(people, users, { minListeners: 1, mostFeatures: 2 }).names).toHaveLength(2)
})

test('a new listener is laid over the columns of those known', () => {
  const { names } = listenerAttributes(people, users, { minListeners: 2 })
  const late = [{ userId: 'dee', ageGroup: '25-34', country: 'NO' }]
  const { features } = listenerAttributesOver(names, late, createVocabulary(['dee']))
  expect(dense(features)).toEqual([[1, 1, 0, 0, 0, 0]])
})

test('without anybody there is no row, and without people everyone alone', () => {
  expect(listenerAttributes([], createVocabulary([]), { minListeners: 1 }).features.rows).toBe(0)
  expect(dense(listenerAttributes([], users, { minListeners: 1 }).features)).toEqual([[1], [1], [1], [1]])
})
