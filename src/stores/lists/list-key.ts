// What may be a key of a list, and where the keys of a prefix end.
import { TastemakerError } from '../../errors.ts'

const longestKeyBytes = 500

/** The bytes of a key; throws `bad-argument` when it is empty or longer than 500 bytes. */
export function keyBytes(key: string): Buffer {
  const bytes = Buffer.from(key)
  if (bytes.length > 0 && bytes.length <= longestKeyBytes) return bytes
  throw new TastemakerError(
    'bad-argument',
    `A list's key has 1 to ${longestKeyBytes} bytes of UTF-8; this one has ${bytes.length}.`,
  )
}

/** The first bytes after all that begin with `prefix`; undefined for the empty prefix. UTF-8 has no byte 0xff to carry over. */
export function endOfPrefix(prefix: string): Buffer | undefined {
  const bytes = Buffer.from(prefix)
  if (bytes.length === 0) return undefined
  bytes[bytes.length - 1]! += 1
  return bytes
}

/** Where a page of keys begins: at the prefix, or just after `after` when that comes later. */
export function startOfPage(prefix: string, after: string | undefined): Buffer {
  const start = Buffer.from(prefix)
  if (after === undefined) return start
  const next = Buffer.from(`${after}\0`)
  return Buffer.compare(start, next) >= 0 ? start : next
}
