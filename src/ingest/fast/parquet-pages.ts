// The values of one column of a row group as the pages of a Parquet file: https://parquet.apache.org/docs/file-format/data-pages/
import type { EventColumn } from '../../data/event.ts'
import type { CodeColumn, Column, ListColumn, NumberColumn, TextColumn } from './clean-columns.ts'
import { int, struct, type ThriftFields, thriftBytes, varint } from './thrift.ts'

/** The pages of a column, and what the file's footer says of them. */
export type ColumnPages = {
  readonly parts: readonly Uint8Array[]
  readonly bytes: number
  /** Bytes of the dictionary page before the data page; 0: there is none. */
  readonly dictionaryBytes: number
  /** Values, nulls and empty lists included. */
  readonly values: number
  /** Encodings used, by Parquet's numbers. */
  readonly encodings: readonly number[]
}

/** A page: how many values, and the parts of its body. */
type Body = { readonly values: number; readonly parts: readonly Uint8Array[] }

const plain = 0
const levels = 3
const dictionary = 8
const dataPage = 0
const dictionaryPage = 2

/** Encodes the first `rows` rows of a column. */
export function columnPages(
  column: Column,
  { engineType, required }: EventColumn,
  rows: number,
): ColumnPages {
  if (column.kind === 'code') return codePages(column, rows, required)
  if (column.kind === 'list') return dataPages(listBody(column, rows))
  const parts =
    column.kind === 'text'
      ? textParts(column, rows, required)
      : numberParts(column, rows, { engineType, required })
  return dataPages({ values: rows, parts })
}

function dataPages(body: Body): ColumnPages {
  const parts = page(body, dataPage, plain)
  return { parts, bytes: sizeOf(parts), dictionaryBytes: 0, values: body.values, encodings: [plain, levels] }
}

function textParts(column: TextColumn, rows: number, required: boolean): Uint8Array[] {
  const texts = column.bytes.subarray(0, column.used)
  return required ? [texts] : [levelBytes(column.present.subarray(0, rows), 1), texts]
}

function numberParts(
  { values }: NumberColumn,
  rows: number,
  { engineType, required }: Pick<EventColumn, 'engineType' | 'required'>,
): Uint8Array[] {
  const { present, kept } = workRoom(rows)
  let count = 0
  for (let row = 0; row < rows; row += 1) {
    const value = values[row] as number
    if (Number.isNaN(value)) continue
    present[row] = 1
    kept[count] = value
    count += 1
  }
  const bytes = numberBytes(kept.subarray(0, count), engineType)
  return required ? [bytes] : [levelBytes(present.subarray(0, rows), 1), bytes]
}

/** Arrays to work in, the first of zeros: the same at every call, so that no column makes new ones. */
function workRoom(rows: number): { readonly present: Uint8Array; readonly kept: Float64Array } {
  if (room.kept.length < rows) room = { present: new Uint8Array(rows), kept: new Float64Array(rows) }
  else room.present.fill(0)
  return room
}

let room = { present: new Uint8Array(), kept: new Float64Array() }

function numberBytes(values: Float64Array, engineType: EventColumn['engineType']): Uint8Array {
  if (engineType === 'DOUBLE') return bytesOf(values.slice())
  if (engineType === 'INTEGER') return bytesOf(Int32Array.from(values))
  const words = new Int32Array(values.length * 2)
  for (let at = 0; at < values.length; at += 1) {
    const value = values[at] as number
    words[2 * at] = value
    words[2 * at + 1] = Math.floor(value / 2 ** 32)
  }
  return bytesOf(words)
}

