// A journal in a local folder: segments of lines, each line on disk before its append resolves.
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { TastemakerError } from '../../errors.ts'
import { diskError, errorCode, makeFolder, syncFolder } from '../durable-folder.ts'
import { isRunning } from '../process-identity.ts'
import { type Commits, createCommits } from './commits.ts'
import type { Journal, JournalLimits, JournalSegment } from './journal.ts'
import { lineBytes, startOfSegment } from './journal-lines.ts'
import { cutTornTail, ownerOf } from './open-segment.ts'

const ending = '.ndjson'
const mebibyte = 1024 * 1024

/**
 * Opens a folder as a journal, made when absent. Any number of processes may share it: an open segment carries its
 * process in its name and is left alone while that one lives; a dead one's is closed by whoever opens or rotates next.
 * Bytes on disk are counted anew at each rotation; between two, each process counts its own appends and drops.
 */
export async function openFolderJournal(folder: string, limits: JournalLimits = {}): Promise<Journal> {
  let storedBytes = 0
  let commitCount = 0
  const count = async (): Promise<void> => {
    storedBytes = await bytesBelow(folder)
  }
  try {
    await makeFolder(folder)
    await closeAbandoned(folder)
    await count()
  } catch (error) {
    throw diskError(error, `Could not open the journal ${folder}`)
  }
  const commits = createCommits({
    folder,
    segmentBytes: limits.segmentBytes ?? 64 * mebibyte,
    onDurable: (bytes) => {
      storedBytes += bytes
      commitCount += 1
    },
  })
  const load = () => ({ waitingBytes: commits.waitingBytes(), storedBytes, commits: commitCount })
  return {
    append: (lines) => appendWithin(lines, commits, { limits, load }),
    async rotate() {
      try {
        await commits.closeSegment()
        await closeAbandoned(folder)
        await count()
        return await closedSegments(folder, (bytes) => {
          storedBytes -= bytes
        })
      } catch (error) {
        throw diskError(error, 'Could not rotate the journal')
      }
    },
    load,
    close: () => commits.close(),
  }
}

type Bounds = { readonly limits: JournalLimits; readonly load: Journal['load'] }

async function appendWithin(
  lines: readonly string[],
  commits: Commits,
  { limits, load }: Bounds,
): Promise<void> {
  const bytes = lineBytes(lines)
  if (bytes.length === 0) return
  const { waitingBytes, storedBytes } = load()
  if (waitingBytes > 0 && waitingBytes + bytes.length > (limits.waitingBytes ?? 64 * mebibyte))
    throw new TastemakerError('busy', 'The disk is behind: too many events wait for it; send them again.')
  if (waitingBytes + storedBytes + bytes.length > (limits.storedBytes ?? 4096 * mebibyte))
    throw new TastemakerError(
      'busy',
      'The journal is full until its events have moved into the raw event store; send them again.',
    )
  await commits.append(bytes)
}

/** Closes open segments of dead processes. Several processes may do so at once: each step can be done twice. */
async function closeAbandoned(folder: string): Promise<void> {
  for (const file of await readdir(folder)) {
    const owner = ownerOf(file)
    if (owner === undefined || isRunning(owner.identity)) continue
    try {
      const isEmpty = await cutTornTail(join(folder, file))
      if (isEmpty) await rm(join(folder, file), { force: true })
      else await rename(join(folder, file), join(folder, `${owner.name}${ending}`))
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error
    }
  }
  await syncFolder(folder)
}

async function bytesBelow(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(ending) || ownerOf(file))
  const sizes = files.map(async (file) => (await stat(join(folder, file)).catch(() => undefined))?.size ?? 0)
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function closedSegments(
  folder: string,
  onDrop: (bytes: number) => void,
): Promise<readonly JournalSegment[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(ending)).sort()
  return files.map((file) => {
    const name = file.slice(0, -ending.length)
    const path = join(folder, file)
    return {
      name,
      startedAt: startOfSegment(name),
      read: () => readSegment(path, name),
      async drop() {
        const bytes = (await stat(path).catch(() => undefined))?.size ?? 0
        await rm(path, { force: true })
        onDrop(bytes)
      },
    }
  })
}

async function readSegment(path: string, name: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path)
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw diskError(error, `Could not read the journal segment ${name}`)
    throw new TastemakerError('not-found', `The journal segment ${name} has been dropped.`)
  }
}
