import { tmpdir } from 'node:os'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { artistsSql } from '../../src/features/artists.ts'
import { createEvents, day, event, monday } from './event-table.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1, tempDir: tmpdir() })
})
afterAll(() => engine.close())

const asOf = monday + day
const listens = (artistId: string, count: number, at: number) =>
  Array.from({ length: count }, (_, n) => event({ userId: `u${n}`, artistId, at: at + n }))

test('trending compares last week with what four weeks before make one expect', async () => {
  // rising: 9 last week, 4 in the 28 days before, so 1 expected: (9 - 1) / sqrt(2) = 5.66
  // steady: 10 and 40, so 10 expected: 0; fading: 0 and 8, so 2 expected: -2 / sqrt(3) = -1.15; old: nothing in 35 days
  await createEvents(engine, 'events', [
    ...listens('rising', 9, asOf - 3 * day),
    ...listens('rising', 4, asOf - 20 * day),
    ...listens('steady', 10, asOf - 2 * day),
    ...listens('steady', 40, asOf - 15 * day),
    ...listens('fading', 8, asOf - 30 * day),
    ...listens('old', 5, asOf - 60 * day),
  ])
  const rows = await engine.rows(artistsSql('events', asOf))
  expect(Object.fromEntries(rows.map((row) => [row.artist_id, row.trending_rank]))).toEqual({
    rising: 1,
    steady: 2,
    fading: 3,
    old: null,
  })
})

test('plays, listeners and active days count what they say', async () => {
  await createEvents(engine, 'events', [
    event({ userId: 'ann', artistId: 'a', at: monday }),
    event({ userId: 'ann', artistId: 'a', at: monday + 1000 }),
    event({ userId: 'ben', artistId: 'a', at: monday - day }),
    event({ userId: 'cy', artistId: 'a', at: monday, kind: 'play_count', value: 7 }),
    event({ userId: 'dee', artistId: 'a', at: monday, kind: 'impression' }),
  ])
  const [row] = await engine.rows(artistsSql('events', asOf))
  expect(row).toMatchObject({ plays: 10, listeners: 3, active_days: 2 })
})

test('a card fact is that of the newest card that had it, and later cards are not known yet', async () => {
  await createEvents(engine, 'events', [
    event({
      userId: 'ann',
      artistId: 'a',
      at: monday - day,
      genre: 'jazz',
      followers: 10,
      artistName: 'Old Name',
    }),
    event({ userId: 'ann', artistId: 'a', at: monday, followers: 20, artistName: 'New Name' }),
    event({ userId: 'ann', artistId: 'a', at: asOf, genre: 'rock', followers: 99, artistName: 'Future' }),
  ])
  const [row] = await engine.rows(artistsSql('events', asOf))
  expect(row).toMatchObject({ name: 'New Name', genre: 'jazz', followers: 20 })
})
