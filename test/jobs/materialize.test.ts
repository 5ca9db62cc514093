import { afterEach, beforeEach, expect, test } from 'vitest'
import { retractRevision } from '../../src/data/event.ts'
import { leakCheck } from '../../src/features/feature-leaks.ts'
import { onlineValue, readOnlineRow, writeOnlineRows } from '../../src/features/online-rows.ts'
import { joinPointInTime } from '../../src/features/point-in-time.ts'
import { openRegistry } from '../../src/features/registry.ts'
import { openFeatureSources } from '../../src/jobs/feature-sources.ts'
import { featureRowsRelation, readStatistics, readViewState } from '../../src/jobs/feature-store.ts'
import { writeFeatureVersion } from '../../src/jobs/feature-version.ts'
import { materialize, periodEnds } from '../../src/jobs/materialize.ts'
import { requireFeatures } from '../../src/jobs/training-data.ts'
import {
  day,
  type FeatureStoreSample,
  hour,
  listen,
  openFeatureStoreSample,
  start,
} from './feature-store-sample.ts'

let sample: FeatureStoreSample
beforeEach(async () => {
  sample = await openFeatureStoreSample()
})
afterEach(() => sample.close())

const viewOf = (name: string) => openRegistry(sample.context.settings.features).find(name)
const views = ['listener_activity']

/** Plays of the last 7 days of a listener, joined at some hours. */
async function playsAt(
  user: string,
  hours: readonly number[],
  creation: 'honoured' | 'ignored' = 'honoured',
) {
  const engine = await sample.context.engine()
  const view = viewOf('listener_activity')
  const asked = hours.map((at) => `('${user}', cast(${start + at * hour} as bigint))`).join(', ')
  await engine.run(
    `create or replace table asked as select * from (values ${asked}) t(user_id, event_timestamp)`,
  )
  const rows = await featureRowsRelation(sample.context, view)
  await joinPointInTime(engine, { asked: 'asked', views: [{ view, rows }], into: 'joined' }, { creation })
  const found = await engine.rows(
    'select listener_activity__plays_7d as plays from joined order by event_timestamp',
  )
  return found.map(({ plays }) => plays)
}

const online = async (user: string, feature = 'plays_7d') => {
  const view = viewOf('listener_activity')
  const row = await readOnlineRow(sample.context.lists, view, [user])
  return onlineValue(row, { feature, ttlSeconds: view.ttlSeconds, now: sample.context.now() })
}

test('ends of UTC days after a time, up to and with another', () => {
  expect(periodEnds(start, start)).toEqual([])
  expect(periodEnds(start - 1, start)).toEqual([start])
  expect(periodEnds(start, start + 2 * day + 5)).toEqual([start + day, start + 2 * day])
})

test('incremental keeps each day’s end and the newest rows, and puts the newest online', async () => {
  await sample.arrive([listen('ann', 'a', 1), listen('ann', 'b', 20), listen('bob', 'a', 30)])
  sample.setClock(31)
  const [run] = await materialize(sample.context, { views })
  // The end of the first day (hour 24) had two plays of ann, the newest rows both listeners.
  expect(run).toMatchObject({ rows: 2, periodRows: 1, correctedRows: 0, onlineRows: 2 })
  expect(await playsAt('ann', [10, 24, 31])).toEqual([null, 2, 2])
  expect(await online('ann')).toMatchObject({
    value: 2,
    status: 'PRESENT',
    eventTimestamp: start + 30 * hour + 1,
  })
  expect(await online('nobody')).toMatchObject({ value: null, status: 'NOT_FOUND' })
})

test('late rows are picked up whatever their times are, and stay unknown to the past', async () => {
  await sample.arrive([listen('ann', 'a', 1), listen('bob', 'b', 30, { known: 40 })])
  sample.setClock(41)
  await materialize(sample.context, { views })
  expect(
    (await readViewState(sample.context.objects, viewOf('listener_activity'))).watermark?.recordedAt,
  ).toBe(start + 40 * hour)
  // Happened before the day's end; was received before the newest recorded event, but came into the clean data only now.
  await sample.arrive([listen('ann', 'late', 5, { known: 6 }), listen('bob', 'b', 47)])
  sample.setClock(47)
  const [run] = await materialize(sample.context, { views })
  expect(run).toMatchObject({ periodRows: 0, correctedRows: 1 })
  expect(await playsAt('ann', [24, 46.5, 47])).toEqual([1, 1, 2])
  expect(await playsAt('ann', [24, 46.5], 'ignored')).toEqual([2, 2])
  expect(await online('ann')).toMatchObject({ value: 2 })
})

