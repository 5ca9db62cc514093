// The wire to a real Postgres: encrypted and checked as the URL says, and refused with a reason otherwise.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openSql } from '../../src/stores/open.ts'
import { connectionTerms } from '../../src/stores/sql/connection.ts'
import { type Authority, createAuthority, hasOpenssl } from '../servers/certificates.ts'
import { findPostgres, type PostgresServer, startPostgres } from '../servers/postgres.ts'

const binaries = hasOpenssl() ? findPostgres() : undefined
if (!binaries) console.warn('No Postgres server or no openssl found: run scripts/servers/postgres.sh.')

it.runIf(process.env.CI && !binaries)('has a Postgres server and openssl to test with, on CI', () => {
  expect.unreachable('Run scripts/servers/postgres.sh first.')
})

const failure = (url: string): Promise<Error & { code?: string }> =>
  openSql(url).then(
    () => new Error('opened'),
    (error) => error,
  )

describe.skipIf(!binaries)('TLS with a real server', () => {
  let folder: string
  let ours: Authority
  let other: Authority
  /** One whose certificate is for 127.0.0.1, one whose is for another host, one without TLS. */
  let [here, elsewhere, plain]: PostgresServer[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tastemaker-tls-test-'))
    ours = await createAuthority(folder, 'ours')
    other = await createAuthority(folder, 'other')
    const withTls = async (subjectName: string) => {
      const { certificate, key } = await ours.issue(subjectName)
      return startPostgres(binaries!, {
        settings: ['ssl=on'],
        files: {
          'server.crt': certificate,
          'server.key': key,
          'pg_hba.conf': 'hostssl all all 127.0.0.1/32 trust\n',
        },
      })
    }
    ;[here, elsewhere, plain] = await Promise.all([
      withTls('IP:127.0.0.1'),
      withTls('DNS:db.example'),
      startPostgres(binaries!),
    ])
  })
  afterAll(async () => {
    await Promise.all([here?.stop(), elsewhere?.stop(), plain?.stop()])
    await rm(folder, { recursive: true, force: true })
  })

  const urlOf = (server: PostgresServer | undefined, query: string) =>
    `${server!.url.replace('tester@', 'tester:pass-word@')}?${query}`

  it.each([
    ['verify-full', (own: Authority) => `sslmode=verify-full&sslrootcert=${own.path}`],
    ['a named authority alone, which means verify-full', (own: Authority) => `sslrootcert=${own.path}`],
    ['verify-ca', (own: Authority) => `sslmode=verify-ca&sslrootcert=${own.path}`],
    ['require', () => 'sslmode=require'],
  ])('encrypts with %s', async (_name, query) => {
    const sql = await openSql(urlOf(here, query(ours)))
    expect(await sql.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()')).toEqual([
      { ssl: true },
    ])
    await sql.close()
  })

  it('refuses an authority that is not known, and another host, and says why without a secret', async () => {
    const cases = [
      [here, `sslmode=verify-full&sslrootcert=${other.path}`, 'authority'],
      [here, 'sslmode=verify-full', 'authority'],
      [here, `sslmode=verify-ca&sslrootcert=${other.path}`, 'authority'],
      [elsewhere, `sslmode=verify-full&sslrootcert=${ours.path}`, 'another host'],
      [plain, 'sslmode=require', 'no TLS'],
      [here, 'sslmode=disable', '28000'],
      [here, '', '28000'],
    ] as const
    for (const [server, query, reason] of cases) {
      const error = await failure(urlOf(server, query))
      expect(error).toMatchObject({ code: 'outside', message: expect.stringContaining(reason) })
      expect(error.message).not.toContain('pass-word')
    }
  })

  it('takes verify-ca for another host of the same authority', async () => {
    const sql = await openSql(urlOf(elsewhere, `sslmode=verify-ca&sslrootcert=${ours.path}`))
    expect(await sql.query('select 1 as one')).toEqual([{ one: 1 }])
    await sql.close()
  })
})

describe('terms of a connection', () => {
  it.each([
    ['postgres://me:pass-word@host/db?sslmode=prefer', 'sslmode=prefer'],
    ['postgres://me:pass-word@host/db?sslrootcert=/dev/null/none.pem', 'sslrootcert'],
    ['postgres://me:pass-word@ho st:x/db', 'cannot be read'],
  ])('refuse %s', (url, reason) => {
    expect(() => connectionTerms(url)).toThrow(
      expect.objectContaining({ code: 'bad-argument', message: expect.stringContaining(reason) }),
    )
    expect(() => connectionTerms(url)).not.toThrow(/pass-word/)
  })

  it('leave a socket named by a parameter to the client', () => {
    expect(connectionTerms('postgres://me@/db?host=/run/x')).toEqual({
      connectionString: 'postgres://me@localhost/db?host=%2Frun%2Fx',
      ssl: false,
    })
  })

  it('are plain without a word about TLS', () => {
    expect(connectionTerms('postgres://me@host/db?application_name=x')).toEqual({
      connectionString: 'postgres://me@host/db?application_name=x',
      ssl: false,
    })
  })
})
