// Killed at any moment, nothing acknowledged is lost or doubled, the next run completes, and the last good lists stay up.

import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createRandom } from '../../src/statistics/random.ts'
import { idsInParquet, idsInPostgres } from './landed-ids.ts'
import { json, newDataFolder, quick, removeFolder, serve, start } from './tastemaker.ts'

const runKills = 30

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

test('afterwards a run completes, and every acknowledged event is there exactly once, in both places', async () => {
  await json('run', '--data', data, ...quick)
  expect(acknowledged.size).toBeGreaterThan(50)
  for (const ids of [await idsInParquet(data), await idsInPostgres(data)]) {
    const unique = new Set(ids)
    expect(ids.length, 'an event is doubled').toBe(unique.size)
    expect(
      [...acknowledged].filter((id) => !unique.has(id)),
      'acknowledged events are lost',
    ).toEqual([])
    expect([...unique].filter((id) => id.startsWith('kill-') && !sent.has(id))).toEqual([])
  }
  expect((await idsInParquet(data)).toSorted()).toEqual((await idsInPostgres(data)).toSorted())
}, 120_000)
