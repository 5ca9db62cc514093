// The lines of the intake's journal: raw events as ingest reads them, and rejects, told apart by their first character.
import type { Reject } from '../../data/reject.ts'

/** Before the JSON of a reject; no JSON text begins so. */
export const refusalMark = '!'

/** The line of a reject. */
export const refusalLine = (reject: Reject): string => refusalMark + JSON.stringify(reject)
