// Event lines: writes the JSON of raw events from ready-made pieces, and keeps a day's lines in the order of time.
import type { Catalogue } from './catalogue.ts'
import type { Listener } from './listeners.ts'
import type { Popularity } from './popularity.ts'
import { modelVersions, type Slot } from './recommendations.ts'

const dayMs = 86_400_000

/** A listen as it is written. */
export type ListenLine = {
  readonly artist: number
  readonly song: number
  readonly playedMs: number
  readonly skipped: boolean
  readonly volumes: string
  readonly surface: string
}

/** A shown or clicked slot; positions count from 1. */
export type SlotLine = { readonly recommendationId: string; readonly position: number; readonly slot: Slot }

/** One day's lines while they are being written. Events at or after the day's end are left out. */
export type DayLines = {
  listen(listener: Listener, at: number, listen: ListenLine): void
  slot(listener: Listener, at: number, shown: SlotLine & { readonly event: 'impression' | 'click' }): void
  /** `song` is -1 for a follow, which concerns the artist alone; `value` is 1, or -1 to take it back. */
  reaction(
    listener: Listener,
    at: number,
    reaction: {
      readonly event: string
      readonly artist: number
      readonly song: number
      readonly value: number
    },
  ): void
  /** A new id for a recommendation, unique in the service. */
  recommendationId(): string
  /** All lines in the order of time, equal times in the order of writing. */
  inOrder(): string[]
}

/**
 * Opens a day.
 * @param options.tag makes ids differ between services of different seeds
 * @param options.startAt midnight of the day, ms UTC; `options.until` end of it (exclusive)
 * @param options.followers by artist, as of this day
 */
export function openDay(options: {
  readonly catalogue: Catalogue
  readonly popularity: Popularity
  readonly followers: Float64Array
  readonly tag: string
  readonly startAt: number
  readonly until: number
}): DayLines {
  const { catalogue, followers, startAt, until } = options
  const stamp = `${options.tag}${Math.floor(startAt / dayMs).toString(36)}-`
  const isoDay = new Date(startAt).toISOString().slice(0, 11)
  const times: number[] = []
  const lines: string[] = []
  const artistCards: string[] = []
  let lists = 0

  const head = (event: string, listener: Listener, at: number): string => {
    const id = listener.client === 'old' ? '' : `"id":"${stamp}${lines.length.toString(36)}",`
    const time = listener.client === 'iso' ? isoTime(isoDay, at - startAt) : at
    return `{"schema":1,"event":"${event}",${id}${listener.card}${time}`
  }
  const artistCard = (artist: number): string => {
    artistCards[artist] ??= writeArtist(options, artist)
    return artistCards[artist]
  }
  const songCard = (artist: number, song: number): string => {
    const likes = Math.floor((0.4 * followers[artist]!) / (song + 1.5))
    return `,"track":${catalogue.songs[artist]![song]!.card}${likes}}`
  }
  const keep = (at: number, line: string): void => {
    if (at >= until) return
    times.push(at - startAt)
    lines.push(line)
  }
  return {
    listen(listener, at, { artist, song, playedMs, skipped, volumes, surface }) {
      const start = head('listen', listener, at) + artistCard(artist) + songCard(artist, song)
      const skip = skipped ? ',"skipped":true' : ''
      keep(at, `${start},"playedMs":${playedMs}${skip}${volumes},"surface":"${surface}"${ending}`)
    },
    slot(listener, at, { event, recommendationId, position, slot }) {
      const start = head(event, listener, at) + artistCard(slot.artist)
      const place = `,"surface":"home","recommendationId":"${recommendationId}","position":${position}`
      const model = `,"modelVersion":"${modelVersions[listener.variant]}","variant":"${listener.variant}"`
      keep(at, `${start}${place},"propensity":${slot.propensity}${model}${ending}`)
    },
    reaction(listener, at, { event, artist, song, value }) {
      const track = song < 0 ? '' : songCard(artist, song)
      keep(at, `${head(event, listener, at)}${artistCard(artist)}${track},"value":${value}${ending}`)
    },
    recommendationId: () => `rec-${stamp}${(lists++).toString(36)}`,
    inOrder: () => inOrder(times, lines),
  }
}

const ending = ',"source":"simulation"}'

function writeArtist(
  day: { readonly catalogue: Catalogue; readonly popularity: Popularity; readonly followers: Float64Array },
  artist: number,
): string {
  const { artistId, name, genre } = day.catalogue.artists[artist]!
  const rank = day.popularity.rankOf[artist]
  return `,"artist":${JSON.stringify({ id: artistId, name, genre, followers: Math.floor(day.followers[artist]!), rank })}`
}

/** Times below 2^27 and places below 2^24 share one sortable number. */
function inOrder(times: readonly number[], lines: readonly string[]): string[] {
  const places = 2 ** 24
  const keys = Float64Array.from(times, (time, place) => time * places + place).sort()
  return Array.from(keys, (key) => lines[key % places]!)
}

const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))

function isoTime(isoDay: string, offsetMs: number): string {
  const seconds = Math.floor(offsetMs / 1000)
  const milliseconds = String(offsetMs % 1000).padStart(3, '0')
  const hours = twoDigits[Math.floor(seconds / 3600)]
  const minutes = twoDigits[Math.floor(seconds / 60) % 60]
  return `"${isoDay}${hours}:${minutes}:${twoDigits[seconds % 60]}.${milliseconds}Z"`
}
