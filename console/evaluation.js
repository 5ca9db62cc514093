// The evaluation: each model beside popularity, on the metric that decides.
import { byId, make } from './elements.js'
import { percent } from './format.js'
import { ask } from './service.js'

const baseline = 'popularity'
const preferred = ['ndcg', 'recall', 'precision']

/** Fills the table; stays hidden while there is no report. */
export async function showEvaluation(currentModel) {
  const report = await ask('/v1/report').catch(() => undefined)
  const rows = report ? rowsOf(report.figures) : []
  byId('evaluation').hidden = rows.length === 0
  if (rows.length === 0) return
  byId('evaluation').open = matchMedia('(min-width: 60rem)').matches
  byId('evaluation-body').replaceChildren(
    table(rows, currentModel),
    make('p', { class: 'quiet' }, report.summary),
  )
}

/** The figures of the first ranking metric there is, on the split that decided (`temporal/ndcg@10`), best first. */
function rowsOf(figures) {
  const metrics = [...new Set(figures.map((figure) => figure.metric))]
  const metric = preferred
    .map((name) => metrics.find((candidate) => candidate.split('/').at(-1).startsWith(name)))
    .find(Boolean)
  return figures.filter((figure) => figure.metric === metric).sort((a, b) => b.value - a.value)
}

function table(rows, currentModel) {
  const base = rows.find((row) => row.of === baseline)?.value
  const best = Math.max(...rows.map((row) => row.high ?? row.value))
  const label = nameOf(rows[0].metric)
  const head = ['Model', label, '', base ? '× popularity' : '']
  return make(
    'table',
    {},
    make('caption', { class: 'hidden' }, `Models by ${label}, best first`),
    make(
      'thead',
      {},
      make(
        'tr',
        {},
        head.filter((_, at) => at !== 2).map((text) => make('th', { scope: 'col' }, text)),
      ),
    ),
    make(
      'tbody',
      {},
      rows.map((row) => line(row, { base, best, current: row.of === currentModel })),
    ),
  )
}

/** `temporal/ndcg@10` -> `NDCG@10, temporal split`. */
function nameOf(metric) {
  const [name, split] = metric.split('/').reverse()
  return split ? `${name.replace('ndcg', 'NDCG')}, ${split} split` : name
}

function line(row, { base, best, current }) {
  const range = row.low === undefined ? '' : `95% interval ${percent(row.low)} to ${percent(row.high)}`
  return make(
    'tr',
    { class: current && 'current' },
    make('th', { scope: 'row' }, row.of, current && make('span', { class: 'tag' }, 'serving')),
    make(
      'td',
      { title: range },
      make('span', { class: 'figure' }, percent(row.value)),
      make('span', {
        class: 'figure-bar',
        'aria-hidden': 'true',
        vars: {
          value: row.value / best,
          low: (row.low ?? row.value) / best,
          high: (row.high ?? row.value) / best,
        },
      }),
      range && make('span', { class: 'hidden' }, range),
    ),
    make('td', { class: 'ratio' }, base ? `${(row.value / base).toFixed(2)}×` : ''),
  )
}
