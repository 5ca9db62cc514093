// Accuracy tables, as plain columns or as Markdown.
import type { Accuracy, Measured, Row } from './rows.ts'

/** A row with what was measured, once for each seed. */
export type FilledRow = { readonly row: Row; readonly runs: readonly Measured[] }

/** The table of a split; deviations over seeds are shown where there are several. */
export function accuracyTable(rows: readonly FilledRow[], k: number, markdown: boolean): string {
  const head = [
    'model',
    `R@${k}`,
    `N@${k}`,
    `capped R@${k}`,
    'coverage',
    'fit s',
    'rank s',
    'published R / N',
    'prototype R / N',
    'share of goal',
  ]
  const body = rows.map(({ row, runs }) => [
    row.label,
    spread(runs.map(({ recall }) => recall)),
    spread(runs.map(({ ndcg }) => ndcg)),
    digits(mean(runs.map(({ recallCapped }) => recallCapped))),
    mean(runs.map(({ coverage }) => coverage)).toFixed(2),
    seconds(mean(runs.map(({ fitSeconds }) => fitSeconds))),
    seconds(mean(runs.map(({ rankSeconds }) => rankSeconds))),
    row.published ? `${pair(row.published)} ${row.published.by}` : '',
    row.prototype ? pair(row.prototype) : '',
    row.goal ? shareOfGoal({ row, runs }).toFixed(3) : '',
  ])
  if (markdown)
    return [head, head.map((_, at) => (at === 0 ? '---' : '---:')), ...body]
      .map((cells) => `| ${cells.join(' | ')} |`)
      .join('\n')
  const widths = head.map((_, at) => Math.max(...[head, ...body].map((cells) => cells[at]!.length)))
  return [head, ...body]
    .map((cells) =>
      cells
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** The smaller of recall and NDCG as a share of the row's goal; 1 without a goal. */
export function shareOfGoal({ row, runs }: FilledRow): number {
  if (!row.goal) return 1
  const own = meansOf(runs)
  return Math.min(own.recall / row.goal.recall, own.ndcg / row.goal.ndcg)
}

/** Whether the row's goal is reached, less its tolerance, and the row it is to pass is passed; true without either. */
export function reached({ row, runs }: FilledRow, all: readonly FilledRow[]): boolean {
  const { goal, tolerance = 0, passes } = row
  const own = meansOf(runs)
  const other = all.find((filled) => filled.row.label === passes)
  const least = other && meansOf(other.runs)
  if (least && !(own.recall > least.recall && own.ndcg > least.ndcg)) return false
  return !goal || (own.recall >= goal.recall - tolerance && own.ndcg >= goal.ndcg - tolerance)
}

const meansOf = (runs: readonly Measured[]): Accuracy => ({
  recall: mean(runs.map(({ recall }) => recall)),
  ndcg: mean(runs.map(({ ndcg }) => ndcg)),
})

/** Arithmetic mean; NaN of none. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Standard deviation of a sample; 0 of one value. */
export function deviation(values: readonly number[]): number {
  const centre = mean(values)
  const squares = values.reduce((sum, value) => sum + (value - centre) ** 2, 0)
  return Math.sqrt(squares / Math.max(1, values.length - 1))
}

const digits = (value: number): string => value.toFixed(4).replace(/^0/, '')
const seconds = (value: number): string => value.toFixed(value < 10 ? 2 : 0)
const pair = ({ recall, ndcg }: Accuracy): string => `${digits(recall)} / ${digits(ndcg)}`
const spread = (values: readonly number[]): string =>
  values.length === 1 ? digits(mean(values)) : `${digits(mean(values))} ± ${digits(deviation(values))}`
