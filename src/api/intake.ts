// Sorts the events of one request into good ones, ready for the journal, and rejects with their reasons.
import { TastemakerError } from '../errors.ts'
import { checkRawEvent } from '../ingest/raw-event-check.ts'

/** An event that was not kept. */
export type RefusedEvent = {
  /** Place in the request, from 0; blank lines do not count. */
  readonly index: number
  readonly reason: string
}

/** What one request held. */
export type Intake = {
  /** One JSON line per good event, without a line end. */
  readonly lines: readonly string[]
  readonly rejected: readonly RefusedEvent[]
}

/** What good events are given. */
export type Stamp = {
  /** For events without an id. */
  readonly newId: () => string
  /** ms UTC. */
  readonly receivedAt: number
}

/** Longest line kept, in characters; a longer one would be a reject of ingest. */
const longestLine = 1_000_000

/**
 * Reads a body that is one event, an array of events, or one event a line (NDJSON). Each good event gets an id where it has
 * none and `receivedAt`; everything else in it stays. Throws `bad-input` when nothing in the body is JSON.
 */
export function sortEvents(body: string, stamp: Stamp): Intake {
  const values = parseBody(body)
  const lines: string[] = []
  const rejected: RefusedEvent[] = []
  for (const [index, value] of values.entries()) {
    const checked = value === malformed ? 'malformed: not JSON' : check(value, stamp)
    if (typeof checked === 'string') rejected.push({ index, reason: checked })
    else lines.push(checked.line)
  }
  return { lines, rejected }
}

/** Stands for a line that is not JSON. */
const malformed = Symbol('malformed')

function parseBody(body: string): readonly unknown[] {
  const whole = parseJson(body)
  if (Array.isArray(whole)) return whole
  if (whole !== malformed) return [whole]
  const lines = body.split('\n').filter((line) => line.trim() !== '')
  const values = lines.map(parseJson)
  if (values.every((value) => value === malformed))
    throw new TastemakerError(
      'bad-input',
      'Nothing in the body is JSON; send one event, an array of events, or one event a line.',
    )
  return values
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return malformed
  }
}

function check(value: unknown, stamp: Stamp): string | { readonly line: string } {
  const event = checkRawEvent(value)
  if (!('event' in event)) return `${event.reason}: ${event.detail}`
  if (event.artist.id === undefined && !event.artist.name?.trim())
    return 'no-artist: artist needs an id or a name'
  const line = JSON.stringify({ ...event, id: event.id ?? stamp.newId(), receivedAt: stamp.receivedAt })
  return line.length > longestLine ? `too-long: an event has at most ${longestLine} characters` : { line }
}
