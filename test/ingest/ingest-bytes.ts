// Runs ingest over bytes in memory, for the tests of this room.
import { readSettings } from '../../src/config.ts'
import type { CleanEvent } from '../../src/data/event.ts'
import type { Reject } from '../../src/data/reject.ts'
import type { CleanContext } from '../../src/ingest/clean-event.ts'
import { type IngestCounts, ingestStream } from '../../src/ingest/ingest.ts'
import { createPseudonymizer } from '../../src/ingest/pseudonym.ts'

/** 2026-01-01T00:00:00Z. */
export const now = Date.UTC(2026, 0, 1)

export const context: CleanContext = {
  now,
  settings: readSettings().ingest,
  pseudonymize: createPseudonymizer('an invented key for tests, 32 long'),
}

/** What a run handed on. */
export type Outcome = {
  readonly counts: IngestCounts
  readonly events: readonly CleanEvent[]
  readonly rejects: readonly Reject[]
}

/** Bytes in chunks of the given size. */
export async function* chunksOf(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let begin = 0; begin < bytes.length; begin += size) yield bytes.subarray(begin, begin + size)
}

/** Ingests bytes or text under a name. */
export async function ingestBytes(
  content: Uint8Array | string,
  { file = 'events.ndjson', chunkSize = 65_536, maxLineBytes = context.settings.maxLineBytes } = {},
): Promise<Outcome> {
  const events: CleanEvent[] = []
  const rejects: Reject[] = []
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const counts = await ingestStream(
    chunksOf(bytes, chunkSize),
    { ...context, file, settings: { ...context.settings, maxLineBytes } },
    { event: (event) => events.push(event), reject: (reject) => rejects.push(reject) },
  )
  return { counts, events, rejects }
}

/** A valid raw listen; give other fields to change it. */
export function rawListen(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    event: 'listen',
    id: 'event-1',
    user: 'listener-1',
    at: '2025-06-01T12:00:00Z',
    artist: { id: 'artist-1', name: 'The Paper Lanterns' },
    track: { id: 'track-1', title: 'Glass Harbour', durationMs: 200_000 },
    playedMs: 190_000,
    ...changes,
  }
}

/** The same as a line, without its end. */
export const line = (changes: Record<string, unknown> = {}): string => JSON.stringify(rawListen(changes))
