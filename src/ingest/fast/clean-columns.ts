// Clean events by column, in memory, until there are enough of them for a row group of a Parquet file.
import { type CleanEvent, type EventColumn, eventColumns } from '../../data/event.ts'
import { enlarged } from './byte-table.ts'

/** Texts one behind the other, each behind its length in four bytes, as Parquet has them. */
export type TextColumn = {
  readonly kind: 'text'
  bytes: Uint8Array<ArrayBuffer>
  used: number
  /** 1 for rows that have a text. */
  present: Uint8Array<ArrayBuffer>
}
/** Texts of which there are few different ones. */
export type CodeColumn = {
  readonly kind: 'code'
  /** -1: none. */
  codes: Int32Array<ArrayBuffer>
  readonly entries: Map<string, number>
}
/** Numbers; NaN: none. */
export type NumberColumn = { readonly kind: 'number'; values: Float64Array<ArrayBuffer> }
/** Lists of numbers. */
export type ListColumn = {
  readonly kind: 'list'
  /** Numbers of each row; -1: no list. */
  counts: Int32Array<ArrayBuffer>
  values: Float32Array<ArrayBuffer>
  used: number
}
/** The values of one column. */
export type Column = TextColumn | CodeColumn | NumberColumn | ListColumn

/** A row group in the making. */
export type CleanColumns = {
  rows: number
  /** How many row groups came before: what is remembered of one does not hold in the next. */
  group: number
  /** Rows that there is room for. */
  capacity: number
  /** In the order of `eventColumns`. */
  readonly columns: readonly Column[]
}

/** Texts that recur in nearly every row: kept once and counted. */
const recurring: ReadonlySet<keyof CleanEvent> = new Set([
  'kind',
  'genre',
  'outcome',
  'surface',
  'modelVersion',
  'variant',
  'source',
])

/** Makes an empty row group with room for a number of rows; it grows when that is not enough. */
export function createCleanColumns(capacity: number): CleanColumns {
  return {
    rows: 0,
    group: 0,
    capacity,
    columns: eventColumns.map((column) => createColumn(column, capacity)),
  }
}

function createColumn({ engineType, field }: EventColumn, capacity: number): Column {
  if (engineType === 'FLOAT[]')
    return { kind: 'list', counts: new Int32Array(capacity).fill(-1), values: new Float32Array(64), used: 0 }
  if (engineType !== 'VARCHAR') return { kind: 'number', values: new Float64Array(capacity).fill(Number.NaN) }
  if (recurring.has(field))
    return { kind: 'code', codes: new Int32Array(capacity).fill(-1), entries: new Map() }
  return { kind: 'text', bytes: new Uint8Array(1024), used: 0, present: new Uint8Array(capacity) }
}

/** The column of a field; the caller knows its kind. */
export function columnOf<Kind extends Column>(table: CleanColumns, field: keyof CleanEvent): Kind {
  return table.columns[eventColumns.findIndex((column) => column.field === field)] as Kind
}

/** Bytes of all texts so far. */
export function textBytes(table: CleanColumns): number {
  return table.columns.reduce((sum, column) => sum + (column.kind === 'text' ? column.used : 0), 0)
}

/** Empties it for the next row group; keeps its memory. */
export function clearColumns(table: CleanColumns): void {
  for (const column of table.columns) clearColumn(column)
  table.rows = 0
  table.group += 1
}

function clearColumn(column: Column): void {
  if (column.kind === 'number') column.values.fill(Number.NaN)
  else if (column.kind === 'code') {
    column.codes.fill(-1)
    column.entries.clear()
  } else {
    column.used = 0
    if (column.kind === 'list') column.counts.fill(-1)
    else column.present.fill(0)
  }
}

/** Makes sure that there is room for one more row. */
export function growColumns(table: CleanColumns): void {
  if (table.rows < table.capacity) return
  table.capacity *= 2
  for (const column of table.columns) growColumn(column, table.capacity)
}

function growColumn(column: Column, capacity: number): void {
  if (column.kind === 'number')
    column.values = longer(column.values, new Float64Array(capacity).fill(Number.NaN))
  else if (column.kind === 'code') column.codes = longer(column.codes, new Int32Array(capacity).fill(-1))
  else if (column.kind === 'list') column.counts = longer(column.counts, new Int32Array(capacity).fill(-1))
  else column.present = longer(column.present, new Uint8Array(capacity))
}

function longer<array extends Float64Array | Int32Array | Uint8Array>(from: array, into: array): array {
  into.set(from)
  return into
}

/** Adds one event as a row. */
export function addEvent(table: CleanColumns, event: CleanEvent): void {
  growColumns(table)
  for (const [index, { field }] of eventColumns.entries()) {
    const value = event[field]
    if (value !== null) putValue(table.columns[index] as Column, table.rows, value)
  }
  table.rows += 1
}

function putValue(column: Column, row: number, value: string | number | readonly number[]): void {
  if (column.kind === 'number') column.values[row] = value as number
  else if (column.kind === 'code') column.codes[row] = codeOf(column, value as string)
  else if (column.kind === 'text') putText(column, row, value as string)
  else putList(column, row, value as readonly number[], (value as readonly number[]).length)
}

/** Code of a text in this row group. */
export function codeOf(column: CodeColumn, text: string): number {
  const known = column.entries.get(text)
  if (known !== undefined) return known
  const code = column.entries.size
  column.entries.set(text, code)
  return code
}

/** Puts bytes, which are UTF-8, into a row that has none yet. Rows come in ascending order. */
export function putBytes(
  column: TextColumn,
  row: number,
  source: Uint8Array,
  begin: number,
  end: number,
): void {
  const length = end - begin
  if (column.used + length + 4 > column.bytes.length)
    column.bytes = enlarged(column.bytes, column.used + length + 4)
  const { bytes } = column
  let to = putLength(column, row, length)
  for (let at = begin; at < end; at += 1) {
    bytes[to] = source[at] as number
    to += 1
  }
  column.used = to
}

/** Puts a text into a row that has none yet. */
export function putText(column: TextColumn, row: number, text: string): void {
  const room = column.used + 4 + text.length * 3
  if (room > column.bytes.length) column.bytes = enlarged(column.bytes, room)
  const at = column.used + 4
  const { written } = encoder.encodeInto(text, column.bytes.subarray(at))
  column.used = putLength(column, row, written) + written
}

const encoder = new TextEncoder()

function putLength(column: TextColumn, row: number, length: number): number {
  const { bytes, used } = column
  bytes[used] = length
  bytes[used + 1] = length >>> 8
  bytes[used + 2] = length >>> 16
  bytes[used + 3] = length >>> 24
  column.present[row] = 1
  return used + 4
}

/** Puts the first `count` numbers of a list into a row that has none yet. */
export function putList(column: ListColumn, row: number, list: ArrayLike<number>, count: number): void {
  if (column.used + count > column.values.length) {
    const larger = new Float32Array((column.used + count) * 2)
    larger.set(column.values)
    column.values = larger
  }
  for (let at = 0; at < count; at += 1) column.values[column.used + at] = list[at] as number
  column.used += count
  column.counts[row] = count
}
