// A music service that never was: artists, accounts and days of raw events from one seed, with the truth behind them.
import type { AccountRow } from '../data/account.ts'
import { TastemakerError } from '../errors.ts'
import { createRandom, type Random } from '../statistics/random.ts'
import { type Affinity, createAffinity } from './affinity.ts'
import { type Catalogue, createCatalogue, type SimulatedArtist } from './catalogue.ts'
import { openDay } from './event-lines.ts'
import { type FaultCounts, type Line, plantFaults } from './faults.ts'
import { genreVectors } from './genres.ts'
import { createLibrary } from './library.ts'
import { type Audience, createAudience } from './listeners.ts'
import { createPopularity, type Popularity } from './popularity.ts'
import type { Preset } from './presets.ts'
import { type ClickModel, clickModel, clickProbability } from './recommendations.ts'
import { dayWeight, drawStart } from './rhythm.ts'
import { playSession, recall, type Scene } from './sessions.ts'

/** One day of raw events, as the service would have written them. */
export type SimulatedDay = {
  /** UTC, `YYYY-MM-DD`. */
  readonly date: string
  /** Without newline, in the order of arrival; bytes where the line is not UTF-8. */
  readonly lines: readonly Line[]
  readonly planted: FaultCounts
  /** Distinct valid events that arrive for the first time on this day. */
  readonly events: number
}

/** What is known of a simulated service and of no real one. */
export type Truth = {
  /** How likely the listener takes to the artist, 0..1; ids as in the events, unknown ones throw `not-found`. */
  affinity(userId: string, artistId: string): number
  /** Probability of a click on the artist in a slot counted from 1, given that it is shown. */
  clickProbability(userId: string, artistId: string, position: number): number
  readonly clickModel: ClickModel
}

/** A simulated service. */
export type SimulatedService = {
  readonly artists: readonly SimulatedArtist[]
  /** Personal data, invented. A few listeners have none. */
  readonly accounts: readonly AccountRow[]
  /** Days oldest first; each call starts over and gives the same bytes. */
  days(): Iterable<SimulatedDay>
  readonly truth: Truth
}

const dayMs = 86_400_000
/** Mean number of events of a session, as measured on the demo. */
const eventsPerSession = 14.4

/**
 * Invents a service. The same preset, seed and end give the same bytes.
 * @param options.endAt end of the last day's events (exclusive), ms UTC; at a midnight the last day is whole
 * Throws `bad-argument` for a preset below its stated minima.
 */
export function createService(options: {
  readonly preset: Preset
  readonly seed: number
  readonly endAt: number
}): SimulatedService {
  const { preset, seed, endAt } = options
  checkPreset(preset)
  const random = createRandom(seed)
  const { days } = preset
  const lastStart = Math.floor((endAt - 1) / dayMs) * dayMs
  const startAt = lastStart - (days - 1) * dayMs
  const vectors = genreVectors(random.fork('genres'))
  const catalogue = createCatalogue(preset.artists, random.fork('catalogue'), { vectors, startAt, days })
  const audience = createAudience(preset.listeners, random.fork('audience'), { vectors, endAt, days })
  const chance = random.fork('service')
  const tag = Array.from({ length: 6 }, () => chance.below(36).toString(36)).join('')
  const salt = chance.below(2 ** 32)
  const affinity = createAffinity(audience.vectors, catalogue.vectors, salt)
  const world: World = { preset, endAt, startAt, catalogue, audience, affinity, random, tag }
  return {
    artists: catalogue.artists,
    accounts: audience.accounts,
    days: () => simulateDays(world),
    truth: createTruth(world),
  }
}

type World = {
  readonly preset: Preset
  readonly startAt: number
  readonly endAt: number
  readonly catalogue: Catalogue
  readonly audience: Audience
  readonly affinity: Affinity
  readonly random: Random
  /** In every id of an event, so that services of different seeds share none. */
  readonly tag: string
}

