// The last stretch of time of what models are fitted on: what came before it, and what listeners took to in it.
import { bareRows, type InteractionMatrix, type SparseRows } from '../data/interaction-matrix.ts'
import { temporalSplit } from '../evaluation/splits.ts'
import { interactionsSql, readInteractionMatrix } from '../features/interactions.ts'
import type { JobContext } from './context.ts'
import { openFeatureEvents } from './feature-events.ts'
import type { TrainingData } from './training-data.ts'

/** Two parts of a matrix, of its shape. */
export type ValidationSlice = { readonly train: SparseRows; readonly heldOut: SparseRows }

const day = 86_400_000

/**
 * Splits what was known at `asOf` one hold-out stretch before it, over the rows and columns of `matrix`. Undefined where the
 * stretch before has no events or nobody took to anything new in it: then there is nothing to choose by.
 */
export async function readValidation(
  context: JobContext,
  data: Pick<TrainingData, 'features'>,
  { matrix, asOf }: { readonly matrix: InteractionMatrix; readonly asOf: number },
): Promise<ValidationSlice | undefined> {
  const { features, evaluation } = context.settings
  const engine = await context.engine()
  await openFeatureEvents(context, data.features)
  const cutoff = asOf - evaluation.holdoutDays * day
  const { halfLifeDays } = features
  const before = interactionsSql('credited', { asOf: cutoff, halfLifeDays })
  const after = interactionsSql('credited', { asOf, from: cutoff, halfLifeDays })
  const train = bareRows(await readInteractionMatrix(engine, `(${before})`, matrix))
  const later = await readInteractionMatrix(engine, `(${after})`, matrix)
  const { heldOut } = temporalSplit(train, cellsOf(later))
  return train.values.length === 0 || heldOut.values.length === 0 ? undefined : { train, heldOut }
}

/** Row and column of every entry. */
export function* cellsOf(rows: SparseRows): Iterable<readonly [row: number, column: number]> {
  for (let row = 0; row < rows.rows; row++)
    for (let at = rows.rowPtr[row]!; at < rows.rowPtr[row + 1]!; at++) yield [row, rows.colIndex[at]!]
}
