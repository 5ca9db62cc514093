// Planted machines are found and weighed down; what people do is not; the view changes nothing but weights.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { type Engine, quoted } from '../../src/engine/engine.ts'
import { createScratch, type Scratch } from '../../src/engine/files.ts'
import { openEngine } from '../../src/engine/open.ts'
import { doubtsSql } from '../../src/features/plausibility.ts'
import { openJudgedEvents } from '../../src/features/plausibility-events.ts'
import { createListens, type Row } from './listen-table.ts'

let engine: Engine
let scratch: Scratch
beforeAll(async () => {
  engine = await openEngine({ threads: 1, tempDir: tmpdir() })
  scratch = await createScratch(join(tmpdir(), 'tastemaker-test-scratch'))
})
afterAll(async () => {
  await engine.close()
  await scratch.close()
})

const limits = readSettings().features.plausibility
const dayMs = 86_400_000
const monday = Date.UTC(2026, 2, 9)
const dayNumber = monday / dayMs

/** `count` plays on a day, `gap` ms apart, one artist and track after the other out of `artists`. */
function plays(
  userId: string,
  count: number,
  more: {
    gap: number | ((at: number) => number)
    artists?: number
    day?: number
    playedMs?: number
    tracks?: number
  },
): Row[] {
  let at = monday + (more.day ?? 0) * dayMs + 1000
  return Array.from({ length: count }, (_, place) => {
    at += typeof more.gap === 'number' ? more.gap : more.gap(place)
    return {
      eventId: `${userId}-${more.day ?? 0}-${place}`,
      userId,
      at,
      artistId: `a${place % (more.artists ?? 20)}`,
      trackId: `t${place % (more.tracks ?? 30)}`,
      playedMs: more.playedMs ?? 60_000,
    }
  })
}
/** Seconds that no clock would make. */
const uneven = (place: number) => 40_000 + ((place * 7919) % 61) * 1000

const doubtsOf = async (rows: readonly Row[]) => {
  await createListens(engine, 'plays', rows)
  return engine.rows(
    `select user_id, day - ${dayNumber} as day, artist_id, flag, weight from (${doubtsSql('plays', limits)}) order by all`,
  )
}

describe('machines', () => {
  test('48 hours of listening in a day are believed by half', async () => {
    const rows = plays('bot', 96, { gap: uneven, playedMs: 1_800_000 })
    expect(await doubtsOf(rows)).toEqual([
      { user_id: 'bot', day: 0, artist_id: null, flag: 'too-long', weight: 0.5 },
    ])
  })

  test('2,000 plays of 30 s in a day', async () => {
    const rows = plays('bot', 2000, {
      gap: (place) => 20_000 + ((place * 7919) % 41) * 1000,
      playedMs: 30_000,
    })
    expect(await doubtsOf(rows)).toEqual([
      { user_id: 'bot', day: 0, artist_id: null, flag: 'too-many', weight: 1 / 2000 },
    ])
  })

  test('plays at one second as other plays', async () => {
    const rows = plays('bot', 200, { gap: (place) => (place % 2 === 0 ? uneven(place) : 0) })
    expect((await doubtsOf(rows)).map(({ flag }) => flag)).toEqual(['same-second'])
  })

  test('a play every 31 seconds, to the second', async () => {
    const rows = plays('bot', 300, { gap: 31_000, playedMs: 31_000 })
    expect(await doubtsOf(rows)).toEqual([
      { user_id: 'bot', day: 0, artist_id: null, flag: 'clockwork', weight: 1 / 300 },
    ])
  })

  test('a fan of one artist for five days: each day counts for that artist like one play', async () => {
    const rows = [0, 1, 2, 3, 4].flatMap((day) => plays('farm', 60, { gap: uneven, artists: 1, day }))
    const others = [5, 6, 7, 8].flatMap((day) => plays('farm', 60, { gap: uneven, day }))
    expect(await doubtsOf([...rows, ...others])).toEqual(
      [0, 1, 2, 3, 4].map((day) => ({
        user_id: 'farm',
        day,
        artist_id: 'a0',
        flag: 'one-artist',
        weight: 1 / 60,
      })),
    )
  })

  test('an account that does nothing else is a machine and counts nothing', async () => {
    const rows = [0, 1, 2, 3, 4].flatMap((day) => plays('farm', 60, { gap: uneven, artists: 1, day }))
    const found = await doubtsOf([...rows, ...plays('farm', 5, { gap: 3_000_000, day: 6 })])
    expect(found.filter(({ flag }) => flag === 'machine')).toEqual([
      { user_id: 'farm', day: null, artist_id: null, flag: 'machine', weight: 0 },
    ])
  })
})

