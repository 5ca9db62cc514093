// Evaluation of a model: full-catalogue lists for every listener with something to find, measured listener by listener.
import { type SparseRows, selectRows } from '../data/interaction-matrix.ts'
import type { Histories, Model, RankedRows } from '../data/model.ts'
import type { Figure } from '../data/report.ts'
import { TastemakerError } from '../errors.ts'
import {
  type BootstrapOptions,
  bootstrapMean,
  comparePaired,
  type PairedComparison,
} from '../statistics/bootstrap.ts'
import { describeCatalogue, measureSpread, measureTaste, type Spread } from './beyond-accuracy.ts'
import { measureList, metricNames } from './metrics.ts'
import { assertNoLeak } from './splits.ts'

const tasteNames = ['meanPopularity', 'longTailShare', 'novelty'] as const

/** What is measured for each listener. */
export type PerUserName = (typeof metricNames)[number] | (typeof tasteNames)[number]

/** What to measure on. */
export type EvaluationInput = {
  /** What the model may know of each listener; these artists are never in a list. */
  readonly histories: Histories
  /** The artists to be found, row by row as the histories; none of them in the histories, else `bad-input`. */
  readonly heldOut: SparseRows
  /** Further artists to keep out of the lists, such as the validation part. */
  readonly mask?: SparseRows
  /** Length of the lists, from 1 on. */
  readonly k: number
  /** Listeners of each artist in train. */
  readonly popularity: ArrayLike<number>
  readonly onProgress?: (share: number) => void
}

/** How good one model's lists are. */
export type ModelEvaluation = {
  readonly model: string
  readonly k: number
  /** Rows of the histories that were measured, ascending. */
  readonly users: Int32Array
  /** Listeners without anything held out; they are not in any mean. */
  readonly usersLeftOut: number
  /** Each measure of each of `users`, in that order. */
  readonly perUser: Readonly<Record<PerUserName, Float64Array>>
  /** Mean of each measure over `users`; NaN without any. */
  readonly means: Readonly<Record<PerUserName, number>>
  /** Over all lists together. */
  readonly spread: Spread
}

/**
 * Ranks the whole catalogue for each listener with held-out artists and measures the first k places.
 * Equal scores rank by ascending artist index. Sampled candidates are never used (Krichene and Rendle 2020).
 */
export async function evaluateModel(model: Model, input: EvaluationInput): Promise<ModelEvaluation> {
  const { histories, heldOut, k, popularity } = input
  if (!(Number.isInteger(k) && k >= 1))
    throw new TastemakerError('bad-argument', `Lists to measure need a length from 1 on; k is ${k}.`)
  assertNoLeak(histories.interactions, heldOut)
  const users = Int32Array.from(rowsWithEntries(heldOut))
  const lists = await listsOf(model, users, input)
  const catalogue = describeCatalogue(popularity)
  const perUser = emptyMeasures(users.length)
  for (const [at, user] of users.entries()) {
    const list = lists.subarray(at * k, (at + 1) * k)
    const measured = { ...measureList(list, columnsOf(heldOut, user), k), ...measureTaste(list, catalogue) }
    for (const name of measureNames) perUser[name][at] = measured[name]
  }
  return {
    model: model.name,
    k,
    users,
    usersLeftOut: heldOut.rows - users.length,
    perUser,
    means: meansOf(perUser),
    spread: measureSpread(lists, model.artistCount),
  }
}

const measureNames: readonly PerUserName[] = [...metricNames, ...tasteNames]

const emptyMeasures = (length: number) =>
  Object.fromEntries(measureNames.map((name) => [name, new Float64Array(length)])) as Record<
    PerUserName,
    Float64Array
  >

const meansOf = (perUser: ModelEvaluation['perUser']) =>
  Object.fromEntries(
    measureNames.map((name) => [
      name,
      perUser[name].reduce((sum, value) => sum + value, 0) / perUser[name].length,
    ]),
  ) as Record<PerUserName, number>

