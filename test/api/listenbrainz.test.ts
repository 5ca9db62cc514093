// The ListenBrainz door speaks as ListenBrainz does: its shapes, its rules, its errors.
import { describe, expect, test } from 'vitest'
import { openTestApi, testNow, testTokens } from './api.ts'
import { sampleRecording } from './sample.ts'

const now = Math.floor(testNow / 1000)
const token = await testTokens.tokenOf('ann')
const mbid = '98255a8c-017a-4bc7-8dd6-1fa36124572b'

type Change = { readonly track?: object; readonly info?: object; readonly [key: string]: unknown }

const listen = ({ track, info, ...change }: Change = {}) => ({
  listened_at: now - 300,
  track_metadata: {
    artist_name: 'Rick Astley',
    track_name: 'Never Gonna Give You Up',
    release_name: 'Whenever you need somebody',
    additional_info: {
      media_player: 'Rhythmbox',
      recording_mbid: mbid,
      release_mbid: '',
      artist_mbids: ['db92a151-1ac2-438b-bc43-b82e149ddd50'],
      tags: ['pop'],
      duration_ms: '222000',
      duration_played: 111,
      ...info,
    },
    ...track,
  },
  ...change,
})

const single = (change: Change = {}) => ({ listen_type: 'single', payload: [listen(change)] })

async function submit(body: unknown, headers: Record<string, string> = { authorization: `Token ${token}` }) {
  const api = await openTestApi()
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await api.app.request('/1/submit-listens', { method: 'POST', body: text, headers })
  return { ...api, status: answer.status, told: (await answer.json()) as { code?: number; error?: string } }
}

test('a single listen is kept as the listener’s whose token it is', async () => {
  const { status, told, kept } = await submit(single())
  expect([status, told]).toEqual([200, { status: 'ok' }])
  expect(await kept()).toEqual([
    {
      event: 'listen',
      user: 'ann',
      at: (now - 300) * 1000,
      artist: { id: 'db92a151-1ac2-438b-bc43-b82e149ddd50', name: 'Rick Astley' },
      track: { id: mbid, title: 'Never Gonna Give You Up', durationMs: 222_000 },
      playedMs: 111_000,
      source: 'listenbrainz',
      receivedAt: testNow,
    },
  ])
})

test('an import keeps all its listens', async () => {
  const payload = Array.from({ length: 1000 }, (_, at) => listen({ listened_at: now - 300 - at }))
  const { status, kept } = await submit({ listen_type: 'import', payload })
  expect(status).toBe(200)
  expect(await kept()).toHaveLength(1000)
})

test('what plays now is answered and not kept', async () => {
  const { listened_at: _, ...playing } = listen()
  const { status, kept } = await submit({ listen_type: 'playing_now', payload: [playing] })
  expect([status, await kept()]).toEqual([200, []])
})

test.each<[string, unknown]>([
  ['not JSON', '{'],
  ['not an object', '7'],
  ['no type', { payload: [listen()] }],
  ['another type', { ...single(), listen_type: 'album' }],
  ['no payload', { listen_type: 'single' }],
  ['an empty payload', { listen_type: 'import', payload: [] }],
  ['two as single', { listen_type: 'single', payload: [listen(), listen()] }],
  ['1,001 listens', { listen_type: 'import', payload: Array.from({ length: 1001 }, () => listen()) }],
  ['no time', single({ listened_at: undefined })],
  ['a time as text', single({ listened_at: '1443521965' })],
  ['a time before 2002-10', single({ listened_at: 1_033_430_399 })],
  ['a time over an hour ahead', single({ listened_at: now + 3700 })],
  ['a time of what plays now', { ...single(), listen_type: 'playing_now' }],
  ['another user’s name', single({ user_name: 'eve' })],
  ['a blank artist', single({ track: { artist_name: ' ' } })],
  ['no track', single({ track: { track_name: undefined } })],
  ['duration twice', single({ info: { duration: 222 } })],
  ['a duration over 24 days', single({ info: { duration_ms: 24 * 86_400_000 + 1 } })],
  ['a bad id', single({ info: { recording_mbid: 'x' } })],
  ['a bad artist id', single({ info: { artist_mbids: [mbid, 'x'] } })],
  ['51 tags', single({ info: { tags: Array.from({ length: 51 }, () => 'pop') } })],
  ['a tag of 65 characters', single({ info: { tags: ['x'.repeat(65)] } })],
  ['U+0000', single({ track: { track_name: 'a\0b' } })],
  ['10,241 bytes', single({ info: { comment: 'x'.repeat(10_241) } })],
])('%s is 400 in ListenBrainz’s shape, and nothing is kept', async (_, body) => {
  const { status, told, kept } = await submit(body)
  expect(status).toBe(400)
  expect(told).toEqual({ code: 400, error: expect.stringMatching(/./) })
  expect(await kept()).toEqual([])
})

