import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { interactionsSql, readInteractionMatrix } from '../../src/features/interactions.ts'
import { createEvents, day, event, monday } from './event-table.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1, tempDir: tmpdir() })
})
afterAll(() => engine.close())

const window = { asOf: monday + day, halfLifeDays: 30 }
const read = (options = window) =>
  engine.rows(`select * from (${interactionsSql('events', options)}) order by user_id, artist_id`)

test('a full listen now and one a half-life ago weigh 1.5, and the confidence is ln(1 + 1.5)', async () => {
  await createEvents(engine, 'events', [
    event({ userId: 'ann', artistId: 'a', at: window.asOf - 1 }),
    event({ userId: 'ann', artistId: 'a', at: window.asOf - 30 * day }),
  ])
  const [row] = await read()
  expect(row?.value).toBeCloseTo(Math.log(2.5), 6)
  expect(row?.last_at).toBe(window.asOf - 1)
})

test('each kind of event weighs what the table of evidence says', async () => {
  const at = window.asOf - 1
  await createEvents(engine, 'events', [
    event({ userId: 'ann', artistId: 'partial', at, outcome: 'partial' }),
    event({ userId: 'ann', artistId: 'liked', at, kind: 'like', value: 1 }),
    event({ userId: 'ann', artistId: 'followed', at, kind: 'follow', value: 1 }),
    event({ userId: 'ann', artistId: 'added', at, kind: 'playlist_add' }),
    event({ userId: 'ann', artistId: 'clicked', at, kind: 'click' }),
    event({ userId: 'ann', artistId: 'counted', at, kind: 'play_count', value: 12 }),
  ])
  const weights = Object.fromEntries(
    (await read()).map((row) => [row.artist_id, Math.exp(Number(row.value)) - 1]),
  )
  const expected = { partial: 0.4, liked: 5, followed: 5, added: 3, clicked: 0.5, counted: 12 }
  for (const [artist, weight] of Object.entries(expected))
    expect(weights[artist], artist).toBeCloseTo(weight, 4)
})

test('skips and impressions alone are no interaction, and a like taken back is gone', async () => {
  const at = window.asOf - day
  await createEvents(engine, 'events', [
    event({ userId: 'ann', artistId: 'skipped', at, outcome: 'skipped' }),
    event({ userId: 'ann', artistId: 'shown', at, kind: 'impression' }),
    event({ userId: 'ann', artistId: 'unliked', at, kind: 'like', value: 1 }),
    event({ userId: 'ann', artistId: 'unliked', at: at + 1000, kind: 'like', value: -1 }),
  ])
  expect(await read()).toEqual([])
})

test('nothing at or after asOf is known, and nothing before from', async () => {
  await createEvents(engine, 'events', [
    event({ userId: 'ann', artistId: 'early', at: monday - 5 * day }),
    event({ userId: 'ann', artistId: 'now', at: monday }),
    event({ userId: 'ann', artistId: 'future', at: window.asOf }),
  ])
  expect((await read()).map((row) => row.artist_id)).toEqual(['early', 'now'])
  expect((await read({ ...window, from: monday } as typeof window)).map((row) => row.artist_id)).toEqual([
    'now',
  ])
})

test('a matrix follows its frame: unknown users and artists are left out, known ones without cells stay', async () => {
  await createEvents(engine, 'events', [
    event({ userId: 'ann', artistId: 'a', at: monday }),
    event({ userId: 'ben', artistId: 'b', at: monday }),
    event({ userId: 'ben', artistId: 'a', at: monday + 1 }),
  ])
  const whole = await readInteractionMatrix(engine, `(${interactionsSql('events', window)})`)
  expect(whole.users.ids).toEqual(['ann', 'ben'])
  expect([...whole.rowPtr]).toEqual([0, 1, 3])
  expect([...whole.colIndex]).toEqual([0, 0, 1])
  await createEvents(engine, 'events', [
    event({ userId: 'ben', artistId: 'b', at: monday }),
    event({ userId: 'new', artistId: 'b', at: monday }),
    event({ userId: 'ann', artistId: 'new', at: monday }),
  ])
  const framed = await readInteractionMatrix(engine, `(${interactionsSql('events', window)})`, whole)
  expect([...framed.rowPtr]).toEqual([0, 0, 1])
  expect([...framed.colIndex]).toEqual([1])
})

test('no events make a matrix of no rows', async () => {
  await createEvents(engine, 'events', [])
  const matrix = await readInteractionMatrix(engine, `(${interactionsSql('events', window)})`)
  expect([matrix.rows, matrix.columns, matrix.values.length]).toEqual([0, 0, 0])
})
