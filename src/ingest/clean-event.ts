// Raw event to clean event: times, keys, names, outcome and id, or the fault that keeps it out.
import { hash } from 'node:crypto'
import type { Settings } from '../config.ts'
import { normalizeName } from '../data/artist-name.ts'
import { type CleanEvent, type EventKind, type ListenOutcome, retractRevision } from '../data/event.ts'
import type { RawEvent, RawRetraction } from '../data/raw-event.ts'
import { TastemakerError } from '../errors.ts'
import { type Fault, fault, isFault, show } from './fault.ts'
import { checkRawLine, isRetraction } from './raw-event-check.ts'
import { parseIsoTime } from './time.ts'

/** What cleaning depends on besides the event itself. */
export type CleanContext = {
  /** The clock, milliseconds since the epoch. */
  readonly now: number
  readonly settings: Settings['ingest']
  /** See createPseudonymizer. */
  readonly pseudonymize: (userId: string) => string
}

/** Ids of the artist and the track, and what they are called. */
type Subject = Pick<CleanEvent, 'artistId' | 'artistName' | 'trackId' | 'trackTitle'>
/** First and last moment that an event may have, ms UTC. */
export type Limits = { readonly earliest: number; readonly latest: number }
type Times = Pick<CleanEvent, 'at' | 'recordedAt'>

/** 24 days: the longest duration the schema knows, and what fits the table. */
export const longestMs = 24 * 86_400_000
/** What fits the table. */
export const largestRank = 2 ** 31 - 1
const fullShare = 0.8
const skippedShare = 0.2
const fullMs = 240_000
const skippedMs = 30_000
/** Names remembered with their normalized form. */
const memoSize = 50_000

/**
 * Returns the function from one parsed line (any JSON value) to its clean event, or to a fault with its reason.
 * Pure but for memos: the same line gives the same event and the same event id.
 * Throws `bad-argument` when `settings.earliest` is not an ISO 8601 time.
 */
export function createCleaner(context: CleanContext): (value: unknown) => CleanEvent | Fault {
  const limits = limitsOf(context)
  const keyOf = rememberedKeys()
  return (value) => {
    const raw = checkRawLine(value)
    if (isFault(raw)) return raw
    const user = raw.user.trim()
    if (user === '') return fault('no-user', 'user is empty')
    const at = timeOf(raw.at, limits)
    if (typeof at !== 'number') return at
    const times = { at, recordedAt: recordedAtOf(raw.receivedAt, context.now) }
    if (isRetraction(raw)) return retraction(raw, { ...times, userId: context.pseudonymize(user) })
    const subject = subjectOf(raw, keyOf)
    if (isFault(subject)) return subject
    const wrong = wrongValue(raw)
    if (wrong) return wrong
    return assemble(raw, { ...subject, ...times, userId: context.pseudonymize(user) })
  }
}

/**
 * How a listen ended. First rule that holds, in this order:
 * 1. `playedMs` not known: `skipped` when skipped by hand, else `full` (formats without it only send what was heard).
 * 2. `full`: at least 80% of the duration; with no duration, at least 240 s.
 * 3. `skipped`: skipped by hand; or under 30 s and under 20% of the duration; with no duration, under 30 s.
 * 4. `partial`.
 * A duration of 0 counts as not known.
 */
export function outcomeOf(listen: {
  readonly playedMs: number | null
  readonly durationMs: number | null
  readonly skipped: boolean
}): ListenOutcome {
  const { playedMs, durationMs, skipped } = listen
  if (playedMs === null) return skipped ? 'skipped' : 'full'
  const share = durationMs ? playedMs / durationMs : undefined
  if (share === undefined ? playedMs >= fullMs : share >= fullShare) return 'full'
  if (skipped || (playedMs < skippedMs && (share === undefined || share < skippedShare))) return 'skipped'
  return 'partial'
}

