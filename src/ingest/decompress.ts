// Decompression of an object: gzip and zstd to plain bytes, keeping everything before the place where the object is damaged.
import type { Transform } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { type Fault, fault } from './fault.ts'

/** How an object is packed. */
export type Packing = 'plain' | 'gzip' | 'zstd'

/** Unpacked bytes; what it returns at the end is the damage that ended it early, if any. */
export type UnpackedBytes = AsyncGenerator<Uint8Array, Fault | undefined>

type Codec = Transform & { readonly bytesWritten: number }
type Bytes = Iterable<Uint8Array> | AsyncIterable<Uint8Array>

const sliceBytes = 16_384
/** Compressed bytes kept, so that a damaged object can be read again up to the very byte. */
const heldLimit = 33_554_432
/** Longest magic number. */
const magicBytes = 4
const byteOrderMark = [0xef, 0xbb, 0xbf]

/**
 * Yields the plain bytes of an object and returns undefined, or the fault that ended it early: `truncated` when the object stops in the middle,
 * `unreadable` when it is damaged. The first bytes decide; the name only says what was to be expected. Several gzip members or
 * zstd frames in a row are one text. All that can be unpacked before the damage is yielded; of a gzip over 32 MB compressed, all but the last few
 * kilobytes of it. An error of `chunks` itself is passed on.
 */
export async function* decompress(fileName: string, chunks: AsyncIterable<Uint8Array>): UnpackedBytes {
  const { head, whole } = await peek(chunks)
  const packing = packingOf(head)
  const expected = packingOfName(fileName)
  if (packing === 'plain' && expected !== 'plain' && !looksLikeText(head)) {
    return head.length === 0
      ? fault('truncated', `an empty file is no ${expected}`)
      : fault('unreadable', `the file does not begin as a ${expected} does`)
  }
  if (packing === 'plain') {
    yield* whole
    return undefined
  }
  return yield* unpack(packing, whole)
}

/** The packing that the first bytes (at least 4, where there are as many) show. */
export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  const zstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
  return zstd ? 'zstd' : 'plain'
}

/** Looks at the first bytes: `head` holds at least 4 of them, where there are as many; `whole` are all bytes, read on from there. */
export async function peek(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ readonly head: Uint8Array; readonly whole: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]()
  let head: Uint8Array = new Uint8Array()
  while (head.length < magicBytes) {
    const next = await iterator.next()
    if (next.done) break
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value])
  }
  return { head, whole: resume(head, iterator) }
}

async function* resume(head: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (head.length > 0) yield head
  yield* { [Symbol.asyncIterator]: () => iterator }
}

/** Looks at the first character of text that is no white space and no byte order mark; '' when there is none. `whole` are all bytes again. */
export async function peekCharacter(
  bytes: UnpackedBytes,
): Promise<{ readonly first: string; readonly whole: UnpackedBytes }> {
  const seen: Uint8Array[] = []
  for (let next = await bytes.next(); ; next = await bytes.next()) {
    if (next.done) return { first: '', whole: replay(seen, next.value) }
    seen.push(next.value)
    const code = next.value.find((byte) => byte > 32 && !byteOrderMark.includes(byte))
    if (code !== undefined) return { first: String.fromCharCode(code), whole: replay(seen, bytes) }
  }
}

async function* replay(seen: readonly Uint8Array[], rest: UnpackedBytes | Fault | undefined): UnpackedBytes {
  yield* seen
  return rest && 'next' in rest ? yield* rest : rest
}

/** A file name without the ending of its packing, in lower case: `A.NDJSON.gz` -> `a.ndjson`. */
export function unpackedName(fileName: string): string {
  return fileName.toLowerCase().replace(/\.(gz|gzip|zst|zstd)$/, '')
}

function packingOfName(fileName: string): Packing {
  if (/\.(gz|gzip)$/i.test(fileName)) return 'gzip'
  return /\.(zst|zstd)$/i.test(fileName) ? 'zstd' : 'plain'
}

/** Some stores unpack on the way: text under a packed name is welcome. */
function looksLikeText(head: Uint8Array): boolean {
  const first = head[0] ?? 0
  return [0x7b, 0x5b, 0x20, 0x0a, 0x0d, 0x09, 0xef].includes(first)
}

