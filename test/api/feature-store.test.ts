import { Value } from 'typebox/value'
import { beforeEach, expect, test } from 'vitest'
import type { FeatureDoor, MaterializeRequest } from '../../src/api/feature-door.ts'
import { readSettings } from '../../src/config.ts'
import { TastemakerError } from '../../src/errors.ts'
import { writeOnlineRows } from '../../src/features/online-rows.ts'
import { openRegistry } from '../../src/features/registry.ts'
import { openLists } from '../../src/stores/open.ts'
import { openTestApi, testNow } from './api.ts'
import { samplePseudonym } from './sample.ts'

const registry = openRegistry(readSettings().features)
const profile = registry.find('listener_profile')
const popularity = registry.find('artist_popularity')
const denver = { age_group: '25-34', city: 'Denver', state: 'CO', country: null }

let kept: [view: string, lines: readonly string[]][]
let asked: MaterializeRequest[]
let door: FeatureDoor
beforeEach(async () => {
  kept = []
  asked = []
  const lists = await openLists('memory:')
  door = {
    registry,
    lists,
    keep: async (view, lines) => void kept.push([view.name, lines]),
    materialize: async (request) => void asked.push(request),
  }
  const at = (ageMs: number) => ({ eventTimestamp: testNow - ageMs, createdTimestamp: testNow - ageMs })
  await writeOnlineRows(lists, profile, [[[samplePseudonym('ann')], { ...at(1000), values: denver }]])
  await writeOnlineRows(lists, popularity, [
    [['a/1'], { ...at(1000), values: { plays: 0.1 + 0.2, name: 'Foxes' } }],
    [['old'], { ...at(28 * 86_400_000), values: { plays: 5 } }],
  ])
})

/** All that an answer may hold. */
type Told = {
  readonly metadata: { readonly feature_names: readonly string[] }
  readonly results: readonly Record<'values' | 'statuses' | 'event_timestamps', readonly unknown[]>[]
  readonly error: { readonly message: string }
}

