// Random histories that arrive late and are taken back, materialized run by run: each day's end says what brute force counts.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CleanEvent, retractRevision } from '../../src/data/event.ts'
import { newestRowsSql } from '../../src/features/feature-rows.ts'
import { openRegistry } from '../../src/features/registry.ts'
import { featureRowsRelation } from '../../src/jobs/feature-store.ts'
import { materialize } from '../../src/jobs/materialize.ts'
import {
  day,
  type FeatureStoreSample,
  hour,
  listen,
  openFeatureStoreSample,
  start,
} from './feature-store-sample.ts'

/** A listen: when it happened (hours), with which run it arrived, and with which it was taken back, if ever. */
type Told = {
  readonly user: string
  readonly at: number
  readonly arrives: number
  readonly goes: number | undefined
}

const runEvery = 20
const runs = 4
const clockOf = (run: number) => (run + 1) * runEvery

const told: fc.Arbitrary<Told> = fc
  .record({
    user: fc.constantFrom('ann', 'bob'),
    at: fc.integer({ min: 0, max: runs * runEvery - 1 }),
    late: fc.integer({ min: 0, max: 3 }),
    kept: fc.option(fc.integer({ min: 0, max: 2 }), { freq: 3 }),
  })
  .map(({ user, at, late, kept }) => {
    const arrives = Math.floor(at / runEvery) + late
    return { user, at, arrives, goes: kept === null ? undefined : arrives + kept + 1 }
  })

const eventOf = (one: Told, index: number): CleanEvent =>
  listen(one.user, 'a', one.at, { eventId: `e${index}`, known: clockOf(one.arrives) })

const retractionOf = (one: Told, index: number): CleanEvent => ({
  ...eventOf(one, index),
  kind: 'retract',
  revision: retractRevision,
  recordedAt: start + clockOf(one.goes!) * hour,
})

/** Listens of a user in the 7 days before a time, of those that a run has heard of and not heard taken back. */
const expected = (history: readonly Told[], user: string, time: number, run: number): number =>
  history.filter(
    (one) =>
      one.user === user &&
      one.arrives <= run &&
      (one.goes === undefined || one.goes > run) &&
      start + one.at * hour < time &&
      start + one.at * hour >= time - 7 * day,
  ).length

/** All runs, one after the other. */
async function runAll(sample: FeatureStoreSample, history: readonly Told[]): Promise<void> {
  for (let run = 0; run < runs; run++) {
    const pick = (when: (one: Told) => boolean, make: typeof eventOf) =>
      history.flatMap((one, index) => (when(one) ? [make(one, index)] : []))
    // Somebody else listens before every run, so that there always is something new at the newest end.
    const pulse = listen('pulse', 'a', clockOf(run) - 0.5, { eventId: `pulse ${run}` })
    await sample.arrive([pulse, ...pick((one) => one.arrives === run, eventOf)])
    const gone = pick((one) => one.goes === run, retractionOf)
    if (gone.length > 0) await sample.correct(gone)
    sample.setClock(clockOf(run))
    await materialize(sample.context, { views: ['listener_activity'] })
  }
}

/** Plays by listener that the rows of a day's end, created by a run's clock, tell. */
async function playsOf({ context }: FeatureStoreSample, time: number, run: number) {
  const view = openRegistry(context.settings.features).find('listener_activity')
  const rows = await featureRowsRelation(context, view, time)
  const known = `(select * from ${rows} where created_timestamp <= ${start + clockOf(run) * hour})`
  const found = await (await context.engine()).rows(newestRowsSql(view, known))
  return Object.fromEntries(found.map((row) => [row.user_id, row.plays_7d ?? 0]))
}

const asked = Array.from({ length: runs }, (_, run) => run).flatMap((run) =>
  [1, 2, 3].filter((at) => at * 24 <= clockOf(run)).map((at) => ({ run, time: start + at * day })),
)

test('every day’s end, as each run left it, is what brute force counts over what had arrived by then', async () => {
  const histories = fc.array(told, { minLength: 1, maxLength: 12 })
  const property = fc.asyncProperty(histories, async (history) => {
    const sample = await openFeatureStoreSample()
    try {
      await runAll(sample, history)
      for (const { run, time } of asked) {
        const plays = await playsOf(sample, time, run)
        for (const user of ['ann', 'bob'])
          expect([time, run, user, plays[user] ?? 0]).toEqual([
            time,
            run,
            user,
            expected(history, user, time, run),
          ])
      }
    } finally {
      await sample.close()
    }
  })
  await fc.assert(property, { numRuns: 6 })
}, 30_000)
