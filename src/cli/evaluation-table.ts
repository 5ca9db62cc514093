// The evaluation as a table: a row a model, a column a metric, popularity beside each.
import type { Figure, Report } from '../data/report.ts'
import type { Terminal } from './terminal.ts'

/** Metrics that have a column, the first the one that decides. */
const shown = ['ndcg', 'recall', 'hitRate', 'coverage'] as const

const modelWidth = 20
const metricWidth = 12

/** One table a split: value of each metric, NDCG as a multiple of popularity's, its interval; narrow terminals get fewer columns. */
export function evaluationTable(report: Report, terminal: Terminal): string {
  const splits = [...new Set(report.figures.map((figure) => figure.metric.split('/')[0]!))]
  const tables = splits.map((split) => splitTable(report, split, terminal))
  const notes = report.notes.map((note) => terminal.style('dim', wrapped(note, terminal.tableColumns)))
  return `${[...tables, ...notes].join('\n')}\n`
}

function splitTable(report: Report, split: string, terminal: Terminal): string {
  const figures = report.figures.filter((figure) => figure.metric.startsWith(`${split}/`))
  const metrics = shown.flatMap((name) => figures.find((figure) => baseName(figure) === name)?.metric ?? [])
  const room = Math.floor((terminal.tableColumns - modelWidth - 2 - metricWidth) / metricWidth)
  const columns = metrics.slice(0, Math.max(1, room))
  const wide = terminal.tableColumns >= modelWidth + 2 + metricWidth * (columns.length + 1) + 20
  const first = columns[0] ?? ''
  const value = (metric: string, of: string) =>
    figures.find((figure) => figure.metric === metric && figure.of === of)
  const baseline = value(first, 'popularity')?.value ?? 0
  const rows = [...new Set(figures.map((figure) => figure.of))]
    .sort((a, b) => (value(first, b)?.value ?? 0) - (value(first, a)?.value ?? 0))
    .map((of) => {
      const cells = columns.map((metric) =>
        (value(metric, of)?.value ?? Number.NaN).toFixed(4).padStart(metricWidth),
      )
      const times = baseline > 0 ? `${((value(first, of)?.value ?? 0) / baseline).toFixed(2)}x` : ''
      const range = wide ? interval(value(first, of)) : ''
      return `  ${of.padEnd(modelWidth)}${cells.join('')}${times.padStart(metricWidth)}${range}`
    })
  const head = columns.map((metric) => metric.split('/')[1]!.padStart(metricWidth)).join('')
  const overSeeds = figures.some((figure) => figure.deviation !== undefined)
  const spread = overSeeds ? '  deviation over seeds' : '  95% of the first'
  const legend = `  ${'model'.padEnd(modelWidth)}${head}${'x popular'.padStart(metricWidth)}${wide ? spread : ''}`
  return [terminal.style('bold', `Held out: ${split}`), terminal.style('dim', legend), ...rows, ''].join('\n')
}

const baseName = (figure: Figure): string => figure.metric.split('/')[1]!.split('@')[0]!

const interval = (figure: Figure | undefined): string => {
  if (figure?.deviation !== undefined) return `  +- ${figure.deviation.toFixed(4)}`
  return figure?.low === undefined || figure.high === undefined
    ? ''
    : `  ${figure.low.toFixed(4)} to ${figure.high.toFixed(4)}`
}

/** Breaks a sentence at spaces so that no line is longer than `columns`. */
function wrapped(text: string, columns: number): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.join('\n')
}
