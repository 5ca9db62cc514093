// Codes of recurring texts straight from bytes: each spelling is put in order once a row group.
import { addBytes, clearByteTable, createByteTable, findBytes } from './byte-table.ts'
import { type CleanColumns, type CodeColumn, codeOf } from './clean-columns.ts'
import { textOf } from './fast-text.ts'

/** The code for the bytes from `begin` to `end`; -1: nothing is left of them. */
export type Codes = (bytes: Uint8Array, begin: number, end: number) => number

/** Returns the codes of a column of `table`. */
export function createCodes(
  table: CleanColumns,
  column: CodeColumn,
  normalize: (text: string) => string | null,
): Codes {
  const spellings = createByteTable()
  const codes: number[] = []
  let group = table.group
  return (bytes, begin, end) => {
    if (group !== table.group) {
      clearByteTable(spellings)
      group = table.group
    }
    const known = findBytes(spellings, bytes, begin, end)
    if (known >= 0) return codes[known] as number
    const text = normalize(textOf(bytes, begin, end))
    const code = text === null ? -1 : codeOf(column, text)
    codes[addBytes(spellings, bytes, begin, end)] = code
    return code
  }
}
