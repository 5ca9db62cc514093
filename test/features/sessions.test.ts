// Sessions and inferred skips agree with a plain reading of the rules, on hand-made and on random histories.
import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { inferredOutcomesSql, sessionSummariesSql, sessionsSql } from '../../src/features/sessions.ts'
import { createListens, type Row } from './listen-table.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 1, tempDir: tmpdir() })
})
afterAll(() => engine.close())

const minute = 60_000
const noon = Date.UTC(2026, 2, 9, 12)
const listen = (eventId: string, minutes: number, more: Partial<Row> = {}): Row => ({
  eventId,
  userId: 'ann',
  at: noon + minutes * minute,
  ...more,
})
const sessionsOf = async (rows: readonly Row[], gapMinutes = 30) => {
  await createListens(engine, 'history', rows)
  const found = await engine.rows(`select * from (${sessionsSql('history', { gapMinutes })})`)
  return Object.fromEntries(found.map((row) => [String(row.event_id), Number(row.session)]))
}
const outcomesOf = async (rows: readonly Row[]) => {
  await createListens(engine, 'history', rows)
  const found = await engine.rows(inferredOutcomesSql('history', { leadSeconds: 30 }))
  return Object.fromEntries(found.map((row) => [String(row.event_id), String(row.outcome)]))
}

test('a gap is counted from the end of what was played; just the gap is no gap', async () => {
  const song = { durationMs: 10 * minute }
  expect(
    await sessionsOf([
      listen('a', 0, song),
      listen('b', 40, song),
      listen('c', 80.001, song),
      listen('d', 81),
    ]),
  ).toEqual({ a: 1, b: 1, c: 2, d: 2 })
})

test('a long play bridges what begins beside it, each listener has sessions of their own, play counts have none', async () => {
  const rows = [
    listen('mix', 0, { durationMs: 120 * minute }),
    listen('like', 5, { kind: 'like', durationMs: null }),
    listen('next', 145),
    listen('other', 300, { userId: 'ben' }),
    listen('count', 10, { kind: 'play_count' }),
  ]
  expect(await sessionsOf(rows)).toEqual({ mix: 1, like: 1, next: 1, other: 1 })
})

test('a session is summed up', async () => {
  await createListens(engine, 'history', [
    listen('a', 0, { durationMs: minute, artistId: 'x' }),
    listen('b', 1, { durationMs: minute, artistId: 'y', outcome: 'skipped', playedMs: 1000 }),
    listen('c', 100, { durationMs: minute }),
  ])
  const rows = await engine.rows(
    `select * from (${sessionSummariesSql('history', { gapMinutes: 30 })}) order by session`,
  )
  expect(rows).toMatchObject([
    {
      user_id: 'ann',
      session: 1,
      start_at: noon,
      end_at: noon + minute + 1000,
      plays: 2,
      skips: 1,
      artists: 2,
    },
    { session: 2, start_at: noon + 100 * minute, plays: 1, skips: 0, artists: 1 },
  ])
})

test('a song cut by more than 30 s was skipped, by less partial, from 80% on full', async () => {
  const cut = async (durationSeconds: number, afterSeconds: number) =>
    (
      await outcomesOf([
        listen('a', 0, { durationMs: durationSeconds * 1000 }),
        listen('b', afterSeconds / 60),
      ])
    ).a
  expect(await cut(200, 100)).toBe('skipped')
  expect(await cut(200, 159)).toBe('skipped')
  expect(await cut(200, 160)).toBeUndefined()
  expect(await cut(100, 71)).toBe('partial')
  expect(await cut(100, 69)).toBe('skipped')
  expect(await cut(100, 0)).toBeUndefined()
})

test('nothing is inferred where the client said it, where no length is known, nor from a like', async () => {
  expect(
    await outcomesOf([
      listen('said', 0, { playedMs: 200_000 }),
      listen('endless', 1, { durationMs: null }),
      listen('by hand', 2, { outcome: 'skipped' }),
      listen('liked over', 3),
      listen('like', 4, { kind: 'like' }),
      listen('last', 10),
    ]),
  ).toEqual({})
})

const history = fc.array(
  fc.record({
    userId: fc.constantFrom('ann', 'ben'),
    at: fc.integer({ min: 0, max: 400 }).map((step) => noon + step * 17_000),
    kind: fc.constantFrom('listen', 'listen', 'listen', 'like', 'play_count'),
    playedMs: fc.constantFrom(null, null, 5000, 100_000),
    durationMs: fc.constantFrom(null, 90_000, 200_000, 900_000),
    outcome: fc.constantFrom('full', 'partial', 'skipped'),
  }),
  { maxLength: 40 },
)

test('random histories: the same sessions and outcomes as a plain reading', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.constantFrom(1, 5, 30), async (drawn, gapMinutes) => {
      const rows = drawn.map((row, at) => ({ ...row, eventId: `e${String(at).padStart(3, '0')}` }))
      expect(await sessionsOf(rows, gapMinutes)).toEqual(plainSessions(rows, gapMinutes * minute))
      expect(await outcomesOf(rows)).toEqual(plainOutcomes(rows))
    }),
    { numRuns: 60 },
  )
})

type Drawn = Required<Pick<Row, 'eventId' | 'userId' | 'at' | 'kind' | 'playedMs' | 'durationMs' | 'outcome'>>
const inOrder = (rows: readonly Drawn[]) =>
  [...rows].sort((a, b) => a.at - b.at || (a.eventId < b.eventId ? -1 : 1))

function plainSessions(rows: readonly Drawn[], gap: number): Record<string, number> {
  const state = new Map<string, { session: number; busyUntil: number }>()
  const out: Record<string, number> = {}
  for (const row of inOrder(rows).filter(({ kind }) => kind !== 'play_count')) {
    const known = state.get(row.userId)
    const session = !known ? 1 : row.at - known.busyUntil > gap ? known.session + 1 : known.session
    const end = row.at + (row.kind === 'listen' ? (row.playedMs ?? row.durationMs ?? 0) : 0)
    state.set(row.userId, { session, busyUntil: Math.max(known?.busyUntil ?? 0, end) })
    out[row.eventId] = session
  }
  return out
}

function plainOutcomes(rows: readonly Drawn[]): Record<string, string> {
  const out: Record<string, string> = {}
  for (const userId of ['ann', 'ben']) {
    const listens = inOrder(rows).filter((row) => row.userId === userId && row.kind === 'listen')
    for (const [at, row] of listens.entries()) {
      const heard = (listens[at + 1]?.at ?? Number.POSITIVE_INFINITY) - row.at
      if (row.playedMs !== null || row.durationMs === null || row.outcome !== 'full') continue
      if (heard === 0 || heard >= 0.8 * row.durationMs) continue
      out[row.eventId] = row.durationMs - heard > 30_000 ? 'skipped' : 'partial'
    }
  }
  return out
}
