// Objects in a bucket of S3, AWS's or any server's that keeps create-only writes.
import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { DeleteObjectCommand, GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { TastemakerError } from '../../errors.ts'
import { createFetchedFiles, type Fetched } from './fetched-files.ts'
import { checkKey, reservedPart } from './object-key.ts'
import type { ObjectStore } from './object-store.ts'
import { makeProcessFolder } from './process-folder.ts'
import { checkConditions } from './s3-check.ts'
import { connectS3, type S3Access } from './s3-client.ts'
import { s3Error, s3ErrorName, s3Status } from './s3-error.ts'
import { listS3 } from './s3-list.ts'
import { parseS3Place } from './s3-place.ts'
import { putS3 } from './s3-put.ts'

const longestKeyBytes = 1024
/** Characters that XML, in which S3 lists keys, cannot hold or changes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const unlistable = /[\u0000-\u001f\ufffe\uffff]/
const readTries = 3
const cacheBytes = 16 * 1024 ** 3
const cacheHoldMs = 6 * 60 * 60 * 1000

/**
 * Opens `s3://BUCKET/PREFIX?endpoint=...&region=...&style=path|host` as an object store. Any number of processes may share it.
 * The server is asked once per process whether it keeps create-only writes; credentials that may only read are fine until something is put.
 * Throws `bad-argument` for a URL that cannot be used, `outside` for a server that cannot be reached, denies, or ignores conditions.
 */
export async function openS3Objects(url: string): Promise<ObjectStore> {
  const access = connectS3(parseS3Place(url))
  await checkConditions(access)
  const files = createFetchedFiles({
    makeFolder: makeProcessFolder,
    fetch: (key, path, version) => fetchTo(path, access, { key, version }),
    maxBytes: cacheBytes,
    holdMs: cacheHoldMs,
    now: Date.now,
  })
  return {
    async put(key, body, options = {}) {
      const whole = wholeKey(access, key)
      try {
        await refuseReadOnly(access)
        return await putS3(access, whole, { body, ifAbsent: options.ifAbsent ?? false })
      } catch (error) {
        throw s3Error(error, `Could not write the object ${key}`, access)
      } finally {
        files.changed(key)
      }
    },
    get: (key) =>
      read({
        access,
        key,
        consume: async ({ Body }) => (await Body?.transformToByteArray()) ?? new Uint8Array(),
      }),
    list: (prefix) => listS3(access, prefix),
    async delete(key) {
      const Key = wholeKey(access, key)
      try {
        await access.client.send(new DeleteObjectCommand({ Bucket: access.place.bucket, Key }))
      } catch (error) {
        throw s3Error(error, `Could not delete the object ${key}`, access)
      } finally {
        files.changed(key)
      }
    },
    async localFile(key) {
      checkKey(key)
      return files.file(key)
    },
  }
}

async function refuseReadOnly(access: S3Access): Promise<void> {
  if ((await checkConditions(access)) === 'writable') return
  throw new TastemakerError(
    'outside',
    `These credentials may only read bucket ${access.place.bucket}: allow s3:PutObject and s3:DeleteObject below ${JSON.stringify(access.place.prefix)}, ${reservedPart}/ included.`,
  )
}

/** The key in the bucket; throws `bad-argument` for one that no store, or S3, cannot hold. */
function wholeKey({ place }: S3Access, key: string): string {
  checkKey(key)
  const whole = place.prefix + key
  if (Buffer.byteLength(whole) <= longestKeyBytes && !unlistable.test(key)) return whole
  throw new TastemakerError(
    'bad-argument',
    `The key ${JSON.stringify(key.slice(0, 60))} cannot be stored on S3: it takes ${longestKeyBytes} bytes, prefix included, without control characters.`,
  )
}

type Reading<T> = {
  readonly access: S3Access
  readonly key: string
  /** A version that need not be sent again, and what to answer then. */
  readonly known?: { readonly version: string; readonly answer: T } | undefined
  readonly consume: (answer: GetObjectCommandOutput) => Promise<T>
}

/** Reads an object; a body that breaks off is read again from its start. */
async function read<T>({ access, key, known, consume }: Reading<T>): Promise<T> {
  const at = { Bucket: access.place.bucket, Key: wholeKey(access, key) }
  try {
    for (let attempt = 1; ; attempt++) {
      const answer = await access.client.send(
        new GetObjectCommand({ ...at, ...(known && { IfNoneMatch: known.version }) }),
      )
      try {
        return await consume(answer)
      } catch (error) {
        if (attempt === readTries) throw error
      }
    }
  } catch (error) {
    if (known && s3Status(error) === 304) return known.answer
    if (s3ErrorName(error) === 'NoSuchKey')
      throw new TastemakerError('not-found', `There is no object ${key}.`)
    throw s3Error(error, `Could not read the object ${key}`, access)
  }
}

type Wanted = { readonly key: string; readonly version: string | undefined }

function fetchTo(path: string, access: S3Access, { key, version }: Wanted): Promise<Fetched> {
  const known = version === undefined ? undefined : { version, answer: 'unchanged' as const }
  const consume = async ({ Body, ETag = '' }: GetObjectCommandOutput): Promise<Fetched> => {
    const file = createWriteStream(path)
    await pipeline(Body as Readable, file)
    return { version: ETag, sizeBytes: file.bytesWritten }
  }
  return read({ access, key, known, consume })
}
