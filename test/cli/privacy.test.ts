// The canary: invented people go through everything, some are erased, and every byte of every store is searched for them.
import { cp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoted } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { createPseudonymizer } from '../../src/ingest/pseudonym.ts'
import { openLists, openSql } from '../../src/stores/open.ts'
import { json, newDataFolder, quick, removeFolder, serve, tastemaker } from './tastemaker.ts'

const person = {
  id: 'canary-wren-77120',
  name: 'Ottoline Quillfeather',
  email: 'ottoline@quillfeather.example',
}
const imported = 'canary-plover-40913'
const bystander = 'canary-heron-55501'

let data: string
let receipt: { receipt: string; removed: Record<string, number> }

const eventsOf = (user: string, from: number) =>
  Array.from({ length: 12 }, (_, at) => ({
    event: 'listen',
    id: `${user === person.id ? 'wren' : 'heron'}-${at}`,
    user,
    at: from + at * 3_600_000,
    artist: { id: `artist-${1 + (at % 4)}`, name: `Artist ${1 + (at % 4)}` },
    track: { id: `track-${at}`, title: `Song ${at}`, durationMs: 200_000 },
    playedMs: 190_000,
  }))

beforeAll(async () => {
  data = await newDataFolder()
  await json('simulate', '--preset', 'tiny', '--data', data)
  const accounts = await openSql(`pglite:${join(data, 'service', 'accounts')}`)
  await accounts.query("insert into account values ($1, $2, $3, '1984-03-09', 52.370216, 4.895168, 'NL')", [
    person.id,
    person.name,
    person.email,
  ])
  await accounts.close()
  const listens = join(data, 'listens.jsonl')
  const lines = Array.from({ length: 10 }, (_, at) =>
    JSON.stringify({
      listened_at: 1_700_000_000 + at * 600,
      user_name: imported,
      track_metadata: { artist_name: `Artist ${1 + (at % 3)}`, track_name: `Song ${at}` },
    }),
  )
  await writeFile(listens, `${lines.join('\n')}\n`)
  await json('import', listens, '--data', data, '--user', imported)
  await post([...eventsOf(person.id, Date.UTC(2025, 11, 1)), ...eventsOf(bystander, Date.UTC(2025, 11, 1))])
  await json('run', '--data', data, ...quick)
}, 180_000)
afterAll(() => removeFolder(data))

