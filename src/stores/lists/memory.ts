// Lists in memory: for tests and for runs that leave nothing behind.
import { endOfPrefix, keyBytes, startOfPage } from './list-key.ts'
import type { ListStore } from './list-store.ts'

/** An empty store, gone when closed. */
export function openMemoryLists(): ListStore {
  const values = new Map<string, Uint8Array>()
  const within = (start: Buffer, end: Buffer | undefined): string[] =>
    [...values.keys()]
      .map((key) => ({ key, bytes: Buffer.from(key) }))
      .filter(({ bytes }) => Buffer.compare(bytes, start) >= 0 && (!end || Buffer.compare(bytes, end) < 0))
      .sort((left, right) => Buffer.compare(left.bytes, right.bytes))
      .map(({ key }) => key)
  return {
    get: async (key) => {
      keyBytes(key)
      return values.get(key)?.slice()
    },
    async putMany(entries) {
      const checked = [...entries].map(([key, value]) => {
        keyBytes(key)
        return [key, new Uint8Array(value)] as const
      })
      for (const [key, value] of checked) values.set(key, value)
    },
    keys: async (prefix, { after, limit }) =>
      within(startOfPage(prefix, after), endOfPrefix(prefix)).slice(0, limit),
    async deletePrefix(prefix) {
      const keys = within(Buffer.from(prefix), endOfPrefix(prefix))
      for (const key of keys) values.delete(key)
      return keys.length
    },
    close: async () => values.clear(),
  }
}
