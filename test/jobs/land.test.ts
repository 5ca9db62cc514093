// Landing in Postgres: once per batch, each event in its month, corrections and retractions in any order, old months dropped.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openContext } from '../../src/cli/open-context.ts'
import { withDefaultUrls } from '../../src/cli/settings.ts'
import { readSettings } from '../../src/config.ts'
import { eventColumns } from '../../src/data/event.ts'
import { quoted } from '../../src/engine/engine.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { landBatch } from '../../src/jobs/land.ts'
import { findPostgres, type PostgresServer, startPostgres } from '../servers/postgres.ts'

/** One row of a test; the rest of the columns is the same for all. */
type Row = { readonly id: string; readonly at?: number; readonly revision?: number; readonly title?: string }

const june = Date.UTC(2026, 5, 10)
const binaries = findPostgres()

it.runIf(process.env.CI && !binaries)('has a Postgres server to test against, on CI', () => {
  expect.unreachable('Run scripts/servers/postgres.sh first.')
})

const data = await mkdtemp(join(tmpdir(), 'tastemaker-land-test-'))
afterAll(() => rm(data, { recursive: true, force: true }))

landing('pglite', async () => ({ url: 'pglite:', stop: async () => {} }))
if (binaries) {
  landing('postgres', async () => startPostgres(binaries))
} else {
  console.warn('No Postgres server found: run scripts/servers/postgres.sh.')
}

