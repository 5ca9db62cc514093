// Merges rare age groups and places upward, so that no feature points at a handful of people.
import type { Account } from '../data/account.ts'

/**
 * Accounts of which every age group, city, state and country that is still named has at least `least` people in it.
 *
 *   city Wyoming, WY (1 person) -> city unknown, WY    while fewer than `least` live in the city
 *   state WY (4 people)         -> state unknown, US   while fewer than `least` live in the state
 *
 * A city counts within its state, a state within its country. Where the people that a merge leaves in the next wider place
 * without a finer one are themselves fewer than `least`, the wider place still counts everybody in it. The order stays; `unknown` is nobody's.
 * @param least people, at least 1; 1 changes nothing (Sweeney 2002, k-anonymity, of each attribute by itself)
 */
export function mergeRare(accounts: readonly Account[], least: number): readonly Account[] {
  const sizes = { age: new Map<string, number>(), place: new Map<string, number>() }
  const grow = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const account of accounts) {
    grow(sizes.age, account.ageGroup)
    for (const name of Object.values(namesOf(account))) grow(sizes.place, name)
  }
  const isRare = (counts: Map<string, number>, name: string) => (counts.get(name) ?? 0) < least
  return accounts.map((account) => {
    const names = namesOf(account)
    const country = isRare(sizes.place, names.country) ? 'unknown' : account.country
    const state = country === 'unknown' || isRare(sizes.place, names.state) ? 'unknown' : account.state
    const city = state === 'unknown' || isRare(sizes.place, names.city) ? 'unknown' : account.city
    const ageGroup = isRare(sizes.age, account.ageGroup) ? 'unknown' : account.ageGroup
    return { ...account, ageGroup, city, state, country }
  })
}

/** Names of an account's places within all others; JSON, so that no two places share one. */
function namesOf({ city, state, country }: Account) {
  return {
    country: JSON.stringify([country]),
    state: JSON.stringify([country, state]),
    city: JSON.stringify([country, state, city]),
  }
}
