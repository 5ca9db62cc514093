// From URLs to stores: the one place that knows the adapters, each loaded only when asked for.
import { TastemakerError } from '../errors.ts'
import type { Journal, JournalLimits } from './journal/journal.ts'
import type { ListStore } from './lists/list-store.ts'
import type { ObjectStore } from './objects/object-store.ts'
import type { Sql } from './sql/sql.ts'

type Openers<Store> = Readonly<Record<string, (url: string) => Promise<Store>>>

/**
 * Opens an object store: `file:DIR`, `memory:`, `s3://BUCKET/PREFIX?endpoint=...&region=...&style=path|host`.
 * Folders are relative (`file:data/x`) or absolute (`file:/x`, `file:///x`), taken as written, without percent signs' meaning.
 * Throws `bad-argument` for an unknown scheme, `outside` when the store cannot be opened.
 */
export const openObjects = (url: string): Promise<ObjectStore> => open('object store', objects, url)

/**
 * Opens an SQL store: `pglite:DIR` (one process at a time, else `conflict`), `pglite:` or `pglite:memory` (gone when
 * closed), `embedded:DIR` (a real server, shared by processes), `postgres://...`. Throws `bad-argument` for an unknown scheme, `outside` when the store cannot be opened.
 */
export const openSql = (url: string): Promise<Sql> => open('SQL store', sql, url)

/** Opens a list store: `lmdb:DIR` (shared by processes), `memory:`. Throws as `openObjects`. */
export const openLists = (url: string): Promise<ListStore> => open('list store', lists, url)

/** Opens a journal: `file:DIR` (shared by processes), `memory:` (without limits). Throws as `openObjects`. */
export const openJournal = (url: string, limits: JournalLimits = {}): Promise<Journal> =>
  open('journal', journals(limits), url)

const objects: Openers<ObjectStore> = {
  file: async (url) => (await import('./objects/folder.ts')).openFolderObjects(folderOf(url)),
  memory: async () => (await import('./objects/memory.ts')).openMemoryObjects(),
  s3: async (url) => (await import('./objects/s3.ts')).openS3Objects(url),
}

const openServer = async (url: string): Promise<Sql> => (await import('./sql/postgres.ts')).openPostgres(url)

const sql: Openers<Sql> = {
  pglite: async (url) => {
    const place = url.slice(url.indexOf(':') + 1)
    const folder = place === '' || place === 'memory' ? undefined : folderOf(url)
    return (await import('./sql/pglite.ts')).openPglite(folder)
  },
  embedded: async (url) => (await import('./sql/embedded.ts')).openEmbedded(folderOf(url)),
  postgres: openServer,
  postgresql: openServer,
}

const lists: Openers<ListStore> = {
  lmdb: async (url) => (await import('./lists/lmdb.ts')).openLmdbLists(folderOf(url)),
  memory: async () => (await import('./lists/memory.ts')).openMemoryLists(),
}

const journals = (limits: JournalLimits): Openers<Journal> => ({
  file: async (url) => (await import('./journal/folder.ts')).openFolderJournal(folderOf(url), limits),
  memory: async () => (await import('./journal/memory.ts')).openMemoryJournal(),
})

async function open<Store>(what: string, openers: Openers<Store>, url: string): Promise<Store> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  const opener = scheme === undefined || !Object.hasOwn(openers, scheme) ? undefined : openers[scheme]
  if (opener) return opener(url)
  const known = Object.keys(openers).map((name) => `${name}:`)
  const seen = scheme === undefined ? 'has no scheme' : `begins with ${scheme}:`
  throw new TastemakerError('bad-argument', `The URL of the ${what} ${seen}; known are ${known.join(', ')}.`)
}

/** `file:a/b` -> `a/b`; `file:/a` and `file:///a` -> `/a`. */
function folderOf(url: string): string {
  const colon = url.indexOf(':')
  const place = url.slice(colon + 1)
  const path = place.startsWith('///') ? place.slice(2) : place
  if (path !== '' && !path.startsWith('//') && !path.includes('\0')) return path
  const scheme = url.slice(0, colon)
  throw new TastemakerError(
    'bad-argument',
    `A ${scheme}: URL names a folder, as in ${scheme}:data/x or ${scheme}:///data/x; this one names none or a host.`,
  )
}
