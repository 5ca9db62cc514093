// What the S3 store does when networks, servers, credentials and URLs are not as they should be.
import dns from 'node:dns'
import { readFile } from 'node:fs/promises'
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ObjectStore } from '../../src/stores/objects/object-store.ts'
import { openObjects } from '../../src/stores/open.ts'
import { type MeddlingProxy, type Passing, startMeddlingProxy } from '../servers/meddling-proxy.ts'
import { moto, type S3Server, s3Credentials, useS3Credentials, versitygw } from '../servers/s3-servers.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const text = (body: Uint8Array): string => new TextDecoder().decode(body)
const thrownBy = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => new Error('nothing was thrown'),
    (error: Error) => error,
  )

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys
}

/** The decision for the first `count` requests that fit; the others pass. */
function first<T>(
  count: number,
  fits: (passing: Passing) => boolean,
  decision: T,
): (passing: Passing) => T | 'pass' {
  let left = count
  return (passing) => (fits(passing) && left-- > 0 ? decision : 'pass')
}

const isMissing = !versitygw.isInstalled()
it.runIf(process.env.CI && (isMissing || !moto.isInstalled()))('has its servers, on CI', () => {
  expect.unreachable(`Run ${versitygw.installedBy} and ${moto.installedBy} first.`)
})

