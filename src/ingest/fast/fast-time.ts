// Times of a scanned line to milliseconds since the epoch.
import { parseIsoTime } from '../time.ts'
import { textOf } from './fast-text.ts'
import type { Field } from './line-fields.ts'
import type { Scanned } from './line-scanner.ts'

/** The time that a field holds, ms UTC; NaN when it is none. */
export type Times = (bytes: Uint8Array, line: Scanned, which: Field) => number

/** Longest text that the schema takes for a time. */
const mostBytes = 64

/**
 * Returns a reader of times. `2025-03-04T11:22:33Z` and `...33.123Z` are read from the bytes, their day by what it was the last time; every
 * other text is left to parseIsoTime.
 */
export function createTimes(): Times {
  let lastDate = -1
  let dayBegins = 0
  const fromBytes = (bytes: Uint8Array, begin: number, end: number): number => {
    const clock = clockOf(bytes, begin, end)
    if (clock < 0) return parsed(bytes, begin, end)
    const date = dateOf(bytes, begin)
    if (date !== lastDate) {
      const time = parsed(bytes, begin, end)
      if (Number.isNaN(time)) return time
      lastDate = date
      dayBegins = time - clock
    }
    return dayBegins + clock
  }
  return (bytes, line, which) => {
    if ((line.numbers & (1 << which)) !== 0) return Math.floor(line.values[which] as number)
    const begin = line.spans[2 * which] as number
    const end = line.spans[2 * which + 1] as number
    return end - begin > mostBytes ? Number.NaN : fromBytes(bytes, begin, end)
  }
}

function parsed(bytes: Uint8Array, begin: number, end: number): number {
  return parseIsoTime(textOf(bytes, begin, end).trim()) ?? Number.NaN
}

/** Milliseconds since midnight of a text in one of the two plain forms; -1 for any other. */
function clockOf(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at
  if ((length !== 20 && length !== 24) || bytes[end - 1] !== 90 || !hasMarks(bytes, at)) return -1
  if (length === 24 && bytes[at + 19] !== 46) return -1
  const hour = twoDigits(bytes, at + 11)
  const minute = twoDigits(bytes, at + 14)
  const second = twoDigits(bytes, at + 17)
  const thousandths = length === 24 ? 10 * twoDigits(bytes, at + 20) + (twoDigits(bytes, at + 21) % 10) : 0
  const isClock = hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60
  if (!isClock || thousandths < 0) return -1
  return ((hour * 60 + minute) * 60 + second) * 1000 + thousandths
}

/** Whether `-`, `T` and `:` stand where they should. */
function hasMarks(bytes: Uint8Array, at: number): boolean {
  return (
    bytes[at + 4] === 45 &&
    bytes[at + 7] === 45 &&
    bytes[at + 10] === 84 &&
    bytes[at + 13] === 58 &&
    bytes[at + 16] === 58
  )
}

/** Year, month and day as one number; of what is not digits, a number that no date has. */
function dateOf(bytes: Uint8Array, at: number): number {
  const century = twoDigits(bytes, at)
  const year = twoDigits(bytes, at + 2)
  const month = twoDigits(bytes, at + 5)
  const day = twoDigits(bytes, at + 8)
  if (century < 0 || year < 0 || month < 0 || day < 0) return -2
  return ((century * 100 + year) * 100 + month) * 100 + day
}

/** The number of two digits; when they are not digits, a number below zero that stays so in any sum here. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - 48
  const ones = (bytes[at + 1] as number) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -10_001
}
