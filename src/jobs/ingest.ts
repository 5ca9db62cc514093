// The ingest job: raw objects -> clean events in Parquet and Postgres, rejects kept and counted, accounts masked.
import { TastemakerError } from '../errors.ts'
import { ingestAccounts, readAccountRows } from './accounts.ts'
import { cleanBatch, sumCounts } from './clean-batch.ts'
import {
  type Batch,
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
import { landBatch } from './land.ts'

/** Raw bytes, as stored, that are cleaned and landed as one batch; while one lands, the next is cleaned. */
const batchBytes = 16 * 1024 * 1024

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
    const withAccounts = { ...before, accounts: accounts.key }
    await writeManifest(context.objects, withAccounts)
    const batches = await planWork(context, before)
    const manifest = await ingestBatches(context, withAccounts, batches)
    await clearPending(context.objects)
    if (manifest.parts.length === 0)
      throw new TastemakerError(
        'not-ready',
        'There are no raw events yet: import some, simulate a service, or post them to the API.',
      )
    const fresh = manifest.parts.slice(before.parts.length)
    const { byReason, ...counts } = sumCounts(fresh.map((part) => part.counts))
    context.progress(
      'ingest',
      1,
      `${counts.clean.toLocaleString('en')} clean events, ${counts.rejects} rejects`,
    )
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

/** What a killed run had planned and not finished, then what is new; noted before any of it begins. */
async function planWork(context: JobContext, manifest: CleanManifest): Promise<readonly Batch[]> {
  const done = new Set(manifest.parts.map((part) => part.batchId))
  const unfinished = (await readPending(context.objects)).filter((batch) => !done.has(batch.id))
  const seen = [...manifest.parts, ...unfinished].flatMap((taken) => taken.sources)
  const fresh = planBatches(await listSources(context), seen, { batchBytes, plannedAt: context.now() })
  const batches = [...unfinished, ...fresh]
  if (batches.length > 0) await writePending(context.objects, batches)
  return batches
}

/** Cleans the batches in order; each lands in Postgres, and then enters the manifest, while the next one is cleaned. */
async function ingestBatches(
  context: JobContext,
  before: CleanManifest,
  batches: readonly Batch[],
): Promise<CleanManifest> {
  let manifest = before
  const parts = [...before.parts]
  let landing: Promise<void> = Promise.resolve()
  for (const [at, batch] of batches.entries()) {
    const { part, eventsPath } = await cleanBatch(context, batch, {
      earlier: [...parts],
      onFile: (done) =>
        context.progress(
          'ingest',
          (0.9 * (at + done / batch.sources.length)) / batches.length,
          'reading and landing',
        ),
    })
    parts.push(part)
    await landing
    landing = landBatch(context, batch.id, eventsPath).then(() => {
      manifest = { ...manifest, parts: [...manifest.parts, part] }
      return writeManifest(context.objects, manifest)
    })
    // Its failure is thrown where it is awaited: before the next landing, or below.
    landing.catch(() => undefined)
  }
  await landing
  return manifest
}
