// Accounts leave ingest without a trace of who they are.
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { AccountRow } from '../../src/data/account.ts'
import { ageGroupOf, maskAccounts } from '../../src/ingest/accounts.ts'
import { createGeocoder, type Geocoder } from '../../src/ingest/geocode.ts'
import { context, now } from './ingest-bytes.ts'

let geocode: Geocoder
beforeAll(async () => {
  geocode = await createGeocoder()
})

const row: AccountRow = {
  user_id: 'listener-77',
  full_name: 'Zoe Quillfeather',
  email: 'zoe@quill.example',
  date_of_birth: '1991-02-03',
  latitude: 40.758_01,
  longitude: -73.985_53,
  country: 'us',
}
const mask = (changes: Partial<AccountRow>) =>
  maskAccounts([{ ...row, ...changes }], { now, pseudonymize: context.pseudonymize, geocode })[0]

test('a row becomes a pseudonym, an age group and a place', () => {
  expect(mask({})).toEqual({
    userId: context.pseudonymize('listener-77'),
    ageGroup: '25-34',
    city: 'New York City',
    state: 'NY',
    country: 'US',
  })
})

test('without coordinates only the country is known', () => {
  const place = { city: 'unknown', state: 'unknown', country: 'US' }
  expect(mask({ latitude: null })).toMatchObject(place)
  expect(mask({ latitude: 91 })).toMatchObject(place)
  expect(mask({ latitude: 0, longitude: -150, country: 'US' })).toMatchObject(place)
  expect(mask({ longitude: null, country: 'somewhere' })).toMatchObject({ country: 'unknown' })
})

test('coordinates that come as text are read, and a row without a user id is left out', () => {
  expect(mask({ latitude: '40.75801' as unknown as number })).toMatchObject({ state: 'NY' })
  expect(mask({ user_id: ' ' })).toBeUndefined()
})

test('no text of the row appears in the account', () => {
  const name = fc.tuple(fc.stringMatching(/^[A-Z][a-z]{5,12}$/), fc.stringMatching(/^[A-Z][a-z]{7,12}$/))
  const rows = fc.record({
    user_id: fc.uuid(),
    full_name: name.map((parts) => parts.join(' ')),
    email: fc.emailAddress(),
    date_of_birth: fc
      .date({ min: new Date('1900-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10)),
    latitude: fc.double({ min: -90, max: 90, noNaN: true }).filter((value) => !Number.isInteger(value)),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }).filter((value) => !Number.isInteger(value)),
    country: fc.constantFrom('US', 'DE', null),
  })
  fc.assert(
    fc.property(rows, (each) => {
      const json = JSON.stringify(maskAccounts([each], { now, pseudonymize: context.pseudonymize, geocode }))
      for (const value of [
        each.user_id,
        each.full_name,
        each.email,
        each.date_of_birth,
        each.latitude,
        each.longitude,
      ]) {
        expect(json).not.toContain(String(value))
      }
      expect(Object.keys(JSON.parse(json)[0])).toEqual(['userId', 'ageGroup', 'city', 'state', 'country'])
    }),
  )
})

describe('age group', () => {
  test.each([
    ['2008-01-02', 'under-18'],
    ['2008-01-01', '18-24'],
    ['2001-01-01', '25-34'],
    ['2000-12-31T00:00:00Z', '25-34'],
    ['1981-01-02', '35-44'],
    ['1971-01-02', '45-54'],
    ['1961-01-02', '55-64'],
    ['1961-01-01', '65-plus'],
    ['1905-01-02', '65-plus'],
    ['1904-12-31', 'unknown'],
    ['2026-01-01', 'under-18'],
    ['2026-01-02', 'unknown'],
    ['1990-02-30', 'unknown'],
    ['03.02.1991', 'unknown'],
    ['', 'unknown'],
    [null, 'unknown'],
  ])('%s on 2026-01-01: %s', (dateOfBirth, group) => {
    expect(ageGroupOf(dateOfBirth, now)).toBe(group)
  })

  test('somebody born on a leap day is a year older on the first of March', () => {
    expect(ageGroupOf('2008-02-29', Date.UTC(2026, 1, 28))).toBe('under-18')
    expect(ageGroupOf('2008-02-29', Date.UTC(2026, 2, 1))).toBe('18-24')
  })
})
