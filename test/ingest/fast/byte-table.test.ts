// The table of byte strings against a map of the same strings.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { addBytes, clearByteTable, createByteTable, findBytes } from '../../../src/ingest/fast/byte-table.ts'

test('finds what was added under its index, and nothing else, through growth and clearing', () => {
  const table = createByteTable()
  const texts = fc.array(fc.string({ maxLength: 3 }), { maxLength: 600 })
  fc.assert(
    fc.property(texts, fc.array(fc.string({ maxLength: 3 })), (added, others) => {
      clearByteTable(table)
      const known = new Map<string, number>()
      const find = (text: string) => {
        const bytes = Buffer.from(`<${text}>`)
        return findBytes(table, bytes, 1, bytes.length - 1)
      }
      for (const text of added) {
        expect(find(text)).toBe(known.get(text) ?? -1)
        if (known.has(text)) continue
        const bytes = Buffer.from(text)
        known.set(text, addBytes(table, bytes, 0, bytes.length))
      }
      expect([...known.values()]).toEqual([...known.keys()].map((_, at) => at))
      for (const text of [...added, ...others]) expect(find(text)).toBe(known.get(text) ?? -1)
    }),
  )
})
