// Merges the many small files that small batches leave into few large ones; what they say stays the same.
import { quoted } from '../engine/engine.ts'
import { createScratch, fileSize, readChunks } from '../engine/files.ts'
import { localFiles } from './clean-batch.ts'
import type { CleanManifest, EventFile, SideFile } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { eventColumnNames } from './sort-batch.ts'

/** Files below this size are merged; larger ones stay as they are, so that no byte is rewritten often. */
const smallBytes = 32 * 1024 * 1024
/** Small files of one kind and month from which on they are merged. */
const mostSmallFiles = 8

/**
 * Merges where at least 8 small files (below 32 MiB) of one month lie, sorted by listener and time, and the same for ids and
 * corrections, which keep their order. New files are written under new keys; the former ones stay until tidy removes them,
 * so whoever reads the former manifest finds all it names. Returns the manifest as it was where nothing is to be merged.
 */
export async function compactFiles(context: JobContext, manifest: CleanManifest): Promise<CleanManifest> {
  let files = manifest.files
  for (const month of [...new Set(files.map((file) => file.month))].sort()) {
    const small = smallOf(files.filter((file) => file.month === month))
    if (small.length > 0)
      files = [...files.filter((file) => !small.includes(file)), await mergeMonth(context, small)]
  }
  const ids = await mergeSide(context, manifest.ids, 'ids')
  const corrections = await mergeSide(context, manifest.corrections, 'corrections')
  if (files === manifest.files && ids === manifest.ids && corrections === manifest.corrections)
    return manifest
  return { ...manifest, files, ids, corrections }
}

/** The files to merge, if there are enough. */
function smallOf<File extends SideFile>(files: readonly File[]): readonly File[] {
  const small = files.filter((file) => file.sizeBytes < smallBytes)
  return small.length < mostSmallFiles ? [] : small
}

async function mergeMonth(context: JobContext, small: readonly EventFile[]): Promise<EventFile> {
  const { month } = small[0]!
  const merged = await merge(context, small, {
    prefix: `clean/events/month=${month}`,
    columns: eventColumnNames,
    order: 'order by user_id, occurred_at, event_id',
  })
  return {
    ...merged,
    month,
    firstAt: Math.min(...small.map(({ firstAt }) => firstAt)),
    lastAt: Math.max(...small.map(({ lastAt }) => lastAt)),
  }
}

async function mergeSide(
  context: JobContext,
  files: readonly SideFile[],
  name: 'ids' | 'corrections',
): Promise<readonly SideFile[]> {
  const small = smallOf(files)
  if (small.length === 0) return files
  const merged = await merge(context, small, { prefix: `clean/${name}`, columns: '*', order: '' })
  return [...files.filter((file) => !small.includes(file)), merged]
}

async function merge(
  context: JobContext,
  small: readonly SideFile[],
  { prefix, columns, order }: { readonly prefix: string; readonly columns: string; readonly order: string },
): Promise<SideFile> {
  const engine = await context.engine()
  const scratch = await createScratch(context.scratch.dir)
  const path = scratch.file('merged.parquet')
  const from = (await localFiles(context, small)).map(quoted).join(', ')
  await engine.run(`copy (select ${columns} from read_parquet([${from}]) ${order}) to ${quoted(path)}
    (format parquet, compression zstd)`)
  const key = `${prefix}/merged-${versionOf(small.map((file) => file.key))}.parquet`
  await context.objects.put(key, readChunks(path))
  const sizeBytes = await fileSize(path)
  await scratch.close()
  return { key, rows: small.reduce((sum, file) => sum + file.rows, 0), sizeBytes }
}
