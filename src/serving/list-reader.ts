// Reads the published lists: every question is answered from one whole version, also while a new one takes its place.

import type { ArtistFeatures } from '../data/features.ts'
import type { Report } from '../data/report.ts'
import { TastemakerError } from '../errors.ts'
import type { ListStore } from '../stores/lists/list-store.ts'
import { decodeListenerHead, type ListenerHead, parseStored } from './list-bytes.ts'
import { cacheKeys, type Published, pointerKey, type TrackEntry, topLength } from './list-cache.ts'
import type { SimilarArtist } from './similar-artists.ts'

/** A page of listeners. */
export type ListenerPage = {
  readonly listeners: readonly ListenerHead[]
  /** Cursor of the next page; null on the last. */
  readonly next: string | null
}

/** Which page: after which listener (exclusive), how many, and optionally how their ids begin. */
export type PageOptions = { readonly after?: string; readonly limit: number; readonly prefix?: string }

/** What can be asked of one version. Bytes are JSON as list-bytes.ts lays it out, ready to be sent; undefined: there is none. */
export type ListQuestions = {
  /** @param limit how many artists will be used; the answer may hold more. Default all. */
  list(userId: string, limit?: number): Promise<Uint8Array | undefined>
  segment(label: string): Promise<Uint8Array | undefined>
  popular(): Promise<Uint8Array | undefined>
  listener(userId: string): Promise<Uint8Array | undefined>
  /** Ascending by id. */
  listeners(options: PageOptions): Promise<ListenerPage>
  artist(artistId: string): Promise<ArtistFeatures | undefined>
  similar(artistId: string): Promise<readonly SimilarArtist[] | undefined>
  track(trackId: string): Promise<TrackEntry | undefined>
  report(): Promise<Report | undefined>
}

/** The reader. Each question by itself sees one version; several that belong together go through `read`. */
export type ListReader = ListQuestions & {
  /** What is published now; undefined before the first publication. */
  current(): Promise<Published | undefined>
  /**
   * Answers with questions that all see the same version. When that version was removed meanwhile, asks again on the new one.
   * Throws `not-ready` before the first publication.
   */
  read<T>(question: (view: ListQuestions, published: Published) => Promise<T>): Promise<T>
}

/** How long a reader with a clock keeps the pointer; the version it points at stays whole for far longer. */
const pointerKeptMs = 250

/**
 * Opens a reader over a list store, which stays the caller's to close.
 * @param now with a clock (ms) the pointer is read at most every 250 ms, which spares each question a read; without one, every time
 */
export function openListReader(lists: ListStore, now?: () => number): ListReader {
  const latest = pointerReader(lists)
  const current = now ? keptFor(pointerKeptMs, now, latest) : latest

  const read: ListReader['read'] = async (question) => {
    let published = await current()
    for (;;) {
      if (!published)
        throw new TastemakerError('not-ready', 'No lists are published yet; run the pipeline first.')
      const misses = { count: 0 }
      const answer = await question(viewOf(lists, published.version, misses), published)
      if (misses.count === 0) return answer
      const newest = await latest()
      if (!newest || newest.version === published.version || newest.previous === published.version)
        return answer
      published = newest
    }
  }

  return {
    current,
    read,
    list: (userId, limit) => read((view) => view.list(userId, limit)),
    segment: (label) => read((view) => view.segment(label)),
    popular: () => read((view) => view.popular()),
    listener: (userId) => read((view) => view.listener(userId)),
    listeners: (options) => read((view) => view.listeners(options)),
    artist: (artistId) => read((view) => view.artist(artistId)),
    similar: (artistId) => read((view) => view.similar(artistId)),
    track: (trackId) => read((view) => view.track(trackId)),
    report: () => read((view) => view.report()),
  }
}

/** Reads the pointer; parses it only when its bytes changed. */
function pointerReader(lists: ListStore): () => Promise<Published | undefined> {
  let seen: { readonly bytes: Uint8Array; readonly published: Published } | undefined
  return async () => {
    const bytes = await lists.get(pointerKey)
    if (!bytes) return undefined
    if (!seen || Buffer.compare(bytes, seen.bytes) !== 0)
      seen = { bytes: bytes.slice(), published: parseStored<Published>(bytes) }
    return seen.published
  }
}

/** The same pointer for a while; an absent one is looked for again at once. */
function keptFor(
  keptMs: number,
  now: () => number,
  latest: () => Promise<Published | undefined>,
): () => Promise<Published | undefined> {
  let kept: Published | undefined
  let until = Number.NEGATIVE_INFINITY
  return async () => {
    const at = now()
    if (kept && at < until) return kept
    kept = await latest()
    until = at + keptMs
    return kept
  }
}

/** One version. A value that is not there is counted as a miss: it may never have been, or be gone by now. */
function viewOf(lists: ListStore, version: string, misses: { count: number }): ListQuestions {
  const prefix = `v/${version}/`
  const get = async (key: string) => {
    const bytes = await lists.get(prefix + key)
    if (!bytes) misses.count++
    return bytes
  }
  const parsed = async <T>(key: string) => {
    const bytes = await get(key)
    return bytes && parseStored<T>(bytes)
  }
  return {
    list: (userId, limit = Number.POSITIVE_INFINITY) =>
      get(limit <= topLength ? cacheKeys.top(userId) : cacheKeys.list(userId)),
    segment: (label) => get(cacheKeys.segment(label)),
    popular: () => get(cacheKeys.popular),
    listener: (userId) => get(cacheKeys.listener(userId)),
    artist: (artistId) => parsed<ArtistFeatures>(cacheKeys.artist(artistId)),
    similar: (artistId) => parsed<readonly SimilarArtist[]>(cacheKeys.similar(artistId)),
    track: (trackId) => parsed<TrackEntry>(cacheKeys.track(trackId)),
    report: () => parsed<Report>(cacheKeys.report),
    async listeners({ after, limit, prefix: begin = '' }) {
      const all = prefix + cacheKeys.listeners
      const keys = await lists.keys(all + begin, {
        ...(after !== undefined && { after: prefix + cacheKeys.listener(after) }),
        limit: limit + 1,
      })
      // While a version is being removed its keys go one by one: no page can tell by itself that it is whole.
      misses.count++
      const page = keys.slice(0, limit)
      const stored = await Promise.all(page.map((key) => get(key.slice(prefix.length))))
      const listeners = stored.filter((bytes) => bytes !== undefined).map(decodeListenerHead)
      return { listeners, next: keys.length > limit ? (listeners.at(-1)?.userId ?? null) : null }
    },
  }
}
