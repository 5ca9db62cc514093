// Pseudonyms straight from the bytes of user ids: each id is hashed once.
import { addBytes, clearByteTable, createByteTable, findBytes } from './byte-table.ts'
import { putBytes, type TextColumn } from './clean-columns.ts'
import { textOf } from './fast-text.ts'

/** Ids remembered before the memo starts anew: at most about 30 MB. */
const memoSize = 200_000

/** Pseudonyms by an index of their id. */
export type Users = {
  /** Index of an id; -1 when it is only white space. */
  indexOf(bytes: Uint8Array, begin: number, end: number): number
  /** Writes the pseudonym of the index last given. */
  put(column: TextColumn, row: number, index: number): void
  /** The pseudonym of the index last given. */
  pseudonym(index: number): string
}

/** Makes the memo. */
export function createUsers(pseudonymize: (userId: string) => string): Users {
  const ids = createByteTable()
  const pseudonyms = createByteTable()
  return {
    indexOf(bytes, begin, end) {
      const known = findBytes(ids, bytes, begin, end)
      if (known >= 0) return known
      const user = textOf(bytes, begin, end).trim()
      if (user === '') return -1
      if (ids.count >= memoSize) {
        clearByteTable(ids)
        clearByteTable(pseudonyms)
      }
      const pseudonym = Buffer.from(pseudonymize(user))
      addBytes(pseudonyms, pseudonym, 0, pseudonym.length)
      return addBytes(ids, bytes, begin, end)
    },
    put(column, row, index) {
      const { bytes, begins } = pseudonyms
      putBytes(column, row, bytes, begins[index] as number, begins[index + 1] as number)
    },
    pseudonym: (index) =>
      textOf(pseudonyms.bytes, pseudonyms.begins[index] as number, pseudonyms.begins[index + 1] as number),
  }
}
