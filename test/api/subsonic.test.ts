// The OpenSubsonic door: logins, scrobbles by a track's id, and players' reports that become full, partial and skipped listens.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createPlaybackBook } from '../../src/api/playback.ts'
import { openListReader } from '../../src/serving/list-reader.ts'
import { openLists } from '../../src/stores/open.ts'
import { openTestApi, testNow, testTokens } from './api.ts'
import { publishSample, sampleTrack } from './sample.ts'

const token = await testTokens.tokenOf('ann')
const md5 = (text: string) => createHash('md5').update(text).digest('hex')
const login = { u: 'ann', t: md5(`${token}salt`), s: 'salt', v: '1.16.1', c: 'player', f: 'json' }
const lists = await openLists('memory:')
await publishSample(lists)

/** A session: several calls on one app, on a clock of its own. */
async function open() {
  const clock = { now: testNow }
  const api = await openTestApi({
    lists: openListReader(lists),
    now: () => clock.now,
    apiKey: 'the key of the service',
  })
  const ask = async (path: string, parameters: Record<string, string> | [string, string][], post = false) => {
    const form = new URLSearchParams(parameters)
    const answer = post
      ? await api.app.request(`/rest/${path}`, { method: 'POST', body: form })
      : await api.app.request(`/rest/${path}?${form}`)
    const text = await answer.text()
    const response = () => JSON.parse(text)['subsonic-response']
    return { status: answer.status, text, response }
  }
  return { ...api, ask, clock }
}

const okHead = {
  status: 'ok',
  version: '1.16.1',
  type: 'tastemaker',
  serverVersion: '1.2.3',
  openSubsonic: true,
}

describe('the login', () => {
  test.each<[string, Record<string, string>]>([
    ['token and salt', login],
    ['password', { u: 'ann', p: token, f: 'json' }],
    ['encoded password', { u: 'ann', p: `enc:${Buffer.from(token).toString('hex')}`, f: 'json' }],
    ['API key', { apiKey: token, f: 'json' }],
  ])('by %s', async (_, given) => {
    const { ask } = await open()
    for (const path of ['ping', 'ping.view'])
      for (const post of [false, true]) expect((await ask(path, given, post)).response()).toEqual(okHead)
  })

  test.each<[number, Record<string, string>]>([
    [40, { ...login, t: md5('x') }],
    [40, { ...login, u: 'eve' }],
    [40, { u: 'ann', p: 'x', f: 'json' }],
    [44, { apiKey: 'x', f: 'json' }],
    [10, { f: 'json' }],
    [10, { u: 'ann', f: 'json' }],
  ])('error %d', async (code, given) => {
    const { status, response } = await (await open()).ask('ping', given)
    expect([status, response().status, response().error.code]).toEqual([200, 'failed', code])
  })

  test('XML unless JSON is asked for', async () => {
    const { ask } = await open()
    const { f: _, ...xml } = login
    expect((await ask('ping', xml)).text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<subsonic-response xmlns="http://subsonic.org/restapi" status="ok" version="1.16.1" type="tastemaker" serverVersion="1.2.3" openSubsonic="true"/>\n',
    )
    expect((await ask('getLicense', xml)).text).toContain('<license valid="true"/>')
    expect((await ask('ping', { ...xml, t: 'x' })).text).toMatch(/status="failed".*<error code="40"/)
  })

  test('the extensions are told to anybody', async () => {
    const { response } = await (await open()).ask('getOpenSubsonicExtensions', { f: 'json' })
    expect(response().openSubsonicExtensions).toContainEqual({ name: 'playbackReport', versions: [1] })
  })
})

