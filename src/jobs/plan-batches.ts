// Which raw objects have to be read: new ones, and those whose bytes are not what was read before; cut into batches.
import type { Settings } from '../config.ts'
import type { ObjectInfo } from '../stores/objects/object-store.ts'
import type { Batch, CleanManifest, ReadSource, SourceObject } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { hashObjectModule } from './hash-object.ts'

/** An object as a listing shows it; `tag` where the store knows one. */
export type Listed = ObjectInfo & { readonly tag?: string }

/** How batches are cut. */
export type BatchOptions = {
  /** Stored bytes a batch; a larger object is alone in its own. */
  readonly batchBytes: number
  readonly plannedAt: number
  readonly settings: Settings['ingest']
  /** Number of objects read so far: it makes ids differ when the same objects are read again. */
  readonly readBefore: number
}

/** All raw objects there are, in the order of their keys. */
export async function listSources(context: JobContext): Promise<readonly Listed[]> {
  const listed: Listed[] = []
  for await (const { key, sizeBytes, tag } of context.rawEvents.list('') as AsyncIterable<Listed>)
    listed.push({ key, sizeBytes, ...(tag !== undefined && { tag }) })
  return listed
}

/**
 * Compares a listing with the ledger. Objects of another size are to be read; where only the tag differs the bytes are
 * hashed, and read when the hash differs. Nothing is hashed whose size and tag are as they were.
 * @param planned batches noted and not done yet: their objects are as good as read
 * @returns what to read, and the ledger with the tags of today, the same one when none changed
 */
export async function findChanges(
  context: JobContext,
  listed: readonly Listed[],
  manifest: CleanManifest,
  planned: readonly { readonly sources: readonly SourceObject[] }[] = [],
): Promise<{ readonly toRead: readonly SourceObject[]; readonly manifest: CleanManifest }> {
  const known = new Map<string, ReadSource>(
    [...manifest.parts, ...planned].flatMap((part) =>
      part.sources.map((source) => [source.key, source] as const),
    ),
  )
  const doubtful = listed.filter((object) => isDoubtful(object, known.get(object.key)))
  const same = new Set<string>()
  await Promise.all(
    doubtful.map(async (object) => {
      if (await isSame(context, object, known.get(object.key)!)) same.add(object.key)
    }),
  )
  const toRead = listed.flatMap((object) => {
    const before = known.get(object.key)
    if (!before) return [object]
    if (object.sizeBytes < before.sizeBytes) return [{ ...object, was: 'truncated' as const }]
    const unchanged =
      object.sizeBytes === before.sizeBytes && (object.tag === before.tag || same.has(object.key))
    return unchanged ? [] : [{ ...object, was: 'changed' as const }]
  })
  return {
    toRead,
    manifest: withTags(
      manifest,
      doubtful.filter(({ key }) => same.has(key)),
    ),
  }
}

/** Whether only the bytes can tell if it is what was read. */
const isDoubtful = (object: Listed, before: ReadSource | undefined): boolean =>
  before !== undefined && object.sizeBytes === before.sizeBytes && object.tag !== before.tag

/** What was read before hashes were kept is taken for the same. */
async function isSame(context: JobContext, object: Listed, before: ReadSource): Promise<boolean> {
  if (before.sha256 === undefined) return true
  const path = await context.rawEvents.localFile(object.key)
  const hash = await context.workers.run({ module: hashObjectModule, name: 'hashObject', args: { path } })
  return hash === before.sha256
}

function withTags(manifest: CleanManifest, retagged: readonly Listed[]): CleanManifest {
  if (retagged.length === 0) return manifest
  const tags = new Map(retagged.map(({ key, tag }) => [key, tag] as const))
  const retag = ({ tag, ...source }: ReadSource): ReadSource => {
    const now = tags.has(source.key) ? tags.get(source.key) : tag
    return now === undefined ? source : { ...source, tag: now }
  }
  const parts = manifest.parts.map((part) => ({ ...part, sources: part.sources.map(retag) }))
  return { ...manifest, parts }
}

/** Objects a batch at most: each one's clean rows are a file that the SQL engine has open. */
const mostObjects = 500

/** Cuts objects into batches of at most `batchBytes` and 500 objects, in their order. */
export function planBatches(toRead: readonly SourceObject[], options: BatchOptions): readonly Batch[] {
  const { batchBytes, plannedAt, settings, readBefore } = options
  const groups: SourceObject[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const source of toRead) {
    if (bytes + source.sizeBytes > batchBytes || groups.at(-1)?.length === mostObjects) {
      groups.push([])
      bytes = 0
    }
    groups.at(-1)?.push(source)
    bytes += source.sizeBytes
  }
  return groups.map((sources) => ({
    id: versionOf([readBefore, sources.map(({ key, sizeBytes }) => [key, sizeBytes])]),
    sources,
    plannedAt,
    settings,
  }))
}

/** The batches of a plan that the manifest does not hold yet. */
export function unfinishedBatches(manifest: CleanManifest, pending: readonly Batch[]): readonly Batch[] {
  const done = new Set(manifest.parts.flatMap((part) => [part.batchId, ...(part.retries ?? [])]))
  return pending.filter((batch) => !done.has(batch.id))
}
