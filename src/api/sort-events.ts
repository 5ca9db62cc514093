// Sorts the events of one request into good ones, ready for the journal, and rejects with their reasons.
import { createHash } from 'node:crypto'
import { rawArtistSchema, rawEventSchema, rawTrackSchema } from '../data/raw-event.ts'
import { TastemakerError } from '../errors.ts'
import { refusalLine } from '../ingest/doors/journal-line.ts'
import { type Fault, fault, isFault } from '../ingest/fault.ts'
import { isRecord } from '../ingest/raw-event-check.ts'
import { makeReject } from '../ingest/reject-text.ts'

/** What a request says of one event: a value, or the fault that keeps it from being one. */
export type Candidate = {
  readonly value: unknown
  /** What stands in the reject, masked there; default: the value as JSON. */
  readonly text?: string
  /** Place in the request, from 0; default: the place among the candidates. */
  readonly place?: number
}

/** An event that was not kept. */
export type RefusedEvent = {
  /** Place in the request, from 0; blank lines do not count. */
  readonly index: number
  readonly fault: Fault
}

/** What one request held, as lines for the journal, without line ends. */
export type Sorted = {
  /** One JSON line per good event. */
  readonly lines: readonly string[]
  /** One line per reject. */
  readonly refusals: readonly string[]
  readonly rejected: readonly RefusedEvent[]
}

/** What events are held against and given. */
export type Stamp = {
  /** The door they came by, as the file of their rejects: `POST /v1/events`. */
  readonly door: string
  /** ms UTC. */
  readonly receivedAt: number
  /** What ingest will make of an event (see createCleaner): what it would reject is refused here, where the sender can mend it. */
  readonly clean: (value: unknown) => object | Fault
  readonly pseudonymize: (userId: string) => string
  /** The sender's name for this request: events without an id get one from it, their place and their content. */
  readonly idempotencyKey?: string
}

/** Most events of one request: an empty one takes two bytes, and each reject is told and kept. */
export const mostEvents = 50_000

/** Longest line kept, in characters; a longer one would be a reject of ingest. */
const longestLine = 1_000_000

/**
 * Reads a body that is one event, an array of events, or one event a line (NDJSON). A line that is not JSON is a candidate
 * with its fault. Throws `bad-input` for a body without anything, `too-large` for more than 50,000 events.
 */
export function parseEvents(body: string): readonly Candidate[] {
  const whole = parseJson(body)
  if (Array.isArray(whole)) return few(whole).map((value) => ({ value }))
  if (whole !== undefined) return [{ value: whole }]
  const lines = few(body.split('\n').filter((line) => line.trim() !== ''))
  if (lines.length === 0)
    throw new TastemakerError(
      'bad-input',
      'The body is empty; send one event, an array of events, or one event a line.',
    )
  return lines.map((text) => ({ value: parseJson(text), text }))
}

/**
 * Each good event gets `receivedAt`; fields that the schema does not know, and nulls, are dropped. An event without an id
 * stays without one, so that ingest makes it from the content, unless there is an idempotency key.
 */
export function sortEvents(candidates: readonly Candidate[], stamp: Stamp): Sorted {
  const lines: string[] = []
  const refusals: string[] = []
  const rejected: RefusedEvent[] = []
  for (const [at, candidate] of candidates.entries()) {
    const index = candidate.place ?? at
    const line = lineOf(candidate, index, stamp)
    if (typeof line === 'string') {
      lines.push(line)
      continue
    }
    rejected.push({ index, fault: line })
    const { door: file, pseudonymize } = stamp
    refusals.push(refusalLine(makeReject({ file, line: index + 1 }, line, textOf(candidate), pseudonymize)))
  }
  return { lines, refusals, rejected }
}

function lineOf({ value }: Candidate, index: number, stamp: Stamp): string | Fault {
  if (value === undefined) return notJson
  if (isFaultValue(value)) return value
  if (!isRecord(value)) return asFault(stamp.clean(value))
  const event = knownPart(value)
  const id = event.id
  // Ingest makes an id of the content where there is none; here that would be work for nothing.
  if (id === undefined && event.event !== 'retract' && !event.revision) event.id = anyId
  const cleaned = stamp.clean(event)
  if (isFault(cleaned)) return cleaned
  event.id = id
  event.receivedAt = undefined
  if (id === undefined && stamp.idempotencyKey !== undefined)
    event.id = idFrom(`${stamp.idempotencyKey}|${index}|${JSON.stringify(event)}`)
  event.receivedAt = stamp.receivedAt
  const line = JSON.stringify(event)
  return line.length > longestLine
    ? fault('too-long', `an event has at most ${longestLine} characters`)
    : line
}

const anyId = 'any'

function knownPart(value: Record<string, unknown>): Record<string, unknown> {
  const event = known(value, eventKeys)
  const { artist, track } = event
  if (isRecord(artist)) event.artist = known(artist, artistKeys)
  if (isRecord(track)) event.track = known(track, trackKeys)
  return event
}

/** What is no object is never an event. */
const asFault = (answer: object): Fault => (isFault(answer) ? answer : notJson)

const notJson = fault('malformed', 'not JSON')

const isFaultValue = (value: unknown): value is Fault =>
  typeof value === 'object' && value !== null && isFault(value)

const eventKeys = new Set(Object.keys(rawEventSchema.properties))
const artistKeys = new Set(Object.keys(rawArtistSchema.properties))
const trackKeys = new Set(Object.keys(rawTrackSchema.properties))

/** The fields that the schema knows, without nulls: what nobody reads is not copied, and may be personal. */
function known(from: Record<string, unknown>, keys: ReadonlySet<string>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const key in from) if (keys.has(key) && from[key] !== null) kept[key] = from[key]
  return kept
}

/** 22 base64url characters (132 bits) of SHA-256. */
const idFrom = (text: string): string =>
  `k_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`

/** The candidate as it came; nothing of a value nested too deep to be written. */
function textOf({ value, text }: Candidate): string {
  if (text !== undefined) return text
  try {
    return JSON.stringify(value) ?? ''
  } catch {
    return ''
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function few<T>(values: readonly T[]): readonly T[] {
  if (values.length <= mostEvents) return values
  throw new TastemakerError(
    'too-large',
    `A request has at most ${mostEvents} events; this one has ${values.length}. Send them in parts.`,
  )
}
