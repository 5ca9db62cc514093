// One row of an accuracy table: a model with its settings on a split, fitted, ranked for every listener and measured.
import { readSettings } from '../../src/config.ts'
import type { SparseRows } from '../../src/data/interaction-matrix.ts'
import type { Workers } from '../../src/engine/workers.ts'
import { evaluateModel } from '../../src/evaluation/evaluate.ts'
import { fitModel, isModelName } from '../../src/models/models.ts'

/** Recall over all held-out items, and NDCG. */
export type Accuracy = { readonly recall: number; readonly ndcg: number }

/** What to measure, and what it is compared with. */
export type Row = {
  readonly label: string
  readonly model: string
  /** Sections of the `models` settings that differ from the defaults. */
  readonly settings?: Readonly<Record<string, unknown>>
  /** What must be reached, less `tolerance`. */
  readonly goal?: Accuracy
  readonly tolerance?: number
  /** Label of the row that this one must pass in the same run; counts where that row is measured too. */
  readonly passes?: string
  /** What an earlier prototype of ours reached with these settings. */
  readonly prototype?: Accuracy
  /** The best published figure for this kind of model, and whose it is. */
  readonly published?: Accuracy & { readonly by: string }
}

/** A split to measure on. */
export type SplitToMeasure = {
  readonly train: SparseRows
  readonly test: SparseRows
  /** Items to keep out of the lists besides those of train. */
  readonly mask?: SparseRows
}

/** One measurement. */
export type Measured = Accuracy & {
  /** Hits over min(k, held-out items). */
  readonly recallCapped: number
  readonly coverage: number
  readonly fitSeconds: number
  readonly rankSeconds: number
  /** Listeners measured. */
  readonly users: number
  /** What a blend weighed its models with; empty for others. */
  readonly weights: string
}

/** Fits the row's model on train and measures its lists of k for every listener with test items. */
export async function measureRow(
  row: Row,
  split: SplitToMeasure,
  options: { readonly k: number; readonly seed: number; readonly workers: Workers },
): Promise<Measured> {
  const { train, test, mask } = split
  const { k, seed, workers } = options
  if (!isModelName(row.model)) throw new Error(`There is no model ${row.model}.`)
  const settings = readSettings({ file: { models: row.settings ?? {} } }).models
  const popularity = new Float64Array(train.columns)
  for (const item of train.colIndex) popularity[item]! += 1
  const began = performance.now()
  const model = await fitModel(row.model, { matrix: train, settings }, { workers, seed })
  const fitted = performance.now()
  const input = { histories: { interactions: train }, heldOut: test, k, popularity }
  const { means, spread, users } = await evaluateModel(model, { ...input, ...(mask && { mask }) })
  const done = performance.now()
  return {
    recall: means.recall,
    ndcg: means.ndcg,
    recallCapped: means.recallCapped,
    coverage: spread.coverage,
    fitSeconds: (fitted - began) / 1000,
    rankSeconds: (done - fitted) / 1000,
    users: users.length,
    weights: weightsOf(model.options),
  }
}

/** `als 0.52, rp3beta 0.31`: shares of the sum. */
function weightsOf(options: Readonly<Record<string, number | string | boolean>>): string {
  const count = Number(options.components ?? 0)
  const weights = Array.from({ length: count }, (_, at) => Number(options[`${at}.weight`]))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map((weight, at) => `${options[`${at}.model`]} ${(weight / sum).toFixed(2)}`).join(', ')
}
