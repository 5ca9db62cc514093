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

/** Packed bytes unpacked in one go: each go costs a thread switch. */
const sliceBytes = 131_072
/** Plain bytes told in one go, where there are as many. */
const chunkBytes = 524_288
/** Where an object is damaged, its last slice is cut so fine before it is read byte by byte. */
const fineBytes = 512
const heldLimit = 33_554_432
/** Longest magic number. */
const magicBytes = 4
const byteOrderMark = [0xef, 0xbb, 0xbf]

/**
 * Yields the plain bytes of an object and returns undefined, or the fault that ended it early: `truncated` when the object stops in the middle,
 * `unreadable` when it is damaged. The first bytes decide; the name only says what was to be expected. Several gzip members or
 * zstd frames in a row are one text. All that can be unpacked before the damage is yielded; of an object over 32 MB compressed whose `chunks` can
 * be iterated only once, all but the last megabyte of it. An error of `chunks` itself is passed on.
 * @param mostHeld compressed bytes kept in memory to be read again where chunks cannot
 */
export async function* decompress(
  fileName: string,
  chunks: AsyncIterable<Uint8Array>,
  mostHeld = heldLimit,
): UnpackedBytes {
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
  return yield* unpack(packing, whole, mostHeld)
}

/** The packing that the first bytes (at least 4, where there are as many) show. */
export function packingOf(head: Uint8Array): Packing {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip'
  const zstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd
  return zstd ? 'zstd' : 'plain'
}

/**
 * Looks at the first bytes: `head` holds at least 4 of them, where there are as many; `whole` are all bytes, read on from there. What can be
 * iterated again, such as a file, can still be.
 */
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
  let resumed = false
  const whole = {
    [Symbol.asyncIterator]() {
      if (resumed) return chunks[Symbol.asyncIterator]()
      resumed = true
      return resume(head, iterator)
    },
  }
  return { head, whole }
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

async function* unpack(
  packing: 'gzip' | 'zstd',
  chunks: AsyncIterable<Uint8Array>,
  mostHeld: number,
): UnpackedBytes {
  const run = new Unpacking(packing)
  const held: Uint8Array[] = []
  let failure: Failure = { from: 0, end: 0, given: 0 }
  for await (const slice of slices(chunks, sliceBytes)) {
    failure = { ...failure, from: failure.end, end: failure.end + slice.length }
    if (failure.end <= mostHeld) held.push(slice)
    else held.length = 0
    for (const bytes of await run.write(slice)) {
      failure = { ...failure, given: failure.given + bytes.length }
      yield bytes
    }
    if (run.failed) break
  }
  const damaged = run.failed
  for (const bytes of await run.end()) {
    failure = { ...failure, given: failure.given + bytes.length }
    yield bytes
  }
  for (const step of damaged ? [fineBytes, 1] : [])
    failure = yield* salvage(packing, failure.end <= mostHeld ? held : chunks, { ...failure, step })
  return run.failed ? faultOf(run.failed, packing) : undefined
}

/** Within which compressed bytes a run failed, and how many plain ones it had given. */
type Failure = { readonly from: number; readonly end: number; readonly given: number }

/** Unpacks damaged bytes again, in finer steps where the last run failed, yields what that did not get to give, and says where this one failed. */
async function* salvage(
  packing: 'gzip' | 'zstd',
  again: Bytes,
  { from, end, given, step }: Failure & { readonly step: number },
): AsyncGenerator<Uint8Array, Failure> {
  const run = new Unpacking(packing)
  let seen = 0
  let at = 0
  let part: Uint8Array = new Uint8Array()
  for await (part of partsUpTo(again, { from, end, step })) {
    for (const bytes of await run.write(part)) {
      const before = seen
      seen += bytes.length
      if (seen > given) yield bytes.subarray(Math.max(0, given - before))
    }
    if (run.failed) break
    at += part.length
  }
  await run.end()
  return { from: at, end: at + part.length, given: Math.max(seen, given) }
}

/** Bytes in slices up to a place, in finer steps from there to the end. */
async function* partsUpTo(
  all: Bytes,
  { from, end, step }: Omit<Failure, 'given'> & { readonly step: number },
): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const slice of slices(all, sliceBytes)) {
    const before = Math.max(0, Math.min(slice.length, from - at))
    if (before > 0) yield slice.subarray(0, before)
    const last = Math.min(slice.length, end - at)
    for (let begin = before; begin < last; begin += step)
      yield slice.subarray(begin, Math.min(last, begin + step))
    at += slice.length
    if (at >= end) return
  }
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
  packing === 'gzip'
    ? createGunzip({ chunkSize: chunkBytes })
    : createZstdDecompress({ chunkSize: chunkBytes })

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
