// Files of a zip archive, one after another, within limits that a crafted archive cannot get past.
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl'
import type { UnpackedBytes } from '../decompress.ts'
import { type Fault, fault } from '../fault.ts'
import { salvageEntries } from './zip-salvage.ts'

/** One file of an archive. */
export type ZipEntry = { readonly name: string; readonly bytes: UnpackedBytes }

/** How much of an archive is read at most. */
export type ZipLimits = {
  readonly files: number
  /** Bytes of the archive, and of each file in it once unpacked. */
  readonly fileBytes: number
  /** Bytes of all files together, unpacked. */
  readonly allBytes: number
}

/** 500 files, 500 MB each, 5 GB in all. */
export const zipLimits: ZipLimits = { files: 500, fileBytes: 500_000_000, allBytes: 5_000_000_000 }

/** Which files to read, and in which order; see sourceFiles. */
export type ZipChoice = {
  readonly wanted: (name: string) => boolean
  readonly rank: (name: string) => number
  readonly other: () => void
}

/**
 * Yields the wanted files; read each before asking for the next. Ends with a fault where the archive cannot be read any further: no
 * zip, or over a limit. A file over its limit is damaged at its end; an encrypted one, and an archive within the archive, are nothing but damage.
 * Of an archive whose index is gone or damaged, the files that can still be found are yielded. The archive is held in memory, since its index stands at its end.
 */
export async function* zipEntries(
  chunks: AsyncIterable<Uint8Array>,
  choice: ZipChoice,
  limits: ZipLimits,
): AsyncGenerator<ZipEntry, Fault | undefined> {
  const bytes = await collect(chunks, limits.fileBytes)
  if (!bytes) return fault('too-long', `the archive is over ${limits.fileBytes} bytes`)
  const budget = { left: limits.allBytes }
  let zip: ZipFile | undefined
  let listed = false
  try {
    zip = await fromBufferPromise(bytes, { lazyEntries: true })
    if (zip.entryCount > limits.files)
      return fault('too-long', `the archive has ${zip.entryCount} files, over ${limits.files}`)
    const entries = await entriesOf(zip)
    listed = true
    for (const entry of chosen(entries, choice)) {
      const { fileName: name } = entry
      const packed = isArchive(name) || entry.isEncrypted()
      yield { name, bytes: packed ? closed(name) : within(unpackEntry(zip, entry), limits, budget) }
    }
    return undefined
  } catch (error) {
    if (listed) return damaged(error)
    for (const { name, bytes: unpacked } of salvageEntries(bytes, limits.files))
      if (choice.wanted(name)) yield { name, bytes: within(unpacked, limits, budget) }
    return damaged(error)
  } finally {
    zip?.close()
  }
}

const isArchive = (name: string): boolean => /\.(zip|7z|rar|tar|tgz)$/i.test(name)

/** Wanted files in the order of their ranks, and archives, which nobody opens but which must not vanish. */
function chosen(entries: readonly Entry[], { wanted, rank, other }: ZipChoice): readonly Entry[] {
  const files = entries.filter(({ fileName }) => !fileName.endsWith('/'))
  const taken = files.filter(({ fileName }) => wanted(fileName) || isArchive(fileName))
  for (let skipped = files.length - taken.length; skipped > 0; skipped -= 1) other()
  return taken
    .map((entry, at) => ({ entry, at, rank: rank(entry.fileName) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
    .map(({ entry }) => entry)
}

async function entriesOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = []
  for await (const entry of zip.eachEntry()) entries.push(entry)
  return entries
}

async function collect(chunks: AsyncIterable<Uint8Array>, most: number): Promise<Buffer | undefined> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > most) return undefined
    parts.push(chunk)
  }
  return Buffer.concat(parts)
}

// biome-ignore lint/correctness/useYield: a file without bytes, only its damage
async function* closed(name: string): UnpackedBytes {
  return isArchive(name)
    ? fault('unreadable', 'an archive within the archive is not opened; unpack the outer one first')
    : fault('unreadable', 'the file is encrypted; unpack it with its password and import what comes out')
}

/** Ends a file where it is over its own limit or that of all files together. */
async function* within(bytes: UnpackedBytes, limits: ZipLimits, budget: { left: number }): UnpackedBytes {
  let length = 0
  for (let next = await bytes.next(); ; next = await bytes.next()) {
    if (next.done) return next.value
    length += next.value.length
    budget.left -= next.value.length
    const over = length > limits.fileBytes ? limits.fileBytes : budget.left < 0 ? limits.allBytes : 0
    if (over > 0) {
      await bytes.return(undefined)
      return fault(
        'too-long',
        `${over === limits.fileBytes ? 'the file is' : 'all files together are'} over ${over} bytes`,
      )
    }
    yield next.value
  }
}

async function* unpackEntry(zip: ZipFile, entry: Entry): UnpackedBytes {
  try {
    yield* await zip.openReadStreamPromise(entry)
    return undefined
  } catch (error) {
    return damaged(error)
  }
}

const damaged = (error: unknown): Fault =>
  fault('unreadable', `the archive is damaged: ${error instanceof Error ? error.message : 'no reason given'}`)
