import { expect, test } from 'vitest'
import { createVocabulary } from '../../src/data/vocabulary.ts'
import { buildSegments } from '../../src/features/segments.ts'

const people = [
  ...Array.from({ length: 3 }, (_, n) => ({ userId: `us${n}`, ageGroup: '25-34', country: 'US' })),
  { userId: 'us-old', ageGroup: '65-plus', country: 'US' },
  { userId: 'us-ageless', ageGroup: 'unknown', country: 'US' },
  { userId: 'se', ageGroup: '25-34', country: 'SE' },
  { userId: 'nowhere', ageGroup: '25-34', country: 'unknown' },
]
const users = createVocabulary([...people.map((person) => person.userId), 'guest'])

test('listeners fall into the finest segment that is big enough, else into its parent', () => {
  const { labels, parent, ofUser } = buildSegments(people, users, 3)
  expect(labels).toEqual(['everybody', 'US', '25-34|US'])
  expect([...parent]).toEqual([-1, 0, 1])
  const of = (userId: string) => labels[ofUser[users.indexOf(userId)]!]
  expect(of('us0')).toBe('25-34|US')
  expect(of('us-old')).toBe('US')
  expect(of('us-ageless')).toBe('US')
  expect(of('se')).toBe('everybody')
  expect(of('nowhere')).toBe('everybody')
  expect(of('guest')).toBe('everybody')
})

test('a smallest size of 1 keeps every segment that is known', () => {
  expect(buildSegments(people, users, 1).labels).toEqual([
    'everybody',
    'SE',
    'US',
    '25-34|SE',
    '25-34|US',
    '65-plus|US',
  ])
})
