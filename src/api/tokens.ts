// Tokens that name a listener: for programs that send listens under one listener's name and know no API key.
import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto'
import { TastemakerError } from '../errors.ts'

/** Makes and reads tokens. Nothing is stored of a token but how often the listener's were revoked. */
export type Tokens = {
  /** The listener's token: the same until it is revoked. */
  tokenOf(userId: string): Promise<string>
  /** The service's own id of the listener whose token this is; undefined for anything else, a revoked one too. */
  userOf(token: string): Promise<string | undefined>
}

/** How often the tokens of a listener were revoked, by a key that does not name the listener; 0 for most. */
export type Generations = (userKey: string) => Promise<number>

const prefix = 'tm_'
const nonceBytes = 12
const tagBytes = 16
/** A user id has at most 256 characters. */
const longestToken = 1600
const shortestSecret = 32

/**
 * Tokens are `tm_` and base64url of: nonce, then id and generation under AES-256-GCM, whose nonce is an HMAC-SHA256 of what
 * it hides (the construction of a synthetic initialization vector, RFC 5297). So equal ids give equal tokens, a token shows
 * nothing of its listener, and none can be made or changed without the secret; the tag is compared in constant time.
 * Throws `bad-argument` for a secret under 32 characters.
 */
export function createTokens(secret: string, generationOf: Generations): Tokens {
  if (secret.length < shortestSecret)
    throw new TastemakerError(
      'bad-argument',
      `The secret behind tokens has ${secret.length} characters; give at least ${shortestSecret} random ones.`,
    )
  const key = derived(secret, 'token cipher')
  const nonceKey = derived(secret, 'token nonce')
  return {
    async tokenOf(userId) {
      const generation = await generationOf(userKeyOf(secret, userId))
      const hidden = Buffer.from(JSON.stringify([generation, userId]))
      const nonce = createHmac('sha256', nonceKey).update(hidden).digest().subarray(0, nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const sealed = Buffer.concat([nonce, cipher.update(hidden), cipher.final(), cipher.getAuthTag()])
      return prefix + sealed.toString('base64url')
    },
    async userOf(token) {
      const opened = openToken(token, key)
      if (!opened) return undefined
      const [generation, userId] = opened
      return (await generationOf(userKeyOf(secret, userId))) === generation ? userId : undefined
    },
  }
}

/** The key under which a listener's generation is kept. */
export const userKeyOf = (secret: string, userId: string): string =>
  createHmac('sha256', derived(secret, 'token generations')).update(userId).digest('base64url').slice(0, 22)

const derived = (secret: string, purpose: string): Buffer =>
  createHmac('sha256', secret).update(purpose).digest()

function openToken(token: string, key: Buffer): readonly [generation: number, userId: string] | undefined {
  if (!token.startsWith(prefix) || token.length > longestToken) return undefined
  const sealed = Buffer.from(token.slice(prefix.length), 'base64url')
  if (sealed.length <= nonceBytes + tagBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes))
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  try {
    const hidden = decipher.update(sealed.subarray(nonceBytes, -tagBytes))
    return JSON.parse(Buffer.concat([hidden, decipher.final()]).toString()) as [number, string]
  } catch {
    return undefined
  }
}
