// Stored bytes: what goes in comes out, cutting is exact, and the head of a listener is read alone.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RankedArtist } from '../../src/data/ranked-list.ts'
import {
  answerBytes,
  decodeList,
  decodeListenerHead,
  encodeList,
  encodeListener,
  parseStored,
} from '../../src/serving/list-bytes.ts'

const artist = fc.record({
  artistId: fc.string({ unit: 'binary' }),
  name: fc.string({ unit: 'binary' }),
  genre: fc.option(fc.string()),
  score: fc.constant(0.5),
  probability: fc.constant(0.75),
  why: fc.string({ unit: 'binary' }),
}) satisfies fc.Arbitrary<RankedArtist>
const listOf = (artists: readonly RankedArtist[]) => ({
  userId: 'u_1',
  source: 'personal' as const,
  model: 'als',
  modelVersion: 'v',
  generatedAt: 5,
  artists,
})

test('a list comes back as it went in', () => {
  fc.assert(
    fc.property(fc.array(artist), (artists) => {
      expect(decodeList(encodeList(listOf(artists)), 'u_1')).toEqual(listOf(artists))
    }),
  )
})

test('an answer is the prefix and the first artists, whatever the names hold', () => {
  fc.assert(
    fc.property(fc.array(artist, { maxLength: 8 }), fc.integer({ min: 1, max: 10 }), (artists, limit) => {
      const bytes = answerBytes('"userId":"ü",', encodeList(listOf(artists)), limit)
      const answer = parseStored<{ userId: string; items: readonly { position: number }[] }>(bytes)
      expect(answer.userId).toBe('ü')
      expect(answer.items).toEqual(artists.slice(0, limit).map((item, at) => ({ ...item, position: at + 1 })))
    }),
  )
})

test('the head of a listener holds the plays of all favourites', () => {
  const favourite = {
    artistId: 'a',
    name: 'A\n',
    activeDays: 1,
    trendingRank: null,
    genre: null,
    followers: null,
    lastAt: 0,
  }
  const listener = {
    userId: 'u_1',
    ageGroup: '25-34',
    city: 'Portland',
    state: 'OR',
    country: 'US',
    favouriteArtists: [
      { ...favourite, plays: 3 },
      { ...favourite, plays: 4 },
    ],
    lastSongs: [],
  }
  const bytes = encodeListener(listener)
  expect(decodeListenerHead(bytes)).toEqual({
    userId: 'u_1',
    ageGroup: '25-34',
    city: 'Portland',
    state: 'OR',
    country: 'US',
    plays: 7,
  })
  expect(parseStored(bytes)).toEqual({ ...listener, plays: 7 })
})

test('bytes that are no JSON are corrupt', () => {
  expect(() => decodeList(new TextEncoder().encode('{"so'))).toThrow(
    expect.objectContaining({ code: 'corrupt' }),
  )
})
