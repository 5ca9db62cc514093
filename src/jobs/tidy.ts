// Removes what no version needs any more: files of clean data, feature tables, models and accounts that newer ones have replaced.
import type { ObjectStore } from '../stores/objects/object-store.ts'
import { type CleanManifest, manifestVersionKey, manifestVersions, readManifest } from './clean-manifest.ts'
import { readDocument } from './documents.ts'
import { eventKeysOf } from './feature-events.ts'
import { readFeatureVersion } from './feature-version.ts'

/** Versions that must stay besides the newest features. */
export type Kept = { readonly featureVersions: readonly string[]; readonly modelVersions: readonly string[] }

/**
 * Deletes old feature tables, model files and masked accounts, and files of clean data and rejects that neither the newest
 * manifest, nor one of the last 5 versions of it, nor the newest features name. Reports and run records stay.
 * Called after a publication: nothing that is served or that the next run reads is touched.
 * @returns number of objects removed
 */
export async function tidy(objects: ObjectStore, kept: Kept): Promise<number> {
  const newest = await readFeatureVersion(objects)
  const manifest = await readManifest(objects)
  const versions = await keptVersions(objects, manifest)
  const manifests = [manifest, ...versions]
  const accounts = new Set([...manifests.map((one) => one.accounts), newest?.accounts])
  const identities = await readDocument<Record<string, unknown>>(objects, 'clean/identities/latest.json')
  const judgments = new Set<unknown>([
    ...Object.values(identities ?? {}),
    ...Object.values(newest?.judgments ?? {}),
  ])
  const clean = new Set([
    ...manifests.flatMap(filesOf),
    ...(newest?.events ?? []),
    ...(newest?.corrections ?? []),
  ])
  const features = new Set([...kept.featureVersions, newest?.version])
  const models = new Set(kept.modelVersions)
  const removed = [
    await removeVersions(objects, 'features/', (version) => features.has(version)),
    await removeVersions(objects, 'models/', (version) => models.has(version)),
    await removeObjects(objects, 'clean/accounts/', (key) => accounts.has(key)),
    await removeObjects(
      objects,
      'clean/identities/',
      (key) => !key.endsWith('.parquet') || judgments.has(key),
    ),
    await removeObjects(objects, manifestVersions, (key) => isKeptVersion(key, manifest)),
    ...(await Promise.all(
      ['clean/events/', 'clean/ids/', 'clean/corrections/', 'rejects/'].map((prefix) =>
        removeObjects(objects, prefix, (key) => clean.has(key) || isOtherReject(key)),
      ),
    )),
  ]
  return removed.reduce((sum, count) => sum + count, 0)
}

/** Versions of the manifest that stay besides the current state. */
const versionsKept = 5

const isKeptVersion = (key: string, { version }: CleanManifest): boolean =>
  key > manifestVersionKey(Math.max(0, version - versionsKept))

async function keptVersions(
  objects: ObjectStore,
  manifest: CleanManifest,
): Promise<readonly CleanManifest[]> {
  const kept: CleanManifest[] = []
  for await (const { key } of objects.list(manifestVersions)) {
    const found = isKeptVersion(key, manifest) ? await readDocument<CleanManifest>(objects, key) : undefined
    if (found) kept.push(found)
  }
  return kept
}

/** Everything a manifest names that may be removed when none does. */
function filesOf(manifest: CleanManifest): readonly string[] {
  const { events, corrections } = eventKeysOf(manifest)
  const ids = manifest.ids.map(({ key }) => key)
  const rejects = manifest.parts.map((part) => part.rejects)
  return [...events, ...corrections, ...ids, ...rejects, ...(manifest.formerFiles ?? [])]
}

/** Rejects of imports and of the intake lie in folders of their own: `rejects/import/...`. */
const isOtherReject = (key: string): boolean => key.startsWith('rejects/') && key.split('/').length > 2

/** `features/<version>/...`; documents that lie beside the versions stay. */
function removeVersions(
  objects: ObjectStore,
  prefix: string,
  keep: (version: string) => boolean,
): Promise<number> {
  return removeObjects(objects, prefix, (key) => {
    const [version = '', file] = key.slice(prefix.length).split('/')
    return file === undefined || keep(version)
  })
}

async function removeObjects(
  objects: ObjectStore,
  prefix: string,
  keep: (key: string) => boolean,
): Promise<number> {
  const old: string[] = []
  for await (const { key } of objects.list(prefix)) if (!keep(key)) old.push(key)
  for (const key of old) await objects.delete(key)
  return old.length
}