test('a bad listen refuses its submission and is kept as a reject; the good ones are not', async () => {
  const payload = [listen(), listen({ listened_at: 7 })]
  const one = await submit({ listen_type: 'import', payload })
  expect([one.status, one.told.error]).toEqual([400, 'payload[1]: listened_at is 7, before 2002-10-01'])
  expect(await one.kept()).toEqual([])
  const other = await submit({ listen_type: 'import', payload })
  expect(await other.refused()).toMatchObject([
    { file: 'POST /1/submit-listens', line: 2, reason: 'too-old' },
  ])
})

test('a backslash before u0000 is no U+0000', async () => {
  expect((await submit(single({ track: { track_name: '\\u0000' } }))).status).toBe(200)
})

describe('the token', () => {
  test.each([
    ['missing', {}],
    ['made up', { authorization: 'Token tm_x' }],
    ['not a token', { authorization: 'Basic abc' }],
  ])('%s is 401', async (_, headers: Record<string, string>) => {
    const { status, told } = await submit(single(), headers)
    expect([status, told.code]).toEqual([401, 401])
  })

  const validate = async (path: string, headers: Record<string, string> = {}) => {
    const { app } = await openTestApi({ apiKey: 'the key of the service' })
    const answer = await app.request(path, { headers })
    return [answer.status, await answer.json()]
  }

  test('is validated with its listener’s name, without the API key', async () => {
    const valid = { code: 200, message: 'Token valid.', valid: true, user_name: 'ann' }
    const headers = { authorization: `Token ${token}` }
    expect(await validate('/1/validate-token', headers)).toEqual([200, valid])
    expect(await validate('/apis/listenbrainz/1/validate-token', headers)).toEqual([200, valid])
    expect(await validate(`/1/validate-token?token=${token}`)).toEqual([200, valid])
    expect(await validate('/1/validate-token', { authorization: 'Token x' })).toEqual([
      200,
      { code: 200, message: 'Token invalid.', valid: false },
    ])
    expect(await validate('/1/validate-token')).toEqual([400, { code: 400, error: expect.any(String) }])
  })
})

describe('feedback on a recording', () => {
  async function feedback(body: unknown) {
    const api = await openTestApi()
    const answer = await api.app.request('/1/feedback/recording-feedback', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { authorization: `Token ${token}` },
    })
    return { ...api, status: answer.status }
  }

  test.each([
    [1, 1],
    [0, -1],
    [-1, -1],
  ])('score %d is a like of %d of its artist', async (score, value) => {
    const { status, kept } = await feedback({ recording_mbid: sampleRecording.toUpperCase(), score })
    expect(status).toBe(200)
    expect(await kept()).toMatchObject([
      { event: 'like', user: 'ann', value, artist: { id: 'artist-0' }, source: 'listenbrainz' },
    ])
  })

  test('on a recording that nobody knows is 404 and a reject; what is no feedback is 400', async () => {
    const { status, refused } = await feedback({ recording_mbid: mbid.replace('9', '8'), score: 1 })
    expect([status, (await refused()).length]).toEqual([404, 1])
    for (const body of [7, {}, { recording_mbid: 'x', score: 1 }, { recording_mbid: mbid, score: 2 }])
      expect((await feedback(body)).status).toBe(400)
  })
})
