// Removes what no version needs any more: feature tables, models and accounts that newer ones have replaced.
import type { ObjectStore } from '../stores/objects/object-store.ts'
import { readManifest } from './clean-manifest.ts'
import { readFeatureVersion } from './feature-version.ts'

/** Versions that must stay besides the newest features. */
export type Kept = { readonly featureVersions: readonly string[]; readonly modelVersions: readonly string[] }

/**
 * Deletes old feature tables, model files and masked accounts. Clean events, rejects, reports and run records stay.
 * Called after a publication: nothing that is served or that the next run reads is touched.
 * @returns number of objects removed
 */
export async function tidy(objects: ObjectStore, kept: Kept): Promise<number> {
  const newest = await readFeatureVersion(objects)
  const { accounts } = await readManifest(objects)
  const features = new Set([...kept.featureVersions, newest?.version])
  const models = new Set(kept.modelVersions)
  const removed = [
    await removeVersions(objects, 'features/', (version) => features.has(version)),
    await removeVersions(objects, 'models/', (version) => models.has(version)),
    await removeObjects(objects, 'clean/accounts/', (key) => key === accounts || key === newest?.accounts),
  ]
  return removed.reduce((sum, count) => sum + count, 0)
}

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
