// A strict reader of raw event lines, for tests: accepts what the public schema accepts, and nothing from the future.
import { Compile } from 'typebox/compile'
import { type RawEvent, rawEventSchema } from '../../src/data/raw-event.ts'
import type { Line } from '../../src/simulation/faults.ts'

const compiled = Compile(rawEventSchema)

/** The event of a line, or why it is rejected. */
export function readStrictly(line: Line, now: number): RawEvent | 'encoding' | 'json' | 'schema' | 'future' {
  let text: string
  try {
    text = typeof line === 'string' ? line : new TextDecoder('utf-8', { fatal: true }).decode(line)
  } catch {
    return 'encoding'
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'json'
  }
  if (!compiled.Check(value)) return 'schema'
  return new Date(value.at).getTime() > now + 3_600_000 ? 'future' : value
}

/** The accepted events of many lines. */
export function acceptedEvents(lines: Iterable<Line>, now: number): RawEvent[] {
  const events: RawEvent[] = []
  for (const line of lines) {
    const read = readStrictly(line, now)
    if (typeof read !== 'string') events.push(read)
  }
  return events
}