describe.skipIf(isMissing)('objects on S3', () => {
  let server: S3Server
  let proxy: MeddlingProxy
  let [direct, through, count] = ['', '', 0]
  beforeAll(async () => {
    useS3Credentials()
    server = await versitygw.start()
    proxy = await startMeddlingProxy(server.endpoint)
    direct = await server.bucket('suite')
  })
  beforeEach(() => {
    useS3Credentials()
    proxy.meddle(() => 'pass')
    direct = `s3://suite/prefix-${count++}?endpoint=${server.endpoint}`
    through = direct.replace(server.endpoint, proxy.endpoint)
  })
  afterEach(() => vi.restoreAllMocks())
  afterAll(async () => {
    await proxy?.stop()
    await server?.stop()
  })

  describe('when answers are lost', () => {
    it('knows its own write again, and is not told that somebody else was first', async () => {
      const store = await openObjects(through)
      proxy.meddle(first(1, ({ method }) => method === 'PUT', 'lose the answer'))
      expect(await store.put('x', bytes('mine'), { ifAbsent: true })).toBe(true)
      expect(proxy.seen.map(({ method, status }) => `${method} ${status}`)).toEqual([
        'PUT 200',
        'PUT 412',
        'HEAD 200',
      ])
      expect(await store.put('x', bytes('theirs'), { ifAbsent: true })).toBe(false)
      expect(text(await store.get('x'))).toBe('mine')
    })

    it('knows its own upload in parts again', async () => {
      const store = await openObjects(through)
      for (const ifAbsent of [true, false]) {
        await store.delete('x')
        proxy.meddle(
          first(1, ({ method, path }) => method === 'POST' && path.includes('uploadId='), 'lose the answer'),
        )
        async function* parts(): AsyncIterable<Uint8Array> {
          for (let index = 0; index < 9; index++) yield new Uint8Array(1024 * 1024).fill(index)
        }
        expect(await store.put('x', parts(), { ifAbsent })).toBe(true)
        expect(await store.get('x')).toHaveLength(9 * 1024 * 1024)
      }
    })

    it('reads on when a body breaks off, and says so when it always does', async () => {
      const store = await openObjects(through)
      const body = new Uint8Array(300_000).fill(7)
      await store.put('x', body)
      const isGet = ({ method }: Passing) => method === 'GET'
      proxy.meddle(first(2, isGet, 'break the body'))
      expect(await store.get('x')).toEqual(body)
      proxy.meddle(first(2, isGet, 'break the body'))
      expect(new Uint8Array(await readFile(await store.localFile('x')))).toEqual(body)
      proxy.meddle(first(100, isGet, 'break the body'))
      await expect(store.get('x')).rejects.toMatchObject({ code: 'outside' })
    })

    it('tries again when the server is busy, or two writers met', async () => {
      const store = await openObjects(through)
      const busy = { answer: 503, body: '<Error><Code>SlowDown</Code><Message>slow down</Message></Error>' }
      const isPut = ({ method }: Passing) => method === 'PUT'
      proxy.meddle(first(2, isPut, busy))
      expect(await store.put('x', bytes('1'))).toBe(true)
      const met = {
        answer: 409,
        body: '<Error><Code>ConditionalRequestConflict</Code><Message>met</Message></Error>',
      }
      proxy.meddle(first(2, isPut, met))
      expect(await store.put('y', bytes('1'), { ifAbsent: true })).toBe(true)
      proxy.meddle(first(2, isPut, met))
      expect(await store.put('y', bytes('2'), { ifAbsent: true })).toBe(false)
    })
  })

  it('closes the source of a stream that the server does not take', async () => {
    const store = await openObjects(through)
    let isClosed = false
    async function* parts(): AsyncIterable<Uint8Array> {
      try {
        for (let index = 0; index < 200; index++) yield new Uint8Array(1024 * 1024)
      } finally {
        isClosed = true
      }
    }
    proxy.meddle(({ method }) =>
      method === 'POST' ? { answer: 403, body: '<Error><Code>AccessDenied</Code></Error>' } : 'pass',
    )
    await expect(store.put('x', parts())).rejects.toMatchObject({ code: 'outside' })
    await vi.waitFor(() => expect(isClosed).toBe(true))
  })

  it('fetches a file once for many callers, and again only when the object changed', async () => {
    const store = await openObjects(through)
    await store.put('x', bytes('first'))
    proxy.meddle(() => 'pass')
    const paths = await Promise.all(Array.from({ length: 10 }, () => store.localFile('x')))
    expect(new Set(paths).size).toBe(1)
    expect(await store.localFile('x')).toBe(paths[0])
    expect(proxy.seen.map(({ status }) => status)).toEqual([200, 304])
    const other = await openObjects(direct)
    await other.put('x', bytes('second'))
    expect(await readFile(await store.localFile('x'), 'utf8')).toBe('second')
    expect(await readFile(paths[0]!, 'utf8')).toBe('first')
  })

  it('asks a server only once per process whether it keeps conditions', async () => {
    await openObjects(through)
    const asked = proxy.seen.length
    await openObjects(through)
    expect([asked, proxy.seen.length]).toEqual([3, 3])
  })

  it('passes over names that are no keys, such as folder markers', async () => {
    const store = await openObjects(direct)
    await store.put('folder/x', bytes('x'))
    const client = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: s3Credentials,
    })
    const prefix = new URL(direct).pathname.slice(1)
    await client.send(
      new PutObjectCommand({ Bucket: 'suite', Key: `${prefix}/folder/`, Body: new Uint8Array() }),
    )
    expect(await keysOf(store)).toEqual(['folder/x'])
  })

  it('refuses a listing that is not in the order of bytes, or never ends', async () => {
    const store = await openObjects(through)
    const prefix = new URL(direct).pathname.slice(1)
    const page = (keys: readonly string[], more: string): string =>
      `<ListBucketResult>${more}${keys.map((key) => `<Contents><Key>${prefix}/${key}</Key><Size>1</Size></Contents>`).join('')}</ListBucketResult>`
    proxy.meddle(() => ({ answer: 200, body: page(['b', 'a'], '<IsTruncated>false</IsTruncated>') }))
    await expect(keysOf(store)).rejects.toMatchObject({ code: 'outside' })
    proxy.meddle(() => ({ answer: 200, body: page(['a'], '<IsTruncated>true</IsTruncated>') }))
    await expect(keysOf(store)).rejects.toMatchObject({ code: 'outside' })
  })

  it('refuses keys that S3 cannot hold or list', async () => {
    const store = await openObjects(direct)
    for (const key of ['x/'.repeat(600).concat('x'), 'a\u0001b', 'line\nbreak', 'a\uffff'])
      await expect(store.put(key, bytes('x'))).rejects.toMatchObject({ code: 'bad-argument' })
    await store.put('a', bytes('x'))
    await expect(store.put('a/b', bytes('x'))).rejects.toMatchObject({ code: 'conflict' })
  })

  describe('with credentials', () => {
    it('that may only read, reads', async () => {
      await (await openObjects(direct)).put('x', bytes('x'))
      const denied = { answer: 403, body: '<Error><Code>AccessDenied</Code><Message>no</Message></Error>' }
      proxy.meddle(({ method }) => (method === 'PUT' ? denied : 'pass'))
      const store = await openObjects(through)
      expect(await keysOf(store)).toEqual(['x'])
      expect(text(await store.get('x'))).toBe('x')
      const error = await thrownBy(store.put('y', bytes('y')))
      expect(error).toMatchObject({ code: 'outside', message: expect.stringContaining('only read') })
      proxy.meddle(() => 'pass')
      expect(await store.put('y', bytes('y'))).toBe(true)
    })

    it.each([
      ['a wrong secret', { AWS_SECRET_ACCESS_KEY: 'pass-word' }, 'AWS_SECRET_ACCESS_KEY'],
      ['an unknown key', { AWS_ACCESS_KEY_ID: 'pass-word' }, 'access key is not known'],
      ['none', { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' }, 'no credentials were found'],
    ])('%s: says so, and holds no secret', async (_, environment, words) => {
      Object.assign(process.env, environment)
      const error = await thrownBy(openObjects(direct))
      expect(error).toMatchObject({ code: 'outside', message: expect.stringContaining(words) })
      const all = JSON.stringify([
        error.message,
        error.cause,
        String(error.cause),
        (error.cause as Error).stack,
      ])
      for (const secret of ['pass-word', s3Credentials.secretAccessKey, 'AWS4-HMAC'])
        expect(all).not.toContain(secret)
    })
  })

  it('finds the server in the environment', async () => {
    process.env.AWS_ENDPOINT_URL_S3 = server.endpoint
    const store = await openObjects(`s3://suite/environment-${count++}`)
    await store.put('x', bytes('x'))
    expect(await keysOf(store)).toEqual(['x'])
    process.env.AWS_ENDPOINT_URL_S3 = server.endpoint.replace('//', '//me:pass-word@')
    const error = await thrownBy(openObjects('s3://suite'))
    expect(error).toMatchObject({ code: 'bad-argument', message: expect.not.stringContaining('pass-word') })
  })

  it('says when nothing answers', async () => {
    const error = await thrownBy(openObjects('s3://suite?endpoint=http://127.0.0.1:1'))
    expect(error).toMatchObject({ code: 'outside', message: expect.stringContaining('nothing answers') })
  })

  it('puts the bucket into the host name when asked to', async () => {
    const lookup = dns.lookup
    vi.spyOn(dns, 'lookup').mockImplementation(((name: string, ...rest: [never, never]) =>
      lookup(name.endsWith('.localhost') ? '127.0.0.1' : name, ...rest)) as typeof dns.lookup)
    const endpoint = proxy.endpoint.replace('127.0.0.1', 'localhost')
    const hosts = new Set<string | undefined>()
    proxy.meddle(({ headers, path }) => {
      hosts.add(headers.host)
      const isWrite = path.includes('condition-')
      return isWrite ? { answer: 403, body: '<Error><Code>AccessDenied</Code></Error>' } : 'pass'
    })
    await openObjects(`s3://suite/x?endpoint=${endpoint}&style=host`)
    expect([...hosts]).toEqual([`suite.${endpoint.slice('http://'.length)}`])
    expect(proxy.seen[0]?.path).toMatch(/^\/x\/[.]tmp\/condition-/)
  })
})

