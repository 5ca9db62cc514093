// The simulated service: the same from the same seed, counted to the line, with a rhythm, a truth, and no personal data in events.
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { RawEvent } from '../../src/data/raw-event.ts'
import { damagedLines, type FaultCounts } from '../../src/simulation/faults.ts'
import { type Preset, presets } from '../../src/simulation/presets.ts'
import { createService } from '../../src/simulation/simulate.ts'
import { acceptedEvents, readStrictly } from './strict-reader.ts'

const endAt = Date.UTC(2026, 10, 4)
const hourMs = 3_600_000

const simulate = (options: { seed?: number; preset?: Preset; endAt?: number } = {}) =>
  createService({ preset: presets.tiny, seed: 11, endAt, ...options })

const service = simulate()
const days = [...service.days()]
const lines = days.flatMap((day) => day.lines)
const events = distinct(acceptedEvents(lines, endAt))
const listens = events.filter(({ event }) => event === 'listen')

function distinct(all: readonly RawEvent[]): RawEvent[] {
  return [...new Map(all.map((event) => [event.id ?? JSON.stringify(event), event])).values()]
}

function digest(of: ReturnType<typeof simulate>): string {
  const hash = createHash('sha256').update(JSON.stringify([of.artists, of.accounts]))
  for (const day of of.days()) for (const line of day.lines) hash.update(line).update('\n')
  return hash.digest('hex')
}

const timeOf = ({ at }: RawEvent): number => new Date(at).getTime()
const countBy = <Item>(items: readonly Item[], key: (item: Item) => string): Map<string, number> =>
  new Map(
    Map.groupBy(items, key)
      .entries()
      .map(([name, group]) => [name, group.length]),
  )
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe('a service from a seed', () => {
  test('is the same to the byte for the same seed, also when its days are asked for again', () => {
    const once = digest(service)
    expect(digest(service)).toBe(once)
    expect(digest(simulate())).toBe(once)
  })

  test('is another service for another seed', () => {
    const other = simulate({ seed: 12 })
    expect(digest(other)).not.toBe(digest(service))
    const theirs = distinct(
      acceptedEvents(
        [...other.days()].flatMap((day) => day.lines),
        endAt,
      ),
    )
    const ids = new Set(events.map(({ id }) => id).filter((id) => id !== undefined))
    expect(theirs.some(({ id }) => id !== undefined && ids.has(id))).toBe(false)
  })

  test('has about as many events as its preset says', () => {
    expect(events.length).toBeGreaterThan(0.7 * presets.tiny.events)
    expect(events.length).toBeLessThan(1.3 * presets.tiny.events)
  })

  test('covers its days, oldest first, and ends at the end', () => {
    expect(days.length).toBe(30)
    expect(days[0]!.date).toBe('2026-10-05')
    expect(days.at(-1)!.date).toBe('2026-11-03')
    for (const day of days) {
      const accepted = acceptedEvents(day.lines, endAt).filter(
        (event) => timeOf(event) >= Date.parse(day.date),
      )
      const last = Math.max(...accepted.map(timeOf))
      expect(last).toBeLessThan(Date.parse(day.date) + 24 * hourMs)
    }
  })

  test('breaks off in the middle of its last day when it ends there', () => {
    const noon = Date.UTC(2026, 10, 3, 12)
    const early = [...simulate({ endAt: noon }).days()]
    expect(early.at(-1)!.date).toBe('2026-11-03')
    expect(early.length).toBe(30)
    for (const event of acceptedEvents(early.at(-1)!.lines, noon)) expect(timeOf(event)).toBeLessThan(noon)
  })

  test('refuses a preset that is too small', () => {
    expect(() => simulate({ preset: { ...presets.tiny, artists: 39 } })).toThrow(/40 artists/)
    expect(() => simulate({ preset: { ...presets.tiny, days: 0 } })).toThrow(/1 day/)
  })
})

