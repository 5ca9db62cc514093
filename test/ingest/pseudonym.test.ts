// The pseudonym is keyed, stable, recognizable, and its key never shows.
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPseudonymizer, isPseudonym } from '../../src/ingest/pseudonym.ts'

const key = 'k'.repeat(32)

test('a pseudonym is u_ and 22 characters of HMAC-SHA256', () => {
  const expected = `u_${createHmac('sha256', key).update('listener-1').digest('base64url').slice(0, 22)}`
  expect(createPseudonymizer(key)('listener-1')).toBe(expected)
  expect(createPseudonymizer(key)(' listener-1\n')).toBe(expected)
})

test('another key gives another pseudonym', () => {
  expect(createPseudonymizer('j'.repeat(32))('listener-1')).not.toBe(createPseudonymizer(key)('listener-1'))
})

test('a pseudonym stays itself, and anything else becomes one', () => {
  const pseudonymize = createPseudonymizer(key)
  fc.assert(
    fc.property(fc.string(), (id) => {
      const pseudonym = pseudonymize(id)
      expect(isPseudonym(pseudonym)).toBe(true)
      expect(pseudonymize(pseudonym)).toBe(pseudonym)
    }),
  )
})

test('a short key is refused without showing it', () => {
  expect(() => createPseudonymizer('hunter2')).toThrowError(
    expect.objectContaining({ code: 'bad-argument', message: expect.not.stringContaining('hunter2') }),
  )
})
