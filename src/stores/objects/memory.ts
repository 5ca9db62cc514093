// Objects in memory: for tests and for runs that leave nothing behind.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TastemakerError } from '../../errors.ts'
import { identityPattern, isRunning, thisProcess } from '../process-identity.ts'
import { checkKey, checkPrefix, compareBytes } from './object-key.ts'
import type { ObjectBody, ObjectStore } from './object-store.ts'

/** An empty store, gone with the process. Files of `localFile` lie in a temporary folder, removed at exit. */
export function openMemoryObjects(): ObjectStore {
  const objects = new Map<string, Uint8Array>()
  const copies = createCopies()
  const find = (key: string): Uint8Array => {
    checkKey(key)
    const bytes = objects.get(key)
    if (bytes) return bytes
    throw new TastemakerError('not-found', `There is no object ${key}.`)
  }
  return {
    async put(key, body, options = {}) {
      checkKey(key)
      const bytes = await gather(body)
      if (options.ifAbsent && objects.has(key)) return false
      objects.set(key, bytes)
      return true
    },
    get: async (key) => find(key).slice(),
    async *list(prefix) {
      checkPrefix(prefix)
      const keys = [...objects.keys()].filter((key) => key.startsWith(prefix)).sort(compareBytes)
      for (const key of keys) {
        const bytes = objects.get(key)
        if (bytes) yield { key, sizeBytes: bytes.length }
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

const copiesPrefix = 'tastemaker-objects-'

function createCopies(): { write(bytes: Uint8Array): Promise<string> } {
  let folder: string | undefined
  let count = 0
  return {
    async write(bytes) {
      folder ??= makeCopiesFolder()
      const path = join(folder, String(count++))
      await writeFile(path, bytes)
      return path
    },
  }
}

/** Removed at exit; those of processes that were killed are removed here. */
function makeCopiesFolder(): string {
  for (const name of readdirSync(tmpdir())) {
    const isCopies = name.startsWith(copiesPrefix) && identityPattern.test(name)
    if (isCopies && !isRunning(name)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
  const made = mkdtempSync(join(tmpdir(), `${copiesPrefix}${thisProcess}-`))
  process.once('exit', () => rmSync(made, { recursive: true, force: true }))
  return made
}
