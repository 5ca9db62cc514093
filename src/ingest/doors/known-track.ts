// Tracks that are known by their id: what players report of them, as raw events.
import { type Fault, fault, isFault, show } from '../fault.ts'
import type { Translation } from '../importers/importer.ts'

/** What is known of a track of the service, by its id. */
export type KnownTrack = {
  readonly artistId: string
  readonly artistName: string
  readonly title: string
  /** 0: not known. */
  readonly durationMs: number
}

/** A play of a track. */
export type TrackPlay = {
  readonly user: string
  readonly trackId: string
  /** Undefined: no event has named the track yet. */
  readonly track: KnownTrack | undefined
  /** When it began, ms UTC. */
  readonly at: number
  /** How much of it was heard; undefined: not known. */
  readonly playedMs?: number
}

/** A listen; a track that nobody knows has no artist, and is a fault. */
export function listenOfTrack({ playedMs, ...play }: TrackPlay): Translation | Fault {
  const subject = subjectOf(play)
  if (isFault(subject)) return subject
  return { event: 'listen', ...subject, ...(playedMs !== undefined && { playedMs }), source: 'subsonic' }
}

/** A like of the track's artist (1), or that it is taken back (-1). */
export function likeOfTrack({
  value,
  source,
  ...like
}: Omit<TrackPlay, 'playedMs'> & { readonly value: 1 | -1; readonly source: string }): Translation | Fault {
  const subject = subjectOf(like)
  return isFault(subject) ? subject : { event: 'like', ...subject, value, source }
}

function subjectOf({ user, trackId, track, at }: TrackPlay): Omit<Translation, 'event'> | Fault {
  if (!track)
    return fault('no-artist', `no event has named the track ${show(trackId)} yet, so its artist is not known`)
  const duration = track.durationMs > 0 ? { durationMs: track.durationMs } : {}
  return {
    user,
    at,
    artist: { id: track.artistId, name: track.artistName },
    track: { id: trackId, title: track.title, ...duration },
  }
}
