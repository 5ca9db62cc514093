// The fast lane of ingest: plain lines from bytes to rows without a string or an object in between.
import type { CleanContext } from '../clean-event.ts'
import type { CleanColumns } from './clean-columns.ts'
import type { FastLane } from './fast-lines.ts'
import { createRowTaker } from './fast-row.ts'
import { createScanned, scanLine } from './line-scanner.ts'

/**
 * Returns the lane that adds the lines it fully understands to `table`, and leaves every other line untouched: what it takes is, column by column,
 * what createCleaner makes of the same line. Throws as createCleaner does.
 */
export function createFastLane(table: CleanColumns, context: CleanContext): FastLane {
  const { maxLineBytes } = context.settings
  const take = createRowTaker(table, context)
  const line = createScanned()
  return (bytes, begin) =>
    scanLine(bytes, begin, line) && line.end - begin - 1 <= maxLineBytes && take(bytes, line) ? line.end : -1
}
