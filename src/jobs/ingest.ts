// The ingest job: raw objects -> clean events in Parquet and Postgres, rejects kept and counted, accounts masked.

import { eventColumns } from '../data/event.ts'
import { type Engine, quoted } from '../engine/engine.ts'
import { readChunks } from '../engine/files.ts'
import { TastemakerError } from '../errors.ts'
import type { IngestCounts } from '../ingest/ingest.ts'
import { ingestAccounts, readAccountRows } from './accounts.ts'
import {
  type Batch,
  type BatchCounts,
  type CleanManifest,
  clearPending,
  planBatches,
  readManifest,
  readPending,
  type SourceObject,
  writeManifest,
  writePending,
} from './clean-manifest.ts'
import type { Job, JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { type IngestObjectArgs, ingestObjectModule } from './ingest-object.ts'
import { landBatch } from './land.ts'

/** Raw bytes, as stored, ingested in one step. */
const batchBytes = 256 * 1024 * 1024

/** Reads what is new, cleans it, lands it: exactly once, whenever the process is killed. */
export const ingestJob: Job = {
  name: 'ingest',
  inputVersion: async (context) =>
    versionOf([
      await listSources(context),
      await readPending(context.objects),
      await readAccountRows(context),
    ]),
  settingsOf: (settings) => settings.ingest,
  async run(context) {
    const before = await readManifest(context.objects)
    const accounts = await ingestAccounts(context, before)
    let manifest: CleanManifest = { ...before, accounts: accounts.key }
    await writeManifest(context.objects, manifest)
    const pending = await readPending(context.objects)
    if (pending && !manifest.parts.some((part) => part.batchId === pending.id))
      manifest = await ingestBatch(context, manifest, pending)
    const batches = planBatches(await listSources(context), manifest, batchBytes)
    for (const batch of batches) manifest = await ingestBatch(context, manifest, batch)
    await clearPending(context.objects)
    const fresh = manifest.parts.slice(before.parts.length)
    if (manifest.parts.length === 0)
      throw new TastemakerError(
        'not-ready',
        'There are no raw events yet: import some, simulate a service, or post them to the API.',
      )
    const { byReason, ...counts } = sumCounts(fresh.map((part) => part.counts))
    return {
      inputs: fresh.flatMap((part) => part.sources.map((source) => source.key)),
      outputs: fresh.flatMap((part) => [part.events, part.rejects]),
      counts: { ...counts, ...byReason, accounts: accounts.count },
    }
  },
}

async function listSources(context: JobContext): Promise<readonly SourceObject[]> {
  const sources: SourceObject[] = []
  for await (const { key, sizeBytes } of context.rawEvents.list('')) sources.push({ key, sizeBytes })
  return sources
}

async function ingestBatch(
  context: JobContext,
  manifest: CleanManifest,
  batch: Batch,
): Promise<CleanManifest> {
  const { objects, scratch } = context
  await writePending(objects, batch)
  const read = await readSources(context, batch)
  context.progress('ingest', 0.7, 'dropping duplicates')
  const engine = await context.engine()
  const eventsPath = scratch.file(`${batch.id}.parquet`)
  const clean = await writeCleanEvents(engine, manifest, read.cleanPaths, { context, eventsPath })
  const part = {
    batchId: batch.id,
    events: `clean/events/${batch.id}.parquet`,
    rejects: `rejects/${batch.id}.ndjson`,
    sources: batch.sources,
    counts: { ...read.counts, clean, duplicates: read.counts.clean - clean },
  }
  await objects.put(part.events, readChunks(eventsPath))
  await objects.put(part.rejects, concatenated(read.rejectPaths))
  context.progress('ingest', 0.8, 'landing in Postgres')
  await landBatch(context, batch.id, eventsPath)
  const next = { ...manifest, parts: [...manifest.parts, part] }
  await writeManifest(objects, next)
  context.progress('ingest', 1, `${clean.toLocaleString('en')} clean events, ${part.counts.rejects} rejects`)
  return next
}

/** Reads the batch's objects on the worker threads; `clean` counts are before duplicates are dropped. */
async function readSources(context: JobContext, batch: Batch) {
  const { scratch, settings, pseudonymKey } = context
  const now = context.now()
  let done = 0
  const readOne = async (source: SourceObject, at: number) => {
    const args: IngestObjectArgs = {
      key: source.key,
      path: await context.rawEvents.localFile(source.key),
      cleanPath: scratch.file(`${batch.id}-${at}.clean.ndjson`),
      rejectsPath: scratch.file(`${batch.id}-${at}.rejects.ndjson`),
      now,
      settings: settings.ingest,
      pseudonymKey,
    }
    const counts = (await context.workers.run({
      module: ingestObjectModule,
      name: 'ingestObject',
      args,
    })) as IngestCounts
    done++
    context.progress(
      'ingest',
      (0.7 * done) / batch.sources.length,
      `${done} of ${batch.sources.length} files read`,
    )
    return { args, counts }
  }
  const read = await Promise.all(batch.sources.map(readOne))
  return {
    cleanPaths: read.map(({ args }) => args.cleanPath),
    rejectPaths: read.map(({ args }) => args.rejectsPath),
    counts: sumCounts(read.map(({ counts }) => ({ ...counts, clean: counts.events, duplicates: 0 }))),
  }
}

/** Writes the batch's events as Parquet, each event id once and none that an earlier part holds. Resolves to the rows written. */
async function writeCleanEvents(
  engine: Engine,
  manifest: CleanManifest,
  cleanPaths: readonly string[],
  out: { context: JobContext; eventsPath: string },
): Promise<number> {
  const types = eventColumns.map(({ name, engineType }) => `"${name}": '${engineType}'`).join(', ')
  const names = eventColumns.map(({ name }) => `"${name}"`).join(', ')
  await engine.run(`create or replace table batch as select ${names}
    from read_json([${cleanPaths.map(quoted).join(', ')}], columns = {${types}}, format = 'newline_delimited')`)
  const earlier = await Promise.all(manifest.parts.map((part) => out.context.objects.localFile(part.events)))
  const unseen =
    earlier.length === 0
      ? ''
      : `where event_id not in (select event_id from read_parquet([${earlier.map(quoted).join(', ')}]))`
  await engine.run(`create or replace table repeated as
    select event_id, min(rowid) as first_row from batch group by event_id having count(*) > 1`)
  await engine.run(
    'delete from batch using repeated where batch.event_id = repeated.event_id and batch.rowid <> repeated.first_row',
  )
  await engine.run(`copy (select ${names} from batch ${unseen}) to ${quoted(out.eventsPath)}
    (format parquet, compression zstd)`)
  const [row] = await engine.rows(`select count(*) as n from read_parquet(${quoted(out.eventsPath)})`)
  await engine.run('drop table batch; drop table repeated')
  return Number(row?.n)
}

async function* concatenated(paths: readonly string[]): AsyncIterable<Uint8Array> {
  for (const path of paths) yield* readChunks(path)
}

function sumCounts(all: readonly BatchCounts[]): BatchCounts {
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
