// Writing an object to S3: in one request or in parts, and create-only also when an answer was lost.
import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import { HeadObjectCommand } from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { TastemakerError } from '../../errors.ts'
import type { ObjectBody } from './object-store.ts'
import { keepsConditionOnParts } from './s3-check.ts'
import type { S3Access } from './s3-client.ts'
import { s3ErrorName, s3Status } from './s3-error.ts'

/** More than this goes up in parts of this size, four at a time; S3 takes 10,000 parts, so about 78 GiB. */
export const partBytes = 8 * 1024 * 1024

const gatheredBytes = 512 * 1024 * 1024
const conflictTries = 8

/** Name of the metadata entry that tells one write from another. */
const writeMark = 'tastemaker-write'

/**
 * Stores an object under a whole key (prefix and all); errors are the client's own, or the source's.
 * A failed upload is aborted: it leaves no object and no parts.
 * @returns false when `ifAbsent` and there was an object already
 */
export async function putS3(
  access: S3Access,
  key: string,
  put: { readonly body: ObjectBody; readonly ifAbsent: boolean },
): Promise<boolean> {
  const write = randomUUID()
  for (let attempt = 1; ; attempt++) {
    try {
      await upload(access, key, { ...put, write })
      return true
    } catch (error) {
      const outcome = await outcomeOf(error, { access, key, write })
      if (outcome === 'written') return true
      if (outcome === 'taken' && put.ifAbsent) return false
      const again = outcome === 'contended' && put.body instanceof Uint8Array && attempt < conflictTries
      if (!again) throw error
      await pause(Math.random() * 50 * 2 ** attempt)
    }
  }
}

type Write = { readonly body: ObjectBody; readonly ifAbsent: boolean; readonly write: string }

async function upload(access: S3Access, key: string, { body, ifAbsent, write }: Write): Promise<void> {
  const checked = ifAbsent ? await conditional(access, body) : body
  const source = checked instanceof Uint8Array ? checked : Readable.from(copied(checked))
  const isWhole = ifAbsent && source instanceof Uint8Array
  const params = {
    Bucket: access.place.bucket,
    Key: key,
    Body: source,
    Metadata: { [writeMark]: write },
    ...(ifAbsent && { IfNoneMatch: '*' }),
  }
  const partSize = isWhole ? Math.max(partBytes, source.length) : partBytes
  try {
    await new Upload({ client: access.client, params, partSize, queueSize: 4 }).done()
  } finally {
    // The uploader leaves the rest of a stream unread when it fails.
    if (source instanceof Readable) source.destroy()
  }
}

/**
 * Bytes go up create-only in one request, which every server here does right. A stream goes in parts where the server
 * keeps the condition on those too, else it is gathered first.
 */
async function conditional(access: S3Access, body: ObjectBody): Promise<ObjectBody> {
  if (body instanceof Uint8Array || (await keepsConditionOnParts(access))) return body
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > gatheredBytes)
      throw new TastemakerError(
        'too-large',
        `This server ignores conditions on uploads in parts, so a stream that is to be created only once may have ${gatheredBytes} bytes on it: use a newer server.`,
      )
    chunks.push(chunk.slice())
  }
  return Buffer.concat(chunks)
}

/** Copies, since the stream reads ahead and its source may use a chunk's memory again. */
async function* copied(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) yield chunk.slice()
}

type Failed = { readonly access: S3Access; readonly key: string; readonly write: string }

/**
 * What a failed write came to. When the answer to a write is lost, its repetition meets the object (412) or an upload
 * that is complete (404 `NoSuchUpload`), both of our own making: the mark on the object tells.
 */
async function outcomeOf(
  error: unknown,
  failed: Failed,
): Promise<'written' | 'taken' | 'contended' | 'failed'> {
  const isRefused = s3Status(error) === 412
  const isContended = ['ConditionalRequestConflict', 'OperationAborted'].includes(s3ErrorName(error))
  if (!isRefused && !isContended && s3ErrorName(error) !== 'NoSuchUpload') return 'failed'
  const found = await markOf(failed)
  if (found === failed.write) return 'written'
  if (isContended) return found === undefined ? 'contended' : 'taken'
  return isRefused ? 'taken' : 'failed'
}

/** The mark on an object, empty for an object without; undefined when there is no object. */
async function markOf({ access, key }: Failed): Promise<string | undefined> {
  try {
    const head = await access.client.send(new HeadObjectCommand({ Bucket: access.place.bucket, Key: key }))
    return head.Metadata?.[writeMark] ?? ''
  } catch (error) {
    if (s3Status(error) === 404) return undefined
    throw error
  }
}
