// Joins features to rows of entities and moments: training data that knows nothing of its future.
import { quoted } from '../engine/engine.ts'
import { TastemakerError } from '../errors.ts'
import { futureRows } from '../features/feature-leaks.ts'
import { type JoinOptions, joinedName, joinPointInTime } from '../features/point-in-time.ts'
import { openRegistry, type RegisteredView } from '../features/registry.ts'
import type { JobContext } from './context.ts'
import { featureRowsRelation } from './feature-store.ts'

/** What to join. */
export type FeatureJoin = Required<JoinOptions> & {
  /** Parquet file of this machine: join keys (listeners by pseudonym) and event_timestamp, ms UTC. */
  readonly asked: string
  /** `view` or `view:feature` of each. */
  readonly features: readonly string[]
}

/** The joined rows, in the order asked: a Parquet file below the scratch folder. */
export type JoinedFeatures = {
  readonly path: string
  readonly rows: number
  readonly creation: FeatureJoin['creation']
  /** Rows with a value that nobody knew yet at their time: 0 unless creation is ignored. */
  readonly future: number
  /** By view: rows that a feature row was found for. */
  readonly found: Readonly<Record<string, number>>
}

/** Joins. Throws `bad-input` when the file is no Parquet, and as `joinPointInTime` and the registry do. */
export async function joinFeatures(context: JobContext, join: FeatureJoin): Promise<JoinedFeatures> {
  const engine = await context.engine()
  const asked = `read_parquet(${quoted(join.asked)})`
  await engine.rows(`select * from ${asked} limit 0`).catch((cause) => {
    throw new TastemakerError('bad-input', `${join.asked} cannot be read as Parquet.`, { cause })
  })
  const chosen = new Map<RegisteredView, string[]>()
  for (const { view, feature } of openRegistry(context.settings.features).resolve({
    features: join.features,
  }))
    chosen.set(view, [...(chosen.get(view) ?? []), feature.name])
  const views = await Promise.all(
    [...chosen].map(async ([view, features]) => ({
      view,
      features,
      rows: await featureRowsRelation(context, view),
    })),
  )
  const { creation } = join
  await joinPointInTime(engine, { asked, views, into: 'joined_features' }, { creation })
  const path = context.scratch.file('joined-features.parquet')
  await engine.run(`copy joined_features to ${quoted(path)} (format parquet, compression zstd)`)
  const counts = views.map(({ view }) => `count(${joinedName(view.name, 'event_timestamp')}) as ${view.name}`)
  const [found] = await engine.rows(`select count(*) as rows, ${counts.join(', ')} from joined_features`)
  const future = await futureRows(
    engine,
    'joined_features',
    views.map(({ view }) => view),
  )
  return {
    path,
    creation,
    future,
    rows: Number(found?.rows),
    found: Object.fromEntries(views.map(({ view }) => [view.name, Number(found?.[view.name])])),
  }
}
