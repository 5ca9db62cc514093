// JSON text of the outside: parsed, or the fault that says why not.
import { type Fault, fault } from './fault.ts'

/** A parsed value, wrapped so that it cannot be taken for a fault. */
export type Parsed = { readonly value: unknown }

/**
 * Parses one JSON text. Faults: `schema` for NUL characters, raw or escaped, which no database can hold; `truncated` when the text ends inside
 * a string, an object or an array; `malformed` otherwise.
 */
export function parseJson(text: string): Parsed | Fault {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (text.includes('\0')) return fault('schema', 'the line holds a NUL character')
    if (endsInTheMiddle(text)) return fault('truncated', 'the line ends in the middle')
    return fault('malformed', `not JSON: ${withoutText(error)}`)
  }
  if (text.includes('\\u0000') && holdsNul(value)) return fault('schema', 'a text holds a NUL character')
  return { value }
}

/** V8 quotes the text in its message, which may be personal data; only the position is kept. */
function withoutText(error: unknown): string {
  const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1]
  return position === undefined
    ? 'it does not begin as JSON does'
    : `unexpected at character ${Number(position) + 1}`
}

/** Whether the text begins as an object or an array and a quote or a bracket is still open at its end. */
function endsInTheMiddle(text: string): boolean {
  if (!/^\s*[{[]/.test(text)) return false
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = closingQuote(text, at)
      if (at < 0) return true
    } else depth += depthChange(code)
  }
  return depth > 0
}

const quote = 34
const backslash = 92

/** Where the text that begins at a quote ends; -1 when it does not. */
function closingQuote(text: string, begin: number): number {
  for (let at = begin + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) return at
    if (code === backslash) at += 1
  }
  return -1
}

/** 1 for `{` and `[`, -1 for `}` and `]`. */
function depthChange(code: number): number {
  if (code === 123 || code === 91) return 1
  return code === 125 || code === 93 ? -1 : 0
}

/** Looks into every text and key, without recursion: nesting may be as deep as a line is long. */
function holdsNul(value: unknown): boolean {
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'string' && next.includes('\0')) return true
    if (typeof next !== 'object' || next === null) continue
    for (const [key, inner] of Object.entries(next)) open.push(key, inner)
  }
  return false
}