/** A list has three levels: no list 0, an empty one 1, an element 2; and it begins at repetition 0. */
function listBody({ counts, values, used }: ListColumn, rows: number): Body {
  const repeated: number[] = []
  const defined: number[] = []
  for (let row = 0; row < rows; row += 1) {
    const count = counts[row] as number
    repeated.push(0)
    defined.push(Math.min(count + 1, 2))
    for (let element = 1; element < count; element += 1) {
      repeated.push(1)
      defined.push(2)
    }
  }
  const parts = [levelBytes(Uint8Array.from(repeated), 1), levelBytes(Uint8Array.from(defined), 2)]
  return { values: defined.length, parts: [...parts, bytesOf(values.subarray(0, used))] }
}

function codePages({ codes, entries }: CodeColumn, rows: number, required: boolean): ColumnPages {
  const texts = [...entries.keys()].map((entry) => Buffer.from(entry))
  if (texts.length === 0) return dataPages({ values: rows, parts: [levelBytes(new Uint8Array(rows), 1)] })
  const first = page({ values: texts.length, parts: texts.flatMap(behindLength) }, dictionaryPage, plain)
  const { present, kept } = workRoom(rows)
  let count = 0
  for (let row = 0; row < rows; row += 1) {
    const code = codes[row] as number
    if (code < 0) continue
    present[row] = 1
    kept[count] = code
    count += 1
  }
  const indexes = indexBytes(kept.subarray(0, count), texts.length)
  const parts = required ? [indexes] : [levelBytes(present.subarray(0, rows), 1), indexes]
  const second = page({ values: rows, parts }, dataPage, dictionary)
  const all = [...first, ...second]
  return {
    parts: all,
    bytes: sizeOf(all),
    dictionaryBytes: sizeOf(first),
    values: rows,
    encodings: [plain, levels, dictionary],
  }
}

/** Dictionary indexes, bit-packed with whole bytes each: a run is filled up to eight. */
function indexBytes(codes: Float64Array, entries: number): Uint8Array {
  const groups = Math.ceil(codes.length / 8)
  const width = entries <= 256 ? 8 : entries <= 65_536 ? 16 : 32
  const padded =
    width === 8
      ? new Uint8Array(groups * 8)
      : width === 16
        ? new Uint16Array(groups * 8)
        : new Uint32Array(groups * 8)
  padded.set(codes)
  return Buffer.concat([Uint8Array.from([width, ...varint((groups << 1) | 1)]), bytesOf(padded)])
}

/** Levels as one run behind its length in four bytes: repeated when all are equal, else bit-packed. */
function levelBytes(values: Uint8Array, width: 1 | 2): Uint8Array {
  const first = values[0] ?? 0
  const run = values.every((value) => value === first)
    ? Uint8Array.from([...varint(values.length << 1), first])
    : packedRun(values, width)
  return Buffer.concat(behindLength(run))
}

function packedRun(values: Uint8Array, width: 1 | 2): Uint8Array {
  const groups = Math.ceil(values.length / 8)
  const header = varint((groups << 1) | 1)
  const out = new Uint8Array(header.length + groups * width)
  out.set(header)
  for (let at = 0; at < values.length; at += 1) {
    const bit = at * width
    const to = header.length + (bit >> 3)
    out[to] = (out[to] as number) | ((values[at] as number) << (bit & 7))
  }
  return out
}

function behindLength(bytes: Uint8Array): Uint8Array[] {
  return [bytesOf(Uint32Array.of(bytes.length)), bytes]
}

function page({ values, parts }: Body, type: number, encoding: number): readonly Uint8Array[] {
  const size = int(sizeOf(parts))
  const about: ThriftFields =
    type === dataPage
      ? { 5: struct({ 1: int(values), 2: int(encoding), 3: int(levels), 4: int(levels) }) }
      : { 7: struct({ 1: int(values), 2: int(encoding) }) }
  return [thriftBytes({ 1: int(type), 2: size, 3: size, ...about }), ...parts]
}

/** Bytes of all parts. */
export const sizeOf = (parts: readonly Uint8Array[]): number =>
  parts.reduce((sum, part) => sum + part.length, 0)

const bytesOf = (
  array: Int32Array | Uint32Array | Uint16Array | Uint8Array | Float64Array | Float32Array,
): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
