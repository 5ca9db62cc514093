// Train and serve read the same: what the offline join, the online store and the profile say is equal to the last bit.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { quoted } from '../../src/engine/engine.ts'
import { artistsSql } from '../../src/features/artists.ts'
import { listenersSql } from '../../src/features/listeners.ts'
import { readOnlineFeatures } from '../../src/features/online-features.ts'
import { joinedName, joinPointInTime } from '../../src/features/point-in-time.ts'
import { openRegistry } from '../../src/features/registry.ts'
import { openFeatureSources } from '../../src/jobs/feature-sources.ts'
import { featureRowsRelation, newestRowsRelation } from '../../src/jobs/feature-store.ts'
import { materialize } from '../../src/jobs/materialize.ts'
import { readListeners, requireFeatures } from '../../src/jobs/training-data.ts'
import { cacheEntries } from '../../src/serving/list-cache.ts'
import { createRandom } from '../../src/statistics/random.ts'
import {
  type FeatureStoreSample,
  hour,
  listen,
  openFeatureStoreSample,
  start,
} from './feature-store-sample.ts'

let sample: FeatureStoreSample
beforeAll(async () => {
  sample = await openFeatureStoreSample()
  await sample.arrive(history())
  sample.setClock(24 * 60)
  await materialize(sample.context)
})
afterAll(() => sample.close())

/** Listening of awkward lengths: sevenths and thirds that no decimal text of a few digits can carry. */
function history() {
  const random = createRandom(7)
  const users = ['ann', 'bob', 'Zoë / "x"', 'guest']
  return Array.from({ length: 300 }, (_, at) => {
    const playedMs = random.below(200_000)
    const outcome = playedMs > 160_000 ? 'full' : playedMs > 30_000 ? 'partial' : 'skipped'
    const artist = random.below(9)
    return listen(users[random.below(4)]!, `artist-${artist}`, (at * 24 * 59) / 300, {
      eventId: `event-${at}`,
      playedMs,
      outcome,
      genre: ['jazz', 'folk', null][artist % 3]!,
      followers: artist % 4 === 0 ? null : 10 * at,
      trackId: `track-${random.below(30)}`,
    })
  })
}

test('offline as of now and online are the same for every entity and feature', async () => {
  const { context } = sample
  const engine = await context.engine()
  const now = context.now()
  let compared = 0
  for (const view of openRegistry(context.settings.features).views.filter(({ online }) => online)) {
    const keys = view.entity.joinKeys
    const rows = await featureRowsRelation(context, view)
    await engine.run(`create or replace table asked as
      select distinct ${keys.join(', ')}, cast(${now} as bigint) as event_timestamp from ${rows} order by all`)
    await joinPointInTime(engine, { asked: 'asked', views: [{ view, rows }], into: 'joined' })
    const offline = await engine.rows('select * from joined')
    expect(offline.length).toBeGreaterThan(3)
    const entities = Object.fromEntries(keys.map((key) => [key, offline.map((row) => String(row[key]))]))
    const features = view.features.map((feature) => ({ view, feature }))
    const online = await readOnlineFeatures(context.lists, { features, entities, now })
    for (const column of online) {
      const trained = offline.map((row) => row[joinedName(view.name, column.name)])
      expect([view.name, column.name, column.values]).toStrictEqual([view.name, column.name, trained])
      expect(column.eventTimestamps).toEqual(
        offline.map((row) => row[joinedName(view.name, 'event_timestamp')]),
      )
      compared += trained.length
    }
  }
  expect(compared).toBeGreaterThan(100)
})

test('the profile that is served says what the features say', async () => {
  const { context } = sample
  const engine = await context.engine()
  const features = await requireFeatures(context)
  const { events, accounts } = await openFeatureSources(context, features)
  const { favouriteArtists, lastSongs } = context.settings.features
  await engine.run(`create or replace table artist_features as ${artistsSql(events, features.asOf)}`)
  const path = context.scratch.file('listeners.parquet')
  const tables = { events, accounts, artists: 'artist_features' }
  const sql = listenersSql(tables, { asOf: features.asOf, favouriteArtists, lastSongs })
  await engine.run(`copy (${sql}) to ${quoted(path)} (format parquet)`)
  const local = { ...context, objects: { ...context.objects, localFile: async () => path } }
  const registry = openRegistry(context.settings.features)
  const asked = registry.resolve({ features: ['listener_profile', 'listener_taste'] })
  let listeners = 0
  for await (const slice of readListeners(local, features))
    for (const listener of slice) {
      listeners++
      const [, bytes] = cacheEntries.listener(listener)
      const profile = JSON.parse(new TextDecoder().decode(bytes))
      const entities = { user_id: [listener.userId] }
      const columns = await readOnlineFeatures(context.lists, {
        features: asked,
        entities,
        now: context.now(),
      })
      const online = Object.fromEntries(columns.map(({ name, values }) => [name, values[0]]))
      const { ageGroup, city, state, country } = profile
      const arrays = { favourite_artists: profile.favouriteArtists, last_songs: profile.lastSongs }
      // Somebody with an account and no event has a profile; the arrays of nobody's events are not stored.
      const none = { favourite_artists: null, last_songs: null }
      const expected = profile.lastSongs.length + profile.favouriteArtists.length === 0 ? none : arrays
      expect(online).toStrictEqual({ age_group: ageGroup, city, state, country, ...expected })
    }
  expect(listeners).toBe(5)
})

test('a model’s own artist table is the view’s', async () => {
  const { context } = sample
  const engine = await context.engine()
  const { asOf } = await requireFeatures(context)
  const { events } = await openFeatureSources(context, await requireFeatures(context))
  const view = openRegistry(context.settings.features).find('artist_popularity')
  const shared = 'artist_id, name, genre, followers, plays, listeners, active_days, trending_rank'
  const trained = await engine.rows(`select ${shared} from (${artistsSql(events, asOf)}) order by artist_id`)
  const stored = await engine.rows(
    `select ${shared} from ${await newestRowsRelation(context, view)} order by artist_id`,
  )
  expect(stored).toStrictEqual(trained)
  expect(asOf).toBeGreaterThan(start + 50 * 24 * hour)
})
