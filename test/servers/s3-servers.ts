// Real S3 servers for tests, each on a free port with its data in a temporary folder. scripts/servers/ installs them.
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { freePort, ready, startProgram } from './processes.ts'
import { radosgwPrograms, startCeph } from './radosgw.ts'

/** A server that runs. */
export type S3Server = {
  readonly endpoint: string
  /** Makes a bucket and gives its URL, without credentials: those are in the environment, see `useS3Credentials`. */
  readonly bucket: (name: string) => Promise<string>
  readonly stop: () => Promise<void>
}

/** A kind of server: how to see whether it is installed, how to start it. */
export type S3ServerKind = {
  readonly name: string
  readonly installedBy: string
  readonly isInstalled: () => boolean
  readonly start: () => Promise<S3Server>
}

/** The one pair of credentials that all servers are started with. */
export const s3Credentials = { accessKeyId: 'TASTEMAKERTEST', secretAccessKey: 'a-secret-of-the-tests-only' }

/** Lets the AWS client of this process and its children find the credentials, and nothing else of this machine's. */
export function useS3Credentials(): void {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: s3Credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3Credentials.secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
    AWS_CONFIG_FILE: '/dev/null',
  })
}

const versitygwProgram = resolve('.servers/bin/versitygw')
const motoProgram = resolve('.servers/moto/bin/moto_server')

/** versitygw with files of a folder behind it. */
export const versitygw: S3ServerKind = {
  name: 'versitygw',
  installedBy: 'scripts/servers/versitygw.sh',
  isInstalled: () => existsSync(versitygwProgram),
  start: () =>
    startOne(versitygw.name, async ({ root, port }) => {
      await Promise.all(['data', 'sidecar'].map((name) => mkdir(join(root, name))))
      const address = ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive']
      const folders = ['posix', '--sidecar', join(root, 'sidecar'), join(root, 'data')]
      const { accessKeyId, secretAccessKey } = s3Credentials
      const env = { ROOT_ACCESS_KEY: accessKeyId, ROOT_SECRET_KEY: secretAccessKey }
      return startProgram([versitygwProgram, ...address, ...folders], { cwd: root, env })
    }),
}

/** Ceph's radosgw, with a monitor and a store in memory. */
export const radosgw: S3ServerKind = {
  name: 'radosgw',
  installedBy: 'scripts/servers/radosgw.sh',
  isInstalled: () => radosgwPrograms.every(isOnPath),
  start: () => startOne(radosgw.name, (place) => startCeph(place, s3Credentials)),
}

/** moto: a stand-in in memory, not a real server, that many people test with. */
export const moto: S3ServerKind = {
  name: 'moto',
  installedBy: 'scripts/servers/moto.sh',
  isInstalled: () => existsSync(motoProgram),
  start: () =>
    startOne(moto.name, async ({ root, port }) =>
      startProgram([motoProgram, '-H', '127.0.0.1', '-p', String(port)], { cwd: root }),
    ),
}

type Place = { readonly root: string; readonly port: number }

async function startOne(
  name: string,
  start: (place: Place) => Promise<ReturnType<typeof startProgram>>,
): Promise<S3Server> {
  const root = await mkdtemp(join(tmpdir(), `tastemaker-${name}-`))
  const port = await freePort()
  const endpoint = `http://127.0.0.1:${port}`
  const clearAway = () => rm(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  try {
    const running = await start({ root, port })
    await ready(name, running, async () => (await fetch(endpoint)).status > 0)
    return {
      endpoint,
      bucket: (bucket) => makeBucket(endpoint, bucket),
      async stop() {
        await running.stop()
        await clearAway()
      },
    }
  } catch (error) {
    await clearAway()
    throw error
  }
}

async function makeBucket(endpoint: string, bucket: string): Promise<string> {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: s3Credentials,
  })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
  return `s3://${bucket}?endpoint=${endpoint}`
}

const isOnPath = (program: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)))
