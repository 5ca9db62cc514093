// The main path on a real Postgres: accounts read from one database, clean events landed in another, also after a kill.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import { openObjects, openSql } from '../../src/stores/open.ts'
import { findPostgres, type PostgresServer, startPostgres } from '../servers/postgres.ts'
import { json, newDataFolder, quick, removeFolder, start } from './tastemaker.ts'

const binaries = findPostgres()
if (!binaries)
  console.warn('skipping the main path on a real Postgres: none is installed (scripts/servers/postgres.sh)')

test.runIf(process.env.CI && !binaries)('CI has a real Postgres', () => {
  expect.unreachable('Run scripts/servers/postgres.sh first.')
})

describe.skipIf(!binaries)('with a real server', () => {
  let server: PostgresServer
  let data: string
  let urls: readonly string[]

  beforeAll(async () => {
    server = await startPostgres(binaries!)
    data = await newDataFolder()
    const sql = await openSql(server.url)
    await sql.query('create database service')
    await sql.query('create database warehouse')
    await sql.close()
    const urlOf = (database: string) => server.url.replace(/\/postgres$/, `/${database}`)
    urls = [
      '--set',
      `accountsUrl=${urlOf('service')}`,
      '--set',
      `sqlUrl=${urlOf('warehouse')}`,
      '--data',
      data,
    ]
    await json('simulate', '--preset', 'tiny', ...urls)
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await removeFolder(data)
  })

  async function countIn(database: string): Promise<number> {
    const sql = await openSql(server.url.replace(/\/postgres$/, `/${database}`))
    const [row] = await sql.query('select count(*) as rows from click_event')
    await sql.close()
    return Number(row?.rows)
  }

  it('lands every clean event exactly once, though runs are killed in between', async () => {
    for (const afterMs of [700, 1000, 1300, 1600, 1900]) {
      const run = start(['run', '--only', 'ingest', ...urls])
      await pause(afterMs)
      run.child.kill('SIGKILL')
      await run.ended
    }
    await json('run', ...urls, ...quick)
    const { parts } = await readManifest(await openObjects(`file:${join(data, 'objects')}`))
    const warehouse = await openSql(server.url.replace(/\/postgres$/, '/warehouse'))
    const [landed] = await warehouse.query(
      'select count(*) as rows, count(distinct event_id) as ids from click_event',
    )
    const [card] = await warehouse.query(
      "select * from click_event where kind = 'listen' and volumes is not null limit 1",
    )
    await warehouse.close()
    const clean = parts.reduce((sum, { counts }) => sum + counts.clean, 0)
    expect(landed).toEqual({ rows: clean, ids: clean })
    expect(clean).toBeGreaterThan(10_000)
    expect(card).toMatchObject({
      artist_name: expect.any(String),
      track_title: expect.any(String),
      genre: expect.any(String),
      played_ms: expect.any(Number),
    })
    expect(((card?.volumes ?? [-1]) as number[]).every((volume) => volume >= 0 && volume <= 1)).toBe(true)
  })

  it('keeps every event on the way down and up again', async () => {
    const before = await countIn('warehouse')
    await json('migrate', '--to', '1', ...urls)
    expect(await countIn('warehouse')).toEqual(before)
    await json('migrate', ...urls)
    expect(await countIn('warehouse')).toEqual(before)
  })

  it('lands and masks with the rights of its roles alone', async () => {
    await json('migrate', '--roles', ...urls)
    const owner = await openSql(server.url)
    await owner.query('create role night_ingest login in role tastemaker_ingest')
    await owner.query('create role night_accounts login in role tastemaker_accounts')
    await owner.close()
    const before = await countIn('warehouse')
    const event = {
      event: 'follow',
      id: 'by-role',
      user: 'u',
      at: Date.now(),
      artist: { id: 'a', name: 'A' },
    }
    const folder = join(data, 'service', 'events', 'by-role')
    await mkdir(folder)
    await writeFile(join(folder, 'one.ndjson'), `${JSON.stringify(event)}\n`)
    const as = urls.map((word) =>
      word.startsWith('accountsUrl=')
        ? word.replace('tester@', 'night_accounts@')
        : word.replace('tester@', 'night_ingest@'),
    )
    const [run] = (await json('run', '--only', 'ingest', ...as)) as { counts: Record<string, number> }[]
    expect(run?.counts.clean).toBe(1)
    expect(run?.counts.accounts).toBeGreaterThan(100)
    expect(await countIn('warehouse')).toBe(before + 1)
  })

  it('masks the accounts of the service', async () => {
    const page = (await json('status', ...urls)) as {
      runs: { job: string; counts: Record<string, number> }[]
    }
    const ingest = page.runs.find(({ job }) => job === 'ingest')
    expect(ingest?.counts.accounts).toBeGreaterThan(100)
  })
})
