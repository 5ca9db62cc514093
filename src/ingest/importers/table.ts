// Any table with a mapping file: CSV of every delimiter, JSON lines, and Parquet, whose rows arrive as JSON lines.
import { TastemakerError } from '../../errors.ts'
import { decompress, peekCharacter, type UnpackedBytes } from '../decompress.ts'
import { type Fault, fault, show } from '../fault.ts'
import { isRecord } from '../raw-event-check.ts'
import { readCsv, splitRow } from './csv.ts'
import { createTally, type ImportContext, type Importer, type Tally, type Translation } from './importer.ts'
import { readJsonRecords } from './json-records.ts'
import { likelyDelimiter, peekLine } from './table-head.ts'
import { checkColumns, type MappedField, type TableMapping } from './table-mapping.ts'
import { type TimeParser, type TimeUnit, timeParser } from './table-times.ts'

/** Columns that no mapping names are never looked at, so nothing personal in them goes anywhere. */
export const tableImporter: Importer = {
  name: 'table',
  title: 'Table with a mapping file (CSV, JSON lines, Parquet)',
  personal: [],
  accepts: () => false,
  async read(input, context, sink) {
    const { mapping } = context
    if (!mapping)
      throw new TastemakerError(
        'bad-argument',
        'A table needs a mapping file that says what its columns are.',
      )
    const tally = createTally(sink, context)
    const { first, whole } = await peekCharacter(decompress(input.fileName, input.chunks))
    const told = teller(input.fileName, tally, rowReader(mapping, context))
    if (first === '{' || first === '[') await readRecords(whole, context, told)
    else if (input.damage?.() === undefined) await readTable(whole, context, { mapping, told })
    const damage = input.damage?.()
    if (damage !== undefined) told.fault(fault('unreadable', damage), tally.counts().records + 1, '')
    return tally.counts()
  },
}

type Row = (column: string) => unknown
type Told = {
  row(row: Row, line: number, text: string): void
  fault(wrong: Fault, line: number, text: string): void
}

function teller(file: string, tally: Tally, read: (row: Row) => Translation | Fault): Told {
  return {
    row: (row, line, text) => tally.tell(read(row), { file, line }, text),
    fault: (wrong, line, text) => tally.tell(wrong, { file, line }, text),
  }
}

function readRecords(bytes: UnpackedBytes, { maxLineBytes }: ImportContext, told: Told): Promise<void> {
  return readJsonRecords(bytes, maxLineBytes, {
    record(value, line, text) {
      if (isRecord(value))
        told.row((column) => (Object.hasOwn(value, column) ? value[column] : undefined), line, '')
      else told.fault(fault('malformed', 'a row is an object'), line, text)
    },
    fault: told.fault,
  })
}

type TableWork = { readonly mapping: TableMapping; readonly told: Told }

/** Text of a row is kept nowhere: only its mapping knows which column is personal. */
async function readTable(
  bytes: UnpackedBytes,
  context: ImportContext,
  { mapping, told }: TableWork,
): Promise<void> {
  const { line, whole } = await peekLine(bytes)
  const delimiter = mapping.delimiter ?? likelyDelimiter(line)
  let columns = mapping.columns
  if (!columns) {
    const header = splitRow(line, delimiter)
    columns = (Array.isArray(header) ? header : [line]).map((name) => name.trim())
  }
  checkColumns(mapping, columns)
  const indexOf = new Map(columns.map((name, index) => [name, index]))
  let headerSeen = mapping.columns !== undefined
  const width = columns.length
  await readCsv(
    whole,
    { delimiter, maxLineBytes: context.maxLineBytes },
    {
      row(fields, number) {
        if (!headerSeen) headerSeen = true
        else if (fields.length !== width)
          told.fault(fault('malformed', `the row has ${fields.length} fields, not ${width}`), number, '')
        else told.row((column) => fields[indexOf.get(column)!], number, '')
      },
      fault: (wrong, number) => told.fault(wrong, number, ''),
    },
  )
}

