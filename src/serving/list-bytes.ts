// The stored bytes of lists and listeners: JSON laid out in lines, so that a part can be sent without parsing the whole.
import type { ListenerFeatures } from '../data/features.ts'
import type { RankedArtist, RankedList } from '../data/ranked-list.ts'
import { TastemakerError } from '../errors.ts'

const newline = 10
const comma = 44
const closing = Buffer.from('\n]}')
const decoder = new TextDecoder()
const encoder = new TextEncoder()

/**
 * A ranked list as stored and as answered: a head line, then one artist a line. JSON text holds no bare line end inside a
 * value, so the line ends are safe places to cut.
 *
 *   {"source":"personal","model":"als","modelVersion":"v1","generatedAt":0,"items":[
 *   {"artistId":"a1",...,"position":1,"why":"..."},
 *   {"artistId":"a2",...,"position":2,"why":"..."}
 *   ]}
 *
 * The listener's id is not among them: it is the key, and the answer puts it in front.
 */
export function encodeList(list: RankedList): Uint8Array {
  const { source, model, modelVersion, generatedAt } = list
  const head = JSON.stringify({ source, model, modelVersion, generatedAt })
  const items = list.artists.map(({ why, ...artist }, at) =>
    JSON.stringify({ ...artist, position: at + 1, why }),
  )
  return encoder.encode(`${head.slice(0, -1)},"items":[\n${items.join(',\n')}\n]}`)
}

/** The ranked list behind stored bytes. Throws `corrupt` when they are not one. */
export function decodeList(bytes: Uint8Array, userId = ''): RankedList {
  const { items, ...head } = parseStored<
    Omit<RankedList, 'userId' | 'artists'> & { items: (RankedArtist & { position: number })[] }
  >(bytes)
  return { userId, ...head, artists: items.map(({ position: _, ...artist }) => artist) }
}

/**
 * An answer from stored bytes: the fields of `prefix` in front, the first `limit` artists behind. Copies once, parses nothing.
 * @param prefix JSON members to put first, each ended by a comma: `"userId":"u_1",`
 * @param limit at least 1; more than there are gives all
 */
export function answerBytes(prefix: string, stored: Uint8Array, limit: number): Uint8Array {
  const end = endOfItems(stored, limit)
  const front = Buffer.byteLength(prefix) + 1
  const whole = end < 0
  const kept = (whole ? stored.length : end) - 1
  const out = Buffer.allocUnsafe(front + kept + (whole ? 0 : closing.length))
  out.write(`{${prefix}`, 0)
  out.set(stored.subarray(1, kept + 1), front)
  if (!whole) out.set(closing, front + kept)
  return out
}

/** Where the first `limit` artists end (without their last comma), or -1 when there are no more than that. */
function endOfItems(stored: Uint8Array, limit: number): number {
  let at = stored.indexOf(newline)
  for (let item = 0; item < limit && at >= 0; item++) at = stored.indexOf(newline, at + 1)
  return at >= 0 && stored[at - 1] === comma ? at - 1 : -1
}

/** What a page of listeners shows of each. */
export type ListenerHead = {
  readonly userId: string
  readonly ageGroup: string
  readonly city: string
  readonly state: string
  readonly country: string
  /** Plays of the favourite artists, all together. */
  readonly plays: number
}

/** A listener as stored and as answered: the head in the first line, the two arrays behind it. */
export function encodeListener(listener: ListenerFeatures): Uint8Array {
  const { userId, ageGroup, city, state, country, favouriteArtists, lastSongs } = listener
  const plays = favouriteArtists.reduce((sum, artist) => sum + artist.plays, 0)
  const head = JSON.stringify({ userId, ageGroup, city, state, country, plays })
  const arrays = `"favouriteArtists":${JSON.stringify(favouriteArtists)},\n"lastSongs":${JSON.stringify(lastSongs)}`
  return encoder.encode(`${head.slice(0, -1)},\n${arrays}}`)
}

/** The first line of a stored listener, parsed; the arrays are left alone. Throws `corrupt` when it is not one. */
export function decodeListenerHead(bytes: Uint8Array): ListenerHead {
  const end = bytes.indexOf(newline)
  return parseStored<ListenerHead>(
    encoder.encode(`${decoder.decode(bytes.subarray(0, Math.max(end - 1, 0)))}}`),
  )
}

/** Any value as stored: JSON in UTF-8. */
export const encodeValue = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value))

/** The value behind stored bytes. Throws `corrupt` when they are not JSON. */
export const parseStored = <T>(bytes: Uint8Array): T => parseText<T>(decoder.decode(bytes))

function parseText<T>(text: string): T {
  try {
    return JSON.parse(text) as T
  } catch (cause) {
    throw new TastemakerError('corrupt', 'A value in the list cache is not JSON; publish the lists again.', {
      cause,
    })
  }
}
