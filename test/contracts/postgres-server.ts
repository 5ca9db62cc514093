// A throwaway Postgres server from the system's binaries, for tests.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** A server that runs. */
export type PostgresServer = {
  readonly url: string
  /** Stops it at once (as a crash would) and starts it again on the same port. */
  restart(): Promise<void>
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** Folder of the newest server's binaries; undefined when none is installed. */
export function findPostgres(): string | undefined {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : []
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ]
  return folders.find((folder) => ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))))
}

/** Starts a server on a free loopback port in a temporary folder; as root it runs as the user `postgres`. */
export async function startPostgres(binaries: string): Promise<PostgresServer> {
  const root = await mkdtemp(join(tmpdir(), 'tastemaker-postgres-'))
  const data = join(root, 'data')
  await chmod(root, 0o700)
  if (isRoot()) await chown(root, idOf('-u'), idOf('-g'))
  const [initdb, ...flags] = asPostgres(join(binaries, 'initdb'))
  const options = ['-D', data, '-U', 'tester', '--auth=trust', '--encoding=UTF8', '--no-sync', '--locale=C']
  const made = spawnSync(initdb!, [...flags, ...options], { cwd: root, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  const port = await freePort()
  let server = await startServer({ binaries, root, data, port })
  return {
    url: `postgres://tester@127.0.0.1:${port}/postgres`,
    async restart() {
      await end(server)
      server = await startServer({ binaries, root, data, port })
    },
    async stop() {
      await end(server)
      await rm(root, { recursive: true, force: true })
    },
  }
}

type Place = {
  readonly binaries: string
  readonly root: string
  readonly data: string
  readonly port: number
}

async function startServer({ binaries, root, data, port }: Place): Promise<ChildProcess> {
  const [command, ...flags] = asPostgres(join(binaries, 'postgres'))
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${root}`, 'fsync=off']
  const options = ['-D', data, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])]
  const server = spawn(command!, [...flags, ...options], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  for (let attempt = 0; attempt < 600; attempt++) {
    if (log.includes('ready to accept connections')) return server
    if (server.exitCode !== null) break
    await pause(50)
  }
  await end(server)
  throw new Error(`The Postgres server did not start: ${log}`)
}

/** SIGQUIT: immediate shutdown. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const ended = new Promise((resolve) => server.once('exit', resolve))
  server.kill('SIGQUIT')
  await ended
}

const isRoot = (): boolean => process.getuid?.() === 0

const asPostgres = (program: string): string[] =>
  isRoot() ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--init-groups', program] : [program]

const idOf = (flag: string): number =>
  Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim())

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}