function landing(name: string, start: () => Promise<Pick<PostgresServer, 'url' | 'stop'>>): void {
  describe(`landing in ${name}`, () => {
    let context: JobContext
    let close: () => Promise<void>
    let server: Awaited<ReturnType<typeof start>>
    let files = 0

    beforeAll(async () => {
      server = await start()
      const settings = withDefaultUrls(readSettings({ flags: { data, sqlUrl: server.url, threads: 1 } }))
      ;({ context, close } = await openContext(settings, { progress: () => {} }))
    })
    afterAll(async () => {
      await close?.()
      await server?.stop()
    })
    beforeEach(async () => {
      const sql = await context.sql()
      await sql.query('drop schema public cascade')
      await sql.query('create schema public')
    })

    const rowsOf = async (text: string) => (await context.sql()).query(text)
    const titles = async () =>
      (await rowsOf('select event_id, track_title from click_event order by event_id')).map((row) => [
        row.event_id,
        row.track_title,
      ])

    async function events(rows: readonly Row[]): Promise<string> {
      const path = context.scratch.file(`rows-${++files}.parquet`)
      const values = rows.map(({ id, at = june, revision = 0, title = 'first' }) => {
        const given: Record<string, string> = {
          event_id: quoted(id),
          occurred_at: String(at),
          revision: String(revision),
          recorded_at: String(at + 1),
          track_title: quoted(title),
          volumes: '[0.5, 0.25]',
          duration_ms: 'null',
        }
        const cell = ({ name, engineType }: (typeof eventColumns)[number]) =>
          `(${given[name] ?? (engineType === 'VARCHAR' ? `'say "it", ''${name}'''` : '7')})::${engineType} as ${name}`
        return `select ${eventColumns.map(cell).join(', ')}`
      })
      const empty = `${values[0] ?? (await emptyRow())} where false`
      await (await context.engine()).run(
        `copy (${values.length > 0 ? values.join(' union all ') : empty}) to ${quoted(path)} (format parquet)`,
      )
      return path
    }

    const emptyRow = async () =>
      `select ${eventColumns.map(({ name, engineType }) => `null::${engineType} as ${name}`).join(', ')}`

    async function retractions(ids: readonly string[]): Promise<string> {
      const path = context.scratch.file(`retracted-${++files}.parquet`)
      const list = ids.map(quoted).join(', ')
      await (await context.engine()).run(
        `copy (select unnest([${list}]::varchar[]) as event_id, 5::bigint as recorded_at) to ${quoted(path)} (format parquet)`,
      )
      return path
    }

    it('brings every column, and nothing twice', async () => {
      const path = await events([{ id: 'a' }, { id: 'b', at: june + 1 }])
      await landBatch(context, 'one', path)
      await landBatch(context, 'one', path)
      const rows = await rowsOf('select * from click_event order by event_id')
      expect(rows).toHaveLength(2)
      expect(rows[0]).toMatchObject({
        event_id: 'a',
        artist_name: `say "it", 'artist_name'`,
        artist_rank: 7,
        volumes: [0.5, 0.25],
        duration_ms: null,
        occurred_at: june,
        recorded_at: june + 1,
        revision: 0,
      })
    })

    it('puts late and out-of-order events in their months, and leaves none in the default partition', async () => {
      await landBatch(context, 'one', await events([{ id: 'a' }, { id: 'old', at: Date.UTC(2004, 1, 29) }]))
      await (await context.sql()).query(
        "insert into click_event (event_id, kind, user_id, occurred_at, artist_id, artist_name, source) values ('stray', 'listen', 'u', $1, 'a', 'A', 'x')",
        [Date.UTC(2019, 0, 1)],
      )
      await landBatch(context, 'two', await events([{ id: 'late', at: Date.UTC(2025, 11, 31, 23, 59) }]))
      expect(
        await rowsOf('select tableoid::regclass::text as part, event_id from click_event order by 1'),
      ).toEqual([
        { part: 'click_event_2004_02', event_id: 'old' },
        { part: 'click_event_2019_01', event_id: 'stray' },
        { part: 'click_event_2025_12', event_id: 'late' },
        { part: 'click_event_2026_06', event_id: 'a' },
      ])
    })

    it('takes an empty batch', async () => {
      await landBatch(context, 'none', await events([]))
      expect(await rowsOf('select batch_id from landed_batch')).toEqual([{ batch_id: 'none' }])
    })

    it('shows current events only, whatever the order of corrections and retractions', async () => {
      await landBatch(context, 'one', await events([{ id: 'a' }, { id: 'b' }, { id: 'c' }]))
      await landBatch(context, 'two', await events([{ id: 'd' }]), {
        revisedPath: await events([
          { id: 'a', revision: 3, title: 'third' },
          { id: 'a', revision: 2, title: 'second' },
          { id: 'b', revision: 0, title: 'not newer' },
          { id: 'c', revision: 1, title: 'moved', at: Date.UTC(2026, 6, 1) },
          { id: 'gone', revision: 9, title: 'taken back at once' },
        ]),
        retractedPath: await retractions(['d', 'later', 'gone']),
      })
      await landBatch(context, 'three', await events([{ id: 'later' }, { id: 'e' }]), {
        revisedPath: await events([{ id: 'a', revision: 2, title: 'late second' }]),
      })
      expect(await titles()).toEqual([
        ['a', 'third'],
        ['b', 'first'],
        ['c', 'moved'],
        ['e', 'first'],
      ])
      expect(await rowsOf('select event_id from click_event_2026_07')).toEqual([{ event_id: 'c' }])
    })

    it('agrees with a plain model on random histories', async () => {
      const id = fc.constantFrom('a', 'b', 'c', 'd')
      const said = fc.record({ id, revision: fc.nat(3), month: fc.nat(2) })
      const batch = fc.record({
        said: fc.array(said, { maxLength: 5 }),
        retracted: fc.array(id, { maxLength: 1 }),
      })
      let round = 0
      await fc.assert(
        fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 3 }), async (batches) => {
          const sql = await context.sql()
          round++
          for (const [index, { said, retracted }] of batches.entries())
            await landBatch(context, `${round}-${index}`, await events([]), {
              revisedPath: await events(
                said.map(({ id, revision, month }) => ({
                  id: `${round}${id}`,
                  revision,
                  title: `${revision}`,
                  at: Date.UTC(2026, month, 3),
                })),
              ),
              retractedPath: await retractions(retracted.map((id) => `${round}${id}`)),
            })
          const rows = await sql.query(
            'select event_id, revision from click_event where event_id like $1 order by event_id',
            [`${round}%`],
          )
          expect(rows.map((row) => [row.event_id, row.revision])).toEqual(
            currentEvents(batches).map(([id, revision]) => [`${round}${id}`, revision]),
          )
        }),
        { numRuns: 12 },
      )
    })

    it('lets old months go as the setting says, and keeps events of such months out', async () => {
      const now = Date.now()
      const today = new Date(now)
      const monthsAgo = (months: number) => Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - months, 1)
      const facts: string[] = []
      const keeping = (retentionMonths: number): JobContext => ({
        ...context,
        settings: { ...context.settings, sql: { retentionMonths } },
        log: (_level, fact, fields) => facts.push(`${fact} ${fields?.events}`),
      })
      const path = await events([0, 2, 3, 4].map((ago) => ({ id: `ago-${ago}`, at: monthsAgo(ago) })))
      await landBatch(keeping(0), 'one', path)
      await landBatch(keeping(2), 'two', await events([{ id: 'too-old', at: monthsAgo(2) - 1 }]))
      expect((await titles()).map(([id]) => id)).toEqual(['ago-0', 'ago-2'])
      expect(facts).toEqual(['land.too-old 1', 'land.month-dropped 1', 'land.month-dropped 1'])
    })
  })
}

/** The highest revision said of each id first wins; an id that was taken back in any batch shows no more. */
function currentEvents(
  batches: readonly {
    readonly said: readonly { readonly id: string; readonly revision: number }[]
    readonly retracted: readonly string[]
  }[],
): readonly (readonly [string, number])[] {
  const current = new Map<string, number>()
  for (const { said } of batches)
    for (const { id, revision } of said) current.set(id, Math.max(revision, current.get(id) ?? 0))
  for (const { retracted } of batches) for (const id of retracted) current.delete(id)
  return [...current].sort(([a], [b]) => (a < b ? -1 : 1))
}
