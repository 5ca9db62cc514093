// A context in memory with clean events that arrive bit by bit and a clock that is set by hand: for the tests of the feature store.

import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings } from '../../src/config.ts'
import type { CleanEvent } from '../../src/data/event.ts'
import { quoted } from '../../src/engine/engine.ts'
import { createScratch, readChunks } from '../../src/engine/files.ts'
import { openEngine, openWorkers } from '../../src/engine/open.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { versionOf } from '../../src/jobs/documents.ts'
import { writeFeatureVersion } from '../../src/jobs/feature-version.ts'
import { silentLog } from '../../src/log.ts'
import { openLists, openObjects } from '../../src/stores/open.ts'
import { createEvents, event } from '../features/event-table.ts'

/** 2026-03-09 (UTC), midnight, a Monday. */
export const start = Date.UTC(2026, 2, 9)
export const day = 86_400_000
export const hour = 3_600_000

/** A listen of `user` to `artist`, so many hours after `start`, recorded at once or at `known` hours. */
export const listen = (
  user: string,
  artist: string,
  at: number,
  more: Partial<CleanEvent> & { readonly known?: number } = {},
): CleanEvent => {
  const { known = at, ...fields } = more
  const times = { at: start + at * hour, recordedAt: start + known * hour }
  return event({ userId: user, artistId: artist, ...times, eventId: `${user} ${artist} ${at}`, ...fields })
}

/** A feature store to try. */
export type FeatureStoreSample = {
  readonly context: JobContext
  /** Adds clean events, as an ingest would, with the tables made from them as the newest features. */
  readonly arrive: (events: readonly CleanEvent[]) => Promise<void>
  /** Adds corrections or retractions. */
  readonly correct: (events: readonly CleanEvent[]) => Promise<void>
  /** Sets the clock, in hours after `start`. */
  readonly setClock: (hours: number) => void
  readonly close: () => Promise<void>
}

/** Opens an empty sample: three accounts, no events, the clock at `start`. */
export async function openFeatureStoreSample(settings: object = {}): Promise<FeatureStoreSample> {
  const scratch = await createScratch(join(tmpdir(), 'tastemaker-test-feature-store'))
  const engine = await openEngine({ threads: 2, tempDir: scratch.dir })
  const objects = await openObjects('memory:')
  const lists = await openLists('memory:')
  let now = start
  const context = {
    settings: readSettings({ file: settings }),
    objects,
    rawEvents: objects,
    lists,
    engine: async () => engine,
    workers: openWorkers({ threads: 0 }),
    scratch,
    pseudonymKey: 'a key of the tests that is long enough',
    now: () => now,
    log: silentLog,
    progress: () => undefined,
    sql: async () => Promise.reject(new Error('no SQL in this test')),
    accounts: async () => Promise.reject(new Error('no accounts in this test')),
  } satisfies JobContext
  const put = async (table: string, key: string) => {
    const path = scratch.file(key.replaceAll('/', '-'))
    await engine.run(`copy ${table} to ${quoted(path)} (format parquet)`)
    await objects.put(key, readChunks(path))
    return key
  }
  await engine.run(`create table people as select * from (values ('ann', '25-34', 'Denver', 'CO', 'US'),
    ('bob', '18-24', 'unknown', 'unknown', 'SE'), ('quiet', '65-plus', 'Austin', 'TX', 'US')) t(user_id, age_group, city, state, country)`)
  const accounts = await put('people', 'clean/accounts/one.parquet')
  const [events, corrections]: [string[], string[]] = [[], []]
  let lastAt = start
  const take = async (kind: string, keys: string[], given: readonly CleanEvent[]) => {
    await createEvents(engine, 'arriving', given)
    keys.push(await put('arriving', `clean/${kind}/${keys.length}.parquet`))
    for (const one of given) if (one.kind !== 'retract') lastAt = Math.max(lastAt, one.at)
    const version = versionOf([events, corrections])
    const tables = { artistsKey: '', listenersKey: '', interactionsKey: '' }
    const asOf = lastAt + 1
    await writeFeatureVersion(objects, {
      version,
      asOf,
      firstAt: start,
      events,
      corrections,
      accounts,
      ...tables,
    })
  }
  return {
    context,
    arrive: (given) => take('events', events, given),
    correct: (given) => take('corrections', corrections, given),
    setClock: (hours) => {
      now = start + hours * hour
    },
    async close() {
      await engine.close()
      await lists.close()
      await scratch.close()
    },
  }
}
