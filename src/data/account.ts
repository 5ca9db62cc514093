// The account: who a listener is, as far as anything past ingest may know.

/** Age groups, youngest first; `unknown` for a missing or impossible date of birth. */
export const ageGroups = [
  'under-18',
  '18-24',
  '25-34',
  '35-44',
  '45-54',
  '55-64',
  '65-plus',
  'unknown',
] as const

/** One of the age groups. */
export type AgeGroup = (typeof ageGroups)[number]

/** A listener without personal data: names, emails, birth dates and coordinates end in ingest. */
export type Account = {
  /** Keyed pseudonym, the same as on the listener's events. */
  readonly userId: string
  readonly ageGroup: AgeGroup
  /** Nearest city, or `unknown`. */
  readonly city: string
  /** Two-letter state of the US, the region elsewhere, or `unknown`. */
  readonly state: string
  /** ISO 3166-1 alpha-2 country, or `unknown`. */
  readonly country: string
}

/** A row of the service's `account` table, as it stands in its Postgres. Personal data: only ingest and the simulation may hold one. */
export type AccountRow = {
  readonly user_id: string
  readonly full_name: string | null
  readonly email: string | null
  /** ISO date, `YYYY-MM-DD`. */
  readonly date_of_birth: string | null
  readonly latitude: number | null
  readonly longitude: number | null
  /** ISO 3166-1 alpha-2, where the service knows it. */
  readonly country: string | null
}

/** The statement that makes the `account` table of a service, as the simulation writes it and ingest reads it. */
export const accountTableSql = `create table if not exists account (
  user_id text primary key,
  full_name text,
  email text,
  date_of_birth text,
  latitude double precision,
  longitude double precision,
  country text
)`
