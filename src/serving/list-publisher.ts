// Publishes a version of the lists: everything is written first, then one atomic step shows it, then old versions go.
import { TastemakerError } from '../errors.ts'
import type { ListEntry, ListStore } from '../stores/lists/list-store.ts'
import { encodeValue, parseStored } from './list-bytes.ts'
import { cacheKeys, keptEntries, type Published, pointerKey, versionPrefix } from './list-cache.ts'

const entriesPerBatch = 2000
const bytesPerBatch = 8 * 1024 * 1024

/** What is being published. */
export type NewVersion = {
  /** Never used before; see `versionPrefix` for its form. */
  readonly version: string
  readonly model: string
  readonly modelVersion: string
  /** ms UTC. */
  readonly publishedAt: number
}

/** One publication on its way. */
export type Publisher = {
  /** Adds entries made by `cacheEntries`; readers do not see them yet. Written in batches of 2,000 entries or 8 MiB. */
  put(entries: Iterable<ListEntry> | AsyncIterable<ListEntry>): Promise<void>
  /** Shows the new version to all readers at once, then removes all versions but it and the one before. */
  publish(): Promise<Published>
}

/**
 * Begins a publication. One publisher at a time: a second one beside it would have its half version removed.
 *
 * Whatever happens before the pointer moves, readers stay on the old version; what a killed publisher left behind is
 * removed by the next publication. Throws `conflict` when the version is published already, and `bad-argument` on
 * `publish()` when there is no popular list, since a reader's last rung would be missing.
 */
export function createPublisher(lists: ListStore, next: NewVersion): Publisher {
  const prefix = versionPrefix(next.version)
  const counts = { listeners: 0, artists: 0, popular: 0 }
  let cleared = false

  const clear = async () => {
    const { version, previous } = (await readPointer(lists)) ?? { version: undefined, previous: null }
    if (version === next.version || previous === next.version)
      throw new TastemakerError('conflict', `Lists of version ${next.version} are published already.`)
    if (!cleared) await lists.deletePrefix(prefix)
    cleared = true
  }

  return {
    async put(entries) {
      if (!cleared) await clear()
      let batch: ListEntry[] = []
      let bytes = 0
      for await (const entry of entries) {
        count(counts, entry[0])
        for (const [key, value] of keptEntries(entry)) {
          batch.push([prefix + key, value])
          bytes += value.length
        }
        if (batch.length < entriesPerBatch && bytes < bytesPerBatch) continue
        await lists.putMany(batch)
        batch = []
        bytes = 0
      }
      if (batch.length > 0) await lists.putMany(batch)
    },
    async publish() {
      await clear()
      if (counts.popular === 0)
        throw new TastemakerError('bad-argument', 'Put a popular list before publishing.')
      const previous = (await readPointer(lists))?.version ?? null
      const { listeners, artists } = counts
      const published: Published = { ...next, listeners, artists, previous }
      await lists.putMany([[pointerKey, encodeValue(published)]])
      await removeVersionsBut(lists, [next.version, previous])
      return published
    },
  }
}

/** The pointer, or undefined before the first publication. */
export async function readPointer(lists: ListStore): Promise<Published | undefined> {
  const bytes = await lists.get(pointerKey)
  return bytes && parseStored<Published>(bytes)
}

function count(counts: { listeners: number; artists: number; popular: number }, key: string): void {
  if (key.startsWith(cacheKeys.listeners)) counts.listeners++
  else if (key.startsWith(cacheKeys.artists)) counts.artists++
  else if (key === cacheKeys.popular) counts.popular++
}

/** Removes every version that is not kept, half ones included. */
async function removeVersionsBut(lists: ListStore, kept: readonly (string | null)[]): Promise<void> {
  let after = ''
  for (;;) {
    const [key] = await lists.keys('v/', { ...(after && { after }), limit: 1 })
    if (key === undefined) return
    const version = key.split('/')[1]!
    if (!kept.includes(version)) await lists.deletePrefix(`v/${version}/`)
    // '0' follows '/' in ASCII: the first key that can come after all keys of this version.
    after = `v/${version}0`
  }
}
