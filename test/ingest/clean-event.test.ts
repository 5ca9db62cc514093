// The rules from raw to clean: times, keys, names, outcome, value and id.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CleanEvent } from '../../src/data/event.ts'
import { createCleaner, outcomeOf } from '../../src/ingest/clean-event.ts'
import { isFault } from '../../src/ingest/fault.ts'
import { parseIsoTime } from '../../src/ingest/time.ts'
import { context, now, rawListen } from './ingest-bytes.ts'

const clean = createCleaner(context)

function cleaned(raw: unknown): CleanEvent {
  const answer = clean(raw)
  if (isFault(answer)) throw new Error(`${answer.reason}: ${answer.detail}`)
  return answer
}

test('a full card becomes a full row', () => {
  const event = cleaned({
    schema: 1,
    event: 'listen',
    id: ' event-9 ',
    user: 'listener-1',
    at: '2025-06-01T14:00:00.250+02:00',
    artist: {
      id: 'artist-1',
      name: '  The  Paper\tLanterns ',
      genre: ' Indie  ROCK',
      followers: 12,
      rank: 3,
    },
    track: { id: 'track-1', title: 'Glass Harbour', durationMs: 200_000, likes: 7 },
    playedMs: 100_000,
    volumes: [0.5, 1],
    surface: 'Home',
    modelVersion: 'als-7',
    variant: 'B',
    unknownKey: { nested: true },
  })
  expect(event).toEqual({
    eventId: 'event-9',
    kind: 'listen',
    userId: context.pseudonymize('listener-1'),
    at: Date.UTC(2025, 5, 1, 12, 0, 0, 250),
    artistId: 'artist-1',
    artistName: 'The Paper Lanterns',
    genre: 'indie rock',
    followers: 12,
    artistRank: 3,
    trackId: 'track-1',
    trackTitle: 'Glass Harbour',
    trackLikes: 7,
    durationMs: 200_000,
    playedMs: 100_000,
    outcome: 'partial',
    volumes: [0.5, 1],
    surface: 'home',
    position: null,
    recommendationId: null,
    propensity: null,
    modelVersion: 'als-7',
    variant: 'B',
    value: null,
    source: 'tastemaker',
    recordedAt: now,
    revision: 0,
  })
})

test('without ids the normalized names are the keys, so spellings meet', () => {
  const one = cleaned(rawListen({ artist: { name: 'Björk' }, track: { title: 'Jóga (feat. Nobody)' } }))
  const other = cleaned(rawListen({ artist: { name: 'BJORK ' }, track: { title: 'JOGA' } }))
  expect(one.artistId).toBe('name:bjork')
  expect(one.trackId).toBe('title:name:bjork:joga')
  expect(one.artistName).toBe('Björk')
  expect([other.artistId, other.trackId]).toEqual([one.artistId, one.trackId])
})

test('an artist with an id only is called by it', () => {
  expect(cleaned(rawListen({ artist: { id: 'artist-1' } })).artistName).toBe('artist-1')
})

test('null counts as absent', () => {
  const event = cleaned(
    rawListen({ id: null, surface: null, artist: { id: 'artist-1', name: null, rank: null } }),
  )
  expect(event.surface).toBeNull()
})

test.each([
  ['no-user', { user: null }],
  ['no-user', { user: '  ' }],
  ['schema', { user: 17 }],
  ['schema', { event: 'dance' }],
  ['schema', { playedMs: 1.5 }],
  ['schema', { volumes: [2] }],
  ['schema', { artist: 'The Paper Lanterns' }],
  ['no-artist', { artist: undefined }],
  ['no-artist', { artist: { name: ' ' } }],
  ['no-track', { track: null }],
  ['no-track', { track: { durationMs: 5 } }],
  ['bad-time', { at: undefined }],
  ['bad-time', { at: true }],
  ['bad-time', { at: 'yesterday' }],
  ['bad-time', { at: '2025-02-30T00:00:00Z' }],
  ['bad-time', { at: '2025-06-01T12:00:00' }],
  ['too-old', { at: '1999-12-31T00:00:00Z' }],
  ['too-old', { at: now / 1000 }],
  ['future-time', { at: now + 3_600_001 }],
  ['bad-value', { playedMs: 86_400_000 * 24 + 1 }],
  ['bad-value', { artist: { id: 'a', followers: 1e300 } }],
  ['bad-value', { event: 'play_count', value: 0 }],
  ['bad-value', { event: 'play_count' }],
  ['bad-value', { event: 'like', value: 2 }],
])('%s: %j', (reason, changes) => {
  expect(clean(rawListen(changes))).toMatchObject({ reason })
})

