// The numbers of a scanned line: within the bounds of the schema and of the tables, or left to the slow lane.
import { retractRevision } from '../../data/event.ts'
import { largestRank, longestMs } from '../clean-event.ts'
import { type CleanColumns, columnOf, type NumberColumn } from './clean-columns.ts'
import { type Field, field } from './line-fields.ts'
import type { Scanned } from './line-scanner.ts'

type Rule = { readonly which: Field; readonly least: number; readonly most: number; readonly whole: boolean }

const { MAX_SAFE_INTEGER, MIN_VALUE } = Number
const whole = (which: Field, least: number, most: number): Rule => ({ which, least, most, whole: true })
const rules: readonly Rule[] = [
  whole(field.followers, 0, MAX_SAFE_INTEGER),
  whole(field.artistRank, 1, largestRank),
  whole(field.trackLikes, 0, MAX_SAFE_INTEGER),
  whole(field.durationMs, 0, longestMs),
  whole(field.playedMs, 0, longestMs),
  whole(field.position, 1, 10_000),
  whole(field.revision, 0, retractRevision - 1),
  whole(field.schema, 1, 1),
  { which: field.propensity, least: MIN_VALUE, most: 1, whole: false },
]
/** Fields that are copied as they are, whatever the kind of the event. */
const copied = ['followers', 'artistRank', 'trackLikes', 'durationMs', 'position', 'propensity'] as const

/** Whether all numbers lie within their bounds, but for `at`, `receivedAt`, `value` and the volumes. */
export function numbersFit({ numbers, values }: Scanned): boolean {
  for (const rule of rules) {
    if ((numbers & (1 << rule.which)) === 0) continue
    const value = values[rule.which] as number
    if (!(value >= rule.least && value <= rule.most) || (rule.whole && !Number.isInteger(value))) return false
  }
  return true
}

/** Returns the function that writes the numbers which are copied as they are. */
export function createNumberWriter(table: CleanColumns): (line: Scanned, row: number) => void {
  const columns = copied.map((name) => ({ which: field[name], column: columnOf<NumberColumn>(table, name) }))
  return ({ numbers, values }, row) => {
    for (const { which, column } of columns)
      if ((numbers & (1 << which)) !== 0) column.values[row] = values[which] as number
  }
}
