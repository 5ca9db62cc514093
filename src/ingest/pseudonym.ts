// The keyed pseudonym: the only name of a listener past ingest.
import { createHmac } from 'node:crypto'
import { TastemakerError } from '../errors.ts'

/** Pseudonyms remembered before the memo starts anew: about 30 MB at most. */
const memoSize = 200_000
const minimumKeyLength = 32
const form = /^u_[A-Za-z0-9_-]{22}$/

/**
 * Returns the function from a service's user id to its pseudonym: `u_` and the first 22 base64url characters (132 bits)
 * of HMAC-SHA256(key, id). The same key and id give the same pseudonym; without the key nobody can go back or guess.
 * White space around an id is not part of it. An id that already has the form of a pseudonym is returned as it is,
 * since the first page and callers of the API only know pseudonyms; so a service must not hand out ids of that form.
 * Throws `bad-argument` when the key is shorter than 32 characters; the message never holds the key.
 */
export function createPseudonymizer(key: string): (userId: string) => string {
  if (key.length < minimumKeyLength) {
    throw new TastemakerError(
      'bad-argument',
      `The pseudonym key has ${key.length} characters; give at least ${minimumKeyLength} random ones.`,
    )
  }
  const memo = new Map<string, string>()
  return (userId) => {
    const known = memo.get(userId)
    if (known !== undefined) return known
    const pseudonym = pseudonymOf(key, userId.trim())
    if (memo.size >= memoSize) memo.clear()
    memo.set(userId, pseudonym)
    return pseudonym
  }
}

/** Whether an id has the exact form of a pseudonym. Says nothing about which key made it. */
export function isPseudonym(id: string): boolean {
  return form.test(id)
}

function pseudonymOf(key: string, userId: string): string {
  if (isPseudonym(userId)) return userId
  return `u_${createHmac('sha256', key).update(userId).digest('base64url').slice(0, 22)}`
}
