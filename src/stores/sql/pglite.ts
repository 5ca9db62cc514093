// SQL in an embedded Postgres (PGlite): a folder of one process at a time, or memory.
import { readdir, rename, rm } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { PGlite, type PGliteOptions, type Transaction } from '@electric-sql/pglite'
import { TastemakerError } from '../../errors.ts'
import { diskError, errorCode, makeFolder, syncFolder } from '../durable-folder.ts'
import { lockFolder } from '../folder-lock.ts'
import { csvSlices } from './csv-slices.ts'
import { durableFiles, syncTree } from './pglite-files.ts'
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
  const path = resolve(folder)
  try {
    await makeFolder(dirname(path))
  } catch (error) {
    throw diskError(error, `Could not make the folder of the SQL store ${folder}`)
  }
  const lock = await lockFolder(path)
  try {
    if (!(await isDatabase(path))) await createDatabase(path)
    return adapt(await start({ fs: durableFiles(path) }), lock.release)
  } catch (error) {
    await lock.release()
    throw diskError(error, `Could not open the SQL store ${folder}`)
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

/** Made beside its place and then renamed: a process killed meanwhile leaves no half a database. */
async function createDatabase(path: string): Promise<void> {
  const draft = `${path}.new`
  await rm(draft, { recursive: true, force: true })
  await makeFolder(draft)
  const database = await PGlite.create({ dataDir: draft, loadDataDir: await emptyDatabase() })
  await database.close()
  await syncTree(draft)
  await rename(draft, path)
  await syncFolder(join(path, '..'))
}

/** Made once per process: most of the time of a first opening. */
let template: Promise<Blob> | undefined
function emptyDatabase(): Promise<Blob> {
  template ??= (async () => {
    const database = await PGlite.create()
    try {
      return await database.dumpDataDir('gzip')
    } finally {
      await database.close()
    }
  })()
  return template
}

function adapt(database: PGlite, release: () => Promise<void>): Sql {
  const transaction: Sql['transaction'] = async (work) => {
    try {
      return await database.transaction((inside) => withoutSwallowedErrors(session(inside), work))
    } catch (error) {
      throw sqlError(error)
    }
  }
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
      let rows = 0
      try {
        for await (const slice of csvSlices(csv, sliceBytes)) {
          const blob = new Blob(slice as Uint8Array<ArrayBuffer>[])
          const answer = await database.query(statement, [], { blob })
          rows += answer.rowCount ?? answer.affectedRows ?? 0
        }
      } catch (error) {
        throw sqlError(error)
      }
      return rows
    },
  }
}