/** First and last moment that an event may have, ms UTC. Throws `bad-argument` for an `earliest` that is no time. */
export function limitsOf({ now, settings }: CleanContext): Limits {
  const earliest = parseIsoTime(settings.earliest)
  if (earliest === undefined) {
    throw new TastemakerError(
      'bad-argument',
      `ingest.earliest is ${show(settings.earliest)}; write it as 2002-10-01T00:00:00Z.`,
    )
  }
  return { earliest, latest: now + settings.futureToleranceMinutes * 60_000 }
}

function timeOf(at: string | number, limits: Limits): number | Fault {
  const time = typeof at === 'number' ? Math.floor(at) : parseIsoTime(at.trim())
  if (time === undefined || !Number.isSafeInteger(time)) {
    return fault(
      'bad-time',
      `at is ${show(at)}, neither ISO 8601 with its offset nor milliseconds since the epoch`,
    )
  }
  if (time < limits.earliest)
    return fault('too-old', `at is ${show(at)}${unitHint(time, 1000, 'seconds', limits)}`)
  if (time > limits.latest) {
    return fault('future-time', `at is ${show(at)}${unitHint(time, 0.001, 'microseconds', limits)}`)
  }
  return time
}

/** When the event became known: as the line says, unless that is no time or lies ahead of the clock; then now. */
export function recordedAtOf(receivedAt: string | number | undefined, now: number): number {
  if (receivedAt === undefined) return now
  const time = typeof receivedAt === 'number' ? Math.floor(receivedAt) : parseIsoTime(receivedAt.trim())
  return time !== undefined && time >= 0 && time <= now ? time : now
}

function unitHint(time: number, factor: number, unit: string, { earliest, latest }: Limits): string {
  const meant = time * factor
  return meant >= earliest && meant <= latest ? `, looks like ${unit}; send milliseconds` : ''
}

function subjectOf(raw: RawEvent, keyOf: (name: string) => string): Subject | Fault {
  const name = tidy(raw.artist.name)
  const givenId = tidyId(raw.artist.id)
  if (givenId === null && name === null) return fault('no-artist', 'artist has neither id nor name')
  const artistId = givenId ?? `name:${keyOf(name as string)}`
  const trackTitle = tidy(raw.track?.title)
  const trackId =
    tidyId(raw.track?.id) ?? (trackTitle === null ? null : `title:${artistId}:${keyOf(trackTitle)}`)
  if (trackId === null && raw.event === 'listen')
    return fault('no-track', 'a listen needs track.id or track.title')
  return { artistId, artistName: name ?? artistId, trackId, trackTitle }
}

function wrongValue(raw: RawEvent): Fault | undefined {
  const { playedMs, value } = raw
  if (playedMs !== undefined && playedMs > longestMs)
    return fault('bad-value', `playedMs is ${playedMs}, over 24 days`)
  if (raw.event === 'play_count' && !(value !== undefined && value > 0)) {
    return fault('bad-value', `a play_count needs a value over 0; it is ${show(value)}`)
  }
  const signed = raw.event === 'like' || raw.event === 'follow'
  if (signed && value !== undefined && Math.abs(value) !== 1) {
    return fault('bad-value', `the value of a ${raw.event} is 1 or -1; it is ${value}`)
  }
  if ((raw.revision ?? 0) > 0 && tidyId(raw.id) === null)
    return fault('bad-value', `revision is ${raw.revision}, but the event has no id to revise`)
  return wrongCard(raw)
}

function wrongCard({ artist, track }: RawEvent): Fault | undefined {
  if ((artist.rank ?? 0) > largestRank) return fault('bad-value', `artist.rank is ${artist.rank}`)
  if (!Number.isSafeInteger(artist.followers ?? 0))
    return fault('bad-value', `artist.followers is ${artist.followers}`)
  if (!Number.isSafeInteger(track?.likes ?? 0)) return fault('bad-value', `track.likes is ${track?.likes}`)
  return undefined
}

