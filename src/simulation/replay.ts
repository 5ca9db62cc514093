// The replay: lays play counts out as timed listens in sessions, so that services that keep only counts can use what needs time.
import type { RawEvent } from '../data/raw-event.ts'
import { TastemakerError } from '../errors.ts'
import { createRandom, type Random } from '../statistics/random.ts'
import { dayWeight, drawStart } from './rhythm.ts'

/** How often a listener played an artist. */
export type PlayCount = {
  readonly user: string
  readonly artistId: string
  readonly artistName: string
  /** Over 0; a fraction counts as the next whole number. */
  readonly plays: number
}

/** The replayed listens of one UTC day, oldest first. */
export type ReplayedDay = {
  /** `YYYY-MM-DD`. */
  readonly date: string
  readonly events: readonly RawEvent[]
}

/** How much of the counts a replay keeps. */
export type ReplayShare = {
  readonly pairs: number
  /** Sum of the counts, and of the listens that stand for them. */
  readonly plays: number
  readonly listens: number
  /** listens / plays, 0..1; 1 when there are no plays. */
  readonly share: number
}

const dayMs = 86_400_000
const listensOfSession = 12
/** Room for a session at the end of a day; sessions end in the day they begin in. */
const sessionRoomMs = 2 * 3_600_000
/** A count that reaches the cap; more plays than that make no more listens. */
const mostPlays = 1_000_000

/**
 * Replays counts as `listen` events, days ascending and times ascending within a day; days without events are left out.
 * Every pair is kept and has at least one full listen; a pair with more plays has as many listens or more. Counts up to half
 * the cap are kept exactly, greater ones grow with their logarithm up to the cap: see `replayShare` for what that leaves out.
 * Artists get songs of their own, always the same for an artist. A user may listen in two sessions at a time.
 * Memory: about 20 bytes a listen, and one day of events.
 * @param options.endAt every listen begins before it, ms UTC; `options.days` how many days the listens cover (default 180)
 * @param options.maxListensPerPair cap on the listens of one pair, default 50, at least 1
 * Throws `bad-argument` for a count that is not over 0 or an option outside its range.
 */
export function* replayCounts(
  counts: Iterable<PlayCount>,
  options: {
    readonly seed: number
    readonly endAt: number
    readonly days?: number
    readonly maxListensPerPair?: number
  },
): Generator<ReplayedDay> {
  const { days = 180, maxListensPerPair = 50, seed } = options
  if (!(days >= 1 && maxListensPerPair >= 1))
    throw new TastemakerError(
      'bad-argument',
      `A replay needs 1 day and 1 listen a pair or more; got ${days} and ${maxListensPerPair}.`,
    )
  const pairs = [...counts]
  const startAt = options.endAt - days * dayMs
  const listens = layOut(pairs, createRandom(seed), { startAt, days, cap: maxListensPerPair })
  const order = listens.at.map((_, index) => index).sort((a, b) => listens.at[a]! - listens.at[b]! || a - b)
  let date = ''
  let events: RawEvent[] = []
  for (const index of order) {
    const on = new Date(listens.at[index]!).toISOString().slice(0, 10)
    if (on !== date && events.length > 0) {
      yield { date, events }
      events = []
    }
    date = on
    events.push(eventOf(pairs[listens.pair[index]!]!, listens, index))
  }
  if (events.length > 0) yield { date, events }
}

/** States how much of the counts a replay keeps; one pass over them. */
export function replayShare(counts: Iterable<PlayCount>, maxListensPerPair = 50): ReplayShare {
  const sums = { pairs: 0, plays: 0, listens: 0 }
  for (const count of counts) {
    sums.pairs += 1
    sums.plays += Math.ceil(count.plays)
    sums.listens += listensOf(count, maxListensPerPair)
  }
  return { ...sums, share: sums.plays > 0 ? sums.listens / sums.plays : 1 }
}

/** Listens that stand for a pair's plays: 1..cap, never fewer for more plays. */
function listensOf({ plays }: PlayCount, cap: number): number {
  if (!(plays > 0))
    throw new TastemakerError('bad-argument', `A play count must be over 0; one is ${plays}. Leave it out.`)
  const exact = Math.ceil(plays)
  const half = Math.ceil(cap / 2)
  if (exact <= half) return exact
  const beyond = Math.log(exact / half) / Math.log(mostPlays / half)
  return Math.min(Math.floor(cap), exact, half + Math.ceil((cap - half) * beyond))
}

/** Listens by column, in the order in which they were laid out. */
type Listens = {
  readonly at: Float64Array
  readonly pair: Int32Array
  readonly song: Uint8Array
  readonly playedMs: Int32Array
  readonly skipped: Uint8Array
}

type Span = { readonly startAt: number; readonly days: number; readonly cap: number }

