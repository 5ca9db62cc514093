// What tuning may look at: a validation part carved out of the training part of an evaluation's round, and its listeners.
import { bareRows, emptyRows, type SparseRows } from '../data/interaction-matrix.ts'
import { createRandom } from '../statistics/random.ts'
import type { JobContext } from './context.ts'
import { hasTime, prepareRound, type Round } from './rounds.ts'
import type { TrainingData } from './training-data.ts'

const day = 86_400_000

/** A round whose held-out part is for choosing, and the listeners to measure on. Rows of the round's matrix. */
export type TuningRound = {
  readonly round: Round
  /** Listeners that the search sees, in the order in which rungs take them. */
  readonly searched: Int32Array
  /** Listeners that only the winners are measured on. */
  readonly checked: Int32Array
}

/** How to draw the listeners. */
export type ListenerShares = {
  readonly seed: number
  /** Listeners at most. */
  readonly most: number
  /** Share of them set aside for the check. */
  readonly checkShare: number
}

/**
 * The validation round on the split that decides in `evaluate`. What `evaluate` holds out as its test is never read:
 *
 *   temporal    ... train ...........| validation |  test  |     the same split, one hold-out stretch earlier
 *   random      train 8 parts, validation 1, test 1 of each listener's artists: validation is held out, test left out
 */
export async function prepareTuning(context: JobContext, data: TrainingData): Promise<Round> {
  const { holdoutDays } = context.settings.evaluation
  const { seed } = context.settings
  if (!hasTime(data, holdoutDays))
    return validationOf(await prepareRound(context, data, { split: 'random', seed }))
  const asOf = data.features.asOf - holdoutDays * day
  const earlier = { ...data, features: { ...data.features, asOf } }
  return prepareRound(context, earlier, { split: 'temporal', seed })
}

/** A random round with its validation part held out in place of its test part. */
function validationOf({ mask, heldOut: _test, ...round }: Round): Round {
  const { rows, columns } = round.matrix
  return { ...round, heldOut: mask ?? emptyRows(rows, columns, 0) }
}

/** Divides the listeners with something held out, in random order, between search and check. */
export function shareListeners(round: Round, { seed, most, checkShare }: ListenerShares): TuningRound {
  const { rowPtr, rows } = round.heldOut
  const measurable = Array.from({ length: rows }, (_, row) => row).filter(
    (row) => rowPtr[row + 1]! > rowPtr[row]!,
  )
  const drawn = createRandom(seed).fork('tuning listeners').shuffle(measurable).slice(0, most)
  const aside = Math.floor(checkShare * drawn.length)
  return {
    round,
    searched: Int32Array.from(drawn.slice(aside)),
    checked: Int32Array.from(drawn.slice(0, aside)),
  }
}

/** The rows at `kept`, in their places; all others empty. */
export function onlyRows(matrix: SparseRows, kept: Iterable<number>): SparseRows {
  const wanted = new Uint8Array(matrix.rows)
  for (const row of kept) wanted[row] = 1
  const { rowPtr, rows, columns } = bareRows(matrix)
  const lengths = Array.from(wanted, (keep, row) => (keep ? rowPtr[row + 1]! - rowPtr[row]! : 0))
  const out = emptyRows(
    rows,
    columns,
    lengths.reduce((sum, length) => sum + length, 0),
  )
  for (const [row, length] of lengths.entries()) {
    const from = rowPtr[row]!
    const to = out.rowPtr[row]!
    out.colIndex.set(matrix.colIndex.subarray(from, from + length), to)
    out.values.set(matrix.values.subarray(from, from + length), to)
    out.rowPtr[row + 1] = to + length
  }
  return out
}
