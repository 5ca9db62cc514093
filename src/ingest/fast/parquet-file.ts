// A Parquet file of clean events, not compressed, row group by row group: a file that the SQL engine reads at memory speed.
import { type EventColumn, eventColumns } from '../../data/event.ts'
import { type CleanColumns, type Column, clearColumns } from './clean-columns.ts'
import { type ColumnPages, columnPages, sizeOf } from './parquet-pages.ts'
import { int, list, long, struct, type ThriftValue, text, thriftBytes } from './thrift.ts'

/** Makes the bytes of a file, front to back. */
export type ParquetFile = {
  /**
   * The bytes of a row group with the rows so far, which are then forgotten. There must be at least one.
   * @param reuse whether the bytes of the group before are written, so that these may take their place
   */
  group(table: CleanColumns, reuse: boolean): Uint8Array
  /** The last bytes. */
  footer(): Uint8Array
}

type Group = { readonly rows: number; readonly bytes: number; readonly columns: readonly ThriftValue[] }

const mark = Buffer.from('PAR1')
const types = { VARCHAR: 6, BIGINT: 2, INTEGER: 1, DOUBLE: 5, 'FLOAT[]': 4 } as const
const requiredField = 0
const optionalField = 1
const repeatedField = 2
const utf8 = 0
const listOf = 3

/** Begins a file. */
export function createParquetFile(): ParquetFile {
  const groups: Group[] = []
  let written = 0
  let room = new Uint8Array()
  const head = (): Uint8Array[] => {
    const first = written === 0 ? [mark] : []
    written = Math.max(written, mark.length)
    return first
  }
  return {
    group(table, reuse) {
      const parts = head()
      const begin = written
      const columns = eventColumns.map((column, index) => {
        const pages = columnPages(table.columns[index] as Column, column, table.rows)
        parts.push(...pages.parts)
        const chunk = chunkOf(column, pages, written)
        written += pages.bytes
        return chunk
      })
      groups.push({ rows: table.rows, bytes: written - begin, columns })
      // The parts are views of the table's memory, where the next rows go.
      const size = sizeOf(parts)
      if (!reuse || room.length < size) room = new Uint8Array(Math.ceil(size * 1.1))
      let at = 0
      for (const part of parts) {
        room.set(part, at)
        at += part.length
      }
      clearColumns(table)
      return room.subarray(0, size)
    },
    footer() {
      const first = head()
      const about = thriftBytes({
        1: int(1),
        2: list(schema()),
        3: long(groups.reduce((sum, { rows }) => sum + rows, 0)),
        4: list(
          groups.map(({ rows, bytes, columns }) =>
            struct({ 1: list(columns), 2: long(bytes), 3: long(rows) }),
          ),
        ),
        6: text('tastemaker'),
      })
      return Buffer.concat([...first, about, new Uint8Array(Uint32Array.of(about.length).buffer), mark])
    },
  }
}

function chunkOf(column: EventColumn, pages: ColumnPages, at: number): ThriftValue {
  const path = column.engineType === 'FLOAT[]' ? [column.name, 'list', 'element'] : [column.name]
  const dictionary = pages.dictionaryBytes > 0 ? { 11: long(at) } : {}
  const about = struct({
    1: int(types[column.engineType]),
    2: list(pages.encodings.map(int)),
    3: list(path.map(text)),
    4: int(0),
    5: long(pages.values),
    6: long(pages.bytes),
    7: long(pages.bytes),
    9: long(at + pages.dictionaryBytes),
    ...dictionary,
  })
  return struct({ 2: long(at), 3: about })
}

function schema(): ThriftValue[] {
  const root = struct({ 4: text('event'), 5: int(eventColumns.length) })
  return [root, ...eventColumns.flatMap(leavesOf)]
}

function leavesOf({ name, engineType, required }: EventColumn): ThriftValue[] {
  if (engineType !== 'FLOAT[]') {
    const converted = engineType === 'VARCHAR' ? { 6: int(utf8) } : {}
    const repetition = int(required ? requiredField : optionalField)
    return [struct({ 1: int(types[engineType]), 3: repetition, 4: text(name), ...converted })]
  }
  return [
    struct({ 3: int(optionalField), 4: text(name), 5: int(1), 6: int(listOf) }),
    struct({ 3: int(repeatedField), 4: text('list'), 5: int(1) }),
    struct({ 1: int(types[engineType]), 3: int(requiredField), 4: text('element') }),
  ]
}
