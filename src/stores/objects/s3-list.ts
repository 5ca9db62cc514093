// The keys of a bucket, page by page, in the order of their bytes.
import { type _Object, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { TastemakerError } from '../../errors.ts'
import { checkPrefix, compareBytes, isKey } from './object-key.ts'
import type { ObjectInfo } from './object-store.ts'
import type { S3Access } from './s3-client.ts'
import { s3Error } from './s3-error.ts'

/**
 * Objects below a prefix. Names that cannot be keys of an object store are passed over: the `folder/` markers that
 * consoles make, names with `//`. Throws `outside` for a server that does not list in the order of bytes.
 */
export async function* listS3(access: S3Access, prefix: string): AsyncIterable<ObjectInfo> {
  checkPrefix(prefix)
  const root = access.place.prefix
  let last: string | undefined
  for await (const page of pages(access, root + prefix)) {
    for (const { Key = '', Size = 0, ETag = '' } of page) {
      const key = Key.slice(root.length)
      if (!isKey(key)) continue
      if (last !== undefined && compareBytes(last, key) >= 0) throw outOfOrder(access)
      last = key
      yield { key, sizeBytes: Size, tag: ETag }
    }
  }
}

/** Keys are asked for percent-encoded, since XML cannot hold all of them; a server that does not know of it sends them as they are. */
async function* pages(access: S3Access, prefix: string): AsyncIterable<readonly _Object[]> {
  const request = { Bucket: access.place.bucket, Prefix: prefix, EncodingType: 'url' } as const
  for (let token: string | undefined; ; ) {
    const command = new ListObjectsV2Command({ ...request, ...(token && { ContinuationToken: token }) })
    const page = await access.client.send(command).catch((error: unknown) => {
      throw s3Error(error, 'Could not list the object store', access)
    })
    const objects = page.Contents ?? []
    yield page.EncodingType === 'url' ? objects.map(decoded) : objects
    if (!page.IsTruncated) return
    if (!page.NextContinuationToken || page.NextContinuationToken === token) throw outOfOrder(access)
    token = page.NextContinuationToken
  }
}

/** AWS writes a space as `+` and a plus as `%2B`. */
const decoded = (object: _Object): _Object => ({
  ...object,
  Key: decodeURIComponent((object.Key ?? '').replaceAll('+', ' ')),
})

const outOfOrder = ({ place }: S3Access): TastemakerError =>
  new TastemakerError(
    'outside',
    `The server of bucket ${place.bucket} does not list keys page by page in the order of their bytes, as S3 promises for all but directory buckets: use another server, or another kind of bucket.`,
  )
