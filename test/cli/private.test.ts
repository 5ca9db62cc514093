// Personal data ends in ingest: no name, e-mail, date of birth, coordinate or user id of an account is in any store, log or model file.
import { readdir, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AccountRow } from '../../src/data/account.ts'
import { eventColumns } from '../../src/data/event.ts'
import { quoted } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { presets } from '../../src/simulation/presets.ts'
import { createService } from '../../src/simulation/simulate.ts'
import { openSql } from '../../src/stores/open.ts'
import { newDataFolder, quick, removeFolder, serve, tastemaker } from './tastemaker.ts'

let data: string
let accounts: readonly AccountRow[]
const spoken: string[] = []

beforeAll(async () => {
  data = await newDataFolder()
  accounts = createService({ preset: presets.tiny, seed: 20_260_101, endAt: Date.UTC(2026, 0, 1) }).accounts
  for (const words of [
    ['simulate', '--preset', 'tiny'],
    ['run', ...quick],
    ['status'],
    ['evaluate'],
    ['recommend', accounts[0]!.user_id],
  ]) {
    const { code, out, notes } = await tastemaker(...words, '--data', data)
    expect(code, notes).toBe(0)
    spoken.push(out, notes)
  }
  const service = await serve('--data', data)
  for (const path of [
    '/v1/users?limit=50',
    `/v1/users/${accounts[0]!.user_id}`,
    `/v1/users/${accounts[0]!.user_id}/recommendations`,
    '/metrics',
    '/health',
  ])
    spoken.push(await (await fetch(service.url + path)).text())
  service.child.kill('SIGTERM')
  const { out, notes } = await service.ended
  spoken.push(out, notes)
}, 180_000)
afterAll(() => removeFolder(data))

/** What must not be found, by kind. Short strings, which could stand anywhere by chance, are left out. */
function secrets(): readonly string[] {
  const of = (row: AccountRow) => [
    row.full_name,
    row.email,
    row.date_of_birth,
    row.latitude?.toString(),
    row.longitude?.toString(),
    row.user_id,
  ]
  return [...new Set(accounts.flatMap(of))].filter(
    (text): text is string => typeof text === 'string' && text.length >= 6,
  )
}

/** Secrets that stand in a text or in bytes, in one pass: candidates by their first four bytes, then compared whole. */
function found(where: string | Buffer): readonly string[] {
  const bytes = typeof where === 'string' ? Buffer.from(where) : where
  const byStart = Map.groupBy(
    secrets().map((text) => Buffer.from(text)),
    (secret) => secret.readUInt32BE(),
  )
  const hits = new Set<string>()
  let start = 0
  for (let at = 0; at < bytes.length; at++) {
    start = ((start << 8) | bytes[at]!) >>> 0
    const candidates = byStart.get(start)
    for (const secret of candidates ?? [])
      if (bytes.subarray(at - 3, at - 3 + secret.length).equals(secret)) hits.add(secret.toString())
  }
  return [...hits]
}

async function filesPastIngest(): Promise<readonly string[]> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(data, 'service')))
}

test('the search would find what is there: the raw zone has user ids, the account table has people', async () => {
  expect(secrets().length).toBeGreaterThan(400)
  const sql = await openSql(`pglite:${join(data, 'service', 'accounts')}`)
  const rows = await sql.query('select * from account')
  await sql.close()
  expect(found(JSON.stringify(rows)).length).toBeGreaterThan(400)
})

test('no byte of any file past ingest holds personal data', async () => {
  const files = await filesPastIngest()
  expect(files.length).toBeGreaterThan(20)
  for (const file of files) {
    expect(found(await readFile(file)), file).toEqual([])
  }
})

test('no packed value of any Parquet file holds personal data', async () => {
  const engine = await openEngine({ threads: 1, tempDir: tmpdir() })
  const files = (await filesPastIngest()).filter((file) => file.endsWith('.parquet'))
  expect(files.length).toBeGreaterThanOrEqual(5)
  for (const file of files) {
    const rows = await engine.rows(`select to_json(t)::varchar as row from read_parquet(${quoted(file)}) t`)
    expect(rows.length, file).toBeGreaterThan(0)
    expect(found(rows.map(({ row }) => row).join('\n')), file).toEqual([])
  }
  await engine.close()
})

test('no row that landed in Postgres holds personal data', async () => {
  const sql = await openSql(`pglite:${join(data, 'warehouse')}`)
  const columns = eventColumns.map(({ name }) => name).join(', ')
  const rows = await sql.query(`select ${columns} from click_event`)
  await sql.close()
  expect(rows.length).toBeGreaterThan(10_000)
  expect(found(JSON.stringify(rows))).toEqual([])
})

test('nothing the program printed, logged or answered holds personal data', () => {
  expect(spoken.join('').length).toBeGreaterThan(1000)
  expect(found(spoken.join('\n'))).toEqual([])
})
