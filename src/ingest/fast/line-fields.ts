// The fields of a raw event by number, and which key of which object means which.
import { TastemakerError } from '../../errors.ts'

/** Every field that the fast lane understands, numbered so that a set of them fits the bits of one integer. */
export const field = {
  schema: 0,
  event: 1,
  id: 2,
  user: 3,
  at: 4,
  artist: 5,
  track: 6,
  playedMs: 7,
  skipped: 8,
  volumes: 9,
  surface: 10,
  recommendationId: 11,
  position: 12,
  propensity: 13,
  modelVersion: 14,
  variant: 15,
  value: 16,
  source: 17,
  artistId: 18,
  artistName: 19,
  genre: 20,
  followers: 21,
  artistRank: 22,
  trackId: 23,
  trackTitle: 24,
  durationMs: 25,
  trackLikes: 26,
  receivedAt: 27,
  revision: 28,
} as const

/** The number of a field. */
export type Field = (typeof field)[keyof typeof field]

/** How many there are. */
export const fieldCount = 29

/** A key that the schema does not know: its value is passed over. */
export const unknownKey = -1

/** Finds a key between its quotes: its field, or `unknownKey`. */
export type Keys = (bytes: Uint8Array, begin: number, end: number) => number

const slots = 256

/** Keys of the event itself. */
export const eventKeys: Keys = keysOf({
  schema: field.schema,
  event: field.event,
  id: field.id,
  user: field.user,
  at: field.at,
  artist: field.artist,
  track: field.track,
  playedMs: field.playedMs,
  skipped: field.skipped,
  volumes: field.volumes,
  surface: field.surface,
  recommendationId: field.recommendationId,
  position: field.position,
  propensity: field.propensity,
  modelVersion: field.modelVersion,
  variant: field.variant,
  value: field.value,
  source: field.source,
  receivedAt: field.receivedAt,
  revision: field.revision,
})

/** Keys of `artist`. */
export const artistKeys: Keys = keysOf({
  id: field.artistId,
  name: field.artistName,
  genre: field.genre,
  followers: field.followers,
  rank: field.artistRank,
})

/** Keys of `track`. */
export const trackKeys: Keys = keysOf({
  id: field.trackId,
  title: field.trackTitle,
  durationMs: field.durationMs,
  likes: field.trackLikes,
})

/** A table in which every key has a slot of its own, found by its length, its first and its last byte. */
function keysOf(fields: Readonly<Record<string, number>>): Keys {
  const names = Object.keys(fields).map((name) => Uint8Array.from(Buffer.from(name)))
  const factor = factorFor(names)
  const numbers = new Int8Array(slots).fill(unknownKey)
  const keys: Uint8Array[] = Array.from({ length: slots }, () => new Uint8Array())
  for (const name of names) {
    const slot = slotOf(name, 0, name.length, factor)
    numbers[slot] = fields[Buffer.from(name).toString()] as number
    keys[slot] = name
  }
  return (bytes, begin, end) => {
    const slot = slotOf(bytes, begin, end, factor)
    const key = keys[slot] as Uint8Array
    if (key.length !== end - begin || begin === end) return unknownKey
    for (let at = 0; at < key.length; at += 1) if (key[at] !== bytes[begin + at]) return unknownKey
    return numbers[slot] as number
  }
}

function slotOf(bytes: Uint8Array, begin: number, end: number, factor: number): number {
  const first = bytes[begin] as number
  const last = bytes[end - 1] as number
  return ((end - begin) * factor + first * 7 + last) & (slots - 1)
}

/** The first factor under which no two of the keys share a slot. */
function factorFor(names: readonly Uint8Array[]): number {
  for (let factor = 1; factor < slots; factor += 1) {
    const taken = new Set(names.map((name) => slotOf(name, 0, name.length, factor)))
    if (taken.size === names.length) return factor
  }
  throw new TastemakerError('bad-argument', 'No factor parts the keys of a raw event; give them more slots.')
}
