// Small JSON documents in the object store: manifests, pointers to the latest version, run records.
import { createHash } from 'node:crypto'
import { TastemakerError } from '../errors.ts'
import type { ObjectStore } from '../stores/objects/object-store.ts'

/** Reads a JSON document; undefined when there is none. Throws `corrupt` when it is not JSON. */
export async function readDocument<T>(objects: ObjectStore, key: string): Promise<T | undefined> {
  let bytes: Uint8Array
  try {
    bytes = await objects.get(key)
  } catch (error) {
    if (error instanceof TastemakerError && error.code === 'not-found') return undefined
    throw error
  }
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as T
  } catch (cause) {
    throw new TastemakerError('corrupt', `Document ${key} is not JSON; remove it to have it made again.`, {
      cause,
    })
  }
}

/** Writes a JSON document whole, replacing an earlier one. */
export async function writeDocument(objects: ObjectStore, key: string, value: unknown): Promise<void> {
  await objects.put(key, new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`))
}

/** A short version of any JSON value: the first 16 hex digits of its SHA-256. */
export function versionOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)
}
