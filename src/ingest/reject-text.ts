// The text of a reject: the beginning of a line with personal data taken out, whether or not the line can be parsed.
import type { Reject } from '../data/reject.ts'
import type { Fault } from './fault.ts'
import { piiTreatment } from './pii.ts'

/** Characters of a line kept in a reject. */
export const keptTextLength = 1000

/** A key before its value: `"user":`, `'user' :`, `user=`, `\"user\":` in JSON kept as a string. */
const keyBefore = /(\\?["']?)([A-Za-z_][\w-]{0,40})\1\s{0,20}[:=]\s{0,20}/g
const emailAddress = /[^\s"'<>,;:=@]{1,64}(?:@|%40)[^\s"'<>,;:=@]*/g
const ipv4 = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g
const ipv6 = /(?<![\w:])(?:[0-9a-f]{0,4}:){4,7}[0-9a-f]{0,4}(?![\w:])/gi
const placeholder = '‹user›'

/**
 * Returns at most the first 1,000 characters of a line without personal data: values of the keys that `pii.ts` names are
 * dropped, user ids replaced by their pseudonym (`‹user›` where none can be had), e-mail and IP addresses masked wherever
 * they stand. Works on text, so a broken line is masked as well as a whole one; a value cut off by the end is masked too.
 * NUL characters, which databases cannot hold, are shown as ␀.
 */
export function maskText(line: string, pseudonymize?: (userId: string) => string): string {
  const text = unescapeAscii(line.slice(0, keptTextLength)).replaceAll('\0', '␀').toWellFormed()
  return maskPatterns(maskKeys(text, pseudonymize)).slice(0, keptTextLength).toWellFormed()
}

/** Masks e-mail and IP addresses in words, for details. */
export function maskPatterns(text: string): string {
  return text.replace(emailAddress, '‹email›').replace(ipv4, '‹ip›').replace(ipv6, '‹ip›')
}

/** Puts a reject together; the text is masked here, so pass the line as it was read. */
export function makeReject(
  place: { readonly file: string; readonly line: number },
  { reason, detail }: Fault,
  text: string,
  pseudonymize?: (userId: string) => string,
): Reject {
  return {
    file: place.file,
    line: place.line,
    reason,
    detail: maskPatterns(detail).replaceAll('\0', '␀'),
    text: maskText(text, pseudonymize),
  }
}

function maskKeys(text: string, pseudonymize: ((userId: string) => string) | undefined): string {
  const userIds = new Map<string, string>()
  let masked = ''
  let done = 0
  keyBefore.lastIndex = 0
  for (let match = keyBefore.exec(text); match; match = keyBefore.exec(text)) {
    const key = match[2] as string
    const treatment = piiTreatment(key)
    if (!treatment) continue
    const begin = keyBefore.lastIndex
    const end = valueEnd(text, begin)
    const value = text.slice(begin, end)
    const shown = treatment === 'pseudonymize' ? maskUser(value, pseudonymize, userIds) : `"‹${key}›"`
    masked += text.slice(done, begin) + shown
    done = end
    keyBefore.lastIndex = end
  }
  return hideAgain(masked + text.slice(done), userIds)
}

/** A whole quoted id becomes its pseudonym; anything else (a number, an object, a value cut off) only a placeholder. */
function maskUser(
  value: string,
  pseudonymize: ((userId: string) => string) | undefined,
  userIds: Map<string, string>,
): string {
  const id = /^(["'])([^"'\\]+)\1$/.exec(value)?.[2]
  const shown = id !== undefined && pseudonymize ? pseudonymize(id) : placeholder
  if (id !== undefined && id.length >= 4) userIds.set(id, shown)
  return `"${shown}"`
}

/** The same id may stand elsewhere in the line, as a part of an event id. */
function hideAgain(text: string, userIds: ReadonlyMap<string, string>): string {
  let hidden = text
  for (const [id, shown] of userIds) if (id !== shown) hidden = hidden.replaceAll(id, shown)
  return hidden
}

/** Where the value that begins at `begin` ends: behind its closing quote or bracket, before the next comma, or at the end of the text. */
function valueEnd(text: string, begin: number): number {
  const first = text[begin]
  if (text.startsWith('\\"', begin)) return escapedStringEnd(text, begin)
  if (first === '"' || first === "'") return stringEnd(text, begin, first)
  if (first === '{' || first === '[') return bracketEnd(text, begin)
  let at = begin
  while (at < text.length && !',}]&;\t\n'.includes(text[at] as string)) at += 1
  return at
}

function stringEnd(text: string, begin: number, quote: string): number {
  for (let at = begin + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === quote) return at + 1
  }
  return text.length
}

/** The end of a string inside JSON that is itself kept as a string: `\"...\"`. */
function escapedStringEnd(text: string, begin: number): number {
  const end = text.indexOf('\\"', begin + 2)
  return end < 0 ? text.length : end + 2
}

function bracketEnd(text: string, begin: number): number {
  let depth = 0
  for (let at = begin; at < text.length; at += 1) {
    const character = text[at] as string
    if (character === '"') at = stringEnd(text, at, '"') - 1
    else if ('{['.includes(character)) depth += 1
    else if ('}]'.includes(character)) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return text.length
}

/** Takes back `\u0065` and the like, so that no spelling of a key or an address slips through; quotes and backslashes stay escaped. */
function unescapeAscii(text: string): string {
  return text.replace(/\\u00([2-7][0-9a-f])/gi, (escaped, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16))
    return character === '"' || character === '\\' ? escaped : character
  })
}
