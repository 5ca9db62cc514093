// Reads a request's body as text, up to a limit, unpacked where it came packed.
import { TastemakerError } from '../errors.ts'
import { unpack } from './unpack.ts'

/** Longest body read, in bytes, packed and unpacked alike. */
export const bodyLimitBytes = 10 * 1024 * 1024

/**
 * The body as text. `Content-Encoding` may be gzip or zstd. Throws `too-large` over the limit, without reading or unpacking
 * further, `unsupported` for another encoding, and `bad-input` for a body that is damaged or not UTF-8.
 */
export async function readBody(request: Request, limitBytes = bodyLimitBytes): Promise<string> {
  const stated = statedLength(request)
  if (stated !== undefined && stated > limitBytes) throw tooLarge(limitBytes)
  const packed =
    stated === undefined ? await readStream(request, limitBytes) : new Uint8Array(await request.arrayBuffer())
  if (packed.byteLength > limitBytes) throw tooLarge(limitBytes)
  const bytes = await unpack(packed, request.headers.get('content-encoding') ?? '', limitBytes)
  try {
    return decoder.decode(bytes)
  } catch (cause) {
    throw new TastemakerError('bad-input', 'The body is not UTF-8.', { cause })
  }
}

/** The length that the request states, in bytes; undefined for a body sent in chunks. */
export function statedLength(request: Request): number | undefined {
  const stated = request.headers.get('content-length')
  return stated === null ? undefined : Number(stated)
}

const decoder = new TextDecoder('utf-8', { fatal: true })

async function readStream(request: Request, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength
    if (length > limitBytes) throw tooLarge(limitBytes)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const tooLarge = (limitBytes: number): TastemakerError =>
  new TastemakerError('too-large', `The body is over ${limitBytes / 1024 / 1024} MiB; send it in parts.`)
