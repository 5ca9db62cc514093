// The pseudonym is keyed, stable, recognizable, and its key never shows.
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPseudonymizer, isPseudonym, keyIdOf } from '../../src/ingest/pseudonym.ts'

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

test('a later key carries pseudonyms of the earlier ones forward, and names itself', () => {
  const later = 'l'.repeat(32)
  const before = createPseudonymizer(key)('listener-1')
  const after = createPseudonymizer(`${key}\n${later}\n`.trim())
  expect(after('listener-1')).toBe(
    `u2_${createHmac('sha256', later).update(before).digest('base64url').slice(0, 22)}`,
  )
  expect(after(before)).toBe(after('listener-1'))
  expect(after(after(before))).toBe(after(before))
  expect([keyIdOf(key), keyIdOf(`${key}\n${later}`)]).toEqual([1, 2])
})

test('a pseudonym under a later key than ours stays itself', () => {
  const later = createPseudonymizer([key, key, key].join('\n'))('listener-1')
  expect(later.startsWith('u3_')).toBe(true)
  expect(createPseudonymizer(key)(later)).toBe(later)
})
