// Lists in LMDB: one file, read by many processes from memory-mapped pages while one writes.
import { open, type RangeOptions } from 'lmdb'
import { diskError, makeFolder } from '../durable-folder.ts'
import { endOfPrefix, keyBytes, startOfPage } from './list-key.ts'
import type { ListStore } from './list-store.ts'

/** Opens a folder as a list store, made when absent. Writers of several processes take turns. */
export async function openLmdbLists(folder: string): Promise<ListStore> {
  const lists = await guarded('open', async () => {
    await makeFolder(folder)
    // Without overlappingSync a commit is on disk before its promise resolves.
    return open<Buffer, Buffer>({
      path: folder,
      noSubdir: false,
      encoding: 'binary',
      keyEncoding: 'binary',
      overlappingSync: false,
    })
  })
  const range = (prefix: string, start: Buffer, limit?: number): string[] => {
    const end = endOfPrefix(prefix)
    const options: RangeOptions = { start, ...(end && { end }), ...(limit !== undefined && { limit }) }
    return [...lists.getKeys(options).map((key) => Buffer.from(key).toString())]
  }
  return {
    get: (key) =>
      guarded('read', async () => {
        const value = lists.getBinary(keyBytes(key))
        return value && new Uint8Array(value)
      }),
    putMany: (entries) =>
      guarded('write', async () => {
        // Checked before the transaction begins, so that nothing in it can throw.
        const checked = Array.from(entries, ([key, value]) => [keyBytes(key), Buffer.from(value)] as const)
        if (checked.length === 0) return
        await lists.transaction(() => {
          for (const [key, value] of checked) lists.put(key, value)
        })
      }),
    keys: (prefix, { after, limit }) =>
      guarded('read', async () => (limit > 0 ? range(prefix, startOfPage(prefix, after), limit) : [])),
    deletePrefix: (prefix) =>
      guarded('write', () =>
        lists.transaction(() => {
          const keys = range(prefix, Buffer.from(prefix))
          for (const key of keys) lists.remove(Buffer.from(key))
          return keys.length
        }),
      ),
    close: () => guarded('close', () => lists.close()),
  }
}

async function guarded<T>(action: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw diskError(error, `Could not ${action} the list store`)
  }
}
