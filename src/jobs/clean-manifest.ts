// The manifest of clean data: which files hold the current events, and the ledger of the raw objects they came from.
import type { Settings } from '../config.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'
import { readDocument, writeDocument } from './documents.ts'

/** A raw object as it was when it was planned to be read. */
export type SourceObject = {
  readonly key: string
  readonly sizeBytes: number
  /** What the store says changes with the bytes (see ObjectInfo); absent where it says nothing. */
  readonly tag?: string
  /** How it differs from what was read under this key before: other bytes, or fewer. Absent: it is new. */
  readonly was?: 'changed' | 'truncated'
}

/** What became of lines. lines = blank + clean + corrections + duplicates + erased + rejects. */
export type LineCounts = {
  readonly lines: number
  readonly blank: number
  readonly clean: number
  /** Revisions and retractions of events. */
  readonly corrections: number
  readonly duplicates: number
  /** Events of listeners who were erased. */
  readonly erased: number
  readonly rejects: number
}

/** What became of a batch, with its rejects by reason. */
export type BatchCounts = LineCounts & { readonly byReason: Readonly<Record<string, number>> }

/** A raw object that was read. */
export type ReadSource = SourceObject & {
  /** SHA-256 of the stored bytes, hex; absent for what was read before hashes were kept. */
  readonly sha256?: string
  /** Absent for what was read before they were kept. */
  readonly counts?: LineCounts
}

/** A batch that is done: the ledger's entry. */
export type CleanPart = {
  readonly batchId: string
  /** Object key of the NDJSON file of rejects. */
  readonly rejects: string
  readonly sources: readonly ReadSource[]
  readonly counts: BatchCounts
  /** Ids of the batches that read its rejects again. */
  readonly retries?: readonly string[]
}

/** A Parquet file of clean events, all of one month. Times in ms UTC. */
export type EventFile = {
  readonly key: string
  /** UTC month of the events, `2026-01`. */
  readonly month: string
  readonly rows: number
  readonly sizeBytes: number
  readonly firstAt: number
  readonly lastAt: number
}

/** A Parquet file that goes with the events: ids by hash, or corrections. */
export type SideFile = { readonly key: string; readonly rows: number; readonly sizeBytes: number }

/** All clean data there is. */
export type CleanManifest = {
  readonly schema: 2
  /** Counts the versions that are kept under `clean/manifests/`. */
  readonly version: number
  /** The live files of events. */
  readonly files: readonly EventFile[]
  /** Revisions and retractions, in the order in which they were read. */
  readonly corrections: readonly SideFile[]
  /** Hash and month of every id in `files`. */
  readonly ids: readonly SideFile[]
  /** Which hash `ids` hold; another one than today's means that they must be made again. */
  readonly idHash?: string
  /** The ledger: every batch that was read. */
  readonly parts: readonly CleanPart[]
  /** Object key of the Parquet file of masked accounts; absent before the first ingest. */
  readonly accounts?: string
  /** Event files of a former shape that are still to be rewritten by month; absent when there are none. */
  readonly formerFiles?: readonly string[]
}

/** The manifest as former versions wrote it: one file of events a batch, of any months, without the columns recorded_at and revision. */
type FormerManifest = {
  readonly parts: readonly {
    readonly batchId: string
    readonly events: string
    readonly rejects: string
    readonly sources: readonly SourceObject[]
    readonly counts: Omit<BatchCounts, 'corrections' | 'erased'>
  }[]
  readonly accounts?: string
}

/** Raw objects that are ingested in one step: all of it happens, exactly once, however often the process dies. */
export type Batch = {
  readonly id: string
  readonly sources: readonly SourceObject[]
  /** The clock that its events are held against, ms UTC: the same when it is done again. */
  readonly plannedAt: number
  /** The settings it is read with, whenever it is done; absent in batches noted by former versions. */
  readonly settings?: Settings['ingest']
  /** Set when it reads the rejects of an earlier batch again, and no object whole. */
  readonly retry?: { readonly batchId: string; readonly reason?: string }
}

/** Clean data before the first ingest. */
export const emptyManifest: CleanManifest = {
  schema: 2,
  version: 0,
  files: [],
  corrections: [],
  ids: [],
  parts: [],
}

const manifestKey = 'clean/manifest.json'
const pendingKey = 'clean/pending.json'

/** Object keys of the kept versions begin with this. */
export const manifestVersions = 'clean/manifests/'

/** Reads the manifest, translated where a former version wrote it; the empty one when there is none yet. */
export async function readManifest(objects: ObjectStore): Promise<CleanManifest> {
  const found = await readDocument<CleanManifest | FormerManifest>(objects, manifestKey)
  if (!found) return emptyManifest
  return 'schema' in found ? found : migrateManifest(found)
}

/** Translates a manifest of former versions. Its event files are listed in `formerFiles`; the next ingest rewrites them. */
function migrateManifest({ parts, accounts }: FormerManifest): CleanManifest {
  return {
    schema: 2,
    version: 0,
    files: [],
    corrections: [],
    ids: [],
    parts: parts.map(({ batchId, rejects, sources, counts }) => ({
      batchId,
      rejects,
      sources,
      counts: { ...counts, corrections: 0, erased: 0 },
    })),
    ...(accounts !== undefined && { accounts }),
    ...(parts.length > 0 && { formerFiles: parts.map((part) => part.events) }),
  }
}

/** Makes a new state of the clean data the current one. */
export async function writeManifest(objects: ObjectStore, manifest: CleanManifest): Promise<void> {
  await writeDocument(objects, manifestKey, manifest)
}

/** Keeps a state as the next version and makes it the current one. */
export async function writeManifestVersion(
  objects: ObjectStore,
  manifest: CleanManifest,
): Promise<CleanManifest> {
  const next = { ...manifest, version: manifest.version + 1 }
  await writeDocument(objects, manifestVersionKey(next.version), next)
  await writeManifest(objects, next)
  return next
}

/** Object key of a kept version; keys sort by age. */
export const manifestVersionKey = (version: number): string =>
  `${manifestVersions}${String(version).padStart(8, '0')}.json`

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

/** Counts of several batches or objects, added up. */
export function sumCounts(all: readonly BatchCounts[]): BatchCounts {
  const byReason: Record<string, number> = {}
  for (const { byReason: one } of all)
    for (const [reason, count] of Object.entries(one)) byReason[reason] = (byReason[reason] ?? 0) + count
  return { ...sumLines(all), byReason }
}

/** Counts of lines, added up. */
function sumLines(all: readonly LineCounts[]): LineCounts {
  const sum = (field: keyof LineCounts) => all.reduce((total, counts) => total + counts[field], 0)
  return {
    lines: sum('lines'),
    blank: sum('blank'),
    clean: sum('clean'),
    corrections: sum('corrections'),
    duplicates: sum('duplicates'),
    erased: sum('erased'),
    rejects: sum('rejects'),
  }
}