test('a correction and a retraction change what is known from then on, not before', async () => {
  await sample.arrive([listen('ann', 'a', 1), listen('ann', 'b', 2), listen('bob', 'b', 30)])
  sample.setClock(31)
  await materialize(sample.context, { views })
  const gone = { kind: 'retract' as const, revision: retractRevision, artistId: '', artistName: '' }
  await sample.correct([
    listen('ann', 'a', 1, { ...gone, known: 33 }),
    listen('bob', 'b', 30, { ...gone, known: 33 }),
  ])
  sample.setClock(34)
  const [run] = await materialize(sample.context, { views })
  expect(run?.correctedRows).toBe(1)
  expect(await playsAt('ann', [24, 32, 34])).toEqual([2, 2, 1])
  // Bob has no event left: his row is gone online, and offline his newest rows are of no use to anybody.
  expect(await online('bob')).toMatchObject({ status: 'NOT_FOUND' })
  expect(await online('ann')).toMatchObject({ value: 1 })
})

test('an end in the future is cut to now and blocks no later run', async () => {
  await sample.arrive([listen('ann', 'a', 1)])
  sample.setClock(2)
  await materialize(sample.context, { views, to: start + 1000 * day })
  const state = await readViewState(sample.context.objects, viewOf('listener_activity'))
  expect(state.watermark?.recordedAt).toBeLessThanOrEqual(start + 2 * hour)
  expect(state.newest?.eventTimestamp).toBeLessThanOrEqual(start + 2 * hour)
  await sample.arrive([listen('ann', 'b', 3)])
  sample.setClock(4)
  await materialize(sample.context, { views })
  expect(await online('ann')).toMatchObject({ value: 2 })
  await expect(materialize(sample.context, { views, from: start + 10 * day })).rejects.toThrow('cut to now')
})

test('an earlier end, or a newest event that was taken back, moves nothing back', async () => {
  await sample.arrive([listen('ann', 'a', 1), listen('ann', 'b', 30)])
  sample.setClock(31)
  await materialize(sample.context, { views })
  const features = await requireFeatures(sample.context)
  await writeFeatureVersion(sample.context.objects, {
    ...features,
    version: 'shorter',
    asOf: start + 2 * hour,
  })
  sample.setClock(32)
  await materialize(sample.context, { views, to: start + 5 * hour })
  const { newest } = await readViewState(sample.context.objects, viewOf('listener_activity'))
  expect(newest).toMatchObject({ eventTimestamp: start + 30 * hour + 1, createdTimestamp: start + 32 * hour })
  expect(await online('ann')).toMatchObject({ value: 2, eventTimestamp: start + 30 * hour + 1 })
})

test('clean files that are laid out anew hold nothing new', async () => {
  const events = [listen('ann', 'a', 1), listen('bob', 'a', 3), listen('ann', 'b', 30)]
  await sample.arrive(events.slice(0, 1))
  await sample.arrive(events.slice(1))
  sample.setClock(31)
  await materialize(sample.context, { views })
  const { events: keys, ...features } = await requireFeatures(sample.context)
  await sample.arrive(events)
  const compacted = (await requireFeatures(sample.context)).events.slice(-1)
  expect(keys).toHaveLength(2)
  await writeFeatureVersion(sample.context.objects, { ...features, version: 'compacted', events: compacted })
  sample.setClock(32)
  const [run] = await materialize(sample.context, { views })
  expect(run).toMatchObject({ periodRows: 0, correctedRows: 0, rows: 2 })
})

test('applying definitions again resets nothing; a changed one starts a version of its own', async () => {
  await sample.arrive([listen('ann', 'a', 1), listen('ann', 'a', 30)])
  sample.setClock(31)
  await materialize(sample.context, { views })
  const state = await readViewState(sample.context.objects, viewOf('listener_activity'))
  const again = openRegistry(sample.context.settings.features).find('listener_activity')
  expect(await readViewState(sample.context.objects, again)).toEqual(state)
  const [run] = await materialize(sample.context, { views })
  expect(run).toMatchObject({ periodRows: 0, correctedRows: 0 })
  const changed = { ...again, version: 'another' }
  expect(await readViewState(sample.context.objects, changed)).toMatchObject({ sequence: 0, snapshots: [] })
})

test('a stretch of an imported history: nothing was known then, everything is known now', async () => {
  // Three days of events, all recorded on the tenth day.
  await sample.arrive([1, 25, 49].map((at) => listen('ann', `a${at}`, at, { known: 240 })))
  sample.setClock(241)
  const [run] = await materialize(sample.context, { views, from: start, to: start + 3 * day })
  expect(run).toMatchObject({ periodRows: 0, correctedRows: 3, onlineRows: 0 })
  expect(await playsAt('ann', [24, 48, 72])).toEqual([null, null, null])
  expect(await playsAt('ann', [24, 48, 72], 'ignored')).toEqual([1, 2, 3])
  expect(await playsAt('ann', [241])).toEqual([3])
  // Done again it finds nothing to say.
  sample.setClock(242)
  const [second] = await materialize(sample.context, { views, from: start, to: start + 3 * day })
  expect(second).toMatchObject({ periodRows: 0, correctedRows: 0 })
})

