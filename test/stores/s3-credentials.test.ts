// The store takes credentials from each place that AWS names: environment, file, web identity, instance role.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openObjects } from '../../src/stores/open.ts'
import { type MeddlingProxy, startMeddlingProxy } from '../servers/meddling-proxy.ts'
import { moto, type S3Server, s3Credentials, useS3Credentials } from '../servers/s3-servers.ts'

const isMissing = !moto.isInstalled()
it.runIf(process.env.CI && isMissing)('has moto, on CI', () => {
  expect.unreachable(`Run ${moto.installedBy} first.`)
})

describe.skipIf(isMissing)('credentials for S3 come from', () => {
  let server: S3Server
  let proxy: MeddlingProxy
  let folder: string
  let [url, count] = ['', 0]
  beforeAll(async () => {
    useS3Credentials()
    // moto checks no signatures, and has a token service that trusts everybody.
    server = await moto.start()
    proxy = await startMeddlingProxy(server.endpoint)
    await server.bucket('suite')
    folder = await mkdtemp(join(tmpdir(), 'tastemaker-credentials-test-'))
  })
  beforeEach(() => {
    useS3Credentials()
    url = `s3://suite/prefix-${count++}?endpoint=${proxy.endpoint}`
    proxy.meddle(() => 'pass')
  })
  afterAll(async () => {
    await proxy?.stop()
    await server?.stop()
    await rm(folder, { recursive: true, force: true })
  })
  const withoutKeys = (environment: Record<string, string>): void => {
    delete process.env.AWS_ACCESS_KEY_ID
    delete process.env.AWS_SECRET_ACCESS_KEY
    Object.assign(process.env, environment)
  }
  /** The access key and the session token of the first request. */
  const used = async (): Promise<{ readonly key: string | undefined; readonly token: unknown }> => {
    await openObjects(url)
    const { authorization, 'x-amz-security-token': token } = proxy.seen[0]!.headers
    return { key: /Credential=([^/]+)/.exec(authorization ?? '')?.[1], token }
  }

  it('the environment', async () => {
    expect(await used()).toEqual({ key: s3Credentials.accessKeyId, token: undefined })
  })

  it('a profile in a file', async () => {
    const file = join(folder, 'credentials')
    await writeFile(file, '[taste]\naws_access_key_id = FROMFILE\naws_secret_access_key = of-the-file\n')
    withoutKeys({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'taste' })
    expect(await used()).toEqual({ key: 'FROMFILE', token: undefined })
  })

  it('a web identity', async () => {
    const file = join(folder, 'token')
    await writeFile(file, 'a-token-of-the-identity-provider')
    withoutKeys({
      AWS_WEB_IDENTITY_TOKEN_FILE: file,
      AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/tastemaker',
      AWS_ENDPOINT_URL_STS: server.endpoint,
      AWS_REGION: 'us-east-1',
    })
    expect(await used()).toEqual({ key: expect.stringMatching(/^ASIA/), token: expect.any(String) })
  })

  it('the role of the instance', async () => {
    const service = await startInstanceService()
    withoutKeys({ AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: service.endpoint })
    expect(await used()).toEqual({ key: 'FROMROLE', token: 'of-the-session' })
    await service.stop()
  })
})

/** What a machine of AWS is told about itself (instance metadata service, version 2). */
async function startInstanceService(): Promise<{ readonly endpoint: string; stop(): Promise<void> }> {
  const role = '/latest/meta-data/iam/security-credentials/'
  const answers: Readonly<Record<string, string>> = {
    '/latest/api/token': 'a-token',
    [role]: 'tastemaker',
    [`${role}tastemaker`]: JSON.stringify({
      Code: 'Success',
      AccessKeyId: 'FROMROLE',
      SecretAccessKey: 'of-the-role',
      Token: 'of-the-session',
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  }
  const server: Server = createServer((request, response) => {
    const answer = answers[request.url ?? '']
    response.writeHead(answer === undefined ? 404 : 200).end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
