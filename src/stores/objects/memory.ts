// Objects in memory: for tests and for runs that leave nothing behind.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TastemakerError } from '../../errors.ts'
import { checkKey, checkPrefix, compareBytes } from './object-key.ts'
import type { ObjectBody, ObjectStore } from './object-store.ts'
import { makeProcessFolder } from './process-folder.ts'

/** An empty store, gone with the process. Files of `localFile` lie in a temporary folder, removed at exit. */
export function openMemoryObjects(): ObjectStore {
  const objects = new Map<string, { readonly bytes: Uint8Array; readonly tag: string }>()
  let puts = 0
  const copies = createCopies()
  const find = (key: string): Uint8Array => {
    checkKey(key)
    const found = objects.get(key)
    if (found) return found.bytes
    throw new TastemakerError('not-found', `There is no object ${key}.`)
  }
  return {
    async put(key, body, options = {}) {
      checkKey(key)
      const bytes = await gather(body)
      if (options.ifAbsent && objects.has(key)) return false
      objects.set(key, { bytes, tag: String(puts++) })
      return true
    },
    get: async (key) => find(key).slice(),
    async *list(prefix) {
      checkPrefix(prefix)
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes)
      for (const key of keys) {
        const found = objects.get(key)
        if (found) yield { key, sizeBytes: found.bytes.length, tag: found.tag }
      }
    },
    async delete(key) {
      checkKey(key)
      objects.delete(key)
    },
    localFile: async (key) => copies.write(find(key)),
  }
}

async function gather(body: ObjectBody): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return new Uint8Array(body)
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part.slice())
  return new Uint8Array(Buffer.concat(parts))
}

function createCopies(): { write(bytes: Uint8Array): Promise<string> } {
  let folder: string | undefined
  let count = 0
  return {
    async write(bytes) {
      folder ??= makeProcessFolder()
      const path = join(folder, String(count++))
      await writeFile(path, bytes)
      return path
    },
  }
}
