// Sorts the events of one request into good ones, ready for the journal, and rejects with their reasons.
import { TastemakerError } from '../errors.ts'
import { type Fault, isFault } from '../ingest/fault.ts'
import { checkRawEvent, knownFields } from '../ingest/raw-event-check.ts'

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
  /** What ingest will make of an event (see createCleaner): what it would reject is refused here, where the sender can mend it. */
  readonly clean: (value: unknown) => object | Fault
}

/** Longest line kept, in characters; a longer one would be a reject of ingest. */
const longestLine = 1_000_000

/**
 * Reads a body that is one event, an array of events, or one event a line (NDJSON). Each good event gets an id where it has
 * none and `receivedAt`; fields that the schema does not know are dropped. Throws `bad-input` when nothing in the body is JSON.
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

function check(value: unknown, { clean, newId, receivedAt }: Stamp): string | { readonly line: string } {
  const cleaned = clean(value)
  if (isFault(cleaned)) return `${cleaned.reason}: ${cleaned.detail}`
  const event = checkRawEvent(value)
  if (isFault(event)) return `${event.reason}: ${event.detail}`
  const line = JSON.stringify({ ...knownFields(event), id: event.id ?? newId(), receivedAt })
  return line.length > longestLine ? `too-long: an event has at most ${longestLine} characters` : { line }
}
