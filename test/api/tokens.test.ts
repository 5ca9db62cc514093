// Tokens: name their listener, show nothing, cannot be made up, and end when they are revoked.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createTokens, userKeyOf } from '../../src/api/tokens.ts'

const secret = 'a secret of the tests that is long enough'
const tokens = createTokens(secret, async () => 0)

test('a token names its listener, whatever the id, and is the same each time', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1, maxLength: 256, unit: 'grapheme' }), async (user) => {
      const token = await tokens.tokenOf(user)
      expect(await tokens.userOf(token)).toBe(user)
      expect(await tokens.tokenOf(user)).toBe(token)
      expect(token).toMatch(/^tm_[\w-]+$/)
    }),
  )
})

test('a token changed in any place, cut or made up is nobody’s', async () => {
  const token = await tokens.tokenOf('listener-1')
  const bytes = Buffer.from(token.slice(3), 'base64url')
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes)
    changed[at]! ^= 1
    expect(await tokens.userOf(`tm_${changed.toString('base64url')}`)).toBeUndefined()
  }
  for (const made of ['', 'tm_', 'listener-1', token.slice(0, -3), `tm_${'A'.repeat(5000)}`])
    expect(await tokens.userOf(made)).toBeUndefined()
})

test('a token shows nothing of its listener, and another secret’s token is nobody’s', async () => {
  const token = await tokens.tokenOf('listener-1')
  expect(Buffer.from(token.slice(3), 'base64url').toString('latin1')).not.toContain('listener')
  const others = createTokens(`${secret} of others`, async () => 0)
  expect(await others.userOf(token)).toBeUndefined()
  expect(await others.tokenOf('listener-1')).not.toBe(token)
})

test('a revoked token is nobody’s; other listeners keep theirs', async () => {
  const revoked = new Map<string, number>()
  const counted = createTokens(secret, async (key) => revoked.get(key) ?? 0)
  const [mine, theirs] = [await counted.tokenOf('mine'), await counted.tokenOf('theirs')]
  revoked.set(userKeyOf(secret, 'mine'), 1)
  expect(await counted.userOf(mine)).toBeUndefined()
  expect(await counted.userOf(theirs)).toBe('theirs')
  const next = await counted.tokenOf('mine')
  expect(next).not.toBe(mine)
  expect(await counted.userOf(next)).toBe('mine')
})

test('a short secret is refused without being shown', () => {
  const make = () => createTokens('hunter2', async () => 0)
  expect(make).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  expect(make).not.toThrow(/hunter2/)
})
