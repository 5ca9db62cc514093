import { tmpdir } from 'node:os'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Engine } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { futureRows } from '../../src/features/feature-leaks.ts'
import { type JoinOptions, joinPointInTime } from '../../src/features/point-in-time.ts'
import { type Asked, bruteForce, createAsked, createRows, plainView, type Row } from './feature-rows.ts'

let engine: Engine
beforeAll(async () => {
  engine = await openEngine({ threads: 2, tempDir: tmpdir() })
})
afterAll(() => engine.close())

async function join(
  rows: readonly Row[],
  asked: readonly Asked[],
  options: JoinOptions & { readonly ttlSeconds?: number | null } = {},
) {
  await createRows(engine, 'stored', rows)
  await createAsked(engine, 'asked', asked)
  const view = plainView(options.ttlSeconds ?? null)
  await joinPointInTime(
    engine,
    { asked: 'asked', views: [{ view, rows: 'stored' }], into: 'joined' },
    options,
  )
  return {
    rows: await engine.rows('select * from joined'),
    future: await futureRows(engine, 'joined', [view]),
  }
}

const row = (event: number, score: number | null, more: Partial<Row> = {}): Row => ({
  id: 'a',
  event,
  created: event,
  sequence: 0,
  score,
  ...more,
})
const scores = async (...given: Parameters<typeof join>) =>
  (await join(...given)).rows.map((found) => found.plain__score)

test('the newest row at or before the moment is taken, none of the future', async () => {
  const stored = [row(1000, 1), row(2000, 2), row(3000, 3)]
  const asked = [999, 1000, 2500, 9000].map((at) => ({ id: 'a', at }))
  expect(await scores(stored, asked)).toEqual([null, 1, 2, 3])
})

test('a row recorded late, and a correction, stay unknown until they were created', async () => {
  const late = row(2000, 2, { created: 5000, sequence: 1 })
  const corrected = row(1000, 10, { created: 6000, sequence: 2 })
  const stored = [row(1000, 1), late, corrected]
  const asked = [4999, 5000, 7000].map((at) => ({ id: 'a', at }))
  expect(await scores(stored, asked)).toEqual([1, 2, 2])
  expect(await scores([row(1000, 1), corrected], asked)).toEqual([1, 1, 10])
  // As recorded by now, which leaks by being asked to, and is counted.
  expect(await scores([row(1000, 1), corrected], asked, { creation: 'ignored' })).toEqual([10, 10, 10])
  expect((await join([row(1000, 1), corrected], asked, { creation: 'ignored' })).future).toBe(2)
})

test('a row as old as the time to live is not used, one a millisecond younger is', async () => {
  const asked = [10_999, 11_000].map((at) => ({ id: 'a', at }))
  expect(await scores([row(1000, 1)], asked, { ttlSeconds: 10 })).toEqual([1, null])
  expect(await scores([row(1000, 1)], asked, { ttlSeconds: null })).toEqual([1, 1])
})

test('unknown and null entities keep their rows without values, equal rows stay two', async () => {
  const asked = [
    { id: null, at: 5000 },
    { id: 'nobody', at: 5000 },
    { id: 'a', at: 5000 },
    { id: 'a', at: 5000 },
  ]
  const { rows } = await join([row(1000, 1)], asked)
  expect(rows.map((found) => [found.number, found.plain__score])).toEqual([
    [0, null],
    [1, null],
    [2, 1],
    [3, 1],
  ])
  expect(await scores([], asked)).toEqual([null, null, null, null])
  expect(await scores([row(1000, 1)], [])).toEqual([])
})

test('rows without a time, or without a key, cannot be asked for', async () => {
  await createRows(engine, 'stored', [])
  const views = [{ view: plainView(), rows: 'stored' }]
  await engine.run(
    `create or replace table untimed as select 'a' as thing_id, cast(null as bigint) as event_timestamp`,
  )
  await expect(joinPointInTime(engine, { asked: 'untimed', views, into: 'joined' })).rejects.toMatchObject({
    code: 'bad-argument',
  })
  await engine.run('create or replace table keyless as select 1 as event_timestamp')
  await expect(joinPointInTime(engine, { asked: 'keyless', views, into: 'joined' })).rejects.toThrow(
    'thing_id',
  )
})

test('on random histories with late and corrected rows it is what brute force finds', async () => {
  const id = fc.constantFrom('a', 'b', 'c')
  const time = fc.integer({ min: 0, max: 12 }).map((hour) => hour * 1000)
  const rows = fc
    .array(
      fc.record({
        id,
        event: time,
        delay: fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 9 })),
        score: fc.option(fc.integer({ min: 0, max: 99 }), { freq: 5 }),
      }),
      { maxLength: 25 },
    )
    .map((all) =>
      all.map(({ id, event, delay, score }, sequence) => ({
        id,
        event,
        created: event + delay * 1000,
        sequence,
        score,
      })),
    )
  const asked = fc.array(fc.record({ id: fc.option(id, { freq: 8 }), at: time }), { maxLength: 12 })
  const ttlSeconds = fc.constantFrom(null, 1, 3, 7)
  const creation = fc.constantFrom('honoured' as const, 'ignored' as const)
  await fc.assert(
    fc.asyncProperty(rows, asked, ttlSeconds, creation, async (rows, asked, ttlSeconds, creation) => {
      const found = await join(rows, asked, { ttlSeconds, creation })
      const ttlMs = ttlSeconds === null ? null : ttlSeconds * 1000
      const expected = bruteForce(rows, asked, { ttlMs, creation })
      expect(
        found.rows.map((one) => [one.plain__score, one.plain__event_timestamp, one.plain__created_timestamp]),
      ).toEqual(expected.map((one) => [one?.score ?? null, one?.event ?? null, one?.created ?? null]))
      if (creation === 'honoured') expect(found.future).toBe(0)
    }),
    { numRuns: 120 },
  )
}, 15_000)
