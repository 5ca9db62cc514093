// The manifest of clean data: which raw objects were read, and which files hold what came out.
import type { ObjectStore } from '../stores/objects/object-store.ts'
import { readDocument, versionOf, writeDocument } from './documents.ts'

/** A raw object as it was when read. */
export type SourceObject = { readonly key: string; readonly sizeBytes: number }

/** Raw objects that are ingested in one step: all of it happens, exactly once, however often the process dies. */
export type Batch = {
  readonly id: string
  readonly sources: readonly SourceObject[]
  /** The clock that its events are held against, ms UTC: the same when it is done again. */
  readonly plannedAt: number
}

/** What became of a batch. lines = blank + clean + duplicates + rejects. */
export type BatchCounts = {
  readonly lines: number
  readonly blank: number
  readonly clean: number
  readonly duplicates: number
  readonly rejects: number
  readonly byReason: Readonly<Record<string, number>>
}

/** A batch that is done. */
export type CleanPart = {
  readonly batchId: string
  /** Object key of the Parquet file of clean events. */
  readonly events: string
  /** Object key of the NDJSON file of rejects. */
  readonly rejects: string
  readonly sources: readonly SourceObject[]
  readonly counts: BatchCounts
}

/** All clean data there is. */
export type CleanManifest = {
  readonly parts: readonly CleanPart[]
  /** Object key of the Parquet file of masked accounts; absent before the first ingest. */
  readonly accounts?: string
}

const manifestKey = 'clean/manifest.json'
const pendingKey = 'clean/pending.json'

/** Reads the manifest; no parts when there is none yet. */
export async function readManifest(objects: ObjectStore): Promise<CleanManifest> {
  return (await readDocument<CleanManifest>(objects, manifestKey)) ?? { parts: [] }
}

/** Makes a new state of the clean data the current one. */
export async function writeManifest(objects: ObjectStore, manifest: CleanManifest): Promise<void> {
  await writeDocument(objects, manifestKey, manifest)
}

/** The batches that were begun and may not be finished, in their order. */
export async function readPending(objects: ObjectStore): Promise<readonly Batch[]> {
  return (await readDocument<readonly Batch[]>(objects, pendingKey)) ?? []
}

/** Notes the batches about to be ingested, so that a killed run is taken up with exactly the same objects. */
export async function writePending(objects: ObjectStore, batches: readonly Batch[]): Promise<void> {
  await writeDocument(objects, pendingKey, batches)
}

/** Notes that no batch is under way. */
export async function clearPending(objects: ObjectStore): Promise<void> {
  await objects.delete(pendingKey)
}

/**
 * Cuts the objects that were not `seen` yet into batches of at most `batchBytes`, a larger object alone in its own.
 * An object whose size changed counts as not seen: its events are read again, and those known by their ids are dropped.
 */
export function planBatches(
  listed: readonly SourceObject[],
  seen: readonly SourceObject[],
  options: { readonly batchBytes: number; readonly plannedAt: number },
): readonly Batch[] {
  const names = new Set(seen.map(sourceName))
  const groups: SourceObject[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const source of listed.filter((candidate) => !names.has(sourceName(candidate)))) {
    if (bytes + source.sizeBytes > options.batchBytes) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(source)
    bytes += source.sizeBytes
  }
  return groups.map((sources) => ({ id: versionOf(sources), sources, plannedAt: options.plannedAt }))
}

const sourceName = (source: SourceObject): string => `${source.sizeBytes} ${source.key}`