describe.skipIf(!moto.isInstalled())('a server that ignores conditions', () => {
  it('is refused, with nothing left on it', async () => {
    useS3Credentials()
    // moto checks no signatures, so headers can be taken away on the way to it.
    const server = await moto.start()
    const proxy = await startMeddlingProxy(server.endpoint)
    try {
      const url = (await server.bucket('suite')).replace(server.endpoint, proxy.endpoint)
      proxy.meddle(() => ({ without: 'if-none-match' }))
      const error = await thrownBy(openObjects(url))
      expect(error).toMatchObject({ code: 'outside', message: expect.stringContaining('If-None-Match') })
      proxy.meddle(() => 'pass')
      const store = await openObjects(url)
      expect(await keysOf(store)).toEqual([])
      proxy.meddle(({ method }) => (method === 'POST' ? { without: 'if-none-match' } : 'pass'))
      async function* parts(): AsyncIterable<Uint8Array> {
        for (let index = 0; index < 9; index++) yield new Uint8Array(1024 * 1024).fill(index)
      }
      expect(await store.put('x', parts(), { ifAbsent: true })).toBe(true)
      expect(await store.put('x', parts(), { ifAbsent: true })).toBe(false)
    } finally {
      await proxy.stop()
      await server.stop()
    }
  })
})
