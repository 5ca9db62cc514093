// The fields of ListenBrainz records, by the rules of its API (api_tools.py, 2026): subjects, times and durations.
import { type Fault, fault, show } from '../fault.ts'
import { isRecord } from '../raw-event-check.ts'
import type { Translation } from './importer.ts'

type Fields = Readonly<Record<string, unknown>>

/** What was heard or judged. */
export type Subject = Required<Pick<Translation, 'artist' | 'track'>>

const mbid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** 2002-10-01, before which ListenBrainz takes no listen, in seconds. */
const earliestSeconds = 1_033_430_400
const aheadSeconds = 3600
const longestMs = 24 * 86_400_000

/** Artist and track of a `track_metadata`. */
export function subjectOf(track: Fields): Subject | Fault {
  const info = isRecord(track.additional_info) ? track.additional_info : {}
  const mapping = isRecord(track.mbid_mapping) ? track.mbid_mapping : {}
  const name = textOf(track.artist_name)
  if (name === undefined) return fault('no-artist', 'artist_name is missing or blank')
  const title = textOf(track.track_name)
  if (title === undefined) return fault('no-track', 'track_name is missing or blank')
  const id = mbidOf(info.recording_mbid) ?? mbidOf(mapping.recording_mbid)
  return { artist: artistOf(name, info, mapping), track: { ...(id !== undefined && { id }), title } }
}

/** Seconds since the epoch, which the export writes with a fraction, to milliseconds. */
export function startOf(seconds: unknown, now: number, field: string): number | Fault {
  if (typeof seconds !== 'number' || !Number.isFinite(seconds))
    return fault('bad-time', `${field} is ${show(seconds)}, not seconds since the epoch`)
  if (seconds < earliestSeconds) return fault('too-old', `${field} is ${seconds}, before 2002-10-01`)
  if (seconds > now / 1000 + aheadSeconds) return fault('future-time', `${field} is ${seconds}`)
  return Math.floor(seconds * 1000)
}

/** The first credited artist: from the mapping, from ids and names of equal number, or from a single id; else only the whole credit. */
function artistOf(name: string, info: Fields, mapping: Fields): Translation['artist'] {
  const [credited] = Array.isArray(mapping.artists) ? (mapping.artists as unknown[]) : []
  if (isRecord(credited)) {
    const id = mbidOf(credited.artist_mbid)
    if (id) return { id, name: textOf(credited.artist_credit_name) ?? name }
  }
  const ids = listOf(info.artist_mbids) ?? listOf(mapping.artist_mbids) ?? []
  const names = listOf(info.artist_names) ?? []
  const id = mbidOf(ids[0])
  if (id && ids.length === 1) return { id, name }
  return id && names.length === ids.length ? { id, name: textOf(names[0]) ?? name } : { name }
}

/** `duration` in seconds or `duration_ms`, never both; undefined when there is neither. */
export function durationOf(info: Fields): number | undefined | Fault {
  if (info.duration != null && info.duration_ms != null)
    return fault('bad-value', 'both duration and duration_ms are given')
  return info.duration_ms != null ? millisecondsOf(info.duration_ms, 1) : millisecondsOf(info.duration, 1000)
}

export function millisecondsOf(value: unknown, unitMs: number): number | undefined | Fault {
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value.trim()) ? Number(value) : value
  const valid =
    Number.isSafeInteger(number) && (number as number) >= 0 && (number as number) * unitMs <= longestMs
  return valid ? (number as number) * unitMs : fault('bad-value', `a duration is ${show(value)}`)
}

const listOf = (value: unknown): unknown[] | undefined =>
  Array.isArray(value) && value.length > 0 ? value : undefined

/** A whole number as text. */
export const idOf = (value: unknown): string | undefined =>
  Number.isSafeInteger(value) ? String(value) : undefined

const mbidOf = (value: unknown): string | undefined =>
  typeof value === 'string' && mbid.test(value) ? value.toLowerCase() : undefined

/** Text that is not blank. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
