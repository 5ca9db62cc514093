// Account rows to accounts: the one place where personal data is read, and the border it does not cross.
import type { Account, AccountRow, AgeGroup } from '../data/account.ts'
import { type Geocoder, unknownPlace } from './geocode.ts'
import { daysIn } from './time.ts'

/** What masking depends on besides the rows. */
export type MaskContext = {
  /** The clock, milliseconds since the epoch: ages are as of it. */
  readonly now: number
  /** See createPseudonymizer: the same as for events, so that accounts and events meet. */
  readonly pseudonymize: (userId: string) => string
  /** See createGeocoder. */
  readonly geocode: Geocoder
}

/** First age of each group, oldest group first. */
const groupBegins: readonly (readonly [number, AgeGroup])[] = [
  [65, '65-plus'],
  [55, '55-64'],
  [45, '45-54'],
  [35, '35-44'],
  [25, '25-34'],
  [18, '18-24'],
  [0, 'under-18'],
]
const oldestAge = 120

/**
 * Returns one account per row, in order, each column treated as `accountTreatments` of pii.ts declares: names and e-mail addresses dropped,
 * the date of birth made an age group, coordinates a place, the id a pseudonym. Where coordinates are missing or nowhere, the row's own
 * country is kept and the rest is `unknown`. A row without a user id belongs to nobody and is left out.
 */
export function maskAccounts(rows: Iterable<AccountRow>, context: MaskContext): Account[] {
  const accounts: Account[] = []
  for (const row of rows) {
    const userId = String(row.user_id ?? '').trim()
    if (userId === '') continue
    accounts.push({
      userId: context.pseudonymize(userId),
      ageGroup: ageGroupOf(row.date_of_birth, context.now),
      ...placeOf(row, context.geocode),
    })
  }
  return accounts
}

/**
 * The age group of a date of birth (`YYYY-MM-DD`; a time behind it is ignored) at a time, by UTC's calendar.
 * `unknown` for a missing date, one that the calendar does not have, one in the future, and an age over 120.
 */
export function ageGroupOf(dateOfBirth: string | null, now: number): AgeGroup {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]|$)/.exec(dateOfBirth?.trim() ?? '')
  if (!match) return 'unknown'
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return 'unknown'
  const today = new Date(now)
  const monthsAhead = today.getUTCMonth() + 1 - month
  const hadBirthday = monthsAhead > 0 || (monthsAhead === 0 && today.getUTCDate() >= day)
  const age = today.getUTCFullYear() - year - (hadBirthday ? 0 : 1)
  if (age > oldestAge) return 'unknown'
  return groupBegins.find(([begin]) => age >= begin)?.[1] ?? 'unknown'
}

function placeOf(row: AccountRow, geocode: Geocoder): Pick<Account, 'city' | 'state' | 'country'> {
  const place = geocode(degrees(row.latitude), degrees(row.longitude))
  if (place.country !== unknownPlace.country) return place
  const country = row.country?.trim().toUpperCase() ?? ''
  return { ...unknownPlace, country: /^[A-Z]{2}$/.test(country) ? country : unknownPlace.country }
}

/** Postgres hands `numeric` on as text; nothing and empty text are no coordinate. */
function degrees(value: unknown): number {
  return value === null || value === undefined || value === '' ? Number.NaN : Number(value)
}
