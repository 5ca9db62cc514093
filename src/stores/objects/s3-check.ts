// What is asked of an S3 server before it is trusted: it must keep create-only writes.
import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { TastemakerError } from '../../errors.ts'
import { reservedPart } from './object-key.ts'
import type { S3Access } from './s3-client.ts'
import { s3Error, s3ErrorName, s3Status } from './s3-error.ts'

/** What the credentials at a place allow. */
export type Permission = 'writable' | 'read-only'

/**
 * Writes a small object twice with `If-None-Match: *` and removes it; the second write must be refused. Once per place and process.
 * Throws `outside` for a server that ignores conditions, and for one that cannot be reached or denies.
 * @returns `read-only` when these credentials may not write; that is asked again the next time
 */
export const checkConditions = remembered<Permission>(
  async (access) => {
    const at = probeOf(access)
    const write = () => access.client.send(new PutObjectCommand({ ...at, Body: 'x', IfNoneMatch: '*' }))
    try {
      await write()
    } catch (error) {
      if (s3ErrorName(error) === 'AccessDenied') return 'read-only'
      throw error
    }
    if (await isRefused(write, access, at)) return 'writable'
    throw ignoresConditions(access)
  },
  (permission) => permission === 'writable',
)

/**
 * Says whether the server also keeps `If-None-Match: *` when an upload in parts is completed: Ceph 16 does not, and
 * says nothing. Asked as above, once per place and process.
 */
export const keepsConditionOnParts = remembered<boolean>(
  async (access) => {
    const at = probeOf(access)
    await access.client.send(new PutObjectCommand({ ...at, Body: 'x' }))
    return isRefused(() => writeInParts(access, at), access, at)
  },
  () => true,
)

type Probe = { readonly Bucket: string; readonly Key: string }

const probeOf = ({ place }: S3Access): Probe => ({
  Bucket: place.bucket,
  Key: `${place.prefix}${reservedPart}/condition-${randomUUID()}`,
})

/** Asks once per place; an answer that `isKept` refuses, and an error, are not remembered. */
function remembered<T>(
  ask: (access: S3Access) => Promise<T>,
  isKept: (answer: T) => boolean,
): (access: S3Access) => Promise<T> {
  const answers = new Map<string, Promise<T>>()
  return (access) => {
    const name = JSON.stringify([access.endpoint, access.place.bucket, access.place.prefix])
    const known = answers.get(name)
    if (known) return known
    const asked = ask(access).catch((error: unknown) => {
      throw s3Error(error, 'Could not try out the object store', access)
    })
    const forget = () => answers.delete(name)
    answers.set(name, asked)
    asked.then((answer) => isKept(answer) || forget(), forget)
    return asked
  }
}

/** Tries a write that must not happen, then removes the object. */
async function isRefused(write: () => Promise<unknown>, { client }: S3Access, at: Probe): Promise<boolean> {
  const refusal = await write().then(
    () => undefined,
    (error: unknown) => error,
  )
  await client.send(new DeleteObjectCommand(at))
  if (refusal !== undefined && s3Status(refusal) !== 412) throw refusal
  return refusal !== undefined
}

async function writeInParts({ client }: S3Access, at: Probe): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(at))
  try {
    const part = { PartNumber: 1 }
    const { ETag } = await client.send(new UploadPartCommand({ ...at, ...part, UploadId, Body: 'y' }))
    const MultipartUpload = { Parts: [{ ...part, ETag }] }
    await client.send(
      new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload, IfNoneMatch: '*' }),
    )
  } catch (error) {
    await client.send(new AbortMultipartUploadCommand({ ...at, UploadId }))
    throw error
  }
}

function ignoresConditions({ place, endpoint }: S3Access): TastemakerError {
  const where = `bucket ${place.bucket}${endpoint ? ` at ${endpoint}` : ''}`
  return new TastemakerError(
    'outside',
    `The server of ${where} ignores "If-None-Match: *" and overwrites what must be written only once, so nothing can be published safely on it. Use a server that answers 412 (AWS, Ceph, versitygw), or a newer version of this one; a proxy on the way must pass that header on.`,
  )
}
