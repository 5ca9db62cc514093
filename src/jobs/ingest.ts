// The ingest job: raw objects -> clean events in Parquet and Postgres, rejects kept and counted, accounts masked.
import { TastemakerError } from '../errors.ts'
import { ingestAccounts, readAccountRows } from './accounts.ts'
import {
  type Batch,
  type CleanManifest,
  type CleanPart,
  clearPending,
  readManifest,
  readPending,
  sumCounts,
  writeManifest,
  writeManifestVersion,
  writePending,
} from './clean-manifest.ts'
import { compactFiles } from './compact.ts'
import type { Job, JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { ingestBatches } from './ingest-batches.ts'
import { findChanges, listSources, planBatches, unfinishedBatches } from './plan-batches.ts'
import { rebuildFormer } from './rebuild-files.ts'

/** Raw bytes a batch, as stored, for each MiB of memory that ingest may take: 64 MiB at the default. */
const batchBytesPerMiB = 32 * 1024

/** Reads what is new, cleans it, lands it: exactly once, whenever the process is killed. */
export const ingestJob: Job = {
  name: 'ingest',
  inputVersion: async (context) =>
    versionOf([
      await listSources(context),
      await readPending(context.objects),
      await readAccountRows(context),
    ]),
  settingsOf: ({ ingest: { memoryMiB, ...settings } }) => settings,
  async run(context) {
    const before = await rebuildFormer(context, await readManifest(context.objects))
    const accounts = await ingestAccounts(context, before)
    const work = await planWork(context, { ...before, accounts: accounts.key })
    await writeManifest(context.objects, work.manifest)
    const read = await ingestBatches(context, work.manifest, work.batches)
    await clearPending(context.objects)
    if (read.parts.length === 0)
      throw new TastemakerError(
        'not-ready',
        'There are no raw events yet: import some, simulate a service, or post them to the API.',
      )
    const done = await writeManifestVersion(context.objects, await compactFiles(context, read))
    const known = new Set(before.parts.map((part) => part.batchId))
    const fresh = done.parts.filter((part) => !known.has(part.batchId))
    const { byReason, ...counts } = sumCounts(fresh.map((part) => part.counts))
    context.progress(
      'ingest',
      1,
      `${counts.clean.toLocaleString('en')} clean events, ${counts.rejects} rejects`,
    )
    return {
      inputs: fresh.flatMap((part) => part.sources.map((source) => source.key)),
      outputs: newFiles(before, done),
      counts: { ...counts, ...reportChanges(context, fresh), ...byReason, accounts: accounts.count },
    }
  },
}

/** What a killed run had planned and not finished, then what is new or changed; noted before any of it begins. */
async function planWork(
  context: JobContext,
  before: CleanManifest,
): Promise<{ readonly batches: readonly Batch[]; readonly manifest: CleanManifest }> {
  const unfinished = unfinishedBatches(before, await readPending(context.objects))
  const unread = unfinished.filter((batch) => !batch.retry)
  const changes = await findChanges(context, await listSources(context), before, unread)
  const fresh = planBatches(changes.toRead, {
    batchBytes: context.settings.ingest.memoryMiB * batchBytesPerMiB,
    plannedAt: context.now(),
    settings: context.settings.ingest,
    readBefore: [...before.parts, ...unread].reduce((sum, part) => sum + part.sources.length, 0),
  })
  const batches = [...unfinished, ...fresh]
  if (batches.length > 0) await writePending(context.objects, batches)
  return { batches, manifest: changes.manifest }
}

function newFiles(before: CleanManifest, after: CleanManifest): readonly string[] {
  const known = new Set(before.files.map(({ key }) => key))
  return after.files.map(({ key }) => key).filter((key) => !known.has(key))
}

/** Objects that are not what they were when they were read before: counted, and named in the log. */
function reportChanges(context: JobContext, parts: readonly CleanPart[]): Readonly<Record<string, number>> {
  const counts = { changed: 0, truncated: 0 }
  for (const { key, was, sizeBytes } of parts.flatMap((part) => part.sources)) {
    if (was === undefined) continue
    counts[was] += 1
    context.log('warn', `ingest.object-${was}`, { key, sizeBytes })
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}
