// Clean events read back from columns, for the tests of the fast lane.
import { type CleanEvent, eventColumns } from '../../../src/data/event.ts'
import type { CleanColumns, Column } from '../../../src/ingest/fast/clean-columns.ts'

/** The rows as events. Numbers of lists are as 32 bits hold them. */
export function eventsOf(table: CleanColumns): CleanEvent[] {
  const read = table.columns.map(readerOf)
  return Array.from({ length: table.rows }, (_, row) =>
    Object.fromEntries(eventColumns.map(({ field }, index) => [field, read[index]!(row)])),
  ) as CleanEvent[]
}

/** An event as columns can hold it. */
export const rounded = (event: CleanEvent): CleanEvent => ({
  ...event,
  volumes: event.volumes?.map(Math.fround) ?? null,
})

/** Reads rows in ascending order. */
function readerOf(column: Column): (row: number) => unknown {
  if (column.kind === 'number') return (row) => (Number.isNaN(column.values[row]) ? null : column.values[row])
  if (column.kind === 'code') {
    const texts = [...column.entries.keys()]
    return (row) => texts[column.codes[row]!] ?? null
  }
  let at = 0
  if (column.kind === 'list')
    return (row) => {
      const count = column.counts[row]!
      if (count < 0) return null
      at += count
      return [...column.values.subarray(at - count, at)]
    }
  const lengths = new DataView(column.bytes.buffer)
  return (row) => {
    if (column.present[row] !== 1) return null
    const begin = at + 4
    at = begin + lengths.getUint32(at, true)
    return Buffer.from(column.bytes.subarray(begin, at)).toString()
  }
}
