// What is left of a zip archive whose index is gone: each file found by the header that stands before it (APPNOTE 4.3.7).
import { createInflateRaw } from 'node:zlib'
import type { UnpackedBytes } from '../decompress.ts'
import { type Fault, fault } from '../fault.ts'

/** One file and what of it can still be unpacked. */
export type SalvagedEntry = { readonly name: string; readonly bytes: UnpackedBytes }

const signature = Buffer.from('PK\x03\x04', 'latin1')
const headerBytes = 30
const encrypted = 1
const sizeFollows = 8
const sliceBytes = 16_384

/** Yields the files whose headers are whole, in their order; at most `most` of them. */
export function* salvageEntries(archive: Buffer, most: number): Generator<SalvagedEntry> {
  let found = 0
  for (let at = archive.indexOf(signature); at >= 0 && found < most; ) {
    const entry = entryAt(archive, at)
    if (!entry) return
    found += 1
    const next = archive.indexOf(signature, entry.knownEnd)
    yield {
      name: entry.name,
      bytes: unpack(archive.subarray(entry.begin, next < 0 ? archive.length : next), entry),
    }
    at = next
  }
}

type Header = {
  readonly name: string
  readonly flags: number
  readonly method: number
  readonly begin: number
  /** Packed bytes; undefined where the size stands behind the file. */
  readonly size: number | undefined
  /** Where the file ends at the earliest. */
  readonly knownEnd: number
}

function entryAt(archive: Buffer, at: number): Header | undefined {
  if (at + headerBytes > archive.length) return undefined
  const flags = archive.readUInt16LE(at + 6)
  const nameLength = archive.readUInt16LE(at + 26)
  const begin = at + headerBytes + nameLength + archive.readUInt16LE(at + 28)
  if (begin > archive.length) return undefined
  const size = flags & sizeFollows ? undefined : archive.readUInt32LE(at + 18)
  return {
    name: archive.toString('utf8', at + headerBytes, at + headerBytes + nameLength),
    flags,
    method: archive.readUInt16LE(at + 8),
    begin,
    size,
    knownEnd: Math.min(archive.length, begin + (size ?? 0)),
  }
}

function unpack(rest: Buffer, { flags, method, size }: Header): UnpackedBytes {
  const cut = size !== undefined && rest.length < size
  const packed = size === undefined ? rest : rest.subarray(0, size)
  if (flags & encrypted || (method !== 0 && method !== 8))
    return ended([], fault('unreadable', 'the file is encrypted or packed in a way that is not known'))
  const end = cut ? fault('truncated', 'the archive ends in the middle of the file') : undefined
  return method === 0 ? ended([packed], end) : inflate(packed, end)
}

async function* ended(parts: readonly Uint8Array[], end: Fault | undefined): UnpackedBytes {
  yield* parts
  return end
}

/** Inflates as far as it goes; what follows the end of the packed text is no part of it. */
async function* inflate(packed: Buffer, end: Fault | undefined): UnpackedBytes {
  const codec = createInflateRaw()
  const feed = async (): Promise<void> => {
    for (let at = 0; at < packed.length && !codec.destroyed; at += sliceBytes)
      if (!codec.write(packed.subarray(at, at + sliceBytes)))
        await new Promise((done) => codec.once('drain', done).once('close', done))
    codec.end()
  }
  const fed = feed()
  try {
    for await (const bytes of codec) yield bytes as Uint8Array
    return end
  } catch {
    return end ?? fault('truncated', 'the archive ends in the middle of the file')
  } finally {
    codec.destroy()
    await fed
  }
}
