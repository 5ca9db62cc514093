// Times of the outside: ISO 8601 text to milliseconds since the epoch, UTC.

const iso =
  /^([1-9]\d{3})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d\d)(?::?(\d\d))?)$/
const mostOffsetMinutes = 14 * 60

/**
 * Reads an ISO 8601 time with its offset (`2025-03-04T11:22:33.5Z`, `...+02:00`; seconds and fraction may be absent)
 * to milliseconds since the epoch; finer digits are cut off. Returns undefined for anything else: a day that the month does not
 * have, a year before 1000, a bare date, or a time without offset, which could mean many hours.
 */
export function parseIsoTime(text: string): number | undefined {
  const match = iso.exec(text)
  if (!match) return undefined
  const year = Number(match[1])
  const month = Number(match[2])
  const day = Number(match[3])
  const hour = Number(match[4])
  const minute = Number(match[5])
  const second = Number(match[6] ?? 0)
  const onTheCalendar = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
  if (!onTheCalendar || hour > 23 || minute > 59 || second > 60) return undefined
  const offsetMinutes = match[8] === undefined ? 0 : offsetOf(match)
  if (Math.abs(offsetMinutes) > mostOffsetMinutes) return undefined
  const milliseconds = match[7] === undefined ? 0 : Number(match[7].slice(0, 3).padEnd(3, '0'))
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - offsetMinutes * 60_000
}

/** Days of a month (1..12) of the Gregorian calendar. */
export function daysIn(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
}

function offsetOf(match: RegExpExecArray): number {
  const minutes = Number(match[9]) * 60 + Number(match[10] ?? 0)
  return match[8] === '-' ? -minutes : minutes
}
