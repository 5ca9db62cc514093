// The replay: counts laid out in time without losing a pair or the order of the counts.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type PlayCount, replayCounts, replayShare } from '../../src/simulation/replay.ts'
import { readStrictly } from './strict-reader.ts'

const endAt = Date.UTC(2026, 10, 4, 15, 30)
const dayMs = 86_400_000

const counts: PlayCount[] = Array.from({ length: 400 }, (_, pair) => ({
  user: `user ${pair % 20}`,
  artistId: `artist ${Math.floor(pair / 20)}`,
  artistName: `The Number ${Math.floor(pair / 20)}`,
  plays: 1 + ((pair * pair * 7) % 3_000),
}))

const replay = (
  of: readonly PlayCount[],
  options: { seed?: number; days?: number; maxListensPerPair?: number } = {},
) => [...replayCounts(of, { seed: 3, endAt, ...options })]

const perPair = (days: ReturnType<typeof replay>): Map<string, number> => {
  const listens = new Map<string, number>()
  for (const { events } of days)
    for (const { user, artist } of events)
      listens.set(`${user}/${artist.id}`, (listens.get(`${user}/${artist.id}`) ?? 0) + 1)
  return listens
}

describe('a replay', () => {
  const days = replay(counts)
  const events = days.flatMap((day) => day.events)

  test('is the same for the same seed and another for another', () => {
    expect(replay(counts)).toEqual(days)
    expect(replay(counts, { seed: 4 })).not.toEqual(days)
  })

  test('keeps every pair and the order of the counts', () => {
    const listens = perPair(days)
    expect(listens.size).toBe(400)
    const ordered = counts.toSorted((a, b) => a.plays - b.plays)
    const laid = ordered.map(({ user, artistId }) => listens.get(`${user}/${artistId}`)!)
    expect(laid).toEqual(laid.toSorted((a, b) => a - b))
    for (const [place, { plays }] of ordered.entries()) if (plays <= 25) expect(laid[place]).toBe(plays)
  })

  test('keeps a listen that is not skipped of every pair', () => {
    const heard = events.filter(({ playedMs, track }) => playedMs === track!.durationMs)
    expect(new Set(heard.map(({ user, artist }) => `${user}/${artist.id}`)).size).toBe(400)
  })

  test('is in the order of time, within its days, one date a day', () => {
    const times = events.map(({ at }) => at as number)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(times[0]).toBeGreaterThanOrEqual(endAt - 180 * dayMs)
    expect(times.at(-1)).toBeLessThan(endAt)
    const dates = days.map(({ date }) => date)
    expect(dates).toEqual([...new Set(dates)].toSorted())
    for (const { date, events: own } of days)
      for (const { at } of own) expect(new Date(at).toISOString().slice(0, 10)).toBe(date)
  })

  test('is made of valid events with ids of their own, some skipped, some partial', () => {
    for (const event of events) expect(typeof readStrictly(JSON.stringify(event), endAt)).not.toBe('string')
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length)
    const skipped = events.filter(({ skipped }) => skipped).length / events.length
    expect(skipped).toBeGreaterThan(0.04)
    expect(skipped).toBeLessThan(0.12)
  })

  test('gives an artist the same songs for every listener', () => {
    const durations = new Map<string, number>()
    for (const { track } of events) {
      expect(durations.get(track!.id!) ?? track!.durationMs).toBe(track!.durationMs)
      durations.set(track!.id!, track!.durationMs!)
    }
  })

  test('states its share', () => {
    const share = replayShare(counts)
    expect(share).toMatchObject({ pairs: 400, listens: events.length })
    expect(share.share).toBeCloseTo(events.length / share.plays, 12)
    expect(replayShare([])).toEqual({ pairs: 0, plays: 0, listens: 0, share: 1 })
  })
})

test('a count up to half the cap is kept, a million reaches the cap, and the cap holds: worked by hand', () => {
  // Cap 50: 25 + ceil(25 * ln(250 / 25) / ln(1e6 / 25)) = 25 + ceil(25 * 0.21729) = 31.
  const one = (plays: number, cap?: number) =>
    replayShare([{ user: 'u', artistId: 'a', artistName: 'A', plays }], cap).listens
  expect([1, 25, 250, 1_000_000, 9_000_000].map((plays) => one(plays))).toEqual([1, 25, 31, 50, 50])
  expect([0.4, 1, 2, 1e6].map((plays) => one(plays, 1))).toEqual([1, 1, 1, 1])
})

test('any counts keep all pairs, in time order, before the end', () => {
  const pair = fc.record({ user: fc.nat(4), artist: fc.nat(9), plays: fc.integer({ min: 1, max: 100_000 }) })
  const unique = fc.uniqueArray(pair, { selector: ({ user, artist }) => `${user}/${artist}`, maxLength: 30 })
  fc.assert(
    fc.property(
      unique,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 30 }),
      (pairs, cap, days) => {
        const own = pairs.map(({ user, artist, plays }) => ({
          user: `u${user}`,
          artistId: `a${artist}`,
          artistName: `A${artist}`,
          plays,
        }))
        const laid = replay(own, { maxListensPerPair: cap, days })
        expect(perPair(laid).size).toBe(pairs.length)
        expect(Math.max(0, ...perPair(laid).values())).toBeLessThanOrEqual(cap)
        const times = laid.flatMap(({ events }) => events.map(({ at }) => at as number))
        expect(
          times.every((at, index) => at < endAt && at >= (times[index - 1] ?? endAt - days * dayMs)),
        ).toBe(true)
      },
    ),
    { numRuns: 60 },
  )
})

test('refuses what cannot be laid out', () => {
  const bad = { user: 'u', artistId: 'a', artistName: 'A', plays: 0 }
  expect(() => replay([bad])).toThrow(/over 0/)
  expect(() => replay([{ ...bad, plays: Number.NaN }])).toThrow(/over 0/)
  expect(() => replay([], { days: 0 })).toThrow(/1 day/)
  expect(replay([])).toEqual([])
})
