// Cleans a batch that was read: each event kept once, Parquet files by month, corrections, ids and rejects beside them.
import type { Engine } from '../engine/engine.ts'
import { quoted } from '../engine/engine.ts'
import { fileSize, readChunks, type Scratch } from '../engine/files.ts'
import {
  type BatchCounts,
  type CleanManifest,
  type CleanPart,
  type EventFile,
  type LineCounts,
  type SideFile,
  sumCounts,
} from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { readErasures } from './erasures.ts'
import type { ReadBatch, ReadObject } from './read-batch.ts'
import { eventColumnNames, sortBatch } from './sort-batch.ts'

/** A cleaned batch: what the manifest will say of it, and what Postgres is given while its scratch files last. */
export type CleanedBatch = {
  readonly id: string
  readonly part: CleanPart
  readonly files: readonly EventFile[]
  readonly ids: readonly SideFile[]
  readonly corrections: readonly SideFile[]
  readonly landing: LandingFiles
  readonly scratch: Scratch
}

/** Parquet files of this machine for Postgres: events said first (a pattern of files), revisions, and ids taken back. */
export type LandingFiles = {
  readonly eventsPath: string
  readonly revisedPath?: string
  readonly retractedPath?: string
}

/**
 * Cleans a batch against what `manifest` knows: events, corrections, ids and rejects are in the object store afterwards.
 * The same batch against the same manifest gives the same files.
 */
export async function cleanBatch(
  context: JobContext,
  read: ReadBatch,
  manifest: CleanManifest,
): Promise<CleanedBatch> {
  const { batch, scratch } = read
  const engine = await context.engine()
  await sortBatch(engine, read.rowsSql, {
    ids: await localFiles(context, manifest.ids),
    corrections: await localFiles(context, manifest.corrections),
    erased: await readErasures(context.objects),
    eventsOf: (months) => {
      const names = new Set(months.map(monthName))
      return localFiles(
        context,
        manifest.files.filter(({ month }) => names.has(month)),
      )
    },
  })
  const objects = await countObjects(engine, read.objects)
  const target = { name: batch.id, scratch }
  const files = await writeEvents(context, engine, target)
  const ids = await writeIds(context, engine, target)
  const corrections = await writeCorrections(context, engine, target)
  const landing = await writeLanding(engine, scratch, corrections.length > 0)
  await engine.run('drop table batch; drop table fate; drop table correction')
  const rejects = `rejects/${batch.id}.ndjson`
  await context.objects.put(rejects, concatenated(read.rejectPaths))
  const part = {
    batchId: batch.id,
    rejects,
    sources: read.objects.map(({ source, sha256 }, at) => ({
      ...source,
      sha256,
      counts: linesOf(objects[at]!),
    })),
    counts: sumCounts(objects),
  }
  return { id: batch.id, part, files, ids, corrections, landing, scratch }
}

/** Files of this machine with the bytes of objects. */
export const localFiles = (
  context: JobContext,
  files: readonly { readonly key: string }[],
): Promise<readonly string[]> => Promise.all(files.map(({ key }) => context.objects.localFile(key)))

/** 202601 -> `2026-01`. */
const monthName = (month: number): string =>
  `${Math.floor(month / 100)}-${String(month % 100).padStart(2, '0')}`

/** The counts of each object: its rows stand in `batch` in the order of the objects. */
async function countObjects(engine: Engine, objects: readonly ReadObject[]): Promise<readonly BatchCounts[]> {
  const ends: number[] = []
  for (const { counts } of objects) ends.push((ends.at(-1) ?? 0) + counts.events)
  const rows = await engine.rows(`select object, count(*) filter (where fate = 'duplicate') as duplicates,
      count(*) filter (where fate = 'correction') as corrections, count(*) filter (where fate = 'erased') as erased
    from (select fate, (select count(*) from unnest([${ends.join(', ')}]::bigint[]) e(last) where e.last <= row) as object from fate)
    group by object`)
  const byObject = new Map(rows.map((row) => [Number(row.object), row] as const))
  return objects.map(({ counts }, at) => {
    const of = (name: string): number => Number(byObject.get(at)?.[name] ?? 0)
    const apart = { corrections: of('corrections'), duplicates: of('duplicates'), erased: of('erased') }
    const { lines, blank, events, rejects, byReason } = counts
    const clean = events - apart.corrections - apart.duplicates - apart.erased
    return { lines, blank, clean, ...apart, rejects, byReason }
  })
}

