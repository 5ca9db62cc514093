// What every S3 server must show that a store may trust it, told as tests; a server that is not installed is skipped, on CI it fails.
import { ListMultipartUploadsCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openObjects } from '../../src/stores/open.ts'
import { type S3Server, type S3ServerKind, s3Credentials, useS3Credentials } from '../servers/s3-servers.ts'
import { startFixture } from '../stores/fixture-process.ts'
import { type ObjectStoreCase, objectStoreContract } from './object-store.ts'

/** Starts a server of a kind and runs the suites against it. */
export function s3ServerContract(kind: S3ServerKind, options: ObjectStoreCase): void {
  const isMissing = !kind.isInstalled()
  if (isMissing) console.warn(`${kind.name} is not installed: run ${kind.installedBy}.`)
  it.runIf(process.env.CI && isMissing)(`has ${kind.name} to test against, on CI`, () => {
    expect.unreachable(`Run ${kind.installedBy} first.`)
  })

  describe.skipIf(isMissing)(kind.name, () => {
    let server: S3Server
    let [count, bucketUrl] = [0, '']
    const freshUrl = (): string => bucketUrl.replace('?', `/prefix-${count++}?`)
    beforeAll(async () => {
      useS3Credentials()
      server = await kind.start()
      bucketUrl = await server.bucket('suite')
    })
    afterAll(() => server?.stop())

    objectStoreContract(kind.name, () => openObjects(freshUrl()), options)

    it('keeps stores in one bucket apart, and leaves nothing of its own trying out', async () => {
      const url = await server.bucket('apart')
      const [outer, inner] = [await openObjects(url), await openObjects(url.replace('?', '/in?'))]
      await inner.put('x', new Uint8Array([1]))
      await outer.put('in-side', new Uint8Array([1]))
      expect(await keysIn(server, 'apart')).toEqual(['in-side', 'in/x'])
    })

    it('shows whole objects only, and every acknowledged one, after kills; parts are never seen', async () => {
      const url = freshUrl()
      const acknowledged: string[] = []
      for (let round = 0; round < 3; round++) {
        const child = startFixture('put-objects.ts', [url, String(round), String(12 * 1024 * 1024)])
        acknowledged.push(...(await child.killAfterLines(1 + round)))
      }
      const store = await openObjects(url)
      const found = new Set<string>()
      for await (const { key, sizeBytes } of store.list('')) {
        found.add(key)
        expect(sizeBytes).toBe(12 * 1024 * 1024)
        expect(new Set(await store.get(key)).size).toBe(1)
      }
      for (const key of acknowledged) expect(found).toContain(key)
    })

    it('keeps no part of a stream that failed', async () => {
      const store = await openObjects(await server.bucket('failed'))
      async function* parts(): AsyncIterable<Uint8Array> {
        for (let index = 0; index < 30; index++) yield new Uint8Array(1024 * 1024)
        throw new RangeError('the source broke')
      }
      await expect(store.put('x', parts())).rejects.toMatchObject({ code: 'outside' })
      expect(await keysIn(server, 'failed')).toEqual([])
      const uploads = await rawClient(server).send(new ListMultipartUploadsCommand({ Bucket: 'failed' }))
      expect(uploads.Uploads ?? []).toEqual([])
    })

    it('names a missing bucket', async () => {
      const url = bucketUrl.replace('suite', 'nowhere')
      await expect(openObjects(url)).rejects.toMatchObject({
        code: 'outside',
        message: expect.stringContaining('no such bucket'),
      })
    })
  })
}

const rawClient = (server: S3Server): S3Client =>
  new S3Client({
    endpoint: server.endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: s3Credentials,
  })

async function keysIn(server: S3Server, bucket: string): Promise<readonly string[]> {
  const page = await rawClient(server).send(new ListObjectsV2Command({ Bucket: bucket }))
  return (page.Contents ?? []).map(({ Key = '' }) => Key)
}