function retraction(raw: RawRetraction, known: Times & { readonly userId: string }): CleanEvent | Fault {
  const eventId = tidyId(raw.id)
  if (eventId === null) return fault('schema', 'id is empty; a retract names the event it takes back')
  return { ...nothingSaid, ...known, eventId, kind: 'retract', revision: retractRevision }
}

const nothingSaid = {
  artistId: '',
  artistName: '',
  genre: null,
  followers: null,
  artistRank: null,
  trackId: null,
  trackTitle: null,
  trackLikes: null,
  durationMs: null,
  playedMs: null,
  outcome: null,
  volumes: null,
  surface: null,
  position: null,
  recommendationId: null,
  propensity: null,
  modelVersion: null,
  variant: null,
  value: null,
  source: 'tastemaker',
} as const

function assemble(raw: RawEvent, known: Subject & Times & { readonly userId: string }): CleanEvent {
  const kind = raw.event as EventKind
  const value = countedValue(kind, raw.value)
  const listen = kind === 'listen'
  const durationMs = raw.track?.durationMs ?? null
  const playedMs = listen ? (raw.playedMs ?? null) : null
  const recommendationId = tidyId(raw.recommendationId)
  return {
    eventId:
      tidyId(raw.id) ??
      contentId([kind, known.userId, known.at, known.artistId, known.trackId, value, recommendationId]),
    kind,
    userId: known.userId,
    at: known.at,
    artistId: known.artistId,
    artistName: known.artistName,
    ...artistCard(raw.artist),
    trackId: known.trackId,
    trackTitle: known.trackTitle,
    trackLikes: raw.track?.likes ?? null,
    durationMs,
    playedMs,
    outcome: listen ? outcomeOf({ playedMs, durationMs, skipped: raw.skipped === true }) : null,
    volumes: listen ? (raw.volumes ?? null) : null,
    surface: tidy(raw.surface)?.toLowerCase() ?? null,
    position: raw.position ?? null,
    recommendationId,
    propensity: raw.propensity ?? null,
    modelVersion: tidyId(raw.modelVersion),
    variant: tidyId(raw.variant),
    value,
    source: tidyId(raw.source) ?? 'tastemaker',
    recordedAt: known.recordedAt,
    revision: raw.revision ?? 0,
  }
}

const artistCard = ({ genre, followers, rank }: RawEvent['artist']) => ({
  genre: tidy(genre)?.toLowerCase() ?? null,
  followers: followers ?? null,
  artistRank: rank ?? null,
})

/** What an event counts: plays of a `play_count`; 1 or -1 of a `like` and a `follow`; null of all others. */
export function countedValue(kind: EventKind, value: number | undefined): number | null {
  if (kind === 'play_count') return value ?? null
  return kind === 'like' || kind === 'follow' ? (value ?? 1) : null
}

/** 22 base64url characters (132 bits) of SHA-256 over the fields, parted by `|`; absent ones empty. */
export function contentId(fields: readonly (string | number | null)[]): string {
  return hash('sha256', fields.map((field) => field ?? '').join('|'), 'base64url').slice(0, 22)
}

/** Text of a person: NFC, white space folded and trimmed; null when nothing is left. */
export function tidy(text: string | undefined): string | null {
  if (text === undefined) return null
  if (/^[!-~]+(?: [!-~]+)*$/.test(text)) return text
  return (
    text
      .toWellFormed()
      .normalize('NFC')
      .replace(/[\s\p{Cc}]+/gu, ' ')
      .trim() || null
  )
}

/** Text of a machine: trimmed; null when nothing is left. */
export function tidyId(text: string | undefined): string | null {
  return text?.trim().toWellFormed() || null
}

/** Returns normalizeName, remembering the names it has seen. */
export function rememberedKeys(): (name: string) => string {
  const memo = new Map<string, string>()
  return (name) => {
    const known = memo.get(name)
    if (known !== undefined) return known
    const key = normalizeName(name)
    if (memo.size >= memoSize) memo.clear()
    memo.set(name, key)
    return key
  }
}
