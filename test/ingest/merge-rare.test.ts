// Rare groups and places go up until enough people share them.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Account, AgeGroup } from '../../src/data/account.ts'
import { mergeRare } from '../../src/ingest/merge-rare.ts'

const account = (userId: string, ageGroup: AgeGroup, place: string): Account => {
  const [country, state, city] = place.split('/') as [string, string, string]
  return { userId, ageGroup, country, state, city }
}

test('a city of two people becomes its state, a state of one its country, a country of one unknown', () => {
  const people = [
    account('a', '25-34', 'US/NY/Buffalo'),
    account('b', '25-34', 'US/NY/Buffalo'),
    account('c', '25-34', 'US/NY/Buffalo'),
    account('d', '25-34', 'US/NY/Ithaca'),
    account('e', '25-34', 'US/WY/Cody'),
    account('f', '65-plus', 'FR/IDF/Paris'),
  ]
  expect(
    mergeRare(people, 3).map(({ ageGroup, country, state, city }) => [ageGroup, country, state, city]),
  ).toEqual([
    ['25-34', 'US', 'NY', 'Buffalo'],
    ['25-34', 'US', 'NY', 'Buffalo'],
    ['25-34', 'US', 'NY', 'Buffalo'],
    ['25-34', 'US', 'NY', 'unknown'],
    ['25-34', 'US', 'unknown', 'unknown'],
    ['unknown', 'unknown', 'unknown', 'unknown'],
  ])
})

test('cities of one name in two states are two cities', () => {
  const people = [
    account('a', '25-34', 'US/ME/Portland'),
    account('b', '25-34', 'US/OR/Portland'),
    account('c', '25-34', 'US/OR/Salem'),
  ]
  expect(mergeRare(people, 2).map(({ state, city }) => [state, city])).toEqual([
    ['unknown', 'unknown'],
    ['OR', 'unknown'],
    ['OR', 'unknown'],
  ])
})

const somebody = fc.record({
  userId: fc.string(),
  ageGroup: fc.constantFrom<AgeGroup>('18-24', '25-34', '65-plus', 'unknown'),
  country: fc.constantFrom('US', 'FR', 'unknown'),
  state: fc.constantFrom('1', '2', 'unknown'),
  city: fc.constantFrom('x', 'y', 'z', 'unknown'),
})

test('whoever is still named shares the name with enough people before the merge; nobody is lost; k = 1 changes no named place', () => {
  fc.assert(
    fc.property(fc.array(somebody, { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), (people, least) => {
      const merged = mergeRare(people, least)
      expect(merged.map(({ userId }) => userId)).toEqual(people.map(({ userId }) => userId))
      for (const [at, one] of merged.entries()) {
        const before = people[at]!
        const sharing = (of: (account: Account) => string) =>
          people.filter((other) => of(other) === of(before)).length
        if (one.ageGroup !== 'unknown') expect(sharing((a) => a.ageGroup)).toBeGreaterThanOrEqual(least)
        if (one.city !== 'unknown')
          expect(sharing((a) => `${a.country} ${a.state} ${a.city}`)).toBeGreaterThanOrEqual(least)
        if (one.state !== 'unknown')
          expect(sharing((a) => `${a.country} ${a.state}`)).toBeGreaterThanOrEqual(least)
        if (one.country !== 'unknown') expect(sharing((a) => a.country)).toBeGreaterThanOrEqual(least)
      }
    }),
  )
})
