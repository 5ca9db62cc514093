// `tastemaker features`: the feature store: what there is, materialize it, look at it, join it to a moment in time, check it.
import { copyFile } from 'node:fs/promises'
import { TastemakerError } from '../../errors.ts'
import { readOnlineFeatures } from '../../features/online-features.ts'
import { openRegistry } from '../../features/registry.ts'
import { createPseudonymizer } from '../../ingest/pseudonym.ts'
import type { JobContext } from '../../jobs/context.ts'
import { checkForLeaks } from '../../jobs/feature-check.ts'
import { joinFeatures } from '../../jobs/feature-join.ts'
import { readStatistics } from '../../jobs/feature-store.ts'
import { hygieneJob } from '../../jobs/hygiene.ts'
import { materialize, materializeJob } from '../../jobs/materialize.ts'
import { runJobs } from '../../jobs/run.ts'
import { readReport } from '../../reports/reports.ts'
import type { Command, Invocation } from '../command.ts'
import { historyTable, hygieneTable, registryTable, valuesTable, viewTable } from '../features-table.ts'
import type { Terminal } from '../terminal.ts'
import { withContext } from '../with-context.ts'

/** The feature store. */
export const featuresCommand: Command = {
  name: 'features',
  summary: 'The feature store: list, show, materialize, get, join, history, hygiene, check.',
  positionals: [
    {
      name: 'ACTION',
      description:
        'list, show VIEW, materialize, get VIEW ENTITY, join FILE, history [VIEW], hygiene, check [VIEW].',
      required: true,
    },
    { name: 'VIEW', description: 'A feature view or service; for join a file, see --out.', required: false },
    { name: 'ENTITY', description: 'An id; several keys with / between: USER/ARTIST.', required: false },
  ],
  options: {
    from: { type: 'string', hint: 'TIME', description: 'materialize: day ends after this time.' },
    to: {
      type: 'string',
      hint: 'TIME',
      description: 'materialize: up to this time; default now, never later.',
    },
    incremental: { type: 'boolean', description: 'materialize: what came since the last time (default).' },
    views: { type: 'string', hint: 'NAMES', description: 'materialize: only these views.' },
    features: {
      type: 'string',
      hint: 'NAMES',
      description: 'join: VIEW or VIEW:FEATURE, with commas between.',
    },
    out: { type: 'string', hint: 'FILE', description: 'join: Parquet file to write.' },
    'as-recorded-now': {
      type: 'boolean',
      description: 'join: also what was recorded after the moment asked for; for imported histories.',
    },
    limit: {
      type: 'string',
      hint: 'N',
      description: 'history, check: how many of each view (default 10, 3).',
    },
  },
  async run(invocation) {
    const [name = ''] = invocation.words
    const action = Object.hasOwn(actions, name) ? actions[name] : undefined
    if (!action)
      throw new TastemakerError(
        'bad-argument',
        `features cannot ${JSON.stringify(name)}; it can ${Object.keys(actions).join(', ')}.`,
      )
    const { value, text } = await withContext(invocation, (context) => action.work(context, invocation), {
      exclusive: action.exclusive,
    })
    const { terminal, options } = invocation
    terminal.out(options.json === true ? `${JSON.stringify(value)}\n` : text())
  },
}

/** A result for machines, and how a person reads it. */
type Shown = { readonly value: unknown; readonly text: () => string }

type Action = {
  /** Writes to the data folder, so one at a time. */
  readonly exclusive: boolean
  readonly work: (context: JobContext, invocation: Invocation) => Promise<Shown>
}

const actions: Readonly<Record<string, Action>> = {
  list: { exclusive: false, work: list },
  show: { exclusive: false, work: show },
  materialize: { exclusive: true, work: runMaterialize },
  get: { exclusive: false, work: get },
  join: { exclusive: true, work: join },
  history: { exclusive: false, work: history },
  hygiene: { exclusive: true, work: hygiene },
  check: { exclusive: true, work: check },
}

async function list(context: JobContext, { terminal }: Invocation): Promise<Shown> {
  const registry = openRegistry(context.settings.features)
  const runs = await Promise.all(
    registry.views.map(
      async ({ name }) => [name, (await readStatistics(context.objects, name, 1))[0]] as const,
    ),
  )
  const newest = new Map(runs.flatMap(([name, run]) => (run ? [[name, run] as const] : [])))
  const views = registry.views.map(({ sql: _sql, ...view }) => ({
    ...view,
    newest: newest.get(view.name) ?? null,
  }))
  return {
    value: { views, services: registry.services },
    text: () => registryTable(registry, newest, terminal),
  }
}

async function show(context: JobContext, invocation: Invocation): Promise<Shown> {
  const view = openRegistry(context.settings.features).find(wordOf(invocation, 1, 'a view'))
  const [run] = await readStatistics(context.objects, view.name, 1)
  const { sql: _sql, ...value } = view
  return { value: { ...value, newest: run ?? null }, text: () => viewTable(view, run, invocation.terminal) }
}

async function runMaterialize(context: JobContext, { options, terminal }: Invocation): Promise<Shown> {
  if (options.incremental === true && options.from !== undefined)
    throw new TastemakerError('bad-argument', '--incremental knows where it left off: it takes no --from.')
  const views = namesOf(options.views)
  const { from, to } = options
  if (views === undefined && from === undefined && to === undefined) return bringUpToDate(context, terminal)
  const runs = await materialize(context, {
    ...(views && { views }),
    ...(from !== undefined && { from: timeOf('from', from) }),
    ...(to !== undefined && { to: timeOf('to', to) }),
  })
  return { value: runs, text: () => historyTable(runs, terminal) }
}

