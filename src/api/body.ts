// Reads a request's body as text, up to a limit.
import { TastemakerError } from '../errors.ts'

/** Longest body read, in bytes. */
export const bodyLimitBytes = 10 * 1024 * 1024

/**
 * The body as text. Throws `too-large` over the limit, without reading further, and `bad-input` for a body that is
 * compressed or not UTF-8.
 */
export async function readBody(request: Request, limitBytes = bodyLimitBytes): Promise<string> {
  const encoding = request.headers.get('content-encoding') ?? 'identity'
  if (encoding !== 'identity')
    throw new TastemakerError('bad-input', 'The body is compressed; send it as it is.')
  const stated = request.headers.get('content-length')
  if (stated !== null && Number(stated) > limitBytes) throw tooLarge(limitBytes)
  const bytes = stated === null ? await readStream(request, limitBytes) : await request.arrayBuffer()
  if (bytes.byteLength > limitBytes) throw tooLarge(limitBytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new TastemakerError('bad-input', 'The body is not UTF-8.', { cause })
  }
}

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
