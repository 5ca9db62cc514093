// The Last.fm door speaks as Last.fm 2.0 does, in XML and in JSON.
import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { openTestApi, testNow, testTokens } from './api.ts'

const now = Math.floor(testNow / 1000)
const sk = await testTokens.tokenOf('Ann')
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

async function call(parameters: Record<string, string>, method = 'POST') {
  const api = await openTestApi({ apiKey: 'the key of the service' })
  const form = new URLSearchParams(parameters)
  const answer =
    method === 'GET'
      ? await api.app.request(`/2.0/?${form}`)
      : await api.app.request('/2.0/', { method, body: form })
  const text = await answer.text()
  const json = () => JSON.parse(text)
  return { ...api, status: answer.status, type: answer.headers.get('content-type'), text, json }
}

const scrobble = (change: Record<string, string> = {}) => ({
  method: 'track.scrobble',
  sk,
  api_key: 'any',
  api_sig: 'any',
  artist: 'Rick Astley',
  track: 'Never Gonna Give You Up',
  timestamp: String(now - 300),
  ...change,
})

test('one scrobble is kept, answered in JSON', async () => {
  const { status, json, kept } = await call(
    scrobble({ format: 'json', duration: '222', mbid: 'm-1', chosenByUser: '0' }),
  )
  expect(status).toBe(200)
  expect(json()).toEqual({
    scrobbles: {
      scrobble: {
        track: { corrected: '0', '#text': 'Never Gonna Give You Up' },
        artist: { corrected: '0', '#text': 'Rick Astley' },
        album: { corrected: '0', '#text': '' },
        albumArtist: { corrected: '0', '#text': '' },
        timestamp: String(now - 300),
        ignoredMessage: { code: '0', '#text': '' },
      },
      '@attr': { accepted: 1, ignored: 0 },
    },
  })
  expect(await kept()).toEqual([
    {
      event: 'listen',
      user: 'Ann',
      at: (now - 300) * 1000,
      artist: { name: 'Rick Astley' },
      track: { id: 'm-1', title: 'Never Gonna Give You Up', durationMs: 222_000 },
      surface: 'radio',
      source: 'lastfm',
      receivedAt: testNow,
    },
  ])
})

test('of several each is answered for itself, in their order, in XML', async () => {
  const { status, type, text, kept } = await call({
    method: 'track.scrobble',
    sk,
    'artist[10]': 'C & D',
    'track[10]': 'Ten',
    'timestamp[10]': String(now - 10),
    'artist[2]': 'A',
    'track[2]': 'Two',
    'timestamp[2]': String(now + 86_400),
    'artist[3]': 'B',
    'timestamp[3]': String(now),
  })
  expect([status, type]).toEqual([200, 'text/xml; charset=utf-8'])
  expect(text).toContain('<lfm status="ok"><scrobbles accepted="1" ignored="2"><scrobble>')
  expect([...text.matchAll(/ignoredMessage code="(\d)"/g)].map(([, code]) => code)).toEqual(['4', '2', '0'])
  expect(text).toContain('<artist corrected="0">C &amp; D</artist>')
  expect((await kept()).map(({ artist }) => artist)).toEqual([{ name: 'C & D' }])
})

test('scrobbles that are ignored are kept as rejects', async () => {
  const { refused } = await call(scrobble({ timestamp: 'soon' }))
  expect(await refused()).toMatchObject([{ file: 'POST /2.0/', line: 1, reason: 'bad-time' }])
})

test('what plays now is answered and not kept; a loved track is a like', async () => {
  const playing = await call(scrobble({ method: 'track.updateNowPlaying' }))
  expect([playing.status, await playing.kept()]).toEqual([200, []])
  const love = await call(scrobble({ method: 'track.love' }))
  expect(await love.kept()).toMatchObject([{ event: 'like', value: 1, user: 'Ann' }])
  const unlove = await call(scrobble({ method: 'track.unlove' }))
  expect(await unlove.kept()).toMatchObject([{ event: 'like', value: -1 }])
})

test.each([
  [{ username: 'Ann', password: sk }],
  [{ username: 'Ann', authToken: md5(`ann${md5(sk)}`) }],
  [{ username: 'Ann', authToken: md5(`Ann${md5(sk)}`) }],
])('a mobile session for a name and the token: %j', async (given) => {
  const { status, json } = await call({ method: 'auth.getMobileSession', format: 'json', ...given })
  expect([status, json()]).toEqual([200, { session: { name: 'Ann', key: sk, subscriber: 0 } }])
})

test('a session for the token, and who it is', async () => {
  const session = await call({ method: 'auth.getSession', token: sk, format: 'json' }, 'GET')
  expect(session.json()).toEqual({ session: { name: 'Ann', key: sk, subscriber: 0 } })
  const info = await call({ method: 'user.getInfo', sk, format: 'json' }, 'GET')
  expect(info.json()).toEqual({ user: { name: 'Ann' } })
})

test.each<[number, number, Record<string, string>]>([
  [9, 403, scrobble({ sk: 'tm_x' })],
  [4, 403, { method: 'auth.getMobileSession', username: 'Ann', password: 'x' }],
  [4, 403, { method: 'auth.getMobileSession', username: 'Eve', password: sk }],
  [4, 403, { method: 'auth.getSession', token: 'x' }],
  [3, 404, { method: 'album.search' }],
  [3, 404, { method: 'constructor' }],
  [6, 400, { method: 'track.scrobble', sk }],
  [6, 400, { method: 'track.love', sk, artist: 'A' }],
])('error %d with status %d', async (error, status, parameters) => {
  const told = await call({ ...parameters, format: 'json' })
  expect([told.status, told.json()]).toEqual([status, { error, message: expect.stringMatching(/./) }])
  expect(told.text).not.toContain(sk)
  const xml = await call(parameters)
  expect(xml.text).toContain(`<lfm status="failed"><error code="${error}">`)
})

test('more than 50 scrobbles are too many; writing by GET is no method', async () => {
  const many = Object.fromEntries(
    Array.from({ length: 51 }, (_, at) => [
      [`artist[${at}]`, 'A'],
      [`track[${at}]`, 'T'],
      [`timestamp[${at}]`, String(now - at)],
    ]).flat(),
  )
  expect((await call({ method: 'track.scrobble', sk, ...many })).status).toBe(400)
  expect((await call(scrobble(), 'GET')).status).toBe(404)
})
