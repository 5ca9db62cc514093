// Measures how much the features overlap, on a sample of the newest rows, and keeps the report.
import type { Report } from '../data/report.ts'
import { TastemakerError } from '../errors.ts'
import { type HygieneGroup, hygieneReport } from '../features/hygiene.ts'
import { openRegistry, type RegisteredView } from '../features/registry.ts'
import { writeReport } from '../reports/reports.ts'
import type { Job, JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { newestRowsRelation, readViewState } from './feature-store.ts'

/** Entities looked at, of each kind. */
const sampleSize = 100_000

/** Entities whose features a model sees side by side: each with its views. */
const groups = [
  { of: 'listeners', views: ['listener_profile', 'listener_activity', 'listener_sessions'] },
  { of: 'artists', views: ['artist_popularity'] },
] as const

/** Writes the report `hygiene` when the newest rows changed. */
export const hygieneJob: Job = {
  name: 'hygiene',
  async inputVersion(context) {
    const { views } = openRegistry(context.settings.features)
    const states = await Promise.all(views.map((view) => readViewState(context.objects, view)))
    return versionOf(states.map(({ newest }) => newest ?? null))
  },
  settingsOf: (settings) => settings.featureStore,
  async run(context) {
    const report = await measureHygiene(context)
    const outputs = await writeReport(context.objects, report)
    context.progress('hygiene', 1, report.summary)
    return { inputs: [], outputs, counts: { figures: report.figures.length, notes: report.notes.length } }
  },
}

/** The report on the newest rows of the listener and artist views. Throws `not-ready` before they were materialized. */
async function measureHygiene(context: JobContext): Promise<Report> {
  const registry = openRegistry(context.settings.features)
  const read: HygieneGroup[] = []
  for (const group of groups) {
    const columns = await readSample(context, group.views.map(registry.find))
    read.push({ of: group.of, columns })
  }
  return hygieneReport(read, { limits: context.settings.featureStore, createdAt: context.now() })
}

/** Features of the same entities side by side, the entities chosen by hash, so that the same ones are met again. */
async function readSample(context: JobContext, views: readonly RegisteredView[]) {
  const [first, ...others] = views
  const keys = first!.entity.joinKeys
  const rows = await Promise.all(views.map((view) => requireRows(context, view)))
  const columns = views.flatMap((view, at) =>
    view.features.flatMap(({ name, dtype }) => {
      if (dtype === 'list') return []
      return [dtype === 'string' ? `v${at}.${name}` : `cast(v${at}.${name} as DOUBLE) as ${name}`]
    }),
  )
  const joins = others.map((_, at) => `left join ${rows[at + 1]} v${at + 1} using (${keys.join(', ')})`)
  return (await context.engine()).columns(`select ${columns.join(', ')} from ${rows[0]} v0 ${joins.join(' ')}
    order by md5(${keys[0]}), ${keys.join(', ')} limit ${sampleSize}`)
}

async function requireRows(context: JobContext, view: RegisteredView): Promise<string> {
  const rows = await newestRowsRelation(context, view)
  if (rows !== undefined) return rows
  throw new TastemakerError(
    'not-ready',
    `There are no rows of ${view.name} yet: run \`tastemaker features materialize\`.`,
  )
}
