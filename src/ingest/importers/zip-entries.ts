// Files of a zip archive, one after another, within limits that a crafted archive cannot get past.
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import type { UnpackedBytes } from '../decompress.ts'
import { type Fault, fault } from '../fault.ts'

/** One file of an archive. */
export type ZipEntry = { readonly name: string; readonly bytes: UnpackedBytes }

const mostFiles = 500
const mostBytes = 500_000_000

/**
 * Yields the files that are `wanted`, in the archive's order; read each before asking for the next. Ends with a fault where the archive
 * cannot be read any further: no zip, over 500 MB packed, over 500 files. A file over 500 MB is damaged at its end.
 * The archive is held in memory while it is read, since its index stands at its end.
 */
export async function* zipEntries(
  chunks: AsyncIterable<Uint8Array>,
  wanted: (name: string) => boolean,
): AsyncGenerator<ZipEntry, Fault | undefined> {
  const bytes = await collect(chunks)
  if (!bytes) return fault('too-long', `the archive is over ${mostBytes} bytes`)
  let zip: ZipFile | undefined
  try {
    zip = await fromBufferPromise(bytes, { lazyEntries: true })
    if (zip.entryCount > mostFiles)
      return fault('too-long', `the archive has ${zip.entryCount} files, over ${mostFiles}`)
    const entries = await entriesOf(zip)
    for (const entry of entries)
      if (wanted(entry.fileName)) yield { name: entry.fileName, bytes: unpackEntry(zip, entry) }
    return undefined
  } catch (error) {
    return damaged(error)
  } finally {
    zip?.close()
  }
}

async function entriesOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of zip.eachEntry()) entries.push(entry)
  return entries
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > mostBytes) return undefined
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}

async function* unpackEntry(zip: ZipFile, entry: Entry): UnpackedBytes {
  let length = 0
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) {
      length += chunk.length
      if (length > mostBytes) return fault('too-long', `the file is over ${mostBytes} bytes`)
      yield chunk
    }
    return undefined
  } catch (error) {
    return damaged(error)
  }
}

const damaged = (error: unknown): Fault =>
  fault('unreadable', `the archive is damaged: ${error instanceof Error ? error.message : 'no reason given'}`)
