// A small catalogue of timed events and a context in memory, for the tests of tuning.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings, type Settings } from '../../src/config.ts'
import { quoted } from '../../src/engine/engine.ts'
import { createScratch } from '../../src/engine/files.ts'
import { openEngine, openWorkers } from '../../src/engine/open.ts'
import { interactionsSql, readInteractionMatrix } from '../../src/features/interactions.ts'
import { buildSegments } from '../../src/features/segments.ts'
import type { JobContext, Progress } from '../../src/jobs/context.ts'
import { readPeople, type TrainingData } from '../../src/jobs/training-data.ts'
import { silentLog } from '../../src/log.ts'
import { createRandom } from '../../src/statistics/random.ts'
import type { ObjectStore } from '../../src/stores/objects/object-store.ts'
import { openLists, openObjects } from '../../src/stores/open.ts'
import { createEvents, day, event } from '../features/event-table.ts'

/** One listen: who, whom, and when, in days since the service began. */
export type Listen = readonly [user: string, artist: string, day: number]

const [users, artists, days] = [70, 60, 40]
const start = Date.UTC(2026, 0, 1)

/** The end of `evaluate`'s training, in days: what comes after is its test part. */
export const testFrom = days - 8

/** Listeners of three tastes, new artists all the time; the last listen is at the very end. */
export function sampleListens(seed = 1): Listen[] {
  const random = createRandom(seed)
  const listens: Listen[] = Array.from({ length: 2600 }, () => {
    const user = random.below(users)
    const own = random.uniform() < 0.7
    const rank = Math.floor(random.uniform() ** 2 * (artists / 3))
    const taste = own ? user % 3 : random.below(3)
    return [name('user', user), name('artist', 3 * rank + taste), days * random.uniform()]
  })
  return [...listens, [name('user', 0), name('artist', 0), days]]
}

const name = (kind: string, index: number): string => `${kind}-${String(index).padStart(3, '0')}`

/** An open context and data to tune on. */
export type Sample = {
  readonly context: JobContext
  readonly data: TrainingData
  readonly close: () => Promise<void>
}

/** What may differ between samples. */
export type SampleOptions = {
  readonly objects?: ObjectStore
  readonly settings?: Readonly<Record<string, unknown>>
  readonly progress?: Progress
  readonly now?: () => number
  /** False: the events are counts without a time of their own, so that splits are random. */
  readonly timed?: boolean
}

/** Opens a context on these listens. The clock stands still unless one is given. */
export async function openSample(listens: readonly Listen[], options: SampleOptions = {}): Promise<Sample> {
  const scratch = await createScratch(join(tmpdir(), 'tastemaker-test-tune'))
  const engine = await openEngine({ threads: 1, tempDir: scratch.dir })
  const store = options.objects ?? (await openObjects('memory:'))
  const objects = { ...store, localFile: async (key: string) => scratch.file(key) }
  const settings = sampleSettings(options.settings)
  await createEvents(engine, 'one', [event({ userId: 'u', artistId: 'a', at: start })])
  const rows = listens.map(
    ([user, artist, at]) => `('${user}', '${artist}', ${start + Math.round(at * day)})`,
  )
  await engine.run(`create or replace table listens as select one.* replace (seen.u as user_id, seen.a as artist_id,
    seen.t as occurred_at) from one, (values ${rows.join(', ')}) seen (u, a, t)`)
  await engine.run(`create or replace table people as select 'user-' || lpad(i::varchar, 3, '0') as user_id,
    '25-34' as age_group, case when i < ${users / 2} then 'US' else 'SE' end as country, 'unknown' as state,
    'unknown' as city from range(${users}) r (i)`)
  for (const table of ['listens', 'people'])
    await engine.run(`copy ${table} to ${quoted(scratch.file(table))} (format parquet)`)
  const asOf = start + days * day + 1
  const window = { asOf, halfLifeDays: settings.features.halfLifeDays }
  const matrix = await readInteractionMatrix(engine, `(${interactionsSql('listens', window)})`)
  const features = {
    version: 'sample',
    asOf,
    firstAt: start,
    ...(options.timed !== false && { firstTimedAt: start }),
    events: ['listens'],
    accounts: 'people',
    artistsKey: '',
    listenersKey: '',
    interactionsKey: '',
  }
  const context: JobContext = {
    settings,
    rawEvents: objects,
    objects,
    lists: await openLists('memory:'),
    sql: () => Promise.reject(new Error('tuning needs no warehouse')),
    accounts: () => Promise.reject(new Error('tuning needs no accounts')),
    engine: async () => engine,
    workers: openWorkers({ threads: 0 }),
    scratch,
    pseudonymKey: '',
    now: options.now ?? (() => 0),
    log: silentLog,
    progress: options.progress ?? (() => {}),
  }
  const people = await readPeople(context, features)
  const segments = buildSegments(people, matrix.users, settings.features.minSegmentListeners)
  const close = async () => {
    await engine.close()
    await scratch.close()
  }
  return { context, data: { features, matrix, segments }, close }
}

function sampleSettings(settings: SampleOptions['settings']): Settings {
  const small = {
    evaluation: { holdoutDays: 8, bootstrapRounds: 20 },
    models: { als: { factors: 4, iterations: 4 }, cosine: { neighbours: 20 } },
    tuning: { candidates: 9 },
  }
  return readSettings({ file: small, flags: settings ?? {} })
}