async function post(events: readonly object[]): Promise<void> {
  const service = await serve('--data', data)
  const answer = await fetch(`${service.url}/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  })
  expect(answer.status).toBe(202)
  service.child.kill('SIGTERM')
  await service.ended
}

const pseudonymOf = async (user: string): Promise<string> =>
  createPseudonymizer(await readFile(join(data, 'pseudonym.key'), 'utf8'))(user)

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

const unpacked = (path: string, bytes: Buffer): Buffer => {
  if (path.endsWith('.gz')) return gunzipSync(bytes)
  return path.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes
}

/** Files of the data folder with any of the words in them, packed or not; the service's own accounts are the service's. */
async function filesNaming(...words: readonly string[]): Promise<readonly string[]> {
  const hits: string[] = []
  for (const path of await filesBelow(data)) {
    if (path.startsWith(join(data, 'service', 'accounts')) || path === join(data, 'listens.jsonl')) continue
    const bytes = unpacked(path, await readFile(path))
    if (words.some((word) => bytes.includes(word))) hits.push(path.slice(data.length + 1))
  }
  return hits
}

/** What can be read about a pseudonym: rows of Parquet files and of Postgres, texts, and entries of the list store. */
async function readableTraces(pseudonym: string): Promise<readonly string[]> {
  const traces: string[] = []
  const engine = await openEngine({ threads: 1, tempDir: tmpdir() })
  for (const path of await filesBelow(join(data, 'objects'))) {
    const text = path.endsWith('.parquet')
      ? (await engine.rows(`select to_json(t)::varchar as row from read_parquet(${quoted(path)}) t`))
          .map(({ row }) => row)
          .join('\n')
      : (await readFile(path)).toString('latin1')
    if (text.includes(pseudonym)) traces.push(path.slice(data.length + 1))
  }
  await engine.close()
  const sql = await openSql(`pglite:${join(data, 'warehouse')}`)
  const rows = await sql.query('select * from click_event where user_id = $1', [pseudonym])
  await sql.close()
  if (rows.length > 0) traces.push('click_event')
  const lists = await openLists(`lmdb:${join(data, 'lists')}`)
  const keys = await lists.keys('', { limit: 1_000_000 })
  await lists.close()
  return [...traces, ...keys.filter((key) => key.includes(pseudonym))]
}

test('before the erasure the search finds the people where they belong, and names and addresses nowhere', async () => {
  expect(await filesNaming(person.name, person.email)).toEqual([])
  expect((await filesNaming(person.id)).length).toBeGreaterThan(0)
  const traces = await readableTraces(await pseudonymOf(person.id))
  expect(traces).toContain('click_event')
  expect(traces.some((trace) => trace.includes('clean/events/'))).toBe(true)
  expect(traces.some((trace) => trace.includes('/list/'))).toBe(true)
}, 60_000)

test('an export holds what is kept: account, events, recommendations', async () => {
  const found = (await json('privacy', 'export', person.id, '--data', data)) as {
    account: { full_name: string }
    clickEvents: unknown[]
    tables: Record<string, unknown[]>
    lists: Record<string, unknown>
  }
  expect(found.account.full_name).toBe(person.name)
  expect(found.clickEvents).toHaveLength(12)
  expect(Object.keys(found.tables).some((key) => key.startsWith('clean/events/'))).toBe(true)
  expect(Object.keys(found.lists).some((key) => key.includes('/list/'))).toBe(true)
  const path = join(data, '..', `${person.id}-export.json`)
  expect((await tastemaker('privacy', 'export', person.id, '--data', data, '--out', path)).code).toBe(0)
  const again = await tastemaker('privacy', 'export', person.id, '--data', data, '--out', path)
  expect(again.code, 'an export never overwrites a file').toBe(2)
  await removeFolder(path)
}, 60_000)

test('erased people are in no store, no file and no queue; the receipt names nobody', async () => {
  const pseudonyms = [await pseudonymOf(person.id), await pseudonymOf(imported)]
  await post(
    eventsOf(person.id, Date.UTC(2025, 11, 20)).map((event) => ({ ...event, id: `late-${event.id}` })),
  )
  await json('privacy', 'erase', imported, '--data', data)
  receipt = (await json('privacy', 'erase', person.id, '--data', data)) as typeof receipt
  expect(receipt.removed.rawLines).toBe(24)
  expect(await filesNaming(person.id, imported, person.name, person.email)).toEqual([])
  for (const pseudonym of pseudonyms)
    expect(await readableTraces(pseudonym)).toEqual(['objects/privacy/erasures.json'])
  const kept = await readFile(join(data, 'objects', 'privacy', 'receipts', `${receipt.receipt}.json`), 'utf8')
  for (const word of [person.id, imported, ...pseudonyms]) expect(kept).not.toContain(word)
}, 120_000)

test('the next run trains without them, and the others keep everything', async () => {
  const records = (await json('run', '--data', data, ...quick)) as { job: string; status: string }[]
  const status = Object.fromEntries(records.map((record) => [record.job, record.status]))
  expect(status).toMatchObject({ features: 'done', train: 'done', publish: 'done' })
  expect(await readableTraces(await pseudonymOf(person.id))).toEqual(['objects/privacy/erasures.json'])
  expect((await readableTraces(await pseudonymOf(bystander))).length).toBeGreaterThan(3)
  expect((await filesNaming(bystander)).length).toBeGreaterThan(0)
}, 120_000)

test('a backup that comes back does not bring them back, and what they do later is a new beginning', async () => {
  const line = JSON.stringify(eventsOf(person.id, Date.UTC(2025, 11, 1))[0])
  await writeFile(join(data, 'service', 'events', 'restored.ndjson'), `${line}\n`)
  await json('run', '--data', data, ...quick)
  expect(await readableTraces(await pseudonymOf(person.id))).toEqual(['objects/privacy/erasures.json'])
  await post(
    eventsOf(person.id, Date.now() - 60_000)
      .slice(0, 1)
      .map((event) => ({ ...event, id: 'return' })),
  )
  await json('run', '--data', data, ...quick)
  expect(await readableTraces(await pseudonymOf(person.id))).toEqual(['objects/privacy/erasures.json'])
  await post([{ ...eventsOf(person.id, 0)[0], id: 'later', at: Date.now() }])
  await json('run', '--data', data, ...quick)
  expect(await readableTraces(await pseudonymOf(person.id))).toContain('click_event')
}, 180_000)

test('a new key renames everybody in every store, and answers go on', async () => {
  const copy = await newDataFolder()
  await cp(data, copy, { recursive: true })
  const before = await pseudonymOf(bystander)
  const service = await serve('--data', data)
  await json('privacy', 'rekey', '--data', data)
  const after = await pseudonymOf(bystander)
  expect(after).toMatch(/^u2_/)
  const list = (await (await fetch(`${service.url}/v1/users/${bystander}/recommendations`)).json()) as {
    source: string
  }
  expect(list.source).toBe('personal')
  await json('run', '--data', data, ...quick)
  await json('run', '--data', data, ...quick, '--set', 'seed=2')
  expect(await readableTraces(before)).toEqual([])
  expect(await readableTraces(after)).toContain('click_event')
  const fresh = (await (await fetch(`${service.url}/v1/users/${bystander}/recommendations`)).json()) as {
    source: string
  }
  expect(fresh.source).toBe('personal')
  service.child.kill('SIGTERM')
  await service.ended
  await removeFolder(copy)
}, 240_000)