test('killed before its state is written, a run is done again and leaves the same rows', async () => {
  await sample.arrive([listen('ann', 'a', 1), listen('bob', 'a', 30)])
  sample.setClock(31)
  const { objects } = sample.context
  const dying = {
    ...sample.context,
    objects: {
      ...objects,
      put: async (key: string, ...rest: [Uint8Array]) => {
        if (key.endsWith('state.json')) throw new Error('killed')
        return objects.put(key, ...rest)
      },
    },
  }
  await expect(materialize(dying, { views })).rejects.toThrow('killed')
  expect(await playsAt('ann', [31])).toEqual([null])
  await materialize(sample.context, { views })
  expect(await playsAt('ann', [31])).toEqual([1])
  const rows = await featureRowsRelation(sample.context, viewOf('listener_activity'))
  const [count] = await (await sample.context.engine()).rows(`select count(*) as n from ${rows}`)
  expect(count?.n).toBe(3)
})

test('a feature computed with a later as-of is found by the leak check, an honest store is not blamed', async () => {
  await sample.arrive([listen('ann', 'a', 1), listen('ann', 'b', 30)])
  sample.setClock(31)
  await materialize(sample.context, { views: ['listener_activity', 'artist_popularity'] })
  const engine = await sample.context.engine()
  const sources = await openFeatureSources(sample.context, await requireFeatures(sample.context))
  const time = { asOf: start + day, settings: sample.context.settings.features }
  for (const name of ['listener_activity', 'artist_popularity']) {
    const view = viewOf(name)
    const rows = await featureRowsRelation(sample.context, view)
    expect(await leakCheck(engine, { view, rows, sources }, time)).toEqual({
      checked: 1,
      leaks: 0,
      byFeature: {},
    })
  }
  // Planted: the rows of hour 30, sold as those of hour 24.
  const view = viewOf('listener_activity')
  const rows = await featureRowsRelation(sample.context, view)
  await engine.run(`create table planted as select * replace (${start + day} as event_timestamp) from ${rows}
    where event_timestamp > ${start + day}`)
  const found = await leakCheck(engine, { view, rows: 'planted', sources }, time)
  expect(found).toMatchObject({ checked: 1, leaks: 1 })
  expect(found.byFeature).toMatchObject({ plays_7d: 1, distinct_artists: 1, last_at: 1 })
})

test('online, age is judged on reading, a newer pushed row stays, and nulls are told from strangers', async () => {
  await sample.arrive([listen('ann', 'a', 1, { playedMs: null, outcome: 'full' }), listen('bob', 'a', 30)])
  sample.setClock(31)
  await materialize(sample.context, { views })
  expect(await online('ann', 'mean_played_ms')).toMatchObject({ value: null, status: 'NULL_VALUE' })
  const view = viewOf('listener_activity')
  const pushed = {
    eventTimestamp: start + 31 * hour,
    createdTimestamp: start + 31 * hour,
    values: { plays_7d: 99 },
  }
  await writeOnlineRows(sample.context.lists, view, [[['bob'], pushed]])
  sample.setClock(32)
  await materialize(sample.context, { views })
  expect(await online('bob')).toMatchObject({ value: 99 })
  sample.setClock(24 * 28 + 31)
  expect(await online('bob')).toMatchObject({ value: null, status: 'OUTSIDE_MAX_AGE' })
})

test('each run leaves its counts, freshness and null rates', async () => {
  await sample.arrive([listen('ann', 'a', 1, { playedMs: null }), listen('bob', 'a', 30)])
  sample.setClock(32)
  await materialize(sample.context, { views })
  sample.setClock(33)
  await materialize(sample.context, { views })
  const history = await readStatistics(sample.context.objects, 'listener_activity', 10)
  expect(history.map((run) => run.at)).toEqual([start + 33 * hour, start + 32 * hour])
  expect(history[1]).toMatchObject({ rows: 2, ageSeconds: 7200 })
  expect(history[1]?.features.mean_played_ms).toEqual({ nullRate: 0.5, mean: 200_000 })
  expect(history[1]?.features.top_genre).toEqual({ nullRate: 1, mean: null })
})

test('sessions by hand: two listens on end and one after a night, of 200 s each', async () => {
  const skipped = { outcome: 'skipped' as const }
  await sample.arrive([
    listen('ann', 'a', 1),
    listen('ann', 'b', 1 + 200 / 3600, skipped),
    listen('ann', 'c', 9),
  ])
  sample.setClock(10)
  await materialize(sample.context, { views: ['listener_sessions'] })
  const row = await readOnlineRow(sample.context.lists, viewOf('listener_sessions'), ['ann'])
  // 400 s and 200 s: 10 minutes over two sessions.
  expect(row?.values).toEqual({
    sessions_28d: 2,
    plays_per_session: 1.5,
    minutes_per_session: 5,
    skips_per_session: 0.5,
  })
})