const linesOf = ({ byReason, ...lines }: BatchCounts): LineCounts => lines

/** What the files of a batch are called, and where they lie before they are stored. */
export type FileTarget = { readonly name: string; readonly scratch: Scratch }

/**
 * Writes table `batch` as one Parquet file for each month that has events, sorted by listener and time: what asks for some
 * listeners then reads few row groups.
 */
export async function writeEvents(
  context: JobContext,
  engine: Engine,
  { name: batchId, scratch }: FileTarget,
): Promise<readonly EventFile[]> {
  const months = await engine.rows(`select month, count(*) as rows, min(occurred_at) as first_at,
    max(occurred_at) as last_at from batch group by month order by month`)
  const files: EventFile[] = []
  for (const { month, rows, first_at, last_at } of months) {
    const name = monthName(Number(month))
    const path = scratch.file(`events-${name}.parquet`)
    const chosen = months.length === 1 ? '' : `where month = ${Number(month)}`
    await engine.run(`copy (select ${eventColumnNames} from batch ${chosen} order by user_id, occurred_at) to ${quoted(path)}
      (format parquet, compression zstd, compression_level 1)`)
    const key = `clean/events/month=${name}/${batchId}.parquet`
    await context.objects.put(key, readChunks(path))
    files.push({
      key,
      month: name,
      rows: Number(rows),
      sizeBytes: await fileSize(path),
      firstAt: Number(first_at),
      lastAt: Number(last_at),
    })
  }
  return files
}

/** Writes the hash and month of every id of table `batch`; no file when it is empty. */
export const writeIds = (
  context: JobContext,
  engine: Engine,
  target: FileTarget,
): Promise<readonly SideFile[]> =>
  writeSide(context, engine, target, {
    name: 'ids',
    select: 'select id_hash, month from batch',
    table: 'batch',
  })

const writeCorrections = (
  context: JobContext,
  engine: Engine,
  target: FileTarget,
): Promise<readonly SideFile[]> =>
  writeSide(context, engine, target, {
    name: 'corrections',
    select: 'select * from correction',
    table: 'correction',
  })

/** A file beside the events; none when the table is empty. */
async function writeSide(
  context: JobContext,
  engine: Engine,
  { name: batchId, scratch }: FileTarget,
  { name, select, table }: { readonly name: string; readonly select: string; readonly table: string },
): Promise<readonly SideFile[]> {
  const [counted] = await engine.rows(`select count(*) as rows from ${table}`)
  const rows = Number(counted?.rows)
  if (rows === 0) return []
  const path = scratch.file(`${name}.parquet`)
  await engine.run(
    `copy (${select}) to ${quoted(path)} (format parquet, compression zstd, compression_level 1)`,
  )
  const key = `clean/${name}/${batchId}.parquet`
  await context.objects.put(key, readChunks(path))
  return [{ key, rows, sizeBytes: await fileSize(path) }]
}

async function writeLanding(engine: Engine, scratch: Scratch, corrected: boolean): Promise<LandingFiles> {
  // An empty file, so that the pattern always finds one.
  await engine.run(`copy (select ${eventColumnNames} from batch limit 0) to
    ${quoted(scratch.file('events-none.parquet'))} (format parquet)`)
  const eventsPath = scratch.file('events-*.parquet')
  if (!corrected) return { eventsPath }
  const revisedPath = scratch.file('revised.parquet')
  const retractedPath = scratch.file('retracted.parquet')
  await engine.run(
    `copy (select * from correction where kind <> 'retract') to ${quoted(revisedPath)} (format parquet)`,
  )
  await engine.run(
    `copy (select event_id, recorded_at from correction where kind = 'retract') to ${quoted(retractedPath)} (format parquet)`,
  )
  return { eventsPath, revisedPath, retractedPath }
}

async function* concatenated(paths: readonly string[]): AsyncIterable<Uint8Array> {
  for (const path of paths) yield* readChunks(path)
}