describe('the counts', () => {
  const rate = 0.02
  const faults = {
    duplicate: rate,
    truncated: rate,
    badEncoding: rate,
    wrongType: rate,
    missingUser: rate,
    futureTime: rate,
    nameVariant: rate,
  }
  const faulty = [...simulate({ preset: { ...presets.tiny, faults } }).days()]
  const total = (of: keyof FaultCounts): number => faulty.reduce((sum, day) => sum + day.planted[of], 0)

  test('reconcile day by day: every damaged line is rejected, every other one accepted', () => {
    for (const day of faulty) {
      const reads = countBy(day.lines, (line) => {
        const read = readStrictly(line, endAt)
        return typeof read === 'string' ? read : 'accepted'
      })
      const { planted } = day
      expect(reads.get('encoding') ?? 0).toBe(planted.badEncoding)
      expect(reads.get('json') ?? 0).toBe(planted.truncated)
      expect(reads.get('schema') ?? 0).toBe(planted.wrongType + planted.missingUser)
      expect(reads.get('future') ?? 0).toBe(planted.futureTime)
      expect(reads.get('accepted')).toBe(day.events + planted.duplicates + planted.lateDuplicates)
      expect(day.lines.length).toBe(reads.get('accepted')! + damagedLines(planted))
    }
  })

  test('of distinct events hold over all days, whichever day a copy arrives on', () => {
    const accepted = acceptedEvents(
      faulty.flatMap((day) => day.lines),
      endAt,
    )
    expect(distinct(accepted).length).toBe(faulty.reduce((sum, day) => sum + day.events, 0))
    expect(new Set(accepted.map((event) => JSON.stringify(event))).size).toBe(distinct(accepted).length)
    expect(total('lateDuplicates')).toBeGreaterThan(0)
  })

  test('follow the rates, within five standard deviations', () => {
    const sent = faulty.reduce((sum, day) => sum + day.events + damagedLines(day.planted), 0)
    const slack = 5 * Math.sqrt(sent * rate * (1 - rate))
    for (const fault of ['truncated', 'badEncoding', 'wrongType', 'missingUser', 'futureTime'] as const)
      expect(Math.abs(total(fault) - sent * rate)).toBeLessThan(slack)
    const valid = sent * (1 - 5 * rate)
    expect(Math.abs(total('nameVariants') - valid * rate)).toBeLessThan(slack)
    expect(Math.abs(total('duplicates') + total('lateDuplicates') - valid * rate)).toBeLessThan(slack)
  })

  test('of respelled names hold, and each still reads as the same name', () => {
    const fold = (text = '') => text.normalize('NFC').trim().toLowerCase().replace(/\s+/g, ' ')
    const nameOf = new Map(service.artists.map(({ artistId, name }) => [artistId, name]))
    const valid = distinct(
      acceptedEvents(
        faulty.flatMap((day) => day.lines),
        endAt,
      ),
    )
    const respelled = valid.filter(({ artist }) => artist.name !== nameOf.get(artist.id!))
    expect(respelled.length).toBe(total('nameVariants'))
    for (const { artist } of respelled) expect(fold(artist.name)).toBe(fold(nameOf.get(artist.id!)))
  })

  test('are all zero without faults', () => {
    const none = { ...faults, duplicate: 0, nameVariant: 0 }
    const clean = {
      ...none,
      truncated: 0,
      badEncoding: 0,
      wrongType: 0,
      missingUser: 0,
      futureTime: 0,
    }
    for (const day of simulate({ preset: { ...presets.tiny, faults: clean } }).days()) {
      expect(day.lines.length).toBe(day.events)
      expect(Object.values(day.planted).every((count) => count === 0)).toBe(true)
    }
  })
})

