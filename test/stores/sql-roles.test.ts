// The roles of a real Postgres: what each may do, and what it may not.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openContext } from '../../src/cli/open-context.ts'
import { withDefaultUrls } from '../../src/cli/settings.ts'
import { readSettings } from '../../src/config.ts'
import { accountTableSql } from '../../src/data/account.ts'
import { eventColumns } from '../../src/data/event.ts'
import { quoted } from '../../src/engine/engine.ts'
import { readAccountRows } from '../../src/jobs/accounts.ts'
import { landBatch } from '../../src/jobs/land.ts'
import { migrate } from '../../src/stores/migrate.ts'
import { migrations } from '../../src/stores/migrations.ts'
import { openSql } from '../../src/stores/open.ts'
import { accountRoles, type Roles, warehouseRoles } from '../../src/stores/roles.ts'
import type { Sql } from '../../src/stores/sql/sql.ts'
import { findPostgresVersions, type PostgresServer, startPostgres } from '../servers/postgres.ts'

const versions = findPostgresVersions()
if (versions.length === 0) console.warn('No Postgres server found: run scripts/servers/postgres.sh.')

it.runIf(process.env.CI && versions.length === 0)('has a Postgres server to test against, on CI', () => {
  expect.unreachable('Run scripts/servers/postgres.sh first.')
})

async function apply(sql: Sql, roles: Roles): Promise<void> {
  for (const statement of await roles(sql)) await sql.query(statement)
}

