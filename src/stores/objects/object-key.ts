// What may be a key of an object, and the order of keys.
import { TastemakerError } from '../../errors.ts'

/** Folder name at the root of a store that adapters keep for themselves. */
export const reservedPart = '.tmp'

/** Says whether a text can be a key: relative, with no empty, `.`, `..` or reserved part and no NUL. */
export function isKey(text: string): boolean {
  const parts = text.split('/')
  return parts.every(isPart) && parts[0] !== reservedPart
}

/** Throws `bad-argument` unless `key` can be a key. */
export function checkKey(key: string): void {
  if (isKey(key)) return
  throw new TastemakerError(
    'bad-argument',
    `${JSON.stringify(key)} cannot be an object's key: it must be relative, without empty, "." or ".." parts, not below ${reservedPart}.`,
  )
}

/** Throws `bad-argument` unless `prefix` is the beginning of some possible key; empty is the beginning of all. */
export function checkPrefix(prefix: string): void {
  const parts = prefix.split('/')
  const last = parts.pop() ?? ''
  if (parts.every(isPart) && !last.includes('\0') && !hasLoneSurrogate(last)) return
  throw new TastemakerError('bad-argument', `No object's key can begin with ${JSON.stringify(prefix)}.`)
}

/** Compares two texts by the bytes of their UTF-8. */
export function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

const isPart = (part: string): boolean =>
  part !== '' && part !== '.' && part !== '..' && !part.includes('\0') && !hasLoneSurrogate(part)

const hasLoneSurrogate = (text: string): boolean => !text.isWellFormed()
