// Every SQL store keeps the contract: the embedded one, and every version of a real server that is installed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSql } from '../../src/stores/open.ts'
import { sqlContract } from '../contracts/sql.ts'
import { findPostgresVersions, type PostgresServer, startPostgres } from '../servers/postgres.ts'

const root = await mkdtemp(join(tmpdir(), 'tastemaker-sql-test-'))
// An opening cut short may still be writing for a moment.
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }))

sqlContract('pglite in memory', () => openSql('pglite:'))
sqlContract('pglite in a folder', () => openSql(`pglite:${join(root, 'made', 'contract')}`))

const versions = findPostgresVersions()
if (versions.length === 0)
  console.warn('No Postgres server (initdb, postgres) found: run scripts/servers/postgres.sh.')

it.runIf(process.env.CI && versions.length === 0)('has a Postgres server to test against, on CI', () => {
  expect.unreachable('Run scripts/servers/postgres.sh first.')
})

describe.each(versions)('with a real server: $name', ({ name, binaries }) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(binaries)
  })
  afterAll(() => server?.stop())

  sqlContract(name, () => openSql(server.url))

  it('goes on after a restart of the server', async () => {
    const sql = await openSql(server.url)
    await sql.query('create table survivor (id int)')
    await server.restart()
    expect(await sql.query('select count(*) as rows from survivor')).toEqual([{ rows: 0 }])
    await sql.close()
  })
})

it('says outside when there is no server, and no secret', async () => {
  const error: Error = await openSql('postgres://tester:pass-word@127.0.0.1:1/postgres').then(
    () => new Error('opened'),
    (thrown) => thrown,
  )
  expect(error).toMatchObject({ code: 'outside', message: expect.stringContaining('nobody listens') })
  expect(error.message).not.toContain('pass-word')
})
