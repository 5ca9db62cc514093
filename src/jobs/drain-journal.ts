// Moves what the event intake has made durable into the raw event store, where the next ingest finds it.
import type { Journal } from '../stores/journal/journal.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'

/**
 * Publishes every closed segment as an object of raw events and drops it.
 * Killed in between, it does the same again: an object is created once, by the segment's own name.
 * @returns number of segments moved
 */
export async function drainJournal(journal: Journal, rawEvents: ObjectStore): Promise<number> {
  const segments = await journal.rotate()
  for (const segment of segments) {
    const date = new Date(segment.startedAt).toISOString().slice(0, 10).replaceAll('-', '/')
    await rawEvents.put(`${date}/intake-${segment.name}.ndjson`, await segment.read(), { ifAbsent: true })
    await segment.drop()
  }
  return segments.length
}
