// The Last.fm door: scrobbles and loved tracks of a form, as raw events.
import { type Fault, fault, show } from '../fault.ts'
import type { Translation } from '../importers/importer.ts'

/** A scrobble as it was sent, with the event it stands for. */
export type Scrobble = {
  readonly artist: string
  readonly track: string
  readonly album: string
  readonly albumArtist: string
  /** As sent. */
  readonly timestamp: string
  readonly answer: Translation | Fault
}

/** Most scrobbles of one request. */
export const mostScrobbles = 50

const source = 'lastfm'

/**
 * The scrobbles of `track.scrobble`: `artist[0]`, `track[0]`, `timestamp[0]` (seconds) and so on, or the names without a number
 * for a single one; in the order of their numbers. `duration` is in seconds, `mbid` the recording's.
 * `chosenByUser=0` (radio, recommendations) becomes the surface `radio`.
 */
export function readScrobbles(form: URLSearchParams, user: string): readonly Scrobble[] {
  const numbers = new Set<string>()
  for (const name of form.keys()) {
    const number = /^(?:artist|track|timestamp)(\[\d{1,4}\])?$/.exec(name)
    if (number) numbers.add(number[1] ?? '')
  }
  return [...numbers]
    .sort((left, right) => Number(left.slice(1, -1)) - Number(right.slice(1, -1)))
    .map((number) => scrobbleOf((name) => form.get(name + number)?.trim() ?? '', user))
}

type Field = (name: string) => string

function scrobbleOf(field: Field, user: string): Scrobble {
  const [artist, track, timestamp] = [field('artist'), field('track'), field('timestamp')]
  const sent = { artist, track, album: field('album'), albumArtist: field('albumArtist'), timestamp }
  if (artist === '') return { ...sent, answer: fault('no-artist', 'artist is missing') }
  if (track === '') return { ...sent, answer: fault('no-track', 'track is missing') }
  const seconds = /^\d{1,12}$/.test(timestamp) ? Number(timestamp) : undefined
  if (seconds === undefined)
    return { ...sent, answer: fault('bad-time', `timestamp is ${show(timestamp)}, not whole seconds`) }
  return {
    ...sent,
    answer: {
      event: 'listen',
      user,
      at: seconds * 1000,
      artist: { name: artist },
      track: trackOf(field),
      ...(field('chosenByUser') === '0' && { surface: 'radio' }),
      source,
    },
  }
}

/** `track.love` (1) and `track.unlove` (-1) as a like of the track's artist; `now` is ms UTC. */
export function readLove(
  form: URLSearchParams,
  { user, now, value }: { readonly user: string; readonly now: number; readonly value: 1 | -1 },
): Translation | Fault {
  const field: Field = (name) => form.get(name)?.trim() ?? ''
  if (field('artist') === '') return fault('no-artist', 'artist is missing')
  if (field('track') === '') return fault('no-track', 'track is missing')
  return {
    event: 'like',
    user,
    at: now,
    artist: { name: field('artist') },
    track: trackOf(field),
    value,
    source,
  }
}

function trackOf(field: Field): NonNullable<Translation['track']> {
  const [mbid, duration] = [field('mbid'), field('duration')]
  const durationMs = /^\d{1,7}$/.test(duration) ? Number(duration) * 1000 : 0
  return { title: field('track'), ...(mbid !== '' && { id: mbid }), ...(durationMs > 0 && { durationMs }) }
}
