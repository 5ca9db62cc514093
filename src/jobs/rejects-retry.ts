// Reads the raw lines behind a batch's rejects again, with today's code and settings, and lands those that pass now.
import { quoted } from '../engine/engine.ts'
import { createScratch } from '../engine/files.ts'
import type { IngestCounts } from '../ingest/ingest.ts'
import { type CleanedBatch, cleanBatch } from './clean-batch.ts'
import type { Batch, CleanManifest, CleanPart, LineCounts, ReadSource } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { hashObjectModule } from './hash-object.ts'
import { ingestArgs, type ReadBatch, type ReadObject } from './read-batch.ts'
import { retryObjectModule, retryRowsSql } from './retry-object.ts'

/** Rejects of one object that were asked for. */
type Asked = { readonly file: string; readonly lines: readonly number[] }

/** Why the rejects of an object cannot be read again. */
export type RetryHindrance = { readonly file: string; readonly rejects: number; readonly why: string }

/**
 * Batches that read the rejects of earlier ones again, one each, for those whose raw objects are what they were.
 * @param reason only rejects with this reason
 */
export async function planRetries(
  context: JobContext,
  manifest: CleanManifest,
  { reason }: { readonly reason?: string | undefined },
): Promise<{
  readonly batches: readonly Batch[]
  readonly hindrances: readonly RetryHindrance[]
  /** Rejects that will be read again. */
  readonly read: number
}> {
  const batches: Batch[] = []
  const hindrances: RetryHindrance[] = []
  let read = 0
  for (const part of manifest.parts) {
    if (part.counts.rejects === 0 || (reason !== undefined && !part.counts.byReason[reason])) continue
    const sources: ReadSource[] = []
    for (const { file, lines } of await askedRejects(context, part, reason)) {
      const source = part.sources.find(({ key }) => key === file)!
      const why = await hindranceOf(context, source)
      if (why === undefined) {
        sources.push(source)
        read += lines.length
      } else hindrances.push({ file, rejects: lines.length, why })
    }
    if (sources.length > 0) batches.push(retryOf(context, part, { sources, reason }))
  }
  return { batches, hindrances, read }
}

function retryOf(
  context: JobContext,
  part: CleanPart,
  { sources, reason }: { readonly sources: readonly ReadSource[]; readonly reason: string | undefined },
): Batch {
  return {
    id: versionOf(['retry', part.batchId, part.retries ?? [], context.now(), reason ?? '']),
    sources: sources.map(({ key, sizeBytes, tag }) => ({
      key,
      sizeBytes,
      ...(tag !== undefined && { tag }),
    })),
    plannedAt: context.now(),
    settings: context.settings.ingest,
    retry: { batchId: part.batchId, ...(reason !== undefined && { reason }) },
  }
}

async function hindranceOf(context: JobContext, source: ReadSource): Promise<string | undefined> {
  try {
    const path = await context.rawEvents.localFile(source.key)
    const hash = await context.workers.run({ module: hashObjectModule, name: 'hashObject', args: { path } })
    if (source.sha256 === undefined) return 'it was read before hashes were kept'
    return hash === source.sha256
      ? undefined
      : 'the object has changed since; its new lines were read by themselves'
  } catch (error) {
    if ((error as { code?: string }).code === 'not-found') return 'the object is gone'
    throw error
  }
}

/** The rejects of a part that a retry is about, by object. */
async function askedRejects(
  context: JobContext,
  part: CleanPart,
  reason: string | undefined,
): Promise<readonly Asked[]> {
  const engine = await context.engine()
  const path = await context.objects.localFile(part.rejects)
  const rows =
    await engine.rows(`select file, list(distinct line order by line) as lines from ${rejectRows([path])}
    where true${andReason(reason)} group by file order by file`)
  return rows.map(({ file, lines }) => ({ file: String(file), lines: (lines as number[]).map(Number) }))
}

/** SQL that reads files of rejects: file, line, reason, detail, text. */
export function rejectRows(paths: readonly string[]): string {
  const columns = "{file: 'VARCHAR', line: 'BIGINT', reason: 'VARCHAR', detail: 'VARCHAR', text: 'VARCHAR'}"
  return `read_json([${paths.map(quoted).join(', ')}], format = 'newline_delimited', maximum_object_size = 67108864, columns = ${columns})`
}