describe('scrobble', () => {
  test('keeps a listen of the track’s artist', async () => {
    const { ask, kept } = await open()
    const time = String(testNow - 60_000)
    expect((await ask('scrobble', { ...login, id: 'track-1', time })).response()).toEqual(okHead)
    const { artistId, artistName, title, durationMs } = sampleTrack(1)
    expect(await kept()).toEqual([
      {
        event: 'listen',
        user: 'ann',
        at: testNow - 60_000,
        artist: { id: artistId, name: artistName },
        track: { id: 'track-1', title, durationMs },
        source: 'subsonic',
        receivedAt: testNow,
      },
    ])
  })

  test('takes several, and keeps the known ones beside an unknown one, which is error 70 and a reject', async () => {
    const { ask, kept } = await open()
    const ids: [string, string][] = ['track-1', 'nobody-knows', 'track-2'].map((id) => ['id', id])
    const { status, response } = await ask('scrobble', [...Object.entries(login), ...ids], true)
    expect([status, response().error.code]).toEqual([200, 70])
    expect((await kept()).map((event) => (event.track as { id: string }).id)).toEqual(['track-1', 'track-2'])
    await ask('scrobble', { ...login, id: 'nobody-knows' })
  })

  test('of now playing keeps nothing; without an id it is error 10, with a bad time 0', async () => {
    const { ask, kept } = await open()
    expect((await ask('scrobble', { ...login, id: 'track-1', submission: 'false' })).response()).toEqual(
      okHead,
    )
    expect((await ask('scrobble', login)).response().error.code).toBe(10)
    expect((await ask('scrobble', { ...login, id: 'track-1', time: 'noon' })).response().error.code).toBe(0)
    expect(await kept()).toEqual([])
  })
})

describe('reportPlayback', () => {
  const report = (state: string, positionMs: number, change: Record<string, string> = {}) => ({
    ...login,
    mediaId: 'track-1',
    mediaType: 'song',
    state,
    positionMs: String(positionMs),
    ...change,
  })

  test('a play with a pause is a listen from its beginning, with what was heard', async () => {
    const { ask, clock, kept } = await open()
    const begin = clock.now
    await ask('reportPlayback', report('starting', 0))
    clock.now += 40_000
    await ask('reportPlayback', report('paused', 40_000))
    clock.now += 600_000
    await ask('reportPlayback', report('playing', 40_000))
    clock.now += 20_000
    await ask('reportPlayback', report('stopped', 60_000))
    await ask('reportPlayback', report('stopped', 60_000))
    const events = await kept()
    expect(events).toHaveLength(2)
    for (const event of events)
      expect(event).toMatchObject({ event: 'listen', at: begin, playedMs: 60_000, source: 'subsonic' })
  })

  test('without its beginning it is taken to have played up to where it stopped', async () => {
    const { ask, kept } = await open()
    await ask('reportPlayback', report('stopped', 5000))
    expect(await kept()).toMatchObject([{ at: testNow - 5000, playedMs: 5000 }])
  })

  test.each<[string, Record<string, string>]>([
    ['a podcast', report('stopped', 5000, { mediaType: 'podcast' })],
    ['what is to be ignored', report('stopped', 5000, { ignoreScrobble: 'true' })],
    ['what only plays', report('playing', 5000)],
  ])('%s is not kept', async (_, given) => {
    const { ask, kept } = await open()
    expect((await ask('reportPlayback', given)).response()).toEqual(okHead)
    expect(await kept()).toEqual([])
  })

  test.each<[number, Record<string, string>]>([
    [0, report('resting', 0)],
    [0, report('stopped', -1)],
    [0, report('stopped', 1, { playbackRate: 'fast' })],
    [10, { ...login, mediaId: 'track-1', state: 'stopped' }],
    [70, report('stopped', 1, { mediaId: 'nobody-knows' })],
  ])('error %d', async (code, given) => {
    expect((await (await open()).ask('reportPlayback', given)).response().error.code).toBe(code)
  })
})

describe('the book of plays', () => {
  const at = (player: string, state: 'starting' | 'stopped', time: number) => ({
    player,
    trackId: 't',
    state,
    positionMs: 1000,
    rate: 1,
    at: time,
  })

  test('forgets the play not heard of for longest, and no other', () => {
    const book = createPlaybackBook(2)
    book.report(at('a', 'starting', 0))
    book.report(at('b', 'starting', 0))
    book.report(at('c', 'starting', 0))
    expect(book.report(at('b', 'stopped', 5000))).toEqual({ startedAt: 0, playedMs: 5000 })
    expect(book.report(at('a', 'stopped', 5000))).toEqual({ startedAt: 4000, playedMs: 1000 })
  })

  test('counts time of the track at another speed', () => {
    const book = createPlaybackBook()
    book.report({ ...at('a', 'starting', 0), rate: 2 })
    expect(book.report(at('a', 'stopped', 5000))).toEqual({ startedAt: 0, playedMs: 10_000 })
  })
})
