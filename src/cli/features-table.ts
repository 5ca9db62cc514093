// The feature store as tables: the registry, one view, the runs, values of an entity, overlap between features.
import type { RunStatistics } from '../data/feature-run.ts'
import type { Report } from '../data/report.ts'
import type { OnlineColumn } from '../features/online-features.ts'
import type { FeatureRegistry, RegisteredView } from '../features/registry.ts'
import type { Terminal } from './terminal.ts'

/** One line a view: entity, features, newest rows and their age. */
export function registryTable(
  registry: FeatureRegistry,
  newest: ReadonlyMap<string, RunStatistics>,
  terminal: Terminal,
): string {
  const rows = registry.views.map((view) => {
    const run = newest.get(view.name)
    return [
      view.name,
      view.entity.name,
      String(view.features.length),
      run ? run.rows.toLocaleString('en') : '-',
      run?.eventTimestamp == null ? 'never' : ageOf((run.at - run.eventTimestamp) / 1000),
      view.ttlSeconds === null ? 'never' : ageOf(view.ttlSeconds),
      view.online ? 'online' : 'offline',
      view.description,
    ]
  })
  const head = ['view', 'entity', 'features', 'rows', 'age', 'expires', 'kept', '']
  const room = terminal.tableColumns >= 100 ? head.length : head.length - 1
  const shown = [head, ...rows].map((row) => row.slice(0, room))
  return `${table(shown, terminal, [2, 3, 4, 5])}\n`
}

/** A view with all that its definition says, and the null rate of each feature in its newest run. */
export function viewTable(view: RegisteredView, run: RunStatistics | undefined, terminal: Terminal): string {
  const facts = [
    ['entity', `${view.entity.name} by ${view.entity.joinKeys.join(', ')}`],
    ['source', view.source],
    ['owner', view.owner],
    ['expires', view.ttlSeconds === null ? 'never' : `after ${ageOf(view.ttlSeconds)}`],
    ['kept', view.online ? 'offline and online' : 'offline'],
    ['version', view.version],
  ]
  const features = view.features.map(({ name, dtype, description }) => {
    const found = run?.features[name]
    return [name, dtype, found ? `${(100 * found.nullRate).toFixed(1)}%` : '-', description]
  })
  return [
    terminal.style('bold', `${view.name}: ${view.description}`),
    ...facts.map(([name, fact]) => `  ${name!.padEnd(10)}${fact}`),
    '',
    table([['feature', 'type', 'nulls', ''], ...features], terminal, [2]),
    '',
  ].join('\n')
}

/** One line a run, newest first. */
export function historyTable(runs: readonly RunStatistics[], terminal: Terminal): string {
  if (runs.length === 0) return 'Nothing was materialized yet.\n'
  const rows = runs.map((run) => [
    new Date(run.at).toISOString().slice(0, 19).replace('T', ' '),
    run.view,
    run.rows.toLocaleString('en'),
    run.ageSeconds === null ? '-' : ageOf(run.ageSeconds),
    `${(100 * worstNullRate(run)).toFixed(0)}%`,
    run.onlineRows.toLocaleString('en'),
    `${(run.durationMs / 1000).toFixed(1)} s`,
    run.periodRows.toLocaleString('en'),
    run.correctedRows.toLocaleString('en'),
  ])
  const head = [
    'at (UTC)',
    'view',
    'rows',
    'age',
    'most nulls',
    'online',
    'took',
    'known then',
    'known since',
  ]
  const room = terminal.tableColumns >= 105 ? head.length : head.length - 2
  const shown = [head, ...rows].map((row) => row.slice(0, room))
  return `${table(shown, terminal, [2, 3, 4, 5, 6, 7, 8])}\n`
}

const worstNullRate = (run: RunStatistics): number =>
  Math.max(0, ...Object.values(run.features).map(({ nullRate }) => nullRate))

/** One line a feature of an entity. */
export function valuesTable(columns: readonly OnlineColumn[], terminal: Terminal): string {
  const rows = columns.map(({ name, values, statuses, eventTimestamps }) => [
    name,
    statuses[0]!.toLowerCase().replaceAll('_', ' '),
    eventTimestamps[0] === 0
      ? '-'
      : new Date(eventTimestamps[0]!).toISOString().slice(0, 16).replace('T', ' '),
    valueText(values[0]),
  ])
  return `${table([['feature', 'status', 'as of (UTC)', 'value'], ...rows], terminal, [])}\n`
}

const valueText = (value: unknown): string => {
  if (value === null) return ''
  return Array.isArray(value) ? `${value.length} of them: ${JSON.stringify(value[0] ?? null)}` : String(value)
}

/** What overlaps, in words, and the strongest figures of each measure. */
export function hygieneTable(report: Report, terminal: Terminal): string {
  const strongest = ['pearson', 'spearman', 'cramers_v', 'shared_information', 'variance_inflation'].flatMap(
    (metric) =>
      report.figures
        .filter((figure) => figure.metric === metric)
        .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
        .slice(0, 5)
        .map((figure) => [metric.replaceAll('_', ' '), figure.value.toFixed(3), figure.of]),
  )
  return [
    terminal.style('bold', report.summary),
    ...report.notes.map((note) => cut(`  ${note}`, terminal.tableColumns)),
    '',
    table([['measure', 'value', 'of (the five strongest each)'], ...strongest], terminal, [1]),
    '',
  ].join('\n')
}

/** 90 -> `90 s`, 7,200 -> `2 h`, 2,419,200 -> `28 d`. */
function ageOf(seconds: number): string {
  if (seconds < 120) return `${Math.round(seconds)} s`
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`
}

/** Rows under a head, columns as wide as they need, numbers to the right, the last one cut where the terminal ends. */
function table(rows: readonly (readonly string[])[], terminal: Terminal, right: readonly number[]): string {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map((row) => row[at]!.length)))
  const lines = rows.map((row) => {
    const cells = row.map((cell, at) =>
      right.includes(at) ? cell.padStart(widths[at]!) : cell.padEnd(widths[at]!),
    )
    return cut(`  ${cells.join('  ')}`.trimEnd(), terminal.tableColumns)
  })
  return [terminal.style('dim', lines[0]!), ...lines.slice(1)].join('\n')
}

const cut = (line: string, columns: number): string =>
  line.length <= columns ? line : `${line.slice(0, columns - 1)}…`
