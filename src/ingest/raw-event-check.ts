// The check of one parsed line against the schema of raw events, and the words for what is wrong with it.
import { Compile } from 'typebox/compile'
import { eventKinds } from '../data/event.ts'
import {
  type RawEvent,
  type RawRetraction,
  rawArtistSchema,
  rawEventSchema,
  rawRetractionSchema,
  rawTrackSchema,
} from '../data/raw-event.ts'
import { type Fault, fault, kindOf, show } from './fault.ts'

const schema = Compile(rawEventSchema)
const retractionSchema = Compile(rawRetractionSchema)

/** Returns the raw event, the retraction, or the fault that keeps the value from being either; as `checkRawEvent`. */
export function checkRawLine(value: unknown): RawEvent | RawRetraction | Fault {
  return isRecord(value) && value.event === 'retract' ? checkRetraction(value) : checkRawEvent(value)
}

/** Whether a checked line takes an event back. */
export const isRetraction = (line: RawEvent | RawRetraction): line is RawRetraction =>
  (line.event as string) === 'retract'

/**
 * Returns the raw event, or the fault that keeps it from being one. A field that is null counts as absent, at the top and
 * in `artist` and `track`; unknown keys are ignored. Faults in this order: not an object, kind, user, time, artist, any other field.
 */
export function checkRawEvent(value: unknown): RawEvent | Fault {
  if (schema.Check(value)) return value
  if (!isRecord(value)) return fault('schema', `a line is one JSON object; this is ${kindOf(value)}`)
  const present = withoutNulls(value)
  if (schema.Check(present)) return present
  return faultOf(present)
}

/** A raw event or retraction with the fields of its schema and no others: what nobody reads is not copied, and may be personal. */
export function knownFields<Line extends RawEvent | RawRetraction>(line: Line): Line
export function knownFields(event: RawEvent | RawRetraction): RawEvent | RawRetraction {
  if (isRetraction(event)) return pick(event, rawRetractionSchema.properties) as RawRetraction
  return {
    ...pick(event, rawEventSchema.properties),
    artist: pick(event.artist, rawArtistSchema.properties),
    ...(event.track && { track: pick(event.track, rawTrackSchema.properties) }),
  } as RawEvent
}

function pick(from: object, properties: object): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => Object.hasOwn(properties, key)))
}

/** Whether a parsed value is an object with keys. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutNulls(value: Record<string, unknown>): Record<string, unknown> {
  const present: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    if (inner === null || key === '__proto__') continue
    const nested = (key === 'artist' || key === 'track') && isRecord(inner)
    present[key] = nested
      ? Object.fromEntries(Object.entries(inner).filter((entry) => entry[1] !== null))
      : inner
  }
  return present
}

function checkRetraction(value: Record<string, unknown>): RawRetraction | Fault {
  const present = withoutNulls(value)
  if (retractionSchema.Check(present)) return present
  if (present.id === undefined || present.id === '')
    return fault('schema', 'id is missing; a retract names the event it takes back')
  return generalFault(present) ?? schemaFault(present, retractionSchema)
}

function faultOf(value: Record<string, unknown>): Fault {
  const { event } = value
  if (!(eventKinds as readonly unknown[]).includes(event)) {
    return fault(
      'schema',
      `event is ${event === undefined ? 'missing' : show(event)}, not one of ${eventKinds.join(', ')}, retract`,
    )
  }
  const general = generalFault(value)
  if (general) return general
  if (value.artist === undefined) return fault('no-artist', 'artist is missing')
  return schemaFault(value, schema)
}

/** What is wrong with the user or the time, if anything is. */
function generalFault({ user, at }: Record<string, unknown>): Fault | undefined {
  if (user === undefined || user === '') return fault('no-user', 'user is missing')
  if (at === undefined) return fault('bad-time', 'at is missing')
  if (typeof at !== 'string' && typeof at !== 'number')
    return fault('bad-time', `at is ${kindOf(at)}, not text or a number`)
  return undefined
}

/** The first complaint of the schema; a value is shown only where the schema knows the field and it is not the user's. */
function schemaFault(
  value: Record<string, unknown>,
  against: typeof schema | typeof retractionSchema,
): Fault {
  const [first] = against.Errors(value)
  const path = first?.instancePath.split('/').filter(Boolean) ?? []
  const seen = path.reduce<unknown>(
    (inner, key) => (inner as Record<string, unknown> | undefined)?.[key],
    value,
  )
  const shown = path[0] === 'user' || typeof seen === 'object' ? kindOf(seen) : show(seen)
  const reason = path[0] === 'at' ? 'bad-time' : 'schema'
  return fault(reason, `${path.join('.') || 'event'} ${first?.message ?? 'is not valid'}; it is ${shown}`)
}
