// Unpacks a request's body by its Content-Encoding, never to more than a limit.
import { promisify } from 'node:util'
import { gunzip, gunzipSync, zstdDecompress } from 'node:zlib'
import { TastemakerError } from '../errors.ts'

/** What a body may be packed with, as `Accept-Encoding` says it. */
export const encodings = 'gzip, zstd'

/** Packed bodies up to this size take less time here than on the way to another thread. */
const smallBytes = 16 * 1024

/**
 * The plain bytes. Throws `unsupported` for an encoding that is not read, `too-large` as soon as more than `limitBytes` come
 * out, and `bad-input` for bytes that are damaged, incomplete, or followed by others.
 */
export async function unpack(bytes: Uint8Array, encoding: string, limitBytes: number): Promise<Uint8Array> {
  const name = encoding.trim().toLowerCase()
  if (name === '' || name === 'identity') return bytes
  const unpacker = unpackers[name]
  if (!unpacker)
    throw new TastemakerError(
      'unsupported',
      `Content-Encoding ${JSON.stringify(name.slice(0, 40))} is not read here; send the body as it is, or one of: ${encodings}.`,
    )
  try {
    return await unpacker(bytes, limitBytes)
  } catch (cause) {
    if (cause instanceof TastemakerError) throw cause
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new TastemakerError(
        'too-large',
        `The body unpacks to over ${limitBytes / 1024 / 1024} MiB; send it in parts.`,
      )
    throw new TastemakerError('bad-input', `The body is not whole ${name}.`, { cause })
  }
}

type Unpacker = (bytes: Uint8Array, limitBytes: number) => Promise<Uint8Array>
type WithInfo = { readonly buffer: Uint8Array; readonly engine: { readonly bytesWritten: number } }

const gunzipOff = promisify(gunzip)

const fromGzip: Unpacker = async (bytes, maxOutputLength) =>
  bytes.byteLength <= smallBytes
    ? gunzipSync(bytes, { maxOutputLength })
    : await gunzipOff(bytes, { maxOutputLength })

/** The codec stops behind the first frame; what follows must not vanish unseen. */
const fromZstd: Unpacker = async (bytes, maxOutputLength) => {
  const unpacked = await new Promise<WithInfo>((resolve, reject) => {
    zstdDecompress(bytes, { maxOutputLength, info: true }, (error, result) =>
      error ? reject(error) : resolve(result as unknown as WithInfo),
    )
  })
  if (unpacked.engine.bytesWritten < bytes.byteLength)
    throw new TastemakerError('bad-input', 'The body holds more than one zstd frame; send one.')
  return unpacked.buffer
}

const unpackers: Readonly<Record<string, Unpacker | undefined>> = {
  gzip: fromGzip,
  'x-gzip': fromGzip,
  zstd: fromZstd,
}
