// Texts of a scanned line: as they stand, put in order, or left to the slow lane.
import type { Field } from './line-fields.ts'
import type { Scanned } from './line-scanner.ts'

/** What a field says: its bytes as they stand (`true`), another text, nothing (`null`), or something for the slow lane (`false`). */
export type Told = string | boolean | null

/** The text between two places. */
export const textOf = (bytes: Uint8Array, begin: number, end: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + begin, end - begin).toString('utf8')

/** An id of 1 to 256 characters without white space around it. Bytes are counted, which are never fewer than characters. */
export function toldId(bytes: Uint8Array, line: Scanned, which: Field): Told {
  if ((line.texts & (1 << which)) === 0) return null
  const begin = line.spans[2 * which] as number
  const end = line.spans[2 * which + 1] as number
  if (end === begin || end - begin > 256) return false
  return isVisible(bytes[begin]) && isVisible(bytes[end - 1])
}

/** A text of a person of at most `most` characters, put in order by `tidy`. */
export function toldText(
  bytes: Uint8Array,
  line: Scanned,
  {
    which,
    most,
    tidy,
  }: { readonly which: Field; readonly most: number; readonly tidy: (text: string) => string | null },
): Told {
  if ((line.texts & (1 << which)) === 0) return null
  const begin = line.spans[2 * which] as number
  const end = line.spans[2 * which + 1] as number
  if (end - begin > most) return false
  return isTight(bytes, begin, end) || tidy(textOf(bytes, begin, end))
}

/** What a field says as a string; `told` must be `true` or a string. */
export function stringOf(bytes: Uint8Array, line: Scanned, which: Field, told: Told): string {
  return typeof told === 'string'
    ? told
    : textOf(bytes, line.spans[2 * which] as number, line.spans[2 * which + 1] as number)
}

/** Whether the bytes are visible ASCII words with one space between them: nothing to put in order. */
function isTight(bytes: Uint8Array, begin: number, end: number): boolean {
  let spaces = true
  for (let at = begin; at < end; at += 1) {
    const code = bytes[at] as number
    if (code > 126 || (code === 32 && spaces)) return false
    spaces = code === 32
  }
  return !spaces
}

const isVisible = (code: number | undefined): boolean => code !== undefined && code > 32 && code < 127
