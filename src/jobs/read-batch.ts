// Reads the raw objects of a batch on the worker threads: clean rows and rejects in scratch files, hashes and counts.
import { createScratch, type Scratch } from '../engine/files.ts'
import type { IngestCounts } from '../ingest/ingest.ts'
import type { Batch, SourceObject } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { hashObjectModule } from './hash-object.ts'
import { cleanRowsSql, type IngestObjectArgs, ingestObjectModule } from './ingest-object.ts'

/** One object as it was read: its clean rows and rejects lie in files of this machine. */
export type ReadObject = {
  readonly source: SourceObject
  readonly sha256: string
  readonly counts: IngestCounts
  readonly cleanPath: string
  readonly rejectsPath: string
}

/** A batch that was read; the files go when `scratch` is closed. */
export type ReadBatch = {
  readonly batch: Batch
  readonly objects: readonly ReadObject[]
  /** SQL that reads its clean rows, object after object, line after line. */
  readonly rowsSql: string
  /** NDJSON files of the rejects that the batch leaves. */
  readonly rejectPaths: readonly string[]
  readonly scratch: Scratch
}

/** Reads all objects of a batch; `onObject` is called after each. */
export async function readBatch(context: JobContext, batch: Batch, onObject: () => void): Promise<ReadBatch> {
  const scratch = await createScratch(context.scratch.dir)
  const objects = await Promise.all(
    batch.sources.map(async (source, at) => {
      const path = await context.rawEvents.localFile(source.key)
      const args = ingestArgs(context, batch, { key: source.key, path, at: String(at), scratch })
      const counts = context.workers.run({ module: ingestObjectModule, name: 'ingestObject', args })
      const hash = context.workers.run({ module: hashObjectModule, name: 'hashObject', args: { path } })
      const read = { sha256: (await hash) as string, counts: (await counts) as IngestCounts }
      onObject()
      return { source, ...read, cleanPath: args.cleanPath, rejectsPath: args.rejectsPath }
    }),
  )
  return {
    batch,
    objects,
    rowsSql: cleanRowsSql(objects.map(({ cleanPath }) => cleanPath)),
    rejectPaths: objects.map(({ rejectsPath }) => rejectsPath),
    scratch,
  }
}

/** What a worker needs to read one object of a batch; `at` names its files. */
export function ingestArgs(
  context: JobContext,
  batch: Batch,
  {
    key,
    path,
    at,
    scratch,
  }: { readonly key: string; readonly path: string; readonly at: string; readonly scratch: Scratch },
): IngestObjectArgs {
  return {
    key,
    path,
    cleanPath: scratch.file(`${at}.clean`),
    rejectsPath: scratch.file(`${at}.rejects.ndjson`),
    now: batch.plannedAt,
    settings: batch.settings ?? context.settings.ingest,
    pseudonymKey: context.pseudonymKey,
  }
}
