// The keyed pseudonym: the only name of a listener past ingest.
import { createHmac } from 'node:crypto'
import { TastemakerError } from '../errors.ts'

/** Pseudonyms remembered before the memo starts anew: about 30 MB at most. */
const memoSize = 200_000
const minimumKeyLength = 32
const form = /^u(?<generation>[2-9]|[1-9]\d{1,5})?_[A-Za-z0-9_-]{22}$/

/**
 * Returns the function from a service's user id to its pseudonym: `u_` and the first 22 base64url characters (132 bits)
 * of HMAC-SHA256(key, id). The same key and id give the same pseudonym; without the key nobody can go back or guess.
 *
 * `key` holds one key a line, the oldest first; the number of a line is the id of its key. Each later key turns the pseudonym
 * before it into the next one, whose id stands in its name:
 *
 *   id --key 1--> u_AbC... --key 2--> u2_dEf... --key 3--> u3_...
 *
 * So a pseudonym under an older key is carried forward without knowing the person, stores can be re-keyed one after the other,
 * and who has seen key 1 cannot tell who `u2_...` is.
 * White space around an id is not part of it. An id that already has the form of a pseudonym is not hashed as a person's,
 * since the first page and callers of the API only know pseudonyms; so a service must not hand out ids of that form.
 * Throws `bad-argument` when a key is shorter than 32 characters; the message never holds the key.
 */
export function createPseudonymizer(key: string): (userId: string) => string {
  const keys = keysOf(key)
  const memo = new Map<string, string>()
  return (userId) => {
    const known = memo.get(userId)
    if (known !== undefined) return known
    const pseudonym = pseudonymOf(keys, userId.trim())
    if (memo.size >= memoSize) memo.clear()
    memo.set(userId, pseudonym)
    return pseudonym
  }
}

/** Whether an id has the exact form of a pseudonym. Says nothing about which key made it. */
export function isPseudonym(id: string): boolean {
  return form.test(id)
}

/** The id of the key that the newest pseudonyms are made with: the number of keys, from 1. */
export const keyIdOf = (key: string): number => keysOf(key).length

/** Id of the key behind a pseudonym, from 1; 0 for anything else. */
function generationOf(id: string): number {
  const match = form.exec(id)
  return match ? Number(match.groups?.generation ?? 1) : 0
}

function keysOf(key: string): readonly string[] {
  const keys = key
    .trim()
    .split('\n')
    .map((line) => line.trim())
  const short = keys.find((one) => one.length < minimumKeyLength)
  if (short === undefined) return keys
  throw new TastemakerError(
    'bad-argument',
    `The pseudonym key has ${short.length} characters; give at least ${minimumKeyLength} random ones.`,
  )
}

function pseudonymOf(keys: readonly string[], userId: string): string {
  let id = userId
  for (let made = generationOf(userId); made < keys.length; made++) {
    const name = made === 0 ? 'u' : `u${made + 1}`
    id = `${name}_${createHmac('sha256', keys[made]!).update(id).digest('base64url').slice(0, 22)}`
  }
  return id
}
