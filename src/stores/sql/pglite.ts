// SQL in an embedded Postgres (PGlite): a folder of one process at a time, or memory.
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PGlite, type PGliteOptions, type Transaction } from '@electric-sql/pglite'
import { TastemakerError } from '../../errors.ts'
import { diskError, errorCode, makeFolder, syncFolder } from '../durable-folder.ts'
import { lockFolder } from '../folder-lock.ts'
import { csvSlices } from './csv-slices.ts'
import { createCsvSource } from './csv-source.ts'
import { durableFiles } from './pglite-files.ts'
import type { Sql, SqlSession } from './sql.ts'
import { sqlError } from './sql-error.ts'
import { copyTarget, valueReaders, withoutSwallowedErrors } from './sql-text.ts'

/** A slice is copied into the WASM memory as a whole. */
const sliceBytes = 16 * 1024 * 1024

/**
 * Opens an embedded Postgres in a folder, made when absent (some seconds), or in memory when no folder is given.
 * What is acknowledged is on disk. One session: a statement outside waits for a running transaction to end, so inside
 * one use only the session handed in. Throws `conflict` when another process, or this one, has the folder open.
 */
export async function openPglite(folder?: string): Promise<Sql> {
  if (folder === undefined) return adapt(await start({}), async () => {})
  const path = await placeOf(folder)
  const lock = await lockFolder(path)
  try {
    await removeDrafts(path)
    if (!(await isDatabase(path))) await createDatabase(path)
    return adapt(await start({ fs: durableFiles(path) }), lock.release)
  } catch (error) {
    await lock.release()
    throw diskError(error, `Could not open the SQL store ${folder}`)
  }
}

/** The folder's one true path, so that a link to it leads to the same lock; its parent is made when absent. */
async function placeOf(folder: string): Promise<string> {
  const path = resolve(folder)
  try {
    await makeFolder(dirname(path))
    const exists = await stat(path).catch(() => undefined)
    return exists ? await realpath(path) : join(await realpath(dirname(path)), basename(path))
  } catch (error) {
    throw diskError(error, `Could not make the folder of the SQL store ${folder}`)
  }
}

/** Without -F, so that Postgres asks for its files to be synced; it knows `fsync` only, its `fdatasync` does nothing. */
const startParams: string[] = [
  ...PGlite.defaultStartParams.filter((flag) => flag !== '-F'),
  '-c',
  'wal_sync_method=fsync',
]

const start = (options: PGliteOptions): Promise<PGlite> =>
  PGlite.create({
    ...options,
    startParams: options.fs ? startParams : PGlite.defaultStartParams,
    relaxedDurability: false,
    parsers: { ...valueReaders },
  })

async function isDatabase(path: string): Promise<boolean> {
  const names = await readdir(path).catch((error): string[] => {
    if (errorCode(error) === 'ENOENT') return []
    throw error
  })
  if (names.length === 0 || names.includes('PG_VERSION')) return names.length > 0
  throw new TastemakerError(
    'bad-argument',
    `${path} is neither empty nor a database; give the SQL store another folder.`,
  )
}

/**
 * Made beside its place and then renamed: a process killed meanwhile leaves no half a database. Another process does it,
 * with V8 told not to optimize code that runs this once: a third less time, and this one can go on meanwhile.
 */
async function createDatabase(path: string): Promise<void> {
  const draft = `${path}.new-${randomUUID()}`
  await promisify(execFile)(process.execPath, ['--liftoff-only', fileURLToPath(creator), draft])
  await rename(draft, path)
  await syncFolder(dirname(path))
}

/** The program that makes a database: beside this file, source or built. */
const creator = new URL(
  import.meta.url.endsWith('.ts') ? './pglite-create.ts' : './pglite-create.js',
  import.meta.url,
)

/** Of openings cut short. One may still be at work for a moment, on a draft that nobody will take. */
async function removeDrafts(path: string): Promise<void> {
  const drafts = (await readdir(dirname(path))).filter((name) => name.startsWith(`${basename(path)}.new-`))
  const removals = drafts.map((name) => rm(join(dirname(path), name), { recursive: true, force: true }))
  await Promise.allSettled(removals)
}

function adapt(database: PGlite, release: () => Promise<void>): Sql {
  const transaction: Sql['transaction'] = (work) => transact(database, work)
  return {
    query: session(database).query,
    // Several COPY statements, so one transaction around them.
    copyIn: (table, columns, csv) => transaction((inside) => inside.copyIn(table, columns, csv)),
    transaction,
    async close() {
      await database.close()
      await release()
    },
  }
}

/** The work's own errors pass through as they are; those of its statements are ours already. */
async function transact<T>(database: PGlite, work: (session: SqlSession) => Promise<T>): Promise<T> {
  let working = false
  try {
    return await database.transaction(async (inside) => {
      working = true
      const result = await withoutSwallowedErrors(session(inside), work)
      working = false
      return result
    })
  } catch (error) {
    throw working ? error : sqlError(error)
  }
}

function session(database: PGlite | Transaction): SqlSession {
  return {
    async query(text, values = []) {
      try {
        return (await database.query<Record<string, unknown>>(text, [...values])).rows
      } catch (error) {
        throw sqlError(error)
      }
    },
    async copyIn(table, columns, csv) {
      const statement = `copy ${copyTarget(table, columns)} from '/dev/blob' with (format csv)`
      const source = createCsvSource(csv)
      let rows = 0
      try {
        for await (const slice of csvSlices(source.csv, sliceBytes)) {
          const blob = new Blob(slice as Uint8Array<ArrayBuffer>[])
          const answer = await database.query(statement, [], { blob })
          rows += answer.rowCount ?? answer.affectedRows ?? 0
        }
      } catch (error) {
        throw source.errorOf(error)
      }
      return rows
    },
  }
}
