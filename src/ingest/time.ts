// Times of the outside: ISO 8601 text and numbers to milliseconds since the epoch, UTC.

const iso =
  /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d\d)(?::?(\d\d))?)$/

/**
 * Reads an ISO 8601 time with its offset (`2025-03-04T11:22:33.5Z`, `...+02:00`; seconds and fraction may be absent)
 * to milliseconds since the epoch; finer digits are cut off. Returns undefined for anything else: a day that the month does not
 * have, a bare date, or a time without offset, which could mean any of 38 hours.
 */
export function parseIsoTime(text: string): number | undefined {
  const match = iso.exec(text)
  if (!match) return undefined
  const [year, month, day, hour, minute] = match.slice(1, 6).map(Number) as [
    number,
    number,
    number,
    number,
    number,
  ]
  const second = Number(match[6] ?? 0)
  const milliseconds = Math.trunc(Number(`0.${match[7] ?? 0}`) * 1000 + 1e-6)
  const inRange =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    hour < 24 &&
    minute < 60 &&
    second <= 60
  if (!inRange) return undefined
  const offsetMinutes = Number(match[10] ?? 0) * 60 + Number(match[11] ?? 0)
  if (offsetMinutes > 14 * 60) return undefined
  const sign = match[9] === '-' ? -1 : 1
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - sign * offsetMinutes * 60_000
}

/** Days of a month (1..12) of the Gregorian calendar. */
export function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}