describe('listening', () => {
  test('has the rhythm of a week and of a day', () => {
    const byWeekday = countBy(listens, (event) => String(new Date(timeOf(event)).getUTCDay()))
    const daysOf = countBy(days, ({ date }) => String(new Date(date).getUTCDay()))
    const level = (weekday: number) => byWeekday.get(String(weekday))! / daysOf.get(String(weekday))!
    expect(level(5) + level(6)).toBeGreaterThan(1.15 * (level(1) + level(2)))

    const inUsAfternoon = listens.filter((event) =>
      [20, 21, 22, 23].includes(new Date(timeOf(event)).getUTCHours()),
    )
    const inUsNight = listens.filter((event) =>
      [8, 9, 10, 11].includes(new Date(timeOf(event)).getUTCHours()),
    )
    expect(inUsAfternoon.length).toBeGreaterThan(2 * inUsNight.length)
  })

  test('never begins twice at the same time for one listener', () => {
    expect(new Set(listens.map((event) => `${event.user} ${timeOf(event)}`)).size).toBe(listens.length)
  })

  test('ends in clear outcomes: hardly begun when skipped, at least a quarter otherwise', () => {
    for (const { playedMs = 0, skipped, track } of listens) {
      const share = playedMs / track!.durationMs!
      if (skipped) expect(share < 0.2 && playedMs < 30_000).toBe(true)
      else expect(playedMs >= 30_000 && share >= 0.2 && share <= 1).toBe(true)
    }
    const skips = listens.filter(({ skipped }) => skipped).length / listens.length
    expect(skips).toBeGreaterThan(0.08)
    expect(skips).toBeLessThan(0.3)
  })

  test('follows the true affinity: played artists are liked more than others, finished ones more than skipped ones', () => {
    const { affinity } = service.truth
    const played = mean(listens.map(({ user, artist }) => affinity(user, artist.id!)))
    const users = [...new Set(listens.map(({ user }) => user))]
    const any = mean(users.flatMap((user) => service.artists.map(({ artistId }) => affinity(user, artistId))))
    expect(played).toBeGreaterThan(1.5 * any)
    const of = (skips: boolean) =>
      mean(
        listens.filter(({ skipped = false }) => skipped === skips).map((e) => affinity(e.user, e.artist.id!)),
      )
    expect(of(false)).toBeGreaterThan(of(true) + 0.05)
  })

  test('comes back to favourites and finds new artists', () => {
    const artistsOf = Map.groupBy(listens, ({ user }) => user)
    const busy = [...artistsOf.values()].filter((own) => own.length >= 60)
    const repeats = busy.map((own) => new Set(own.map(({ artist }) => artist.id)).size / own.length)
    expect(mean(repeats)).toBeLessThan(0.6)
    const lateFinds = busy.filter((own) => {
      const early = new Set(own.slice(0, 30).map(({ artist }) => artist.id))
      return own.slice(30).some(({ artist }) => !early.has(artist.id))
    })
    expect(lateFinds.length).toBeGreaterThan(0.9 * busy.length)
  })

  test('leaves every kind of event that a service with cards has', () => {
    const kinds = countBy(events, ({ event }) => event)
    for (const kind of ['listen', 'impression', 'click', 'like', 'follow', 'playlist_add'])
      expect(kinds.get(kind)).toBeGreaterThan(0)
  })
})