function checkPreset({ listeners, artists, days, events }: Preset): void {
  if (!(listeners >= 1 && artists >= 40 && days >= 1 && events >= 1))
    throw new TastemakerError(
      'bad-argument',
      `A service needs 1 listener, 40 artists, 1 day and 1 event or more; got ${listeners}, ${artists}, ${days}, ${events}.`,
    )
}

function* simulateDays(world: World): Generator<SimulatedDay> {
  const { preset, catalogue, audience, random, tag } = world
  const popularityOf = createPopularity(catalogue)
  const library = createLibrary(preset.listeners)
  const followers = Float64Array.from(catalogue.artists, (artist) => artist.followers)
  const perUnit = sessionsPerUnit(world)
  const faultChance = random.fork('faults')
  let late: readonly string[] = []
  for (let day = 0; day < preset.days; day++) {
    const startAt = world.startAt + day * dayMs
    const until = Math.min(startAt + dayMs, world.endAt)
    const popularity = popularityOf(day)
    grow(followers, popularity)
    const lines = openDay({ catalogue, popularity, followers, tag, startAt, until })
    const chance = random.fork(`day ${day}`)
    const scene: Scene = { ...world, library, popularity, lines, random: chance }
    for (const [index, listener] of audience.listeners.entries()) {
      if (listener.firstDay === day) recall(scene, index)
      playDay(scene, { index, day, startAt, perUnit })
    }
    const faulty = plantFaults(lines.inOrder(), faultChance, {
      rates: preset.faults,
      late,
      futureAt: world.endAt + 10 * 365 * dayMs,
      last: day === preset.days - 1,
    })
    late = faulty.late
    const date = new Date(startAt).toISOString().slice(0, 10)
    yield { date, lines: faulty.lines, planted: faulty.planted, events: faulty.events }
  }
}

/** Every session of one listener on one day; sessions follow each other. */
function playDay(
  scene: Scene,
  when: { readonly index: number; readonly day: number; readonly startAt: number; readonly perUnit: number },
): void {
  const { index, day, startAt } = when
  const listener = scene.audience.listeners[index]!
  if (day < listener.firstDay || day > listener.lastDay) return
  const mean = when.perUnit * listener.activity * dayWeight(startAt)
  const starts: number[] = []
  for (let left = scene.random.poisson(mean); left > 0; left--)
    starts.push(startAt + drawStart(scene.random, listener.offsetHours))
  let free = startAt
  for (const start of starts.sort((a, b) => a - b))
    free = playSession(scene, index, Math.max(start, free)) + 60_000
}

/** Sessions a day of a listener with activity 1 on a day of weight 1, such that all together make the preset's events. */
function sessionsPerUnit({ preset, startAt, audience }: World): number {
  const weights = Array.from({ length: preset.days }, (_, day) => dayWeight(startAt + day * dayMs))
  let units = 0
  for (const { activity, firstDay, lastDay } of audience.listeners)
    for (let day = firstDay; day <= lastDay; day++) units += activity * weights[day]!
  return preset.events / (units * eventsPerSession)
}

/** Followers grow by what is popular that day, 0.05% to about 1%. */
function grow(followers: Float64Array, { weights, rankOf }: Popularity): void {
  for (let artist = 0; artist < followers.length; artist++)
    if (weights[artist]! > 0) followers[artist]! *= 1.0005 + 0.01 / (1 + rankOf[artist]! / 20)
}

function createTruth({ catalogue, audience, affinity }: World): Truth {
  const listenerOf = new Map(audience.listeners.map(({ userId }, index) => [userId, index]))
  const artistOf = new Map(catalogue.artists.map(({ artistId }, index) => [artistId, index]))
  const known = (index: number | undefined, id: string): number => {
    if (index === undefined)
      throw new TastemakerError(
        'not-found',
        `The simulated service has no "${id}"; take an id from its events.`,
      )
    return index
  }
  const affinityOf = (userId: string, artistId: string): number =>
    affinity(known(listenerOf.get(userId), userId), known(artistOf.get(artistId), artistId))
  return {
    affinity: affinityOf,
    clickProbability: (userId, artistId, position) =>
      clickProbability(affinityOf(userId, artistId), position),
    clickModel,
  }
}
