// The server of an embedded database's folder: made, started beside this process, found again, and stopped.
import { execFile, type SpawnOptions, spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { chown, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { TastemakerError } from '../../errors.ts'
import { errorCode, syncFolder } from '../durable-folder.ts'
import { findPrograms, type PostgresPrograms } from './embedded-binaries.ts'
import { openPostgres } from './postgres.ts'

/** Starting includes the recovery after a crash. */
const startMs = 60_000
const stopMs = 30_000

const user = 'tastemaker'

/**
 * The URL of the folder's server, which is started, and its database made, when they are not there. Call it under a lock.
 * Throws `outside` with the end of the server's log when it does not start.
 */
export async function ensureServer(folder: string): Promise<string> {
  const owner = await serverUser()
  if ((await readIfThere(join(folder, dataFolder, 'PG_VERSION'))) === undefined)
    await createDatabase(folder, await findPrograms(), owner)
  const running = await findServer(folder)
  if (running && (await answers(running.url))) return running.url
  await startServer(folder, await findPrograms(), owner)
  const started = await findServer(folder)
  if (started && (await answers(started.url))) return started.url
  throw await notStarted(folder)
}

/** Stops the folder's server, if it runs: sessions are broken off, what is committed is kept. */
export async function stopServer(folder: string): Promise<void> {
  const server = await findServer(folder)
  if (!server) return
  signal(server.pid, 'SIGINT')
  for (const end = performance.now() + stopMs; performance.now() < end; ) {
    if ((await readPidFile(folder)).length === 0) return
    await pause(20)
  }
}

/** Files of the folder: the cluster, its password, the server's log. */
const dataFolder = 'data'
const passwordFile = 'password'
const logFile = 'server.log'

/** Postgres refuses to run as root: then it is the system's user `postgres`. Otherwise whoever we are. */
type ServerUser = Pick<SpawnOptions, 'uid' | 'gid'>

async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all([numberOf('-u'), numberOf('-g')])
  if (uid !== undefined && gid !== undefined) return { uid, gid }
  throw new TastemakerError(
    'outside',
    'As root, an embedded Postgres runs as the user postgres, which this system does not have: useradd --system postgres, or run this as another user.',
  )
}

async function numberOf(flag: string): Promise<number | undefined> {
  const answer = await promisify(execFile)('id', [flag, 'postgres']).catch(() => undefined)
  return answer === undefined ? undefined : Number(answer.stdout)
}

/** Made as a draft and then renamed: of a making that was killed, initdb may go on for a moment, on what nobody takes. */
async function createDatabase(
  folder: string,
  { initdb }: PostgresPrograms,
  owner: ServerUser,
): Promise<void> {
  await removeDrafts(folder)
  const draft = join(folder, `${draftPrefix}${randomUUID()}`)
  const secret = join(folder, 'initdb-password')
  const password = randomBytes(24).toString('hex')
  try {
    await mkdir(draft, { mode: 0o700 })
    await writeFile(secret, `${password}\n`, { mode: 0o600 })
    for (const path of [draft, secret]) await give(path, owner)
    const access = ['--auth=scram-sha-256', `--pwfile=${secret}`, `--username=${user}`]
    const text = ['--encoding=UTF8', '--locale=C']
    await promisify(execFile)(initdb, [`--pgdata=${draft}`, ...access, ...text], { ...owner, cwd: folder })
    await writeFile(join(folder, passwordFile), password, { mode: 0o600, flush: true })
    await rename(draft, join(folder, dataFolder))
    await syncFolder(folder)
  } catch (error) {
    const reach =
      owner.uid === undefined
        ? ''
        : ' As root it runs as the user postgres, which must be able to reach the folder.'
    throw new TastemakerError(
      'outside',
      `Could not make an embedded Postgres in ${folder}: ${errorCode(error) ?? 'initdb failed'}.${reach}`,
      { cause: error },
    )
  } finally {
    await rm(secret, { force: true })
  }
}

const draftPrefix = 'data.new-'

async function removeDrafts(folder: string): Promise<void> {
  const drafts = (await readdir(folder)).filter((name) => name.startsWith(draftPrefix))
  await Promise.allSettled(drafts.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}

const give = async (path: string, { uid, gid }: ServerUser): Promise<void> => {
  if (uid !== undefined && gid !== undefined) await chown(path, uid, gid)
}

/** In a session of its own, so that it outlives this process and no Ctrl-C reaches it. */
async function startServer(folder: string, { postgres }: PostgresPrograms, owner: ServerUser): Promise<void> {
  const log = await open(join(folder, logFile), 'w', 0o600)
  try {
    const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `port=${await freePort()}`]
    const words = ['-D', join(folder, dataFolder), ...settings.flatMap((setting) => ['-c', setting])]
    const server = spawn(postgres, words, {
      ...owner,
      cwd: folder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    let ended = false
    server.once('exit', () => (ended = true)).once('error', () => (ended = true))
    server.unref()
    for (const end = performance.now() + startMs; performance.now() < end && !ended; await pause(20)) {
      const lines = await readPidFile(folder)
      // The file may still be that of a server that was killed.
      if (Number(lines[0]) === server.pid && lines[7]?.trim() === 'ready') return
    }
  } finally {
    await log.close()
  }
  throw await notStarted(folder)
}

async function notStarted(folder: string): Promise<TastemakerError> {
  const log = (await readIfThere(join(folder, logFile))) ?? ''
  const [last = 'it wrote no log'] = log
    .trim()
    .split('\n')
    .filter((line) => /FATAL|PANIC|ERROR/.test(line))
    .slice(-1)
  return new TastemakerError(
    'outside',
    `The embedded Postgres of ${folder} did not start: ${last}. All of its log is in ${join(folder, logFile)}.`,
  )
}

type Server = { readonly pid: number; readonly url: string }

/** What the server's own pid file says; undefined when there is none, or its process is gone. */
async function findServer(folder: string): Promise<Server | undefined> {
  const lines = await readPidFile(folder)
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  const password = await readIfThere(join(folder, passwordFile))
  if (!(pid > 0) || !(port > 0) || password === undefined || !signal(pid, 0)) return undefined
  return { pid, url: `postgres://${user}:${password}@127.0.0.1:${port}/postgres?sslmode=disable` }
}

/** Lines: pid, data folder, start, port, socket folder, address, shared memory, status (PostgreSQL's `miscadmin.h`). */
const readPidFile = async (folder: string): Promise<readonly string[]> =>
  (await readIfThere(join(folder, dataFolder, 'postmaster.pid')))?.split('\n') ?? []

async function answers(url: string): Promise<boolean> {
  const sql = await openPostgres(url).catch(() => undefined)
  await sql?.close()
  return sql !== undefined
}

function signal(pid: number, name: 'SIGINT' | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch (error) {
    return errorCode(error) === 'EPERM'
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error) => {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  })
}

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