function layOut(pairs: readonly PlayCount[], random: Random, span: Span): Listens {
  const repeats = Int32Array.from(pairs, (pair) => listensOf(pair, span.cap))
  const count = repeats.reduce((sum, value) => sum + value, 0)
  const listens: Listens = {
    at: new Float64Array(count),
    pair: new Int32Array(count),
    song: new Uint8Array(count),
    playedMs: new Int32Array(count),
    skipped: new Uint8Array(count),
  }
  const heard = new Uint8Array(pairs.length)
  const rhythm = createRhythm(span)
  let next = 0
  for (const ofUser of Map.groupBy(pairs.keys(), (index) => pairs[index]!.user).values()) {
    const plays = random.shuffle(ofUser.flatMap((pair) => new Array<number>(repeats[pair]!).fill(pair)))
    const starts = sessionStarts(Math.ceil(plays.length / listensOfSession), random, rhythm)
    let at = 0
    for (const [place, pair] of plays.entries()) {
      if (place % listensOfSession === 0) at = starts[place / listensOfSession]!
      const artist = pairs[pair]!.artistId
      at = play(listens, next, { pair, artist, at, first: heard[pair] === 0, random })
      heard[pair] = 1
      next += 1
    }
  }
  return listens
}

/** Writes one listen and returns when the next may start, within ten minutes. */
function play(
  listens: Listens,
  index: number,
  what: {
    readonly pair: number
    readonly artist: string
    readonly at: number
    readonly first: boolean
    readonly random: Random
  },
): number {
  const { random, at } = what
  const song = Math.floor(songsOf(what.artist) * random.uniform() ** 2)
  const durationMs = durationOf(what.artist, song)
  const chance = what.first ? 1 : random.uniform()
  const skipped = chance < 0.08
  const partial = chance >= 0.08 && chance < 0.2
  const share = skipped ? 0.01 + 0.09 * random.uniform() : partial ? 0.3 + 0.45 * random.uniform() : 1
  listens.at[index] = at
  listens.pair[index] = what.pair
  listens.song[index] = song
  listens.playedMs[index] = Math.floor(share * durationMs)
  listens.skipped[index] = skipped ? 1 : 0
  return at + listens.playedMs[index]! + 500 + random.below(4_000)
}

/** Cumulative weights of the days that sessions may start in. */
type Rhythm = { readonly startAt: number; readonly cumulative: readonly number[] }

function createRhythm({ startAt, days }: Span): Rhythm {
  let sum = 0
  const cumulative = Array.from({ length: Math.floor(days) }, (_, day) => {
    sum += dayWeight(startAt + day * dayMs)
    return sum
  })
  return { startAt, cumulative }
}

/** Starts of sessions, ascending; days are counted back from the end, so a session never runs past it. */
function sessionStarts(count: number, random: Random, { startAt, cumulative }: Rhythm): Float64Array {
  const total = cumulative.at(-1)!
  const midnightMs = ((startAt % dayMs) + dayMs) % dayMs
  return Float64Array.from({ length: count }, () => {
    const target = random.uniform() * total
    const day = cumulative.findIndex((sum) => sum > target)
    const clock = (drawStart(random, -6) - midnightMs + dayMs) % dayMs
    const latest = dayMs - sessionRoomMs
    return startAt + day * dayMs + (clock < latest ? clock : random.below(latest))
  }).sort()
}

function eventOf({ user, artistId, artistName }: PlayCount, listens: Listens, index: number): RawEvent {
  const song = listens.song[index]!
  const listen = {
    schema: 1 as const,
    event: 'listen' as const,
    id: `replay-${hash(user + artistId, 0).toString(36)}-${index.toString(36)}`,
    user,
    at: listens.at[index]!,
    artist: { id: artistId, name: artistName },
    track: {
      id: `${artistId.slice(0, 240)}-track-${song + 1}`,
      title: `Track ${song + 1}`,
      durationMs: durationOf(artistId, song),
    },
    playedMs: listens.playedMs[index]!,
    source: 'replay',
  }
  return listens.skipped[index] === 1 ? { ...listen, skipped: true } : listen
}

const songsOf = (artistId: string): number => 3 + (hash(artistId, 0) % 18)
/** 150 s to 330 s; a session of twelve stays under the room that it has. */
const durationOf = (artistId: string, song: number): number => 150_000 + (hash(artistId, song + 1) % 180_000)

/** FNV-1a over the UTF-16 units (Fowler, Noll, Vo), finished so that neighbouring salts differ. */
function hash(text: string, salt: number): number {
  let bits = 0x811c_9dc5 ^ salt
  for (let at = 0; at < text.length; at++) bits = Math.imul(bits ^ text.charCodeAt(at), 0x0100_0193)
  bits = Math.imul(bits ^ (bits >>> 16), 0x85eb_ca6b)
  return (bits ^ (bits >>> 13)) >>> 0
}
