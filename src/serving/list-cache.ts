// The list cache: which key holds what. Everything lies below a version; one pointer says which version readers see.
import { createHash } from 'node:crypto'
import type { ArtistFeatures, ListenerFeatures } from '../data/features.ts'
import type { RankedList } from '../data/ranked-list.ts'
import type { Report } from '../data/report.ts'
import { TastemakerError } from '../errors.ts'
import type { ListEntry } from '../stores/lists/list-store.ts'
import { answerBytes, encodeList, encodeListener, encodeValue } from './list-bytes.ts'
import type { SimilarArtist } from './similar-artists.ts'

/**
 * The pointer: what is published now. Keys of the cache:
 *
 *   current                               this, as JSON
 *   v/<version>/list/<userId>             a ranked list (list-bytes.ts)
 *   v/<version>/top/<userId>              its first 20 artists, so that a usual answer reads no more than it sends
 *   v/<version>/listener/<userId>         a listener (list-bytes.ts)
 *   v/<version>/segment/<label>           a ranked list; label `25-34|US` or `US`
 *   v/<version>/popular                   a ranked list
 *   v/<version>/artist/<artistId>         ArtistFeatures
 *   v/<version>/similar/<artistId>        SimilarArtist[]
 *   v/<version>/track/<trackId>           TrackEntry
 *   v/<version>/report                    the evaluation Report
 */
export type Published = {
  readonly version: string
  readonly model: string
  readonly modelVersion: string
  /** ms UTC. */
  readonly publishedAt: number
  /** Number of listeners with a profile. */
  readonly listeners: number
  /** Number of artists with features. */
  readonly artists: number
  /** The version before, still whole; null for the first. */
  readonly previous: string | null
}

/** What is known of a track of the service, for players that only send its id. */
export type TrackEntry = {
  readonly artistId: string
  readonly artistName: string
  readonly title: string
  /** 0: not known. */
  readonly durationMs: number
}

/** Key of the pointer. */
export const pointerKey = 'current'

/** Prefix of everything of one version. Throws `bad-argument` for a version that cannot be part of a key. */
export function versionPrefix(version: string): string {
  if (!/^[\w.:-]{1,100}$/.test(version))
    throw new TastemakerError(
      'bad-argument',
      `A list version is 1 to 100 letters, digits, or _ . : -; it is ${JSON.stringify(version)}.`,
    )
  return `v/${version}/`
}

/** Entries of a version, by what they hold; their keys are below the version's prefix. */
export const cacheEntries = {
  list: (list: RankedList): ListEntry => [cacheKeys.list(list.userId), encodeList(list)],
  listener: (listener: ListenerFeatures): ListEntry => [
    cacheKeys.listener(listener.userId),
    encodeListener(listener),
  ],
  segment: (label: string, list: RankedList): ListEntry => [cacheKeys.segment(label), encodeList(list)],
  popular: (list: RankedList): ListEntry => [cacheKeys.popular, encodeList(list)],
  artist: (artist: ArtistFeatures): ListEntry => [cacheKeys.artist(artist.artistId), encodeValue(artist)],
  similar: (artistId: string, similar: readonly SimilarArtist[]): ListEntry => [
    cacheKeys.similar(artistId),
    encodeValue(similar),
  ],
  track: (trackId: string, track: TrackEntry): ListEntry => [cacheKeys.track(trackId), encodeValue(track)],
  report: (report: Report): ListEntry => [cacheKeys.report, encodeValue(report)],
} as const

const listPrefix = 'list/'
const topPrefix = 'top/'

/** Artists in the top of a list. */
export const topLength = 20

/** What is kept for an entry: itself, and for a listener's list its top as well. */
export function keptEntries([key, value]: ListEntry): readonly ListEntry[] {
  if (!key.startsWith(listPrefix)) return [[key, value]]
  return [
    [key, value],
    [topPrefix + key.slice(listPrefix.length), answerBytes('', value, topLength)],
  ]
}

/** Keys below a version's prefix. */
export const cacheKeys = {
  list: (userId: string) => `${listPrefix}${keyPart(userId)}`,
  top: (userId: string) => `${topPrefix}${keyPart(userId)}`,
  listener: (userId: string) => `listener/${keyPart(userId)}`,
  listeners: 'listener/',
  segment: (label: string) => `segment/${keyPart(label)}`,
  popular: 'popular',
  artist: (artistId: string) => `artist/${keyPart(artistId)}`,
  artists: 'artist/',
  similar: (artistId: string) => `similar/${keyPart(artistId)}`,
  track: (trackId: string) => `track/${keyPart(trackId)}`,
  report: 'report',
} as const

/** An id as part of a key: itself while it is short and printable ASCII, else a hash of it, since keys end at 500 bytes. */
function keyPart(id: string): string {
  if (id.length <= 300 && /^[\x21-\x7e ]*$/.test(id) && !id.startsWith('#')) return id
  return `#${createHash('sha256').update(id).digest('hex')}`
}
