// The evaluation as a table: a row a model, a column a metric, popularity beside each.
import type { Figure, Report } from '../data/report.ts'
import type { Terminal } from './terminal.ts'

const shown = ['ndcg', 'recall', 'hitRate', 'coverage'] as const

/** One table a split: value of each metric, and NDCG as a multiple of popularity's. */
export function evaluationTable(report: Report, terminal: Terminal): string {
  const splits = [...new Set(report.figures.map((figure) => figure.metric.split('/')[0]!))]
  const tables = splits.map((split) => splitTable(report, split, terminal))
  return `${[...tables, ...report.notes.map((note) => terminal.style('dim', note))].join('\n')}\n`
}

function splitTable(report: Report, split: string, terminal: Terminal): string {
  const figures = report.figures.filter((figure) => figure.metric.startsWith(`${split}/`))
  const metrics = shown.flatMap((name) => figures.find((figure) => baseName(figure) === name)?.metric ?? [])
  const models = [...new Set(figures.map((figure) => figure.of))]
  const value = (metric: string, of: string) =>
    figures.find((figure) => figure.metric === metric && figure.of === of)
  const baseline = value(metrics[0] ?? '', 'popularity')?.value ?? 0
  const rows = models
    .sort((a, b) => (value(metrics[0] ?? '', b)?.value ?? 0) - (value(metrics[0] ?? '', a)?.value ?? 0))
    .map((of) => {
      const cells = metrics.map((metric) => (value(metric, of)?.value ?? Number.NaN).toFixed(4).padStart(12))
      const times = baseline > 0 ? `${((value(metrics[0]!, of)?.value ?? 0) / baseline).toFixed(2)}x` : ''
      return `  ${of.padEnd(20)}${cells.join('')}${times.padStart(15)}${interval(value(metrics[0]!, of))}`
    })
  const head = metrics.map((metric) => metric.split('/')[1]!.padStart(12)).join('')
  return [
    terminal.style('bold', `Held out: ${split}`),
    terminal.style(
      'dim',
      `  ${'model'.padEnd(20)}${head}${'x popularity'.padStart(15)}  95% of the first column`,
    ),
    ...rows,
    '',
  ].join('\n')
}

const baseName = (figure: Figure): string => figure.metric.split('/')[1]!.split('@')[0]!

const interval = (figure: Figure | undefined): string =>
  figure?.low === undefined || figure.high === undefined
    ? ''
    : `  ${figure.low.toFixed(4)} to ${figure.high.toFixed(4)}`