describe.each(versions)('roles of $name', ({ binaries }) => {
  let server: PostgresServer
  let owner: Sql
  let folder: string
  const opened: Sql[] = []

  const urlAs = (user: string) => server.url.replace('tester@', `${user}@`)
  const as = async (user: string): Promise<Sql> => {
    const sql = await openSql(urlAs(user))
    opened.push(sql)
    return sql
  }
  const refused = (answer: Promise<unknown>) =>
    expect(answer).rejects.toMatchObject({ cause: expect.objectContaining({ code: '42501' }) })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tastemaker-roles-test-'))
    server = await startPostgres(binaries)
    owner = await openSql(server.url)
    opened.push(owner)
    await migrate(owner, migrations)
    await owner.query(accountTableSql)
    await owner.query('alter table account add consent boolean, add tenant text, add note text')
    await owner.query(`insert into account (user_id, email, consent, tenant, note) values
      ('a', 'a@a', true, 'acme', 'x'), ('b', 'b@b', false, 'acme', 'x'), ('c', 'c@c', true, 'other', 'x'), ('d', 'd@d', null, 'acme', 'x')`)
    await owner.query('create role service_app login')
    await owner.query('grant select, update on account to service_app')
    for (const roles of [warehouseRoles, accountRoles, warehouseRoles, accountRoles])
      await apply(owner, roles)
    for (const role of ['ingest', 'reader', 'accounts'])
      await owner.query(`create role ${role}_app login in role tastemaker_${role}`)
    await owner.query("insert into account_reader values ('accounts_app', 'acme')")
  })
  afterAll(async () => {
    await Promise.all(opened.map((sql) => sql.close()))
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it('ingest lands a batch with corrections and drops old months, and reads no event beyond its id and time', async () => {
    const settings = withDefaultUrls(
      readSettings({ flags: { data: folder, sqlUrl: urlAs('ingest_app'), sql: { retentionMonths: 1 } } }),
    )
    const { context, close } = await openContext(settings, { progress: () => {} })
    const engine = await context.engine()
    const paths = ['events', 'revised', 'retracted'].map((name) => context.scratch.file(`${name}.parquet`))
    const [events, revised, retracted] = paths as [string, string, string]
    const cells = (revision: number) =>
      eventColumns.map(({ name, engineType }) => {
        const value = { occurred_at: String(Date.now()), revision: String(revision) }[name]
        return `(${value ?? (engineType === 'VARCHAR' ? "'x'" : 'null')})::${engineType} as ${name}`
      })
    await engine.run(`copy (select ${cells(0).join(', ')}) to ${quoted(events)} (format parquet)`)
    await engine.run(`copy (select ${cells(1).join(', ')}) to ${quoted(revised)} (format parquet)`)
    await engine.run(
      `copy (select 'y' as event_id, 1::bigint as recorded_at) to ${quoted(retracted)} (format parquet)`,
    )
    await owner.query('select add_click_event_month(0)')
    await landBatch(context, 'by-role', events, { revisedPath: revised, retractedPath: retracted })
    await close()
    expect(await owner.query('select event_id, revision from click_event')).toEqual([
      { event_id: 'x', revision: 1 },
    ])
    expect(await owner.query("select to_regclass('click_event_1970_01') as gone")).toEqual([{ gone: null }])

    const ingest = await as('ingest_app')
    await refused(ingest.query('select artist_id from click_event'))
    await refused(ingest.query('select * from click_event_default'))
    await refused(ingest.query("update click_event set user_id = 'z'"))
    await refused(ingest.query('truncate click_event'))
    await refused(ingest.query('drop table click_event'))
    await refused(ingest.query('create table mine partition of click_event for values from (1) to (2)'))
    await refused(ingest.query('delete from landed_batch'))
    await refused(ingest.query('select user_id from account'))
    await expect(
      ingest.query('select * from drop_click_event_months($1)', [Date.now()]),
    ).rejects.toMatchObject({ code: 'bad-input' })
  })

  it('who may not change tables is told who has to', async () => {
    const reader = await as('reader_app')
    expect(await migrate(reader, migrations)).toEqual([])
    const next = { number: migrations.length + 1, name: 'next', up: ['drop table landed_batch'], down: [] }
    await expect(migrate(reader, [...migrations, next])).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('tastemaker migrate'),
    })
  })

  it('reader reads events, writes nothing, and sees no account', async () => {
    const reader = await as('reader_app')
    expect(await reader.query('select count(*) as rows from click_event')).toEqual([{ rows: 1 }])
    await refused(reader.query('delete from click_event'))
    await refused(reader.query("insert into landed_batch (batch_id) values ('mine')"))
    await refused(reader.query('select add_click_event_month(0)'))
    await refused(reader.query('select * from drop_click_event_months(0)'))
    await refused(reader.query('select user_id from account'))
    await refused(reader.query('select * from retracted_event'))
  })

  it('accounts reads the columns that ingest asks for, of accounts of its tenant that consent', async () => {
    const accounts = await as('accounts_app')
    expect(await accounts.query('select user_id from account')).toEqual([{ user_id: 'a' }])
    const rows = await readAccountRows({ accounts: async () => accounts } as Parameters<
      typeof readAccountRows
    >[0])
    expect(rows.map((row) => row.user_id)).toEqual(['a'])
    await refused(accounts.query('select note from account'))
    await refused(accounts.query("update account set email = 'z'"))
    await refused(accounts.query('select * from click_event'))
    await refused(accounts.query("insert into account_reader values ('accounts_app', 'other')"))
  })

  it('everybody else keeps what their rights gave them', async () => {
    const service = await as('service_app')
    expect(await service.query('select count(*) as rows from account')).toEqual([{ rows: 4 }])
    await service.query("update account set note = 'seen' where user_id = 'b'")
    expect(await owner.query('select count(*) as rows from account')).toEqual([{ rows: 4 }])
  })

  it('leaves the row-level security of a service as it is, and holds within it', async () => {
    await owner.query('create database guarded')
    const url = server.url.replace(/\/postgres$/, '/guarded')
    const guarded = await openSql(url)
    opened.push(guarded)
    await guarded.query(accountTableSql)
    await guarded.query('alter table account add consent boolean')
    await guarded.query("insert into account (user_id, consent) values ('a', true), ('b', false)")
    await guarded.query('grant select on account to service_app')
    await guarded.query('alter table account enable row level security')
    await guarded.query("create policy own on account using (user_id = 'b' or current_user = 'accounts_app')")
    await apply(guarded, accountRoles)
    for (const [user, ids] of [
      ['service_app', ['b']],
      ['accounts_app', ['a']],
    ] as const) {
      const sql = await openSql(url.replace('tester@', `${user}@`))
      expect((await sql.query('select user_id from account')).map((row) => row.user_id)).toEqual(ids)
      await sql.close()
    }
  })
})
