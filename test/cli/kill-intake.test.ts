// The intake killed 200 times under load, while it answers and while it drains: nothing acknowledged is lost, nothing doubled.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/statistics/random.ts'
import { openObjects } from '../../src/stores/open.ts'
import { idsInParquet, idsInPostgres } from './landed-ids.ts'
import { json, newDataFolder, removeFolder } from './tastemaker.ts'

const kills = 200
/** Servers at a time on the one data folder: while some start, others are loaded and killed. */
const lanes = 3
const connections = 4

let data: string
/** Ids of the events that the intake said it has. */
const acknowledged = new Set<string>()
/** Ids of all events that were ever sent. */
const sent = new Set<string>()
const random = createRandom(11)

beforeAll(async () => {
  data = await newDataFolder()
})
afterAll(() => removeFolder(data))

/** Posts a handful of events, every third time packed; those that were acknowledged are remembered. A connection that breaks is no acknowledgement. */
async function post(url: string): Promise<void> {
  const ids = Array.from({ length: 1 + random.below(8) }, () => {
    const id = `kill-${sent.size}`
    sent.add(id)
    return id
  })
  const events = ids.map((id) => ({
    event: 'follow',
    id,
    user: `walker-${sent.size % 7}`,
    at: Date.now(),
    artist: { id: 'artist-1', name: 'x'.repeat(random.below(900)) },
  }))
  const text = JSON.stringify([...events, 'no event'])
  const packed = random.below(3) === 0
  try {
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: packed ? { 'content-encoding': 'gzip' } : {},
      body: packed ? gzipSync(text) : text,
    })
    if (answer.status === 202) for (const id of ids) acknowledged.add(id)
  } catch {
    return
  }
}

async function startServer(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const child = spawn(process.execPath, ['test/cli/fixtures/intake-server.ts', data], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(data, 'compiled') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { url, child }
}

async function round(): Promise<void> {
  const { url, child } = await startServer()
  const killed = once(child, 'exit')
  let over = false
  const posting = Promise.all(
    Array.from({ length: connections }, async () => {
      while (!over) await post(url)
    }),
  )
  await pause(random.below(80))
  child.kill('SIGKILL')
  over = true
  await Promise.all([posting, killed])
}

test(`${kills} kills of the intake at random moments under load`, async () => {
  let left = kills
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      while (left-- > 0) await round()
    }),
  )
  expect(acknowledged.size).toBeGreaterThan(kills)
}, 300_000)

test('afterwards every acknowledged event is there exactly once, in Parquet and in Postgres', async () => {
  await json('run', '--only', 'ingest', '--data', data)
  const landed = [await idsInParquet(data), await idsInPostgres(data)] as const
  for (const ids of landed) {
    const unique = new Set(ids)
    expect(ids.length, 'an event is doubled').toBe(unique.size)
    expect(
      [...acknowledged].filter((id) => !unique.has(id)),
      'acknowledged events are lost',
    ).toEqual([])
    expect(ids.filter((id) => !sent.has(id))).toEqual([])
  }
  expect(landed[0].toSorted()).toEqual(landed[1].toSorted())
}, 120_000)

test('and every reject is kept, whole', async () => {
  const objects = await openObjects(`file:${join(data, 'objects')}`)
  let rejects = 0
  for await (const { key } of objects.list('rejects/intake/'))
    for (const line of new TextDecoder()
      .decode(await objects.get(key))
      .split('\n')
      .slice(0, -1)) {
      expect(JSON.parse(line)).toMatchObject({ file: 'POST /v1/events', reason: 'schema' })
      rejects += 1
    }
  expect(rejects).toBeGreaterThan(kills / 2)
}, 30_000)