describe('the accounts', () => {
  test('hold what the events do not: no name, email or date of birth is in any line', () => {
    const text = lines
      .map((line) => (typeof line === 'string' ? line : Buffer.from(line).toString('latin1')))
      .join('\n')
    for (const { full_name, email, date_of_birth } of service.accounts)
      for (const secret of [full_name, email, date_of_birth])
        if (secret !== null) expect(text.includes(secret)).toBe(false)
    expect(text.includes('@example')).toBe(false)
  })

  test('belong to the listeners of the events, one row each, at reserved domains', () => {
    const { accounts } = service
    expect(new Set(accounts.map(({ user_id }) => user_id)).size).toBe(accounts.length)
    const known = new Set(accounts.map(({ user_id }) => user_id))
    const users = [...new Set(events.map(({ user }) => user))]
    expect(users.filter((user) => known.has(user)).length).toBeGreaterThan(0.9 * users.length)
    for (const { email } of accounts)
      expect(email ?? '@example.com').toMatch(/^[a-z.-]*\d*@example\.(com|org|net)$/)
  })

  test('lack some fields, and are of people of 14 to 85 years but for the impossible ones', () => {
    const { accounts } = createService({ preset: { ...presets.tiny, listeners: 3000 }, seed: 3, endAt })
    for (const field of ['full_name', 'email', 'date_of_birth', 'latitude', 'country'] as const) {
      const missing = accounts.filter((row) => row[field] === null).length / accounts.length
      expect(missing).toBeGreaterThan(0.005)
      expect(missing).toBeLessThan(0.04)
    }
    const years = accounts.map(({ date_of_birth }) => Number((date_of_birth ?? '2000').slice(0, 4)))
    expect(years.filter((year) => year < 1941 || year > 2012).every((year) => year === 1890)).toBe(true)
    expect(accounts.length).toBeLessThan(3000)
  })

  test('say something about taste: old and young listeners play different genres', () => {
    const large = createService({ preset: { ...presets.tiny, listeners: 600, artists: 400 }, seed: 5, endAt })
    const bornIn = new Map(large.accounts.map((row) => [row.user_id, Number(row.date_of_birth?.slice(0, 4))]))
    const all = acceptedEvents(
      [...large.days()].flatMap((day) => day.lines),
      endAt,
    ).filter((e) => e.event === 'listen')
    const share = (genre: string, from: number, to: number) => {
      const own = all.filter(({ user }) => bornIn.get(user)! >= from && bornIn.get(user)! < to)
      return own.filter(({ artist }) => artist.genre === genre).length / own.length
    }
    expect(share('classic rock', 1900, 1975)).toBeGreaterThan(2 * share('classic rock', 1998, 2013))
    expect(share('hip hop', 1998, 2013)).toBeGreaterThan(2 * share('hip hop', 1900, 1975))
  })
})

describe('the truth', () => {
  test('answers for the ids of the events, between 0 and 1, and refuses others', () => {
    const { user, artist } = listens[0]!
    expect(service.truth.affinity(user, artist.id!)).toBeGreaterThan(0)
    expect(service.truth.affinity(user, artist.id!)).toBeLessThan(1)
    expect(() => service.truth.affinity('nobody', artist.id!)).toThrow(/no "nobody"/)
  })

  test('predicts the clicks: as many as its probabilities sum to, within five standard deviations', () => {
    const impressions = events.filter(({ event }) => event === 'impression')
    const clicks = events.filter(({ event }) => event === 'click').length
    const chances = impressions.map((e) => service.truth.clickProbability(e.user, e.artist.id!, e.position!))
    const expected = chances.reduce((sum, chance) => sum + chance, 0)
    const deviation = Math.sqrt(chances.reduce((sum, chance) => sum + chance * (1 - chance), 0))
    expect(Math.abs(clicks - expected)).toBeLessThan(5 * deviation)
    expect(clicks / impressions.length).toBeGreaterThan(0.03)
    expect(clicks / impressions.length).toBeLessThan(0.15)
  })

  test('has every click on a slot that was shown', () => {
    const slot = ({ recommendationId, position, artist, user }: RawEvent) =>
      [recommendationId, position, artist.id, user].join(' ')
    const shown = new Set(events.filter(({ event }) => event === 'impression').map(slot))
    const clicks = events.filter(({ event }) => event === 'click')
    const unseen = clicks.filter((click) => !shown.has(slot(click)))
    const damaged = days.reduce((sum, day) => sum + damagedLines(day.planted), 0)
    expect(unseen.length).toBeLessThanOrEqual(damaged)
  })
})
