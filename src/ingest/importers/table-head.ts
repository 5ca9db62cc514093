// The beginning of a table: its first line, and what its fields are parted by.
import type { UnpackedBytes } from '../decompress.ts'

const firstLineBytes = 65_536
const newline = 10

/** Looks at the first line that is not blank, in about 64 KB; `whole` are all bytes again. '' where there is none. */
export async function peekLine(
  bytes: UnpackedBytes,
): Promise<{ readonly line: string; readonly whole: UnpackedBytes }> {
  const parts: Uint8Array[] = []
  let length = 0
  let next = await bytes.next()
  for (; !next.done; next = await bytes.next()) {
    parts.push(next.value)
    length += next.value.length
    if (length >= firstLineBytes || (next.value.includes(newline) && hasLine(parts))) break
  }
  const last = next
  async function* whole(): UnpackedBytes {
    yield* parts
    return last.done ? last.value : yield* bytes
  }
  return { line: firstFilledLine(Buffer.concat(parts).toString('utf8')), whole: whole() }
}

/** The first line of a text that is not blank; a byte order mark belongs to no line. */
export function firstFilledLine(text: string): string {
  return /[^\s\ufeff][^\r\n]*/.exec(text)?.[0] ?? ''
}

/** The character among `,` `;` tab `|` that a line holds most of; a comma where it holds none. */
export function likelyDelimiter(line: string): string {
  const counted = [',', ';', '\t', '|'].map((delimiter) => [line.split(delimiter).length, delimiter] as const)
  return counted.reduce((best, next) => (next[0] > best[0] ? next : best))[1]
}

function hasLine(parts: readonly Uint8Array[]): boolean {
  const text = Buffer.concat(parts).toString('latin1')
  const filled = text.search(/[^\s\xef\xbb\xbf]/)
  return filled >= 0 && text.includes('\n', filled)
}
