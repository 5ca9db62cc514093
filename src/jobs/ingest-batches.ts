// Takes batches through reading, cleaning and landing, in order; while one is cleaned, the next is read and the last one lands.
import { type CleanedBatch, cleanBatch } from './clean-batch.ts'
import { type Batch, type CleanManifest, type CleanPart, writeManifest } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { landBatch } from './land.ts'
import { type ReadBatch, readBatch } from './read-batch.ts'
import { cleanRetry, readRetry } from './rejects-retry.ts'

/** Does the batches in order; each enters the manifest when all of it has landed. Resolves to the manifest after the last. */
export async function ingestBatches(
  context: JobContext,
  before: CleanManifest,
  batches: readonly Batch[],
): Promise<CleanManifest> {
  await limitEngine(context)
  const objects = batches.reduce((sum, batch) => sum + batch.sources.length, 0)
  let done = 0
  const onObject = () =>
    context.progress('ingest', (0.9 * ++done) / Math.max(1, objects), 'reading and landing')
  const start = (batch: Batch | undefined): Promise<ReadBatch> | undefined => {
    const reading =
      batch && (batch.retry ? readRetry(context, batch, before) : readBatch(context, batch, onObject))
    reading?.catch(thrownLater)
    return reading
  }
  /** What the manifest will be when everything cleaned so far has landed, and what it is. */
  let [cleaned, entered] = [before, before]
  let reading = start(batches[0])
  let landing: Promise<void> = Promise.resolve()
  for (const [at] of batches.entries()) {
    const read = (await reading)!
    reading = start(batches[at + 1])
    const one = read.batch.retry
      ? await cleanRetry(context, read, cleaned)
      : await cleanBatch(context, read, cleaned)
    cleaned = withBatch(cleaned, one)
    await landing
    landing = land(context, one).then(() => {
      entered = withBatch(entered, one)
      return writeManifest(context.objects, entered)
    })
    landing.catch(thrownLater)
  }
  await landing
  return entered
}

/** Bounds what the SQL engine holds in memory, for the rest of the process: half of what ingest may take. */
export async function limitEngine(context: JobContext): Promise<void> {
  const engine = await context.engine()
  await engine.run(`set memory_limit = '${Math.floor(context.settings.ingest.memoryMiB / 2)}MiB'`)
}

/** A failure is thrown where the promise is awaited: before the next one begins, or at the end. */
const thrownLater = () => undefined

async function land(context: JobContext, { id, landing, scratch }: CleanedBatch): Promise<void> {
  const { eventsPath, ...corrections } = landing
  if (context.settings.ingest.land) await landBatch(context, id, eventsPath, corrections)
  await scratch.close()
}

function withBatch(manifest: CleanManifest, { part, files, ids, corrections }: CleanedBatch): CleanManifest {
  return {
    ...manifest,
    parts: withPart(manifest.parts, part),
    files: [...manifest.files, ...files],
    ids: [...manifest.ids, ...ids],
    corrections: [...manifest.corrections, ...corrections],
  }
}

/** A part replaces the one of its batch; a new one goes last. */
function withPart(parts: readonly CleanPart[], part: CleanPart): readonly CleanPart[] {
  const at = parts.findIndex(({ batchId }) => batchId === part.batchId)
  return at < 0 ? [...parts, part] : parts.with(at, part)
}
