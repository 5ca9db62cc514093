// Traps that systems like this one fell into (replayed feedback, replaced files, time units, dates ahead), and that we must not.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { quoted } from '../../src/engine/engine.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { readFeatureVersion } from '../../src/jobs/feature-version.ts'
import { featuresJob } from '../../src/jobs/features.ts'
import { ingestJob } from '../../src/jobs/ingest.ts'
import { findRejects, retryRejects } from '../../src/jobs/rejects.ts'
import { runJobs } from '../../src/jobs/run.ts'
import { day, follow, ingest, put, shown } from './events-put.ts'
import { openTestContext, startAt, type TestContext } from './job-context.ts'

let opened: TestContext
let context: JobContext
beforeEach(async () => {
  opened = await openTestContext({ 'ingest.land': false })
  context = opened.context
})
afterEach(() => opened.close())

const hour = 3_600_000

/** A listen of artist-1 by `walker`, so many hours before the clock. */
const listen = (id: string, hoursAgo: number, changes: Record<string, unknown> = {}): string =>
  follow(id, {
    event: 'listen',
    at: startAt - hoursAgo * hour,
    track: { id: 'song', durationMs: 200_000 },
    playedMs: 200_000,
    ...changes,
  })

/** Runs ingest and features; plays of each artist, and the status of the feature job. */
async function features(): Promise<{ readonly plays: Record<string, number>; readonly status: string }> {
  const runs = await runJobs([ingestJob, featuresJob], context)
  const version = await readFeatureVersion(context.objects)
  const engine = await context.engine()
  const path = quoted(await context.objects.localFile(version!.artistsKey))
  const rows = await engine.rows(`select artist_id, plays from read_parquet(${path}) order by artist_id`)
  const plays = Object.fromEntries(rows.map(({ artist_id, plays }) => [String(artist_id), Number(plays)]))
  return { plays, status: runs[1]!.status }
}

test('sending the same events again neither adds plays nor overwrites them', async () => {
  await put(context, 'a.ndjson', [listen('1', 50), listen('2', 49), listen('3', 48)])
  expect((await features()).plays).toEqual({ 'artist-1': 3 })
  await put(context, 'b.ndjson', [listen('1', 50), listen('2', 49, { playedMs: 1000 })])
  expect(await features()).toEqual({ plays: { 'artist-1': 3 }, status: 'nothing-to-do' })
  await put(context, 'c.ndjson', [listen('4', 47)])
  expect((await features()).plays).toEqual({ 'artist-1': 4 })
})

test('an object replaced by one with as many events and bytes changes the features', async () => {
  await put(context, 'a.ndjson', [listen('1', 50), listen('2', 49)])
  await features()
  await put(context, 'a.ndjson', [
    listen('1', 50),
    listen('3', 49, { artist: { id: 'artist-2', name: 'Artist 2' } }),
  ])
  const replaced = await context.rawEvents.get('a.ndjson')
  const { plays, status } = await features()
  expect(status).toBe('done')
  expect(plays).toEqual({ 'artist-1': 2, 'artist-2': 1 })
  await context.rawEvents.put('a.ndjson', replaced)
  expect((await features()).status).toBe('nothing-to-do')
})

test('the same bytes written again are not read again, other bytes of the same length are', async () => {
  await put(context, 'a.ndjson', [listen('1', 50)])
  await ingest(context)
  await put(context, 'a.ndjson', [listen('1', 50)])
  expect(await ingest(context)).toMatchObject({ lines: 0 })
  await put(context, 'a.ndjson', [listen('2', 50)])
  expect(await ingest(context)).toMatchObject({ lines: 1, clean: 1, changed: 1 })
  expect(opened.logged.map(({ fact }) => fact)).toContain('ingest.object-changed')
})

test.each([
  ['seconds', startAt / 1000 - 5000, 'too-old'],
  ['microseconds', (startAt - 5000) * 1000, 'future-time'],
])('a time in %s is a reject that says so', async (unit, at, reason) => {
  await put(context, 'a.ndjson', [listen('1', 0, { at })])
  expect(await ingest(context)).toMatchObject({ clean: 0, [reason]: 1 })
  const { examples } = await findRejects(context, { limit: 1 })
  expect(examples[0]!.detail).toContain(`looks like ${unit}; send milliseconds`)
})

test('one id counts once, be it within a line’s distance, in another object, or in another month', async () => {
  const months = [0, 40, 80].map((days) => listen('1', days * 24))
  await put(context, 'a.ndjson', [listen('1', 1), listen('1', 1), ...months])
  await put(context, 'b.ndjson', months)
  expect(await ingest(context)).toMatchObject({ clean: 1, duplicates: 7 })
  await put(context, 'c.ndjson', months)
  expect(await ingest(context)).toMatchObject({ clean: 0, duplicates: 3 })
})

test('an event from the future blocks none that come later, and is taken in when its time has come', async () => {
  await put(context, 'a.ndjson', [listen('ahead', -30 * 24), listen('1', 50)])
  expect(await ingest(context)).toMatchObject({ clean: 1, 'future-time': 1 })
  opened.clock.now = startAt + day
  await put(context, 'b.ndjson', [listen('2', -20)])
  expect(await ingest(context)).toMatchObject({ clean: 1, rejects: 0 })
  await features()
  expect((await readFeatureVersion(context.objects))!.asOf).toBe(startAt + 20 * hour + 1)
  opened.clock.now = startAt + 31 * day
  expect(await retryRejects(context, { reason: 'future-time' })).toMatchObject({ read: 1, clean: 1 })
  expect(await shown(context)).toHaveLength(3)
})