async function post(path: string, body: unknown, change: Parameters<typeof openTestApi>[0] = {}) {
  const { app } = await openTestApi({ features: door, ...change })
  const answer = await app.request(path, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  return { status: answer.status, body: (await answer.json()) as Told }
}

test('values come column by column, keys first, as Feast’s clients read them', async () => {
  const features = ['listener_profile:age_group', 'listener_profile:country']
  const { status, body } = await post('/get-online-features', {
    features,
    entities: { user_id: ['ann', 'nobody', null] },
  })
  expect(status).toBe(200)
  const at = new Date(testNow - 1000).toISOString().replace('.000Z', 'Z')
  const never = '1970-01-01T00:00:00Z'
  expect(body).toEqual({
    metadata: { feature_names: ['user_id', 'age_group', 'country'] },
    results: [
      {
        values: ['ann', 'nobody', null],
        statuses: ['PRESENT', 'PRESENT', 'PRESENT'],
        event_timestamps: [never, never, never],
      },
      {
        values: ['25-34', null, null],
        statuses: ['PRESENT', 'NOT_FOUND', 'NOT_FOUND'],
        event_timestamps: [at, never, never],
      },
      {
        values: [null, null, null],
        statuses: ['NULL_VALUE', 'NOT_FOUND', 'NOT_FOUND'],
        event_timestamps: [at, never, never],
      },
    ],
  })
})

test('age is judged, doubles keep every bit, ids may hold anything, full names tell views apart', async () => {
  const { body } = await post('/get-online-features', {
    features: ['artist_popularity:plays'],
    entities: { artist_id: ['a/1', 'old', 'a'] },
    full_feature_names: true,
  })
  expect(body.metadata.feature_names).toEqual(['artist_id', 'artist_popularity__plays'])
  expect(body.results[1]?.values).toEqual([0.1 + 0.2, null, null])
  expect(body.results[1]?.statuses).toEqual(['PRESENT', 'OUTSIDE_MAX_AGE', 'NOT_FOUND'])
})

test('a pseudonym names the listener as well, and a service all its features', async () => {
  const entities = { user_id: [samplePseudonym('ann')] }
  const { body } = await post('/get-online-features', { feature_service: 'listener', entities })
  expect(body.metadata.feature_names).toContain('favourite_artists')
  expect(body.results[1]?.values).toEqual(['25-34'])
})

test.each([
  ['an unknown view', { features: ['nothing:x'], entities: { user_id: ['a'] } }, 404],
  ['an unknown feature', { features: ['listener_profile:x'], entities: { user_id: ['a'] } }, 404],
  ['an unknown service', { feature_service: 'x', entities: { user_id: ['a'] } }, 404],
  ['a missing key', { features: ['listener_profile:city'], entities: { artist_id: ['a'] } }, 400],
  [
    'a view that is offline',
    { features: ['listener_artist:plays'], entities: { user_id: ['a'], artist_id: ['b'] } },
    400,
  ],
  [
    'one name twice',
    { features: ['artist_popularity:plays', 'artist_popularity:plays'], entities: { artist_id: ['a'] } },
    400,
  ],
  [
    'columns of unequal length',
    { features: ['listener_profile:city'], entities: { user_id: ['a'], artist_id: [] } },
    400,
  ],
  ['ids of another type', { features: ['listener_profile:city'], entities: { user_id: [{}] } }, 400],
  ['too many', { features: ['listener_profile:city'], entities: { user_id: Array(1001).fill('a') } }, 413],
  ['no JSON', 'no', 400],
  ['no entities', { features: ['listener_profile:city'] }, 400],
])('%s is refused in our words', async (_, body, status) => {
  const answer = await post('/get-online-features', body)
  expect(answer.status).toBe(status)
  expect(answer.body.error.message.length).toBeGreaterThan(10)
})

const df = (change: object = {}) => ({
  user_id: ['ann'],
  age_group: ['35-44'],
  city: [null],
  state: ['CO'],
  country: ['US'],
  event_timestamp: [new Date(testNow - 500).toISOString()],
  created: [null],
  ...change,
})

test('a pushed row is online at once and kept for the offline store, under the pseudonym', async () => {
  const push = await post('/push', {
    push_source_name: 'listener_profile',
    df: df(),
    to: 'online_and_offline',
  })
  expect(push).toEqual({ status: 200, body: null })
  const entities = { user_id: ['ann'] }
  const { body } = await post('/get-online-features', { features: ['listener_profile:age_group'], entities })
  expect(body.results[1]?.values).toEqual(['35-44'])
  const line = JSON.parse(kept[0]![1][0]!)
  expect(line).toMatchObject({ user_id: samplePseudonym('ann'), age_group: '35-44', city: null })
  expect(line).toMatchObject({ event_timestamp: testNow - 500, created_timestamp: testNow })
})

test('an older row does not take the place of a newer one; a time without a zone is UTC', async () => {
  const old = { event_timestamp: [new Date(testNow - 5000).toISOString().slice(0, -1)] }
  const write = { feature_view_name: 'listener_profile', df: df(old) }
  expect((await post('/write-to-online-store', write)).status).toBe(200)
  const entities = { user_id: ['ann'] }
  const { body } = await post('/get-online-features', { features: ['listener_profile:age_group'], entities })
  expect(body.results[1]?.values).toEqual(['25-34'])
  expect(kept).toEqual([])
})

test.each([
  ['a value of another type', { age_group: [5] }, 'age_group'],
  ['a time that is none', { event_timestamp: ['yesterday'] }, 'event_timestamp'],
  ['a time in the future', { event_timestamp: [new Date(testNow + 1000).toISOString()] }, 'future'],
  ['a row without a key', { user_id: [null] }, 'user_id'],
  ['a column too few', { city: undefined }, 'city'],
  ['columns of unequal length', { city: ['a', 'b'] }, 'rows'],
])('%s is not pushed, and nothing of its request', async (_, change, word) => {
  const answer = await post('/push', {
    push_source_name: 'listener_profile',
    df: df(change),
    to: 'online_and_offline',
  })
  expect(answer.status).toBe(400)
  expect(answer.body.error.message).toContain(word)
  expect(kept).toEqual([])
})

test('a view with lists takes no pushes, one without online copies only offline ones', async () => {
  const lists = await post('/push', { push_source_name: 'listener_taste', df: {} })
  expect([lists.status, lists.body.error.message]).toEqual([400, expect.stringContaining('computed')])
  const pair = {
    user_id: ['a'],
    artist_id: [7],
    affinity: [1.5],
    plays: [2],
    active_days: [1],
    last_at: [5],
    event_timestamp: [5],
  }
  expect((await post('/push', { push_source_name: 'listener_artist', df: pair })).status).toBe(400)
  expect((await post('/push', { push_source_name: 'listener_artist', df: pair, to: 'offline' })).status).toBe(
    200,
  )
  expect(JSON.parse(kept[0]![1][0]!)).toMatchObject({ artist_id: '7', affinity: 1.5 })
})

test('materializing is handed on with its range, and a run that is under way is a conflict', async () => {
  const range = {
    start_ts: '2026-02-01T00:00:00',
    end_ts: '2026-03-01T00:00:00Z',
    feature_views: ['listener_profile'],
  }
  expect(await post('/materialize', range)).toEqual({ status: 200, body: null })
  expect(await post('/materialize-incremental', { end_ts: '2026-03-01', feature_views: null })).toMatchObject(
    { status: 200 },
  )
  const to = Date.UTC(2026, 2, 1)
  expect(asked).toEqual([{ from: Date.UTC(2026, 1, 1), to, views: ['listener_profile'] }, { to }])
  expect((await post('/materialize', { ...range, feature_views: ['x'] })).status).toBe(404)
  expect((await post('/materialize', { ...range, end_ts: 'soon' })).status).toBe(400)
  const busy = { ...door, materialize: async () => Promise.reject(new TastemakerError('conflict', 'Busy.')) }
  expect((await post('/materialize', range, { features: busy })).status).toBe(409)
})

test('the registry lists every view; without a feature store its routes are 503; a key is asked for', async () => {
  const { app } = await openTestApi({ features: door })
  const listed = (await (await app.request('/v1/features')).json()) as { views: { name: string }[] }
  expect(listed.views.map((view) => view.name)).toContain('listener_taste')
  expect(JSON.stringify(listed)).not.toContain('select')
  expect((await post('/push', {}, { features: undefined as never })).status).toBe(503)
  expect((await post('/get-online-features', {}, { apiKey: 'secret' })).status).toBe(401)
})

test('answers fit what OpenAPI says of them', async () => {
  const { app } = await openTestApi({ features: door })
  const document = (await (await app.request('/openapi.json')).json()) as OpenApi
  const operation = document.paths['/get-online-features']!.post
  const { schema } = operation.responses[200]!.content['application/json']!
  const entities = { user_id: ['ann', null] }
  const { body } = await post('/get-online-features', { features: ['listener_profile:city'], entities })
  expect(Value.Errors(schema, body)).toEqual([])
})

type Operation = {
  readonly responses: Record<
    number,
    { content: Record<string, { schema: Parameters<typeof Value.Errors>[0] }> }
  >
}
type OpenApi = { readonly paths: Record<string, { post: Operation }> }
