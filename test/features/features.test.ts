// The three tables together: in slices of listeners they are what they are at once.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { quoted } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { buildFeatures, openEvents } from '../../src/features/features.ts'
import { createEvents, day, event, monday } from './event-table.ts'

const folder = await mkdtemp(join(tmpdir(), 'tastemaker-features-'))
const engine = await openEngine({ threads: 1, tempDir: folder })
afterAll(async () => {
  await engine.close()
  await rm(folder, { recursive: true, force: true })
})

const events = Array.from({ length: 60 }, (_, n) =>
  event({ userId: `u${(n * 7) % 11}`, artistId: `a${n % 5}`, at: monday + n * 1000, trackId: `t${n % 9}` }),
)

/** Builds all tables; the rows of the listener table, in order. */
async function build(listenersAtOnce?: number): Promise<readonly unknown[]> {
  const path = (name: string) => join(folder, `${name}.parquet`)
  await createEvents(engine, 'source', events)
  await engine.run(
    `copy (select * exclude (weight, inferred) from source) to ${quoted(path('events'))} (format parquet)`,
  )
  await engine.run(`copy (select 'u5' as user_id, '25-34' as age_group, 'Salem' as city, 'Oregon' as state, 'United States' as country
    union all select 'zz-silent', '18-24', 'Salem', 'Oregon', 'United States') to ${quoted(path('accounts'))} (format parquet)`)
  await openEvents(engine, { events: [path('events')] })
  const out = {
    artistsOut: path('artists'),
    listenersOut: path('listeners'),
    interactionsOut: path('interactions'),
  }
  const counts = await buildFeatures(
    engine,
    { accounts: path('accounts'), ...out },
    { asOf: monday + day, settings: readSettings().features, ...(listenersAtOnce && { listenersAtOnce }) },
  )
  expect(counts).toMatchObject({ artists: 5, listeners: 12 })
  return engine.rows(`select * from read_parquet(${quoted(out.listenersOut)})`)
}

test.each([1, 2, 5, 11, 12, 100])(
  'slices of %i listeners make the same table, in the order of ids',
  async (size) => {
    const whole = await build()
    expect(await build(size)).toEqual(whole)
    const ids = whole.map((row) => (row as { user_id: string }).user_id)
    expect(ids).toEqual([...ids].sort())
    expect(ids.at(-1)).toBe('zz-silent')
  },
)
