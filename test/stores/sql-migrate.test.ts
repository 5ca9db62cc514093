// Migrations keep their contract in the embedded Postgres and in every real one that is installed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { migrate } from '../../src/stores/migrate.ts'
import { migrations } from '../../src/stores/migrations.ts'
import { openSql } from '../../src/stores/open.ts'
import { migrationsContract } from '../contracts/sql-migrations.ts'
import { findPostgresVersions, type PostgresServer, startPostgres } from '../servers/postgres.ts'

migrationsContract('pglite', () => openSql('pglite:'))

const versions = findPostgresVersions()
if (versions.length === 0) console.warn('No Postgres server found: run scripts/servers/postgres.sh.')

it.runIf(process.env.CI && versions.length === 0)('has a Postgres server to test against, on CI', () => {
  expect.unreachable('Run scripts/servers/postgres.sh first.')
})

describe.each(versions)('with a real server: $name', ({ name, binaries }) => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres(binaries)
  })
  afterAll(() => server?.stop())

  migrationsContract(name, () => openSql(server.url))

  it('run once when several connections of several programs start together', async () => {
    const stores = await Promise.all(Array.from({ length: 3 }, () => openSql(server.url)))
    await stores[0]!.query('drop schema public cascade')
    await stores[0]!.query('create schema public')
    const steps = await Promise.all(stores.map((sql) => migrate(sql, migrations)))
    expect(steps.flat()).toHaveLength(migrations.length)
    await Promise.all(stores.map((sql) => sql.close()))
  })
})
