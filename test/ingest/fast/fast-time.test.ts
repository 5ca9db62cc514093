// Times from bytes against parseIsoTime.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTimes } from '../../../src/ingest/fast/fast-time.ts'
import { field } from '../../../src/ingest/fast/line-fields.ts'
import { createScanned, scanLine } from '../../../src/ingest/fast/line-scanner.ts'
import { parseIsoTime } from '../../../src/ingest/time.ts'

const two = (most: number) => fc.integer({ min: 0, max: most }).map((value) => String(value).padStart(2, '0'))
const whole = fc
  .tuple(
    fc.integer({ min: 990, max: 9999 }),
    two(13),
    two(32),
    two(24),
    two(60),
    two(61),
    fc.constantFrom('', '.000', '.999', '.12', ',123'),
    fc.constantFrom('Z', 'Z', 'z', '+02:00', ''),
  )
  .map(
    ([year, month, day, hour, minute, second, fraction, zone]) =>
      `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zone}`,
  )
const damaged = fc
  .tuple(whole, fc.nat({ max: 23 }), fc.constantFrom('0', '9', 'a', ' ', ':', '/', '.'))
  .map(([text, at, character]) => text.slice(0, at) + character + text.slice(at + 1))

test('a time is what parseIsoTime says, whatever day came before', () => {
  const timeOf = createTimes()
  const line = createScanned()
  let times = 0
  fc.assert(
    fc.property(fc.oneof(whole, damaged), (text) => {
      const bytes = Buffer.from(`${JSON.stringify({ at: text })}\n`)
      expect(scanLine(bytes, 0, line)).toBe(true)
      const time = timeOf(bytes, line, field.at)
      expect(time).toBe(parseIsoTime(text.trim()) ?? Number.NaN)
      if (!Number.isNaN(time)) times += 1
    }),
    { numRuns: 5000 },
  )
  expect(times).toBeGreaterThan(1000)
})