async function* unpack(packing: 'gzip' | 'zstd', chunks: AsyncIterable<Uint8Array>): UnpackedBytes {
  const run = new Unpacking(packing)
  const held: Uint8Array[] = []
  let heldBytes = 0
  let given = 0
  for await (const slice of slices(chunks, sliceBytes)) {
    heldBytes += slice.length
    if (heldBytes <= heldLimit) held.push(slice)
    for (const bytes of await run.write(slice)) {
      given += bytes.length
      yield bytes
    }
    if (run.failed) break
  }
  const damaged = run.failed
  for (const bytes of await run.end()) {
    given += bytes.length
    yield bytes
  }
  if (damaged && heldBytes <= heldLimit) yield* salvage(packing, held, given)
  return run.failed ? faultOf(run.failed, packing) : undefined
}

/** Unpacks damaged bytes again, the last slice byte by byte, and yields what the first run did not get to give. */
async function* salvage(
  packing: 'gzip' | 'zstd',
  held: Uint8Array[],
  given: number,
): AsyncGenerator<Uint8Array> {
  const run = new Unpacking(packing)
  const last = held.at(-1) ?? new Uint8Array()
  let seen = 0
  for await (const slice of [...held.slice(0, -1), ...Array.from(last, (byte) => Uint8Array.of(byte))]) {
    for (const bytes of await run.write(slice)) {
      const before = seen
      seen += bytes.length
      if (seen > given) yield bytes.subarray(Math.max(0, given - before))
    }
    if (run.failed) break
  }
  await run.end()
}

/** A codec that answers each write with what came out of it. Streams of Node drop what was buffered when they fail, and stop behind the first zstd frame. */
class Unpacking {
  readonly #packing: 'gzip' | 'zstd'
  #codec: Codec
  #closed: Promise<void>
  #given = 0
  #ended = false
  #out: Uint8Array[] = []
  failed: (Error & { code?: string }) | undefined

  constructor(packing: 'gzip' | 'zstd') {
    this.#packing = packing
    this.#codec = createCodec(packing)
    this.#closed = this.#listen()
  }

  /** Unpacks a slice; after a failure there is nothing more. */
  async write(slice: Uint8Array): Promise<Uint8Array[]> {
    let rest = slice
    while (rest.length > 0 && !this.failed) {
      if (this.#ended) this.#restart()
      this.#given += rest.length
      const written = rest
      await Promise.race([this.#closed, new Promise((done) => this.#codec.write(written, done))])
      const left = this.#ended ? this.#given - this.#codec.bytesWritten : 0
      rest = left > 0 ? rest.subarray(rest.length - left) : new Uint8Array()
      if (this.#packing === 'gzip') break
    }
    return this.#out.splice(0)
  }

  /** Says that there are no more bytes; a text that is not complete then fails. */
  async end(): Promise<Uint8Array[]> {
    if (!this.failed && !this.#ended) {
      this.#codec.end()
      await this.#closed
    }
    this.#codec.destroy()
    return this.#out.splice(0)
  }

  #restart(): void {
    this.#codec.destroy()
    this.#codec = createCodec(this.#packing)
    this.#given = 0
    this.#ended = false
    this.#closed = this.#listen()
  }

  #listen(): Promise<void> {
    const codec = this.#codec
    codec.on('data', (bytes: Uint8Array) => this.#out.push(bytes))
    return new Promise((resolve) => {
      codec.once('error', (error) => {
        this.failed = error
        resolve()
      })
      codec.once('end', () => {
        this.#ended = true
        resolve()
      })
    })
  }
}

const createCodec = (packing: 'gzip' | 'zstd'): Codec =>
  packing === 'gzip' ? createGunzip({ chunkSize: 65_536 }) : createZstdDecompress({ chunkSize: 65_536 })

async function* slices(chunks: Bytes, size: number): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let begin = 0; begin < chunk.length; begin += size) yield chunk.subarray(begin, begin + size)
  }
}

function faultOf(error: Error & { code?: string }, packing: string): Fault {
  return error.code === 'Z_BUF_ERROR'
    ? fault('truncated', `the ${packing} file ends in the middle`)
    : fault('unreadable', `the ${packing} file is damaged: ${error.message}`)
}
