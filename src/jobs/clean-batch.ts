// Cleans one batch of raw objects: read on the worker threads, each event kept once, one Parquet file and one file of rejects.
import { eventColumns } from '../data/event.ts'
import { quoted } from '../engine/engine.ts'
import { readChunks } from '../engine/files.ts'
import type { IngestCounts } from '../ingest/ingest.ts'
import type { Batch, BatchCounts, CleanPart, SourceObject } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { type IngestObjectArgs, ingestObjectModule } from './ingest-object.ts'

/** A cleaned batch, and where its events lie on this machine while the run lasts. */
export type CleanedBatch = { readonly part: CleanPart; readonly eventsPath: string }

/**
 * Cleans a batch: its events, each id once and none that an `earlier` part holds, and its rejects are in the object store afterwards.
 * The same batch after the same parts gives the same files.
 * @param onFile called with how many of the batch's objects are read
 */
export async function cleanBatch(
  context: JobContext,
  batch: Batch,
  { earlier, onFile }: { readonly earlier: readonly CleanPart[]; readonly onFile: (done: number) => void },
): Promise<CleanedBatch> {
  const { objects, scratch } = context
  const read = await readSources(context, batch, onFile)
  const eventsPath = scratch.file(`${batch.id}.parquet`)
  const clean = await writeCleanEvents(context, read.cleanPaths, { earlier, eventsPath })
  const part = {
    batchId: batch.id,
    events: `clean/events/${batch.id}.parquet`,
    rejects: `rejects/${batch.id}.ndjson`,
    sources: batch.sources,
    counts: { ...read.counts, clean, duplicates: read.counts.clean - clean },
  }
  await objects.put(part.events, readChunks(eventsPath))
  await objects.put(part.rejects, concatenated(read.rejectPaths))
  return { part, eventsPath }
}

/** Reads the batch's objects on the worker threads; `clean` counts are before duplicates are dropped. */
async function readSources(context: JobContext, batch: Batch, onFile: (done: number) => void) {
  const { scratch, settings, pseudonymKey } = context
  let done = 0
  const readOne = async (source: SourceObject, at: number) => {
    const args: IngestObjectArgs = {
      key: source.key,
      path: await context.rawEvents.localFile(source.key),
      cleanPath: scratch.file(`${batch.id}-${at}.clean.ndjson`),
      rejectsPath: scratch.file(`${batch.id}-${at}.rejects.ndjson`),
      now: batch.plannedAt,
      settings: settings.ingest,
      pseudonymKey,
    }
    const task = { module: ingestObjectModule, name: 'ingestObject', args }
    const counts = (await context.workers.run(task)) as IngestCounts
    onFile(++done)
    return { args, counts }
  }
  const read = await Promise.all(batch.sources.map(readOne))
  return {
    cleanPaths: read.map(({ args }) => args.cleanPath),
    rejectPaths: read.map(({ args }) => args.rejectsPath),
    counts: sumCounts(read.map(({ counts }) => ({ ...counts, clean: counts.events, duplicates: 0 }))),
  }
}

/** Writes the batch's events as Parquet. Resolves to the rows written. */
async function writeCleanEvents(
  context: JobContext,
  cleanPaths: readonly string[],
  { earlier, eventsPath }: { readonly earlier: readonly CleanPart[]; readonly eventsPath: string },
): Promise<number> {
  const engine = await context.engine()
  const types = eventColumns.map(({ name, engineType }) => `"${name}": '${engineType}'`).join(', ')
  const names = eventColumns.map(({ name }) => `"${name}"`).join(', ')
  await engine.run(`create or replace table batch as select ${names}
    from read_json([${cleanPaths.map(quoted).join(', ')}], columns = {${types}}, format = 'newline_delimited')`)
  await engine.run(`create or replace table repeated as
    select event_id, min(rowid) as first_row from batch group by event_id having count(*) > 1`)
  await engine.run(
    'delete from batch using repeated where batch.event_id = repeated.event_id and batch.rowid <> repeated.first_row',
  )
  const before = await Promise.all(earlier.map((part) => context.objects.localFile(part.events)))
  if (before.length > 0)
    await engine.run(`delete from batch where event_id in
      (select event_id from read_parquet([${before.map(quoted).join(', ')}]))`)
  await engine.run(`copy batch to ${quoted(eventsPath)} (format parquet, compression zstd)`)
  const [row] = await engine.rows('select count(*) as n from batch')
  await engine.run('drop table batch; drop table repeated')
  return Number(row?.n)
}

async function* concatenated(paths: readonly string[]): AsyncIterable<Uint8Array> {
  for (const path of paths) yield* readChunks(path)
}

/** Counts of several batches or objects, added up. */
export function sumCounts(all: readonly BatchCounts[]): BatchCounts {
  const byReason: Record<string, number> = {}
  for (const { byReason: one } of all)
    for (const [reason, count] of Object.entries(one)) byReason[reason] = (byReason[reason] ?? 0) + count
  const sum = (field: 'lines' | 'blank' | 'clean' | 'duplicates' | 'rejects') =>
    all.reduce((total, counts) => total + counts[field], 0)
  return {
    lines: sum('lines'),
    blank: sum('blank'),
    clean: sum('clean'),
    duplicates: sum('duplicates'),
    rejects: sum('rejects'),
    byReason,
  }
}
