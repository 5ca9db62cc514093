// Times of tables: units, local times in their zone, and the two hours a year that clocks make hard.
import { describe, expect, test } from 'vitest'
import { timeParser, zonedTimes } from '../../../src/ingest/importers/table-times.ts'

const at = Date.UTC(2023, 10, 14, 22, 13, 20)

test.each([
  ['auto', '1700000000', at],
  ['auto', '1700000000000', at],
  ['auto', '1700000000000000', at],
  ['auto', '2023-11-14T22:13:20Z', at],
  ['auto', '2023-11-15T00:13:20+02:00', at],
  ['auto', ' 2023-11-14 22:13:20 ', at],
  ['auto', '2023-11-14 22:13:20.1234567', at + 123],
  ['auto', '2023-11-14 22:13:20.5 +0000 UTC', at + 500],
  ['auto', '14 Nov 2023, 22:13:20', at],
  ['auto', '14 Nov 2023 22:13', at - 20_000],
  ['seconds', '1700000000.5', at + 500],
  ['milliseconds', '1700000000000', at],
  ['microseconds', '1700000000000000', at],
  ['iso', '2023-11-14 22:13:20+00', at],
  ['local', '2023-11-14', Date.UTC(2023, 10, 14)],
] as const)('%s %s', (unit, text, expected) => {
  expect(timeParser(unit)(text)).toBe(expected)
})

test.each([
  ['auto', ''],
  ['auto', '31 Feb 2013 09:05'],
  ['auto', '2023-13-01 00:00'],
  ['auto', '0001-01-01 00:00:00 +0000 UTC'],
  ['auto', 'yesterday'],
  ['iso', '2023-11-14 22:13:20'],
  ['seconds', '-1'],
  ['seconds', '1e9'],
  ['milliseconds', '2023-11-14T22:13:20Z'],
] as const)('%s %s is no time', (unit, text) => {
  expect(timeParser(unit)(text)).toBeUndefined()
})

describe('Berlin', () => {
  const utc = zonedTimes('Europe/Berlin')
  test('winter and summer', () => {
    expect(utc(Date.UTC(2024, 0, 1, 12))).toBe(Date.UTC(2024, 0, 1, 11))
    expect(utc(Date.UTC(2024, 6, 1, 12))).toBe(Date.UTC(2024, 6, 1, 10))
  })
  test('half past two on the night the clocks go back is the first of two', () => {
    expect(utc(Date.UTC(2024, 9, 27, 2, 30))).toBe(Date.UTC(2024, 9, 27, 0, 30))
  })
  test('half past two on the night they go forward is half past three', () => {
    expect(utc(Date.UTC(2024, 2, 31, 2, 30))).toBe(Date.UTC(2024, 2, 31, 1, 30))
  })
})

test('a zone that is none is a bad call', () => {
  expect(() => timeParser('local', 'Mars/Base')).toThrow(expect.objectContaining({ code: 'bad-argument' }))
})
