// Puts raw events into a test context, ingests them, and tells which events are current.
import { type CleanManifest, readManifest } from '../../src/jobs/clean-manifest.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { openCleanEvents } from '../../src/jobs/feature-events.ts'
import { ingestJob } from '../../src/jobs/ingest.ts'
import { runJobs } from '../../src/jobs/run.ts'
import { startAt } from './job-context.ts'

/** Milliseconds of a day. */
export const day = 86_400_000

/** A raw follow of artist-1 by `walker`, 40 days before the clock. */
export const follow = (id: string, changes: Record<string, unknown> = {}): string =>
  JSON.stringify({
    event: 'follow',
    id,
    user: 'walker',
    at: startAt - 40 * day,
    artist: { id: 'artist-1', name: 'Artist 1' },
    ...changes,
  })

/** A raw retraction. */
export const retract = (id: string, changes: Record<string, unknown> = {}): string =>
  JSON.stringify({ event: 'retract', id, user: 'walker', at: startAt, ...changes })

/** Stores an object of lines. */
export async function put(context: JobContext, key: string, lines: readonly string[]): Promise<void> {
  await context.rawEvents.put(key, new TextEncoder().encode(lines.map((line) => `${line}\n`).join('')))
}

/** Runs ingest; its counts, `{}` when there was nothing to do. */
export async function ingest(context: JobContext): Promise<Readonly<Record<string, number>>> {
  const [run] = await runJobs([ingestJob], context)
  return run!.status === 'done' ? run!.counts : {}
}

/** What the view `events` shows: `id@artist`, sorted. */
export async function shown(context: JobContext): Promise<readonly string[]> {
  await openCleanEvents(context, await readManifest(context.objects))
  return inView(context)
}

/** What the view `events` shows as it is. */
export async function inView(context: JobContext): Promise<readonly string[]> {
  const engine = await context.engine()
  return named(await engine.rows('select event_id, artist_id from events'))
}

/** What Postgres holds, in the same words. */
export async function landed(context: JobContext): Promise<readonly string[]> {
  const sql = await context.sql()
  return named(await sql.query('select event_id, artist_id from click_event'))
}

const named = (rows: readonly Readonly<Record<string, unknown>>[]): readonly string[] =>
  rows.map(({ event_id, artist_id }) => `${event_id}@${artist_id}`).sort()

/** The lines that do not add up, over all batches and objects: none. */
export function unreconciled(manifest: CleanManifest): readonly unknown[] {
  const all = manifest.parts.flatMap((part) => [part.counts, ...part.sources.map((source) => source.counts!)])
  return all.filter(
    ({ lines, blank, clean, corrections, duplicates, erased, rejects }) =>
      blank + clean + corrections + duplicates + erased + rejects !== lines,
  )
}
