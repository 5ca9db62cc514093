// Makes a table of clean events in an engine, from a few fields each.
import { type CleanEvent, eventColumns } from '../../src/data/event.ts'
import { type Engine, quoted } from '../../src/engine/engine.ts'

/** A clean event and what it counts; 1 unless said. */
export type TableEvent = CleanEvent & { readonly weight?: number }

/** A clean event with everything unnamed left out; `listen` of 200 s by default. */
export function event(
  fields: Partial<TableEvent> & { userId: string; artistId: string; at: number },
): TableEvent {
  const kind = fields.kind ?? 'listen'
  const listen =
    kind === 'listen'
      ? {
          trackId: 'song',
          trackTitle: 'Song',
          playedMs: 200_000,
          durationMs: 200_000,
          outcome: 'full' as const,
        }
      : { trackId: null, trackTitle: null, playedMs: null, durationMs: null, outcome: null }
  return {
    eventId: JSON.stringify(fields),
    kind,
    artistName: `Artist ${fields.artistId}`,
    genre: null,
    followers: null,
    artistRank: null,
    trackLikes: null,
    volumes: null,
    surface: null,
    position: null,
    recommendationId: null,
    propensity: null,
    modelVersion: null,
    variant: null,
    value: null,
    source: 'tastemaker',
    recordedAt: fields.at,
    revision: 0,
    ...listen,
    ...fields,
  }
}

/** Creates (or replaces) the table `name` with these events. */
export async function createEvents(
  engine: Engine,
  name: string,
  events: readonly TableEvent[],
): Promise<void> {
  const columns = eventColumns.map((column) => `"${column.name}" ${column.engineType}`).join(', ')
  await engine.run(`create or replace table ${name} (${columns}, weight DOUBLE, inferred BOOLEAN)`)
  const literal = (value: unknown): string => {
    if (value === null) return 'null'
    if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
    return typeof value === 'number' ? String(value) : quoted(String(value))
  }
  for (const one of events)
    await engine.run(
      `insert into ${name} values (${eventColumns.map(({ field }) => literal(one[field])).join(', ')}, ${one.weight ?? 1}, false)`,
    )
}

/** 2026-03-10 (UTC), midnight. */
export const monday = Date.UTC(2026, 2, 9)
/** Milliseconds of a day. */
export const day = 86_400_000
