// Judgments through a whole job context: names merged, credits shared, machines doubted, skips inferred; a person's word holds from run to run.
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Report } from '../../src/data/report.ts'
import { openJudgedEvents } from '../../src/features/plausibility-events.ts'
import { addDecision, readDecisions, readIdentities } from '../../src/jobs/identity.ts'
import { judgeEvents, localJudgments } from '../../src/jobs/plausibility.ts'
import { readReport } from '../../src/reports/reports.ts'
import { createListens, type Row } from '../features/listen-table.ts'
import { openTestContext, type TestContext } from './job-context.ts'

let opened: TestContext
beforeEach(async () => {
  opened = await openTestContext()
})
afterEach(() => opened.close())

const noon = Date.UTC(2026, 1, 9, 12)
const minute = 60_000
/** `count` listens of a listener to one artist, ten minutes apart, heard in full. */
const listens = (userId: string, [artistId, artistName]: readonly [string, string], count: number): Row[] =>
  Array.from({ length: count }, (_, at) => ({
    eventId: `${userId} ${artistName} ${at}`,
    userId,
    at: noon + at * 10 * minute,
    artistId,
    artistName,
    playedMs: 200_000,
  }))
const catalogue = (): Row[] => [
  ...listens('ann', ['beatles', 'The Beatles'], 20),
  ...listens('ben', ['name:beatles', 'Beatles, The'], 3),
  ...listens('cat', ['name:miles davis', 'Miles Davis'], 9),
  ...listens('dan', ['name:john coltrane', 'John Coltrane'], 8),
  ...listens('eve', ['name:miles davis and john coltrane', 'Miles Davis and John Coltrane'], 2),
  ...listens('fay', ['name:miles davis', 'Miles Davis feat. John Coltrane'], 1),
]

async function judge(rows: readonly Row[]) {
  const { context } = opened
  const engine = await context.engine()
  await createListens(engine, 'current', rows)
  const judged = await judgeEvents(context, engine, { source: 'current', version: 'v1' })
  await openJudgedEvents(engine, 'current', await localJudgments(context.objects, judged.keys))
  return { ...judged, engine }
}

test('names without an id join the artist they mean, and lines of several artists are shared', async () => {
  const { counts, keys, engine } = await judge(catalogue())
  expect(counts).toMatchObject({ mergedArtists: 1, creditedLines: 2, doubts: 0, inferredOutcomes: 0 })
  expect(Object.keys(keys).sort()).toEqual(['credits', 'identities'])
  expect(await readIdentities(opened.context)).toMatchObject([
    { artistId: 'name:beatles', canonicalId: 'beatles', rule: 'same-name' },
  ])
  const plays = await engine.rows(
    'select artist_id, sum(weight) as weight from credited group by artist_id order by 1',
  )
  expect(plays).toEqual([
    { artist_id: 'beatles', weight: 23 },
    { artist_id: 'name:john coltrane', weight: 8 + 1 + 0.25 },
    { artist_id: 'name:miles davis', weight: 9 + 1 + 1 },
  ])
  expect(await engine.rows('select count(*) as events from events')).toEqual([{ events: 43 }])
})

test('the same events give the same tables under the same keys, and rows keep their time', async () => {
  const first = await judge(catalogue())
  opened.clock.now += 86_400_000
  expect((await judge(catalogue())).keys).toEqual(first.keys)
})

test('a split holds, a merge is done, and both are kept in order', async () => {
  const { context } = opened
  await judge(catalogue())
  await addDecision(context, { kind: 'split', artistId: 'name:beatles', at: 1 })
  await addDecision(context, { kind: 'merge', artistId: 'name:john coltrane', into: 'beatles', at: 2 })
  await judge(catalogue())
  expect(await readIdentities(context)).toMatchObject([
    { artistId: 'name:john coltrane', canonicalId: 'beatles', rule: 'decided', score: 1 },
  ])
  expect((await readDecisions(context.objects)).map(({ kind }) => kind)).toEqual(['split', 'merge'])
})

test('a service that names all its artists by id has no tables', async () => {
  const { keys, counts } = await judge(listens('ann', ['beatles', 'The Beatles'], 3))
  expect(keys).toEqual({})
  expect(counts.mergedArtists).toBe(0)
  expect(await readIdentities(opened.context)).toEqual([])
})

test('a machine is doubted under the artist’s canonical id, reported, and its plays stay', async () => {
  const bot = [0, 1, 2, 3].flatMap((day) =>
    Array.from(
      { length: 60 },
      (_, at): Row => ({
        eventId: `bot ${day} ${at}`,
        userId: 'bot',
        at: noon - 43_000_000 + day * 86_400_000 + at * minute + ((at * 7) % 11) * 1000,
        artistId: at % 2 === 0 ? 'beatles' : 'name:beatles',
        artistName: 'The Beatles',
        playedMs: 40_000,
      }),
    ),
  )
  const { counts, engine } = await judge([...catalogue(), ...bot])
  expect(counts).toMatchObject({ doubts: 5, doubtedListeners: 1, doubtedListens: 240 })
  expect(
    await engine.rows(
      "select count(*) as plays, round(sum(weight), 6) as weight from events where user_id = 'bot'",
    ),
  ).toEqual([{ plays: 240, weight: 0 }])
  const report = (await readReport(opened.context.objects, 'plausibility')) as Report
  expect(
    report.figures.filter(({ of }) => of === 'one-artist').map(({ metric, value }) => [metric, value]),
  ).toEqual([
    ['days', 4],
    ['listeners', 1],
    ['listens', 240],
  ])
})

test('skips are inferred where no listening time is known', async () => {
  const untimed = ['one', 'two', 'three'].map(
    (eventId, at): Row => ({ eventId, userId: 'gil', at: noon + at * minute }),
  )
  const { counts, engine } = await judge(untimed)
  expect(counts.inferredOutcomes).toBe(2)
  expect(await engine.rows('select event_id, outcome, inferred from events order by occurred_at')).toEqual([
    { event_id: 'one', outcome: 'skipped', inferred: true },
    { event_id: 'two', outcome: 'skipped', inferred: true },
    { event_id: 'three', outcome: 'full', inferred: false },
  ])
})
