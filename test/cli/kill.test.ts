// Killed at any moment, nothing acknowledged is lost or doubled, the next run completes, and the last good lists stay up.

import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoted } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { openObjects, openSql } from '../../src/stores/open.ts'
import { json, newDataFolder, quick, removeFolder, serve, start } from './tastemaker.ts'

const runKills = 30
const intakeKills = 25

let data: string
let listener: string
/** Ids of the events that the intake said it has. */
const acknowledged = new Set<string>()
/** Ids of all events that were ever sent. */
const sent = new Set<string>()
const random = createRandom(7)

beforeAll(async () => {
  data = await newDataFolder()
  await json('simulate', '--preset', 'tiny', '--data', data)
  await json('run', '--data', data, ...quick)
  const service = await serve('--data', data)
  // Pseudonyms come in another order with every key, and who never played anything has no personal list: take who played most.
  const page = (await (await fetch(`${service.url}/v1/users?limit=500`)).json()) as {
    listeners: { userId: string; plays: number }[]
  }
  listener = page.listeners.reduce((most, other) => (other.plays > most.plays ? other : most)).userId
  service.child.kill('SIGTERM')
  await service.ended
}, 180_000)
afterAll(() => removeFolder(data))

/** Posts a handful of events; those that were acknowledged are remembered. A connection that breaks is no acknowledgement. */
async function post(url: string): Promise<void> {
  const events = Array.from({ length: 1 + random.below(5) }, () => {
    const id = `kill-${sent.size}`
    sent.add(id)
    return {
      event: 'follow',
      id,
      user: `walker-${sent.size % 7}`,
      at: Date.now(),
      artist: { id: 'artist-1', name: 'Artist' },
    }
  })
  try {
    const answer = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(events),
    })
    if (answer.status === 202) for (const { id } of events) acknowledged.add(id)
  } catch {
    return
  }
}

/** Asks for the listener's list; anything but a whole personal list fails the test. */
async function askForList(url: string): Promise<void> {
  const answer = await fetch(`${url}/v1/users/${listener}/recommendations?limit=20`)
  const list = (await answer.json()) as { source: string; items: unknown[] }
  expect(answer.status).toBe(200)
  expect(list.source).toBe('personal')
  expect(list.items).toHaveLength(20)
}

test(`${runKills} runs of the pipeline killed at random moments, while the API answers and takes events`, async () => {
  const service = await serve('--data', data)
  const killedIn = new Set<string>()
  for (let round = 0; round < runKills; round++) {
    await post(service.url)
    const run = start(['run', '--data', data, ...quick, '--set', `seed=${round}`])
    const killAt = Date.now() + 200 + random.below(4500)
    let ended = false
    void run.ended.then(() => (ended = true))
    while (Date.now() < killAt && !ended) {
      await askForList(service.url)
      await post(service.url)
      await pause(50)
    }
    run.child.kill('SIGKILL')
    const { notes } = await run.ended
    killedIn.add([...notes.matchAll(/(\w+): started/g)].at(-1)?.[1] ?? 'start')
  }
  await askForList(service.url)
  service.child.kill('SIGTERM')
  await service.ended
  expect(killedIn.size).toBeGreaterThan(1)
}, 600_000)

test(`the intake killed ${intakeKills} times in the middle of its work`, async () => {
  for (let round = 0; round < intakeKills; round++) {
    const service = await serve('--data', data)
    await askForList(service.url)
    let killed = false
    const posting = Promise.all(
      Array.from({ length: 4 }, async () => {
        while (!killed) await post(service.url)
      }),
    )
    await pause(random.below(150))
    service.child.kill('SIGKILL')
    killed = true
    await posting
    await service.ended
  }
}, 600_000)

test('afterwards a run completes, and every acknowledged event is there exactly once, in both places', async () => {
  await json('run', '--data', data, ...quick)
  expect(acknowledged.size).toBeGreaterThan(100)
  for (const ids of [await idsInParquet(), await idsInPostgres()]) {
    const unique = new Set(ids)
    expect(ids.length, 'an event is doubled').toBe(unique.size)
    expect(
      [...acknowledged].filter((id) => !unique.has(id)),
      'acknowledged events are lost',
    ).toEqual([])
    expect([...unique].filter((id) => id.startsWith('kill-') && !sent.has(id))).toEqual([])
  }
  expect((await idsInParquet()).sort()).toEqual((await idsInPostgres()).sort())
}, 120_000)

async function idsInParquet(): Promise<string[]> {
  const objects = await openObjects(`file:${join(data, 'objects')}`)
  const { parts } = await readManifest(objects)
  const files = await Promise.all(parts.map((part) => objects.localFile(part.events)))
  const engine = await openEngine({ threads: 1, tempDir: data })
  const found = await engine.columns(`select event_id from read_parquet([${files.map(quoted).join(', ')}])`)
  await engine.close()
  return [...(found.event_id as readonly string[])]
}

async function idsInPostgres(): Promise<string[]> {
  const sql = await openSql(`pglite:${join(data, 'warehouse')}`)
  const rows = await sql.query('select event_id from click_event')
  await sql.close()
  return rows.map((row) => String(row.event_id))
}
