// Feature hygiene: which features say the same as others, pair by pair and all together.
import type { Settings } from '../config.ts'
import type { Figure, Report } from '../data/report.ts'
import type { EngineColumns } from '../engine/engine.ts'
import { cramersV, pearson, spearman } from '../statistics/correlation.ts'
import { equalFrequencyBins, mutualInformation } from '../statistics/mutual-information.ts'
import { varianceInflation } from '../statistics/variance-inflation.ts'

/** Columns of features of one entity, row by row of the same entities. */
export type HygieneGroup = {
  /** What the rows are, in the plural: `listeners`. */
  readonly of: string
  /** By feature name: numbers (NaN for none) or categories (null for none). */
  readonly columns: EngineColumns
}

/** Thresholds from which features are named. */
export type HygieneLimits = Pick<
  Settings['featureStore'],
  'maxCorrelation' | 'maxSharedInformation' | 'maxVarianceInflation'
>

/** Ranges that numbers are cut into for mutual information. */
const bins = 10
/** Categories told apart; the rarer ones count as one. */
const categoriesKept = 100

type Column = {
  readonly name: string
  /** Undefined for categories. */
  readonly numbers?: Float64Array
  /** Categories, or ranges of numbers; -1 for none. */
  readonly codes: Int32Array
}

/**
 * Measures how much features overlap: Pearson and Spearman correlation of pairs of numbers, Cramer's V of pairs of
 * categories, mutual information (bias-corrected, as a share of the smaller entropy) of all pairs, and variance inflation
 * of numbers over the rows that have them all. Notes name in plain words what lies over the limits, and what was left
 * out: constant features, and texts that are all but unique.
 */
export function hygieneReport(
  groups: readonly HygieneGroup[],
  options: { readonly limits: HygieneLimits; readonly createdAt: number },
): Report {
  const measured = groups.map((group) => measureGroup(group, options.limits))
  const figures = measured.flatMap((group) => group.figures)
  const named = measured.flatMap((group) => group.named)
  const rows = groups.map(({ of, columns }) => `${rowsOf(columns).toLocaleString('en')} ${of}`)
  return {
    name: 'hygiene',
    createdAt: options.createdAt,
    summary: `Overlap between features over ${rows.join(' and ')}: ${named.length === 0 ? 'none over the limits' : `${named.length} over the limits`}.`,
    figures,
    notes: [...named, ...measured.flatMap((group) => group.leftOut)],
  }
}

type Measured = {
  readonly figures: readonly Figure[]
  readonly named: readonly string[]
  readonly leftOut: readonly string[]
}

function measureGroup(group: HygieneGroup, limits: HygieneLimits): Measured {
  const { kept, leftOut } = readColumns(group)
  const pairs = kept.flatMap((a, at) => kept.slice(at + 1).map((b) => measurePair(a, b, limits)))
  const inflation = measureInflation(kept, limits)
  return {
    figures: [...pairs.flatMap((pair) => pair.figures), ...inflation.figures],
    named: [...pairs.flatMap((pair) => pair.named), ...inflation.named],
    leftOut,
  }
}

function readColumns({ columns }: HygieneGroup): { kept: readonly Column[]; leftOut: readonly string[] } {
  const [kept, leftOut]: [Column[], string[]] = [[], []]
  for (const [name, values] of Object.entries(columns)) {
    const distinct = new Set(
      Array.from<number | string | null>(values).filter((value) => value !== null && !Number.isNaN(value)),
    ).size
    if (distinct < 2)
      leftOut.push(`${name} is left out: it has ${distinct === 1 ? 'one value only' : 'no values'}.`)
    else if (values instanceof Float64Array)
      kept.push({ name, numbers: values, codes: equalFrequencyBins(values, bins) })
    else if (distinct > values.length / 2) leftOut.push(`${name} is left out: its values are all but unique.`)
    else kept.push({ name, codes: categoryCodes(values as readonly (string | null)[]) })
  }
  return { kept, leftOut }
}

/** Codes in falling order of frequency, ties by name; beyond the last kept one, all are one. */
function categoryCodes(values: readonly (string | null)[]): Int32Array {
  const counts = new Map<string, number>()
  for (const value of values) if (value !== null) counts.set(value, (counts.get(value) ?? 0) + 1)
  const order = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([value]) => value)
  const codes = new Map(order.map((value, at) => [value, Math.min(at, categoriesKept)]))
  return Int32Array.from(values, (value) => (value === null ? -1 : codes.get(value)!))
}

function measurePair(a: Column, b: Column, limits: HygieneLimits): { figures: Figure[]; named: string[] } {
  const of = `${a.name} ~ ${b.name}`
  const both = `${a.name} and ${b.name}`
  const found: [metric: string, value: number, limit: number, words: string][] = []
  if (a.numbers && b.numbers) {
    found.push(['pearson', pearson(a.numbers, b.numbers), limits.maxCorrelation, `${both} lie on a line`])
    found.push([
      'spearman',
      spearman(a.numbers, b.numbers),
      limits.maxCorrelation,
      `${both} order the rows alike`,
    ])
  }
  if (!a.numbers && !b.numbers)
    found.push(['cramers_v', cramersV(a.codes, b.codes), limits.maxCorrelation, `${both} go together`])
  const { share } = mutualInformation(a.codes, b.codes)
  found.push(['shared_information', share, limits.maxSharedInformation, `${both} tell the same`])
  const measured = found.filter(([, value]) => Number.isFinite(value))
  return {
    figures: measured.map(([metric, value]) => ({
      metric,
      of,
      value,
      unit: metric === 'shared_information' ? 'share' : '',
    })),
    named: measured
      .filter(([, value, limit]) => Math.abs(value) >= limit)
      .map(([metric, value, , words]) => `${words}: ${metric.replaceAll('_', ' ')} ${value.toFixed(3)}.`),
  }
}

/** An infinite factor is in the notes only: reports are JSON, which has no infinity. */
function measureInflation(
  kept: readonly Column[],
  limits: HygieneLimits,
): { figures: Figure[]; named: string[] } {
  const numeric = kept.filter((column) => column.numbers !== undefined)
  const complete: number[] = []
  for (let row = 0; row < (numeric[0]?.codes.length ?? 0); row++)
    if (numeric.every(({ codes }) => codes[row]! >= 0)) complete.push(row)
  // A fit of p columns on as few rows explains everything.
  if (numeric.length < 2 || complete.length < 3 * numeric.length) return { figures: [], named: [] }
  const factors = varianceInflation(
    numeric.map(({ numbers }) => Float64Array.from(complete, (row) => numbers![row]!)),
  )
  const found = numeric.map(({ name }, at) => ({ name, factor: factors[at]! }))
  return {
    figures: found
      .filter(({ factor }) => Number.isFinite(factor))
      .map(({ name, factor }) => ({ metric: 'variance_inflation', of: name, value: factor, unit: '' })),
    named: found
      .filter(({ factor }) => factor >= limits.maxVarianceInflation)
      .map(({ name, factor }) =>
        factor === Number.POSITIVE_INFINITY
          ? `${name} follows exactly from the other numbers: variance inflation infinite.`
          : `${name} follows closely from the other numbers: variance inflation ${factor.toFixed(1)}.`,
      ),
  }
}

const rowsOf = (columns: EngineColumns): number => Object.values(columns)[0]?.length ?? 0
