// Makes a table of the few columns that sessions and plausibility read, many rows at once.
import { type Engine, quoted } from '../../src/engine/engine.ts'

/** A row; what is left out: a full listen of a 200 s song of artist `a`, its listening time not known. */
export type Row = {
  readonly eventId: string
  readonly userId: string
  readonly at: number
  readonly kind?: string
  readonly artistId?: string
  readonly artistName?: string
  readonly trackId?: string
  readonly playedMs?: number | null
  readonly durationMs?: number | null
  readonly outcome?: string | null
}

/** Creates (or replaces) the table `name` with these rows. */
export async function createListens(engine: Engine, name: string, rows: readonly Row[]): Promise<void> {
  await engine.run(`create or replace table ${name} (event_id varchar, user_id varchar, occurred_at bigint, kind varchar,
    artist_id varchar, artist_name varchar, track_id varchar, played_ms integer, duration_ms integer, outcome varchar, value double)`)
  for (let from = 0; from < rows.length; from += 2000) {
    const values = rows.slice(from, from + 2000).map((row) => {
      const full = {
        kind: 'listen',
        artistId: 'a',
        trackId: 't',
        playedMs: null,
        durationMs: 200_000,
        outcome: 'full',
        ...row,
      }
      const {
        eventId,
        userId,
        at,
        kind,
        artistId,
        artistName = artistId,
        trackId,
        playedMs,
        durationMs,
        outcome,
      } = full
      const cells = [
        eventId,
        userId,
        at,
        kind,
        artistId,
        artistName,
        trackId,
        playedMs,
        durationMs,
        outcome,
        null,
      ]
      return `(${cells.map((cell) => (cell === null ? 'null' : typeof cell === 'number' ? cell : quoted(cell))).join(', ')})`
    })
    await engine.run(`insert into ${name} values ${values.join(', ')}`)
  }
}
