// Copies of remote objects as files of this machine: fetched once, shared by callers, kept within bounds.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'

/** What a fetch found: the version it wrote, or that the known one still stands. */
export type Fetched = { readonly version: string; readonly sizeBytes: number } | 'unchanged'

/** How files are fetched and how long they stay. */
export type FetchedFilesOptions = {
  /** Makes the folder they lie in, at the first use. */
  readonly makeFolder: () => string
  /** Writes an object to `path`, unless its version is still `known`. Throws `not-found`. */
  readonly fetch: (key: string, path: string, known: string | undefined) => Promise<Fetched>
  /** Beyond this many bytes, files handed out longest ago are removed ... */
  readonly maxBytes: number
  /** ... but none that was handed out within this time: somebody may be reading it. So a busy hour may pass the bound. */
  readonly holdMs: number
  readonly now: () => number
}

/** A bounded set of fetched files. */
export type FetchedFiles = {
  /** Path of a file with the object's bytes as they are now. Callers at the same time share one fetch. */
  file(key: string): Promise<string>
  /** Says that an object was changed here: the next caller shares no fetch begun before. */
  changed(key: string): void
}

type Held = { readonly path: string; readonly version: string; readonly sizeBytes: number; usedAt: number }

/** Makes an empty set of files. */
export function createFetchedFiles(options: FetchedFilesOptions): FetchedFiles {
  const current = new Map<string, Held>()
  const all = new Set<Held>()
  const fetching = new Map<string, Promise<string>>()
  let folder: string | undefined
  let count = 0

  const use = (held: Held): string => {
    held.usedAt = options.now()
    all.delete(held)
    all.add(held)
    return held.path
  }
  const load = async (key: string): Promise<string> => {
    const held = current.get(key)
    const known = held && existsSync(held.path) ? held : undefined
    folder ??= options.makeFolder()
    const path = join(folder, String(count++))
    try {
      const fetched = await options.fetch(key, path, known?.version)
      if (fetched === 'unchanged') return use(known!)
      const fresh = { path, ...fetched, usedAt: 0 }
      current.set(key, fresh)
      use(fresh)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    }
    await evict(all, options)
    return path
  }
  return {
    file(key) {
      const shared = fetching.get(key)
      if (shared) return shared
      const begun = load(key).finally(() => {
        if (fetching.get(key) === begun) fetching.delete(key)
      })
      fetching.set(key, begun)
      return begun
    },
    changed: (key) => fetching.delete(key),
  }
}

/** `all` is in the order of use, oldest first. */
async function evict(all: Set<Held>, { maxBytes, holdMs, now }: FetchedFilesOptions): Promise<void> {
  let total = 0
  for (const { sizeBytes } of all) total += sizeBytes
  for (const held of all) {
    if (total <= maxBytes || now() - held.usedAt < holdMs) return
    all.delete(held)
    total -= held.sizeBytes
    await rm(held.path, { force: true })
  }
}
