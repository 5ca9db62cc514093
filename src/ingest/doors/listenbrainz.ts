// The ListenBrainz door: a submission checked by the rules of ListenBrainz, its listens as raw events.
import { type Fault, fault, isFault, show } from '../fault.ts'
import type { Translation } from '../importers/importer.ts'
import { listenOf } from '../importers/listenbrainz.ts'
import { isRecord } from '../raw-event-check.ts'

/** A listen of a submission, and what became of it. */
export type SubmittedListen = { readonly listen: unknown; readonly answer: Translation | Fault }

/** A submission: listens to keep, or word of what plays now. Its `problem` is one of the whole. */
export type Submission =
  | { readonly problem: string }
  | { readonly kind: 'listens' | 'playing-now'; readonly listens: readonly SubmittedListen[] }

/** What a submission is read with. */
export type SubmissionContext = {
  /** The clock, ms UTC. */
  readonly now: number
  /** The listener whose token came with it; a submission cannot name another one. */
  readonly user: string
}

const mostListens = 1000
const longestListenBytes = 10_240
const mostTags = 50
const longestTag = 64
const mbid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const singleIds = ['recording_mbid', 'release_mbid', 'release_group_mbid', 'track_mbid']
const listedIds = ['artist_mbids', 'work_mbids']
/** NUL as JSON writes it, and not a backslash followed by `u0000`. */
const nul = /(?<!\\)(?:\\\\)*\\u0000/

/**
 * Reads the JSON value of `POST /1/submit-listens`. Each listen is an event or a fault with its reason; whether one fault
 * refuses all is the caller's to say. A duration may be a number or digits in text.
 */
export function readSubmission(value: unknown, context: SubmissionContext): Submission {
  if (!isRecord(value)) return { problem: `A submission is a JSON object; this is ${show(value)}.` }
  const { listen_type: type, payload } = value
  if (type !== 'single' && type !== 'import' && type !== 'playing_now')
    return { problem: `listen_type is single, import or playing_now; it is ${show(type)}.` }
  if (!Array.isArray(payload) || payload.length === 0)
    return { problem: `payload is a list of listens with at least one; it is ${show(payload)}.` }
  if (type !== 'import' && payload.length > 1)
    return { problem: `${type} takes one listen; the payload has ${payload.length}.` }
  if (payload.length > mostListens)
    return {
      problem: `A submission takes at most ${mostListens} listens; the payload has ${payload.length}.`,
    }
  const playing = type === 'playing_now'
  const listens = payload.map((listen: unknown) => ({ listen, answer: answerTo(listen, playing, context) }))
  return { kind: playing ? 'playing-now' : 'listens', listens }
}

function answerTo(listen: unknown, playing: boolean, context: SubmissionContext): Translation | Fault {
  const wrong = wrongShape(listen, playing) ?? wrongDetails(listen as Record<string, unknown>)
  if (wrong) return wrong
  const whole = playing ? { ...(listen as object), listened_at: Math.floor(context.now / 1000) } : listen
  const answer = listenOf(whole, context)
  return isFault(answer) ? answer : { ...answer, user: context.user }
}

function wrongShape(listen: unknown, playing: boolean): Fault | undefined {
  if (!isRecord(listen)) return fault('malformed', 'a listen is an object')
  const surplus = Object.keys(listen).find((key) => key !== 'listened_at' && key !== 'track_metadata')
  if (surplus !== undefined)
    return fault('schema', `a listen has listened_at and track_metadata only, not ${show(surplus)}`)
  if (playing && 'listened_at' in listen)
    return fault('schema', 'playing_now has no listened_at: it is not over')
  return undefined
}

function wrongDetails(listen: Record<string, unknown>): Fault | undefined {
  const text = written(listen)
  if (text === undefined || Buffer.byteLength(text) > longestListenBytes)
    return fault('too-long', `a listen has at most ${longestListenBytes} bytes`)
  if (nul.test(text)) return fault('bad-value', 'a listen holds the character U+0000')
  const info = isRecord(listen.track_metadata) ? listen.track_metadata.additional_info : undefined
  if (info === undefined || info === null) return undefined
  if (!isRecord(info)) return fault('schema', `additional_info is ${show(info)}, not an object`)
  return wrongIds(info) ?? wrongTags(info.tags)
}

/** Empty ids count as absent. */
function wrongIds(info: Record<string, unknown>): Fault | undefined {
  for (const key of singleIds)
    if (info[key] && !isMbid(info[key])) return fault('bad-value', `${key} is ${show(info[key])}, not a UUID`)
  for (const key of listedIds) {
    const ids = info[key]
    if (!ids) continue
    const bad = Array.isArray(ids) ? ids.find((id) => id && !isMbid(id)) : ids
    if (bad !== undefined) return fault('bad-value', `${key} holds ${show(bad)}, not a UUID`)
  }
  return undefined
}

function wrongTags(tags: unknown): Fault | undefined {
  if (tags === undefined || tags === null) return undefined
  if (!Array.isArray(tags)) return fault('schema', `tags is ${show(tags)}, not a list`)
  if (tags.length > mostTags) return fault('bad-value', `a listen has at most ${mostTags} tags`)
  const bad: unknown = tags.find((tag) => typeof tag !== 'string' || tag.length > longestTag)
  return bad === undefined
    ? undefined
    : fault('bad-value', `a tag is text of at most ${longestTag} characters; one is ${show(bad)}`)
}

/** Feedback of a listener on a recording. */
export type Feedback = {
  readonly recording: string
  /** 1: likes it; -1: does not, or no more. */
  readonly value: 1 | -1
}

/** Reads the JSON value of `POST /1/feedback/recording-feedback`; a score of 0 takes feedback back. */
export function readFeedback(value: unknown): Feedback | { readonly problem: string } {
  if (!isRecord(value)) return { problem: `Feedback is a JSON object; this is ${show(value)}.` }
  const { recording_mbid: recording, score } = value
  if (!isMbid(recording))
    return {
      problem: `recording_mbid is a MusicBrainz id; it is ${show(recording)}. A recording_msid is not known here.`,
    }
  if (score !== 1 && score !== 0 && score !== -1)
    return { problem: `score is 1, 0 or -1; it is ${show(score)}.` }
  return { recording: (recording as string).toLowerCase(), value: score === 1 ? 1 : -1 }
}

const isMbid = (value: unknown): boolean => typeof value === 'string' && mbid.test(value)

/** Undefined for what is nested too deep to be written. */
function written(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}
