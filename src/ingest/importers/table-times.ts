// Times of tables: numbers in some unit, ISO 8601, and local times that name no zone.
import { TastemakerError } from '../../errors.ts'
import { daysIn, parseIsoTime } from '../time.ts'

/** How a time is written; `local` names no zone, `auto` tells seconds from milliseconds and ISO from local times by their look. */
export const timeUnits = ['auto', 'iso', 'local', 'seconds', 'milliseconds', 'microseconds'] as const

/** See timeUnits. */
export type TimeUnit = (typeof timeUnits)[number]

/** Text of a time to milliseconds since the epoch, UTC; undefined for what is none. */
export type TimeParser = (text: string) => number | undefined

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const yearFirst = /^([1-9]\d{3})[-/](\d\d?)[-/](\d\d?)(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?$/
/** `31 Dec 2012 23:59`, `17 May 2026, 12:54:10`. */
const monthNamed = /^(\d\d?) ([A-Za-z]{3})[a-z]* ([1-9]\d{3}),? (\d\d?):(\d\d)(?::(\d\d))?$/
/** `2020-01-01 01:01:01.000000001 +0000 UTC`, as Go prints it. */
const goTime = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{1,9})?) ([+-]\d{4})(?: [A-Z]{1,5})?$/
const whole = /^\d{1,17}(?:\.0*)?$/
/** Seconds from here on would lie in the year 5138: such a number is of milliseconds. */
const firstMilliseconds = 100_000_000_000
const firstMicroseconds = 100_000_000_000_000

/** Returns the reader of times in a unit. Throws `bad-argument` for a zone that is none. */
export function timeParser(unit: TimeUnit, timeZone = 'UTC'): TimeParser {
  const toUtc = zonedTimes(timeZone)
  const local: TimeParser = (text) => {
    const time = parseLocalTime(text)
    return time === undefined ? undefined : toUtc(time)
  }
  const scaled =
    (factor: number): TimeParser =>
    (text) =>
      /^\d{1,17}(?:\.\d{1,9})?$/.test(text) ? Math.floor(Number(text) * factor) : undefined
  const parsers: Readonly<Record<TimeUnit, TimeParser>> = {
    iso: parseAnyIso,
    local,
    seconds: scaled(1000),
    milliseconds: scaled(1),
    microseconds: scaled(0.001),
    auto: (text) => (whole.test(text) ? unitless(Number(text)) : (parseAnyIso(text) ?? local(text))),
  }
  const parse = parsers[unit]
  return (text) => parse(text.trim())
}

const parseAnyIso: TimeParser = (text) => {
  const go = goTime.exec(text)
  return parseIsoTime(go ? `${go[1]}T${go[2]}${go[3]}` : text)
}

function unitless(value: number): number {
  if (value >= firstMicroseconds) return Math.floor(value / 1000)
  return value >= firstMilliseconds ? value : value * 1000
}

/** A local time as if it were UTC; undefined for what is none, or not on the calendar. */
function parseLocalTime(text: string): number | undefined {
  const byNumber = yearFirst.exec(text)
  const byName = byNumber ? null : monthNamed.exec(text)
  if (!byNumber && !byName) return undefined
  const [year, month, day] = byNumber
    ? [Number(byNumber[1]), Number(byNumber[2]), Number(byNumber[3])]
    : [Number(byName![3]), months.indexOf(byName![2]!.toLowerCase()) + 1, Number(byName![1])]
  const [hour = 0, minute = 0, second = 0] = (byNumber ?? byName!)
    .slice(4, 7)
    .map((part) => Number(part ?? 0))
  const onTheCalendar = month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month)
  if (!onTheCalendar || hour > 23 || minute > 59 || second > 60) return undefined
  const milliseconds = Number((byNumber?.[7] ?? '').slice(0, 3).padEnd(3, '0'))
  return Date.UTC(year, month - 1, day, hour, minute, second, milliseconds)
}

/**
 * Returns the function from a zone's local time (written as if UTC) to UTC. A time that the clocks show twice is the first of the two; one that
 * they leave out is as much later as they were put forward.
 */
export function zonedTimes(timeZone: string): (local: number) => number {
  if (timeZone === 'UTC') return (local) => local
  const offsetAt = zoneOffsets(timeZone)
  const day = 86_400_000
  return (local) => {
    const before = local - offsetAt(local - day)
    const after = local - offsetAt(local + day)
    const real = [before, after].filter((time) => time + offsetAt(time) === local)
    return real.length > 0 ? Math.min(...real) : before
  }
}

/** Milliseconds that a zone's clocks are ahead of UTC at a time; remembered by the quarter of an hour. */
function zoneOffsets(timeZone: string): (utc: number) => number {
  const format = zoneFormat(timeZone)
  const quarter = 900_000
  const memo = new Map<number, number>()
  return (utc) => {
    const slot = Math.floor(utc / quarter)
    const known = memo.get(slot)
    if (known !== undefined) return known
    const parts = Object.fromEntries(
      format.formatToParts(slot * quarter).map(({ type, value }) => [type, value]),
    )
    const [year, month, day, hour, minute, second] = [
      parts.year,
      parts.month,
      parts.day,
      parts.hour,
      parts.minute,
      parts.second,
    ].map(Number) as [number, number, number, number, number, number]
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) - slot * quarter
    if (memo.size > 100_000) memo.clear()
    memo.set(slot, offset)
    return offset
  }
}

function zoneFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch (cause) {
    throw new TastemakerError(
      'bad-argument',
      `There is no time zone ${JSON.stringify(timeZone)}; write it as Europe/Berlin or UTC.`,
      { cause },
    )
  }
}