/** Reads the lines behind the rejects of the batch that `batch.retry` names; its other rejects stay as they are. */
export async function readRetry(
  context: JobContext,
  batch: Batch,
  manifest: CleanManifest,
): Promise<ReadBatch> {
  const part = partOf(manifest, batch)
  const scratch = await createScratch(context.scratch.dir)
  const keys = new Set(batch.sources.map(({ key }) => key))
  const asked = (await askedRejects(context, part, batch.retry?.reason)).filter(({ file }) => keys.has(file))
  const objects = await Promise.all(
    asked.map(async ({ file, lines }, at): Promise<ReadObject> => {
      const path = await context.rawEvents.localFile(file)
      const args = { ...ingestArgs(context, batch, { key: file, path, at: String(at), scratch }), lines }
      const counts = await context.workers.run({ module: retryObjectModule, name: 'retryObject', args })
      const source = part.sources.find(({ key }) => key === file)!
      const { cleanPath, rejectsPath } = args
      return { source, sha256: source.sha256!, counts: counts as IngestCounts, cleanPath, rejectsPath }
    }),
  )
  const left = scratch.file('rejects-left.ndjson')
  const isAsked = `file in (${[...keys].map(quoted).join(', ')})${andReason(batch.retry?.reason)}`
  const engine = await context.engine()
  await engine.run(`copy (
      select * from ${rejectRows([await context.objects.localFile(part.rejects)])} where not (${isAsked})
      union all select * from ${rejectRows(objects.map(({ rejectsPath }) => rejectsPath))}
    ) to ${quoted(left)} (format json)`)
  const rowsSql = retryRowsSql(objects.map(({ cleanPath }) => cleanPath))
  return { batch, objects, rowsSql, rejectPaths: [left], scratch }
}

/**
 * Cleans what a retry read as a batch of its own; its counts go to the part whose rejects they were.
 * Where nothing passed, the part stays as it was.
 */
export async function cleanRetry(
  context: JobContext,
  read: ReadBatch,
  manifest: CleanManifest,
): Promise<CleanedBatch> {
  const part = partOf(manifest, read.batch)
  const cleaned = await cleanBatch(context, read, manifest)
  if (read.objects.every(({ counts }) => counts.events === 0)) return { ...cleaned, part }
  const left = await countLeft(context, read.rejectPaths)
  const passed = new Map(cleaned.part.sources.map(({ key, counts }) => [key, counts] as const))
  const sources = part.sources.map((source) => {
    const lines = passed.get(source.key)
    return lines && source.counts
      ? { ...source, counts: withPassed(source.counts, lines, left.ofFile(source.key)) }
      : source
  })
  const counts = { ...withPassed(part.counts, cleaned.part.counts, left.all), byReason: left.byReason }
  const retries = [...(part.retries ?? []), read.batch.id]
  return { ...cleaned, part: { ...part, rejects: cleaned.part.rejects, sources, counts, retries } }
}

const partOf = ({ parts }: CleanManifest, { retry }: Batch): CleanPart =>
  parts.find(({ batchId }) => batchId === retry?.batchId)!

const andReason = (reason: string | undefined): string =>
  reason === undefined ? '' : ` and reason = ${quoted(reason)}`

/** The lines that passed are rejects no longer, and `left` of them are. */
const withPassed = (before: LineCounts, passed: LineCounts, left: number): LineCounts => ({
  lines: before.lines,
  blank: before.blank,
  clean: before.clean + passed.clean,
  corrections: before.corrections + passed.corrections,
  duplicates: before.duplicates + passed.duplicates,
  erased: before.erased + passed.erased,
  rejects: left,
})

async function countLeft(context: JobContext, paths: readonly string[]) {
  const engine = await context.engine()
  const rows = await engine.rows(
    `select file, reason, count(*) as rejects from ${rejectRows(paths)} group by file, reason order by file, reason`,
  )
  const byReason: Record<string, number> = {}
  for (const { reason, rejects } of rows)
    byReason[String(reason)] = (byReason[String(reason)] ?? 0) + Number(rejects)
  const sum = (some: typeof rows) => some.reduce((total, { rejects }) => total + Number(rejects), 0)
  return {
    byReason,
    all: sum(rows),
    ofFile: (file: string) => sum(rows.filter((row) => row.file === file)),
  }
}