test('details name the field and the likely mistake, but never the listener', () => {
  expect(clean(rawListen({ at: now / 1000 }))).toMatchObject({
    detail: expect.stringContaining('looks like seconds'),
  })
  expect(clean(rawListen({ at: now * 1000 }))).toMatchObject({
    reason: 'future-time',
    detail: expect.stringContaining('looks like microseconds'),
  })
  const long = `anna.invented@example.org${'x'.repeat(300)}`
  expect(JSON.stringify(clean(rawListen({ user: long })))).not.toContain('anna')
})

test('an event may lie as far ahead as clocks differ', () => {
  expect(cleaned(rawListen({ at: now + 3_600_000 })).at).toBe(now + 3_600_000)
})

test('likes and follows are 1 or -1, play counts keep their number, other kinds have no value', () => {
  const artist = { id: 'artist-1' }
  const base = { user: 'listener-1', at: now, artist }
  expect(cleaned({ ...base, event: 'like' }).value).toBe(1)
  expect(cleaned({ ...base, event: 'follow', value: -1 }).value).toBe(-1)
  expect(cleaned({ ...base, event: 'play_count', value: 12.5 }).value).toBe(12.5)
  expect(cleaned({ ...base, event: 'click', value: 3 })).toMatchObject({
    value: null,
    outcome: null,
    trackId: null,
  })
})

test('equal content has an equal id, different content another', () => {
  const base = rawListen({ id: undefined })
  const { eventId } = cleaned(base)
  expect(eventId).toMatch(/^[\w-]{22}$/)
  expect(cleaned({ ...base, at: '2025-06-01T14:00:00+02:00', surface: 'home' }).eventId).toBe(eventId)
  for (const change of [
    { user: 'listener-2' },
    { at: now },
    { artist: { id: 'b' } },
    { track: { id: 'c' } },
  ]) {
    expect(cleaned({ ...base, ...change }).eventId).not.toBe(eventId)
  }
})

describe('outcome', () => {
  test.each([
    [160_000, 200_000, false, 'full'],
    [159_999, 200_000, false, 'partial'],
    [160_000, 200_000, true, 'full'],
    [100_000, 200_000, true, 'skipped'],
    [29_999, 200_000, false, 'skipped'],
    [30_000, 200_000, false, 'partial'],
    [8_000, 20_000, false, 'partial'],
    [3_999, 20_000, false, 'skipped'],
    [240_000, null, false, 'full'],
    [239_999, null, false, 'partial'],
    [29_999, null, false, 'skipped'],
    [100_000, 0, false, 'partial'],
    [null, 200_000, false, 'full'],
    [null, null, true, 'skipped'],
  ] as const)('%s of %s ms, skipped %s: %s', (playedMs, durationMs, skipped, outcome) => {
    expect(outcomeOf({ playedMs, durationMs, skipped })).toBe(outcome)
  })
})

describe('ISO 8601', () => {
  test('what Date writes is read back', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(parseIsoTime(date.toISOString())).toBe(date.getTime())
        },
      ),
    )
  })

  test.each([
    ['2025-06-01T12:00Z', Date.UTC(2025, 5, 1, 12)],
    ['2025-06-01 12:00:00.123456Z', Date.UTC(2025, 5, 1, 12, 0, 0, 123)],
    ['2025-06-01t12:00:00z', Date.UTC(2025, 5, 1, 12)],
    ['2025-06-01T12:00:00-0530', Date.UTC(2025, 5, 1, 17, 30)],
    ['2025-06-01T12:00:00+14', Date.UTC(2025, 4, 31, 22)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2025-02-29T00:00:00Z', undefined],
    ['2025-06-01T24:00:00Z', undefined],
    ['2025-06-01T12:00:00+15:00', undefined],
    ['2025-06-01', undefined],
    ['0099-06-01T12:00:00Z', undefined],
    ['', undefined],
  ])('%s', (text, time) => {
    expect(parseIsoTime(text)).toBe(time)
  })
})

test('fields of its own named reason and detail make an event no fault', () => {
  const event = cleaned({
    event: 'follow',
    user: 'ann',
    at: now,
    artist: { id: 'a' },
    reason: 'why not',
    detail: 'x',
  })
  expect(event).toMatchObject({ kind: 'follow', artistId: 'a' })
})
