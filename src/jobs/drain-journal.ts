// Moves what the event intake has made durable out of its journal: events into the raw event store, where the next ingest finds them, rejects beside those of ingest.
import { promisify } from 'node:util'
import { zstdCompress } from 'node:zlib'
import { TastemakerError } from '../errors.ts'
import { refusalMark } from '../ingest/doors/journal-line.ts'
import type { Journal, JournalSegment } from '../stores/journal/journal.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'

/** Where a journal is drained to. */
export type DrainTargets = {
  readonly rawEvents: ObjectStore
  /** Store of everything made: here of the rejects. */
  readonly objects: ObjectStore
}

const compress = promisify(zstdCompress)

/**
 * Publishes every closed segment as `YYYY/MM/DD/intake-<segment>.ndjson.zst` of raw events, by the UTC day it was received,
 * and as `rejects/intake/YYYY/MM/DD/<segment>.ndjson` where it holds rejects, and drops it.
 * Killed in between, it does the same again: an object is created once, by the segment's own name. Several may drain at once.
 * @returns number of segments moved
 */
export async function drainJournal(journal: Journal, targets: DrainTargets): Promise<number> {
  let moved = 0
  for (const segment of await journal.rotate()) {
    const bytes = await readIfThere(segment)
    if (bytes === undefined) continue
    await move(segment, bytes, targets)
    await segment.drop()
    moved += 1
  }
  return moved
}

/** Undefined for a segment that somebody else has drained meanwhile. */
async function readIfThere(segment: JournalSegment): Promise<Uint8Array | undefined> {
  try {
    return await segment.read()
  } catch (error) {
    if (error instanceof TastemakerError && error.code === 'not-found') return undefined
    throw error
  }
}

async function move(
  segment: JournalSegment,
  bytes: Uint8Array,
  { rawEvents, objects }: DrainTargets,
): Promise<void> {
  const date = new Date(segment.startedAt).toISOString().slice(0, 10).replaceAll('-', '/')
  const { events, rejects } = parted(bytes)
  if (rejects.length > 0)
    await objects.put(`rejects/intake/${date}/${segment.name}.ndjson`, rejects, { ifAbsent: true })
  if (events.length > 0)
    await rawEvents.put(`${date}/intake-${segment.name}.ndjson.zst`, await compress(events), {
      ifAbsent: true,
    })
}

const newline = 0x0a

/** Lines that begin with the mark are rejects; runs of lines of one sort are copied as a whole. */
function parted(bytes: Uint8Array): { readonly events: Uint8Array; readonly rejects: Uint8Array } {
  const mark = refusalMark.charCodeAt(0)
  const lines = { events: [] as Uint8Array[], rejects: [] as Uint8Array[] }
  let runBegin = 0
  for (let at = bytes.indexOf(mark); at >= 0; at = bytes.indexOf(mark, at + 1)) {
    if (at > 0 && bytes[at - 1] !== newline) continue
    const end = bytes.indexOf(newline, at) + 1
    if (at > runBegin) lines.events.push(bytes.subarray(runBegin, at))
    lines.rejects.push(bytes.subarray(at + 1, end))
    runBegin = end
    at = end - 1
  }
  if (runBegin === 0) return { events: bytes, rejects: new Uint8Array() }
  lines.events.push(bytes.subarray(runBegin))
  return { events: Buffer.concat(lines.events), rejects: Buffer.concat(lines.rejects) }
}
