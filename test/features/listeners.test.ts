import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { artistsSql } from '../../src/features/artists.ts'
import { listenersSql } from '../../src/features/listeners.ts'
import { createEvents, day, event, monday } from './event-table.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1, tempDir: tmpdir() })
})
afterAll(() => engine.close())

const asOf = monday + day
const options = { asOf, favouriteArtists: 2, lastSongs: 2 }

async function listenersOf(events: Parameters<typeof createEvents>[2]) {
  await createEvents(engine, 'events', events)
  await engine.run(`create or replace table accounts as select * from (values
    ('ann', '25-34', 'Denver', 'CO', 'US'), ('quiet', '18-24', 'unknown', 'unknown', 'SE')) t(user_id, age_group, city, state, country)`)
  await engine.run(`create or replace table artists as ${artistsSql('events', asOf)}`)
  const rows = await engine.rows(
    listenersSql({ events: 'events', accounts: 'accounts', artists: 'artists' }, options),
  )
  return Object.fromEntries(rows.map((row) => [row.user_id, row]))
}

test('everybody with an account or an event is a listener, with empty arrays where there is nothing', async () => {
  const listeners = await listenersOf([event({ userId: 'guest', artistId: 'a', at: monday })])
  expect(listeners.quiet).toMatchObject({
    age_group: '18-24',
    country: 'SE',
    favourite_artists: [],
    last_songs: [],
  })
  expect(listeners.guest).toMatchObject({ age_group: 'unknown', city: 'unknown' })
})

test('favourites are artists with enough evidence, the most recent ones kept, newest first', async () => {
  const twice = (artistId: string, at: number) => [
    event({ userId: 'ann', artistId, at: at - 1000 }),
    event({ userId: 'ann', artistId, at }),
  ]
  const listeners = await listenersOf([
    ...twice('oldest', monday - 3 * day),
    ...twice('older', monday - 2 * day),
    event({ userId: 'ann', artistId: 'liked', at: monday, kind: 'like', value: 1 }),
    event({ userId: 'ann', artistId: 'once', at: monday }),
  ])
  const favourites = listeners.ann?.favourite_artists as { artistId: string }[]
  expect(favourites.map((favourite) => favourite.artistId)).toEqual(['liked', 'older'])
  expect(favourites[1]).toMatchObject({ plays: 2, activeDays: 2, lastAt: monday - 2 * day })
})

test('a song has its listening times as mean and population deviation, and its outcomes counted', async () => {
  const listen = (at: number, playedMs: number, outcome: 'full' | 'partial' | 'skipped') =>
    event({
      userId: 'ann',
      artistId: 'a',
      trackId: 't',
      trackTitle: 'Tune',
      at,
      playedMs,
      outcome,
      trackLikes: 5,
    })
  const listeners = await listenersOf([
    listen(monday - day, 200_000, 'full'),
    listen(monday, 100_000, 'partial'),
    listen(monday + 1000, 0, 'skipped'),
  ])
  const [song] = (listeners.ann?.last_songs ?? []) as Record<string, unknown>[]
  // mean 100,000; deviations 100,000, 0, -100,000: variance 2/3 * 1e10
  expect(song).toMatchObject({ title: 'Tune', meanPlayedMs: 100_000, likes: 5, activeDays: 2 })
  expect(song?.sdPlayedMs).toBeCloseTo(Math.sqrt(2 / 3) * 100_000, 3)
  expect([song?.fullPlays, song?.partialPlays, song?.skippedPlays]).toEqual([1, 1, 1])
})