describe('people', () => {
  test.each<[string, () => Row[]]>([
    [
      'a long day of music',
      () => plays('ann', 300, { gap: (place) => 200_000 + (place % 37) * 1000, playedMs: 200_000 }),
    ],
    [
      'one song on repeat all day',
      () => plays('ann', 300, { gap: 200_000, tracks: 1, artists: 1, playedMs: 200_000 }),
    ],
    [
      'one artist for two days',
      () => [0, 1].flatMap((day) => plays('ann', 80, { gap: uneven, artists: 1, day })),
    ],
    [
      'one artist every other day',
      () => [0, 2, 4, 6].flatMap((day) => plays('ann', 80, { gap: uneven, artists: 1, day })),
    ],
    [
      'a fan who hears others as well',
      () =>
        [0, 1, 2, 3].flatMap((day) => [
          ...plays('ann', 80, { gap: uneven, artists: 1, day }),
          ...plays('ann', 10, { gap: 3_000_000, artists: 9, day }).map((row, at) => ({
            ...row,
            eventId: `o${day}-${at}`,
          })),
        ]),
    ],
    [
      'dates without a time',
      () =>
        Array.from({ length: 200 }, (_, at) => ({
          eventId: `e${at}`,
          userId: 'ann',
          at: monday,
          artistId: `a${at}`,
        })),
    ],
  ])('%s', async (_what, rows) => {
    const found = await doubtsOf(rows().map((row) => ({ ...row, durationMs: 200_000 })))
    expect(found).toEqual([])
  })
})

test('the view keeps every event once, maps ids, takes the least weight and marks what is inferred', async () => {
  const file = async (name: string, sql: string) => {
    const path = scratch.file(`${name}.parquet`)
    await engine.run(`copy (${sql}) to ${quoted(path)} (format parquet)`)
    return path
  }
  await createListens(engine, 'raw', [
    { eventId: 'a', userId: 'ann', at: monday, artistId: 'name:beatles', artistName: 'Beatles' },
    { eventId: 'b', userId: 'ann', at: monday + dayMs, artistId: 'x', artistName: 'X' },
    { eventId: 'c', userId: 'ben', at: monday, artistId: 'name:x & y', artistName: 'X & Y' },
    { eventId: 'd', userId: 'cat', at: monday, artistId: 'x' },
  ])
  const judgments = {
    identities: await file('identities', "select 'name:beatles' as artist_id, 'beatles' as canonical_id"),
    credits: await file(
      'credits',
      "select * from (values ('name:x & y', 'X & Y', 'x', 0.5), ('name:x & y', 'X & Y', 'y', 0.5)) v(artist_id, artist_name, credited_id, weight)",
    ),
    doubts: await file(
      'doubts',
      `select * from (values ('ann', ${dayNumber}, null, 'too-long', 0.5), ('ann', ${dayNumber}, null, 'clockwork', 0.1), ('ann', ${dayNumber}, 'beatles', 'one-artist', 0.2), ('cat', null, null, 'machine', 0.0)) v(user_id, day, artist_id, flag, weight)`,
    ),
    outcomes: await file('outcomes', "select 'b' as event_id, 'skipped' as outcome"),
  }
  await openJudgedEvents(engine, 'raw', judgments)
  expect(
    await engine.rows(
      'select event_id, artist_id, outcome, round(weight, 6) as weight, inferred from events order by event_id',
    ),
  ).toEqual([
    { event_id: 'a', artist_id: 'beatles', outcome: 'full', weight: 0.1, inferred: false },
    { event_id: 'b', artist_id: 'x', outcome: 'skipped', weight: 1, inferred: true },
    { event_id: 'c', artist_id: 'name:x & y', outcome: 'full', weight: 1, inferred: false },
    { event_id: 'd', artist_id: 'x', outcome: 'full', weight: 0, inferred: false },
  ])
  expect(await engine.rows("select artist_id, weight from credited where event_id = 'c' order by 1")).toEqual(
    [
      { artist_id: 'x', weight: 0.5 },
      { artist_id: 'y', weight: 0.5 },
    ],
  )
  await openJudgedEvents(engine, 'raw', {})
  expect(
    await engine.rows(
      'select min(weight) as low, max(weight) as high, count(*) as events, bool_or(inferred) as inferred from credited',
    ),
  ).toEqual([{ low: 1, high: 1, events: 4, inferred: false }])
})
