// The tolerant reader of CSV (RFC 4180): quoted fields over several lines, and a stray quote that costs its own line and no other.
import type { UnpackedBytes } from '../decompress.ts'
import { type Fault, fault } from '../fault.ts'
import { readLines } from '../read-lines.ts'

/** What the reader tells its caller; the line is the one, from 1, on which the row begins. */
export type CsvSink = {
  row(fields: readonly string[], line: number, text: string): void
  fault(fault: Fault, line: number, text: string): void
}

/** How the table is written. */
export type CsvOptions = {
  readonly delimiter: string
  /** Longest line and longest row, in bytes and characters. */
  readonly maxLineBytes: number
}

type Line = { readonly text: string; readonly number: number }
/** A row that ends inside quotes: the fields before, and what the open one holds so far. */
type OpenRow = { readonly fields: readonly string[]; readonly open: string }
type Begun = { readonly row: OpenRow; readonly lines: readonly Line[]; readonly length: number }

/** Lines that one quoted field may run over; behind a stray quote no more are looked at together. */
const mostLines = 64

/**
 * Tells the sink every row; blank lines are passed over. Quotes that do not close, or close in the middle of a field, are a fault of the line
 * they stand on, and the lines behind it are read anew. So is a row over several lines that has not as many fields as the first row.
 */
export async function readCsv(bytes: UnpackedBytes, options: CsvOptions, sink: CsvSink): Promise<void> {
  const rows = createRowJoiner(options, sink)
  await readLines(bytes, options.maxLineBytes, {
    line: (text, number) => rows.take({ text, number }),
    fault(wrong, number, text) {
      rows.end()
      sink.fault(wrong, number, text)
    },
  })
  rows.end()
}

function createRowJoiner({ delimiter, maxLineBytes }: CsvOptions, sink: CsvSink) {
  const waiting: Line[] = []
  let begun: Begun | undefined
  let width: number | undefined
  const giveUp = (lines: readonly Line[], why: string): void => {
    const [first, ...rest] = lines as [Line, ...Line[]]
    begun = undefined
    waiting.unshift(...rest)
    sink.fault(fault('malformed', why), first.number, first.text)
  }
  const finish = (row: readonly string[], lines: readonly Line[]): void => {
    width ??= row.length
    begun = undefined
    if (lines.length > 1 && row.length !== width)
      giveUp(lines, `a row over ${lines.length} lines has ${row.length} fields, not ${width}`)
    else sink.row(row, lines[0]!.number, lines.map(({ text }) => text).join('\n'))
  }
  const step = (line: Line): void => {
    if (!begun && line.text.trim() === '') return
    const lines = [...(begun?.lines ?? []), line]
    const length = (begun?.length ?? 0) + line.text.length
    const row = splitRow(line.text, delimiter, begun?.row)
    if (!row) giveUp(lines, 'a quote stands in the middle of a field')
    else if (Array.isArray(row)) finish(row, lines)
    else if (lines.length >= mostLines || length > maxLineBytes) giveUp(lines, 'a quote is never closed')
    else begun = { row: row as OpenRow, lines, length }
  }
  const drain = (): void => {
    for (let next = waiting.shift(); next; next = waiting.shift()) step(next)
  }
  return {
    take(line: Line): void {
      waiting.push(line)
      drain()
    },
    end(): void {
      while (begun) {
        giveUp(begun.lines, 'a quote is never closed')
        drain()
      }
    },
  }
}

/** Splits a line, or the next line of a row that is still open. Undefined where a quote closes in the middle of a field. */
export function splitRow(line: string, delimiter: string, begun?: OpenRow): string[] | OpenRow | undefined {
  const fields = [...(begun?.fields ?? [])]
  let before = begun ? `${begun.open}\n` : undefined
  for (let at = 0; at <= line.length; at += delimiter.length) {
    const field =
      before === undefined && line[at] !== '"'
        ? bareField(line, at, delimiter)
        : quotedField(line, before === undefined ? at + 1 : at)
    const text = (before ?? '') + field.text
    if (field.end < 0) return { fields, open: text }
    if (field.end < line.length && !line.startsWith(delimiter, field.end)) return undefined
    fields.push(text)
    at = field.end
    before = undefined
  }
  return fields
}

/** Text of a field, and where it ends: -1 when it does not end in this line. */
type Field = { readonly text: string; readonly end: number }

function bareField(line: string, begin: number, delimiter: string): Field {
  const found = line.indexOf(delimiter, begin)
  const end = found < 0 ? line.length : found
  return { text: line.slice(begin, end), end }
}

/** A field from behind its opening quote; it ends behind the closing one. */
function quotedField(line: string, begin: number): Field {
  let text = ''
  for (let at = begin; ; ) {
    const closing = line.indexOf('"', at)
    if (closing < 0) return { text: text + line.slice(at), end: -1 }
    text += line.slice(at, closing)
    if (line[closing + 1] !== '"') return { text, end: closing + 1 }
    text += '"'
    at = closing + 2
  }
}
