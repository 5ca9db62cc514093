// The scanner of one line: what it understands is what JSON.parse reads.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { field } from '../../../src/ingest/fast/line-fields.ts'
import { createScanned, scanLine } from '../../../src/ingest/fast/line-scanner.ts'

const scanned = createScanned()
const scan = (line: string) => scanLine(Buffer.from(`${line}\n`), 0, scanned)

describe('numbers', () => {
  const digits = fc.stringMatching(/^[0-9]{1,17}$/)
  const numeral = fc
    .tuple(
      fc.constantFrom('', '', '-', '+'),
      digits,
      fc.constantFrom('', '.', '.'),
      digits,
      fc.constantFrom('', '', '', 'e3', 'E-2', 'x'),
    )
    .map(([sign, whole, point, decimals, end]) => sign + whole + point + (point ? decimals : '') + end)

  test('are the doubles of JSON.parse, or left alone', () => {
    let understood = 0
    fc.assert(
      fc.property(numeral, (text) => {
        if (!scan(`{"value":${text}}`)) return
        understood += 1
        expect(scanned.values[field.value]).toBe(JSON.parse(text))
      }),
      { numRuns: 5000 },
    )
    expect(understood).toBeGreaterThan(500)
  })

  test.each([
    ['0', 0],
    ['0.1', 0.1],
    ['123456789012345', 123_456_789_012_345],
    ['9007199254.74099', 9_007_199_254.740_99],
    ['-1', -1],
  ])('%s is read', (text, value) => {
    expect(scan(`{"value":${text}}`)).toBe(true)
    expect(scanned.values[field.value]).toBe(value)
  })

  test.each(['01', '-0', '1.', '.5', '1234567890123456', '1e2', '+1', '', '-'])('%j is left alone', (text) =>
    expect(scan(`{"value":${text}}`)).toBe(false),
  )
})

describe('lines', () => {
  test.each([
    '{}',
    ' {}\t\r',
    '{"user":"a","at":1}',
    '{"artist":{"id":"1","name":"é"},"track":null}',
    '{"x":"y","z":-1.5,"w":true}',
  ])('%j is understood', (line) => {
    expect(scan(line)).toBe(true)
    expect(scanned.end).toBe(Buffer.byteLength(line) + 1)
  })

  test.each([
    '',
    '[]',
    '{',
    '{}}',
    '{"user":"a",}',
    '{,}',
    '{"user" "a"}',
    '{"user":"a""at":1}',
    '{"user":"a\\n"}',
    '{"user":"a',
    '{"x":{}}',
    '{"x":[1]}',
    '{"x":nul}',
    '{"x":truE}',
    '{"user":1}',
    '{"at":"a","at":"b"}',
    '{"artist":"a"}',
    '{"volumes":[1,]}',
    '{"skipped":"true"}',
  ])('%j is left alone', (line) => expect(scan(line)).toBe(false))

  test('a text is a span of the line', () => {
    const line = '{"track":{"title":"Jóga"},"user":""}'
    expect(scan(line)).toBe(true)
    const text = (which: number) =>
      Buffer.from(line)
        .subarray(scanned.spans[2 * which], scanned.spans[2 * which + 1])
        .toString()
    expect([text(field.trackTitle), text(field.user)]).toEqual(['Jóga', ''])
    expect(scanned.texts).toBe((1 << field.trackTitle) | (1 << field.user))
  })
})