/** Everything, as a job with its run record; the newest runs are shown also where there was nothing to do. */
async function bringUpToDate(context: JobContext, terminal: Terminal): Promise<Shown> {
  await runJobs([materializeJob], context)
  const { views } = openRegistry(context.settings.features)
  const runs = (await Promise.all(views.map(({ name }) => readStatistics(context.objects, name, 1)))).flat()
  return { value: runs, text: () => historyTable(runs, terminal) }
}

async function get(context: JobContext, invocation: Invocation): Promise<Shown> {
  const name = wordOf(invocation, 1, 'a view')
  const registry = openRegistry(context.settings.features)
  const service = registry.services.some((one) => one.name === name)
  const features = registry.resolve(service ? { service: name } : { features: [name] })
  const keys = features[0]!.view.entity.joinKeys
  const ids = wordOf(invocation, 2, 'an entity').split('/')
  if (ids.length !== keys.length)
    throw new TastemakerError('bad-argument', `An entity of ${name} is ${keys.join('/')}.`)
  const pseudonymize = createPseudonymizer(context.pseudonymKey)
  const named = keys.map((key, at) => [key, [key === 'user_id' ? pseudonymize(ids[at]!) : ids[at]!]] as const)
  const entities = Object.fromEntries(named)
  const columns = await readOnlineFeatures(context.lists, { features, entities, now: context.now() })
  const value = columns.map((column) => ({
    feature: column.name,
    value: column.values[0],
    status: column.statuses[0],
    eventTimestamp: column.eventTimestamps[0],
  }))
  return { value, text: () => valuesTable(columns, invocation.terminal) }
}

async function join(context: JobContext, invocation: Invocation): Promise<Shown> {
  const { options } = invocation
  const features = namesOf(options.features)
  if (!features || options.out === undefined)
    throw new TastemakerError('bad-argument', 'join needs --features and --out.')
  const joined = await joinFeatures(context, {
    asked: wordOf(invocation, 1, 'a Parquet file with the join keys and event_timestamp (ms UTC)'),
    features,
    creation: options['as-recorded-now'] === true ? 'ignored' : 'honoured',
  })
  await copyFile(joined.path, String(options.out))
  const { rows, found, future } = joined
  const lines = Object.entries(found).map(
    ([view, count]) => `  ${view.padEnd(20)} found for ${count} of ${rows}\n`,
  )
  if (future > 0) lines.push(`  ${future} rows hold what was recorded after their time\n`)
  const unknown = joined.creation === 'honoured' && Object.values(found).includes(0)
  const hint = unknown
    ? 'Where nothing was known yet at that time, --as-recorded-now takes what is known today.\n'
    : ''
  return {
    value: { rows, found, future, out: options.out },
    text: () => `${rows} rows in ${options.out}\n${lines.join('')}${hint}`,
  }
}

async function history(context: JobContext, invocation: Invocation): Promise<Shown> {
  const limit = countOf(invocation.options.limit, 10)
  const read = await Promise.all(
    chosenViews(context, invocation).map(({ name }) => readStatistics(context.objects, name, limit)),
  )
  const runs = read.flat().sort((a, b) => b.at - a.at || (a.view < b.view ? -1 : 1))
  return { value: runs, text: () => historyTable(runs, invocation.terminal) }
}

async function hygiene(context: JobContext, { terminal }: Invocation): Promise<Shown> {
  await runJobs([hygieneJob], context)
  const report = (await readReport(context.objects, 'hygiene'))!
  return { value: report, text: () => hygieneTable(report, terminal) }
}

async function check(context: JobContext, invocation: Invocation): Promise<Shown> {
  const limit = countOf(invocation.options.limit, 3)
  const found: Awaited<ReturnType<typeof checkForLeaks>>[number][] = []
  for (const view of chosenViews(context, invocation))
    found.push(...(await checkForLeaks(context, view, limit)))
  const lines = found.map(({ view, eventTimestamp, checked, leaks, byFeature }) => {
    const where = Object.keys(byFeature).join(', ')
    const verdict = leaks === 0 ? 'no leak' : `${leaks} LEAKS: ${where}`
    return `  ${view.padEnd(20)}${new Date(eventTimestamp).toISOString()}  ${checked} rows, ${verdict}\n`
  })
  return { value: found, text: () => lines.join('') || 'Nothing was materialized yet.\n' }
}

function chosenViews(context: JobContext, invocation: Invocation) {
  const registry = openRegistry(context.settings.features)
  const name = invocation.words[1]
  return name === undefined ? registry.views : [registry.find(name)]
}

function wordOf({ words }: Invocation, at: number, what: string): string {
  const word = words[at]
  if (word !== undefined && word !== '') return word
  throw new TastemakerError('bad-argument', `tastemaker features ${words[0]} needs ${what}.`)
}

const namesOf = (option: Invocation['options'][string]): readonly string[] | undefined =>
  option === undefined
    ? undefined
    : String(option)
        .split(',')
        .map((name) => name.trim())

function timeOf(name: string, option: unknown): number {
  const at = Date.parse(String(option))
  if (Number.isFinite(at)) return at
  throw new TastemakerError(
    'bad-argument',
    `--${name} is a time as 2026-03-01 or 2026-03-01T12:00:00Z; it is ${option}.`,
  )
}

function countOf(option: unknown, fallback: number): number {
  const count = option === undefined ? fallback : Number(option)
  if (Number.isSafeInteger(count) && count > 0) return count
  throw new TastemakerError('bad-argument', `--limit is a whole number from 1 on; it is ${option}.`)
}