function* rowsWithEntries(rows: SparseRows): Generator<number> {
  for (let row = 0; row < rows.rows; row++) if (rows.rowPtr[row + 1]! > rows.rowPtr[row]!) yield row
}

const columnsOf = (rows: SparseRows, row: number): ReadonlySet<number> =>
  new Set(rows.colIndex.subarray(rows.rowPtr[row]!, rows.rowPtr[row + 1]!))

/** Lists of the users, k places each: asked longer by the longest mask, so that k are left once the masked are out. */
async function listsOf(model: Model, users: Int32Array, input: EvaluationInput): Promise<Int32Array> {
  const { histories, mask, k, onProgress } = input
  const segments = histories.segments
  const asked: Histories = {
    interactions: selectRows(histories.interactions, users),
    ...(segments && { segments: users.map((user) => segments[user]!) }),
    ...(histories.features && { features: selectRows(histories.features, users) }),
  }
  const masked = mask && selectRows(mask, users)
  const ranking = await model.recommend(asked, k + longestRow(masked), {
    excludeKnown: true,
    ...(onProgress && { onProgress }),
  })
  return masked ? withoutMasked(ranking, masked, k) : ranking.artists
}

function longestRow(rows: SparseRows | undefined): number {
  let most = 0
  for (let row = 0; rows && row < rows.rows; row++)
    most = Math.max(most, rows.rowPtr[row + 1]! - rows.rowPtr[row]!)
  return most
}

function withoutMasked(ranking: RankedRows, masked: SparseRows, k: number): Int32Array {
  const lists = new Int32Array(ranking.rows * k).fill(-1)
  for (let row = 0; row < ranking.rows; row++) {
    const hidden = columnsOf(masked, row)
    const asked = ranking.artists.subarray(row * ranking.k, (row + 1) * ranking.k)
    lists.set(asked.filter((artist) => !hidden.has(artist)).subarray(0, k), row * k)
  }
  return lists
}

/** The evaluation as figures of a report: means with 95% bootstrap intervals over listeners, coverage and Gini without. */
export function toFigures(
  evaluation: ModelEvaluation,
  { bootstrapRounds, seed }: { readonly bootstrapRounds: number; readonly seed: number },
): Figure[] {
  const { model, k, perUser, spread, users, usersLeftOut } = evaluation
  const figures: Figure[] =
    users.length === 0
      ? []
      : measureNames.map((name) => {
          const interval = bootstrapMean(perUser[name], { rounds: bootstrapRounds, seed })
          return { metric: `${name}@${k}`, of: model, ...interval, unit: unitOf(name) }
        })
  return [
    ...figures,
    { metric: `coverage@${k}`, of: model, value: spread.coverage, unit: 'share' },
    { metric: `gini@${k}`, of: model, value: spread.gini, unit: 'share' },
    { metric: 'usersMeasured', of: model, value: users.length, unit: 'count' },
    { metric: 'usersLeftOut', of: model, value: usersLeftOut, unit: 'count' },
  ]
}

function unitOf(name: PerUserName): string {
  if (name === 'meanPopularity') return 'listeners'
  return name === 'novelty' ? 'bits' : 'share'
}

/** One measure of two models. */
export type ModelComparison = PairedComparison & { readonly metric: PerUserName }

/**
 * Compares two evaluations listener by listener, in every measure: the mean of second minus first with its 95% paired
 * bootstrap interval, and the sign test. Other listeners or another k throw `bad-argument`.
 */
export function compareModels(
  first: ModelEvaluation,
  second: ModelEvaluation,
  options: BootstrapOptions,
): ModelComparison[] {
  const sameUsers =
    first.users.length === second.users.length && first.users.every((user, at) => user === second.users[at])
  if (first.k !== second.k || !sameUsers)
    throw new TastemakerError(
      'bad-argument',
      `${first.model} and ${second.model} were not measured on the same listeners and k.`,
    )
  return measureNames.map((metric) => ({
    metric,
    ...comparePaired(first.perUser[metric], second.perUser[metric], options),
  }))
}