/** Returns the function from one row to its event. */
function rowReader(mapping: TableMapping, context: ImportContext): (row: Row) => Translation | Fault {
  const readers = mapping.fields.map((field) => ({ field, read: fieldReader(field, context) }))
  return (row) => {
    const event = kindOf(mapping, row)
    if (typeof event !== 'string') return event
    const made: Record<string, unknown> = { event, source: 'table' }
    for (const { field, read } of readers) {
      const value = read(field.column === undefined ? field.constant : row(field.column))
      if (typeof value === 'object') return value
      if (value !== undefined) place(made, field.field, value)
    }
    if (made.artist === undefined) return fault('no-artist', 'the columns of the artist are empty')
    return made as Translation
  }
}

function kindOf({ event }: TableMapping, row: Row): Translation['event'] | Fault {
  if (typeof event === 'string') return event
  const name = textOf(row(event.column)) ?? ''
  const kind = Object.hasOwn(event.values, name) ? event.values[name] : undefined
  if (kind === null) return fault('not-music', `the mapping leaves out rows of ${show(name)}`)
  return kind ?? fault('schema', `${event.column} is ${show(name)}, which the mapping does not know`)
}

function place(made: Record<string, unknown>, field: string, value: unknown): void {
  const [outer, inner] = field.split('.') as [string, string?]
  if (inner === undefined) made[outer] = value
  else made[outer] = { ...(made[outer] as object | undefined), [inner]: value }
}

type Read = (value: unknown) => string | number | boolean | undefined | Fault

/** Returns the reader of one field's values; empty text and null are nothing. */
function fieldReader(mapped: MappedField, { timeZone }: ImportContext): Read {
  const { field, target, unit } = mapped
  const parseTime = timeParser(target === 'time' ? (unit as TimeUnit) : 'auto', mapped.timeZone ?? timeZone)
  const readers: Readonly<Record<MappedField['target'], (text: string) => ReturnType<Read>>> = {
    text: (text) => text,
    time: (text) => timeOf(text, parseTime, unit),
    duration: (text) => durationOf(text, unit, field),
    boolean: (text) => booleanOf(text, field),
    number: (text) => numberOf(text, field),
    whole: (text) => wholeOf(text, field),
  }
  const read = readers[target]
  return (value) => {
    const text = textOf(value)
    return text === undefined ? undefined : read(text)
  }
}

function numberOf(text: string, field: string): number | Fault {
  return /^-?\d{1,18}(?:\.\d+)?$/.test(text)
    ? Number(text)
    : fault('bad-value', `${field} is ${show(text)}, not a number`)
}

function wholeOf(text: string, field: string): number | Fault {
  const number = numberOf(text, field)
  return typeof number !== 'number' || Number.isSafeInteger(number)
    ? number
    : fault('bad-value', `${field} is ${show(text)}, not a whole number`)
}

function timeOf(text: string, parse: TimeParser, unit: string): number | Fault {
  return parse(text) ?? fault('bad-time', `at is ${show(text)}, which is no time of the unit ${unit}`)
}

function booleanOf(text: string, field: string): boolean | Fault {
  if (/^(true|t|yes|y|1)$/i.test(text)) return true
  return /^(false|f|no|n|0)$/i.test(text)
    ? false
    : fault('bad-value', `${field} is ${show(text)}, not true or false`)
}

const msPer: Readonly<Record<string, number>> = { seconds: 1000, milliseconds: 1, microseconds: 0.001 }

/** A number of the unit, or for `clock` `3:45` and `1:02:03.5`; whole milliseconds. */
function durationOf(text: string, unit: string, field: string): number | Fault {
  const bad = fault('bad-value', `${field} is ${show(text)}, not a duration in ${unit}`)
  if (unit !== 'clock')
    return /^\d{1,15}(?:\.\d+)?$/.test(text) ? Math.round(Number(text) * msPer[unit]!) : bad
  const parts = /^(?:(\d{1,3}):)?(\d{1,3}):(\d\d(?:\.\d{1,9})?)$/.exec(text)
  if (!parts) return bad
  return Math.round((Number(parts[1] ?? 0) * 3600 + Number(parts[2]) * 60 + Number(parts[3])) * 1000)
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim()
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}
