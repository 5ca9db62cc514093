// A journal in a local folder: segments of lines, each line on disk before its append resolves.
import { readdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { TastemakerError } from '../../errors.ts'
import { diskError, errorCode, makeFolder, syncFolder } from '../durable-folder.ts'
import { isRunning } from '../process-identity.ts'
import type { Journal, JournalSegment } from './journal.ts'
import { lineBytes, nextSegmentName, startOfSegment } from './journal-lines.ts'
import { createSegment, cutTornTail, type OpenSegment, ownerOf } from './open-segment.ts'

const ending = '.ndjson'

/**
 * Opens a folder as a journal, made when absent. Any number of processes may share it: an open segment carries its
 * process in its name and is left alone while that one lives; a dead one's is closed by whoever opens or rotates next.
 */
export async function openFolderJournal(folder: string): Promise<Journal> {
  try {
    await makeFolder(folder)
    await closeAbandoned(folder)
  } catch (error) {
    throw diskError(error, `Could not open the journal ${folder}`)
  }
  const commits = createCommits(folder)
  return {
    async append(lines) {
      const bytes = lineBytes(lines)
      if (bytes.length > 0) await commits.append(bytes)
    },
    async rotate() {
      try {
        await commits.closeSegment()
        await closeAbandoned(folder)
        return await closedSegments(folder)
      } catch (error) {
        throw diskError(error, 'Could not rotate the journal')
      }
    },
    close: () => commits.close(),
  }
}

type Waiting = {
  readonly bytes: Buffer
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/** Group commit: what arrives while one write is being synced goes together into the next. */
function createCommits(folder: string): {
  append(bytes: Buffer): Promise<void>
  closeSegment(): Promise<void>
  close(): Promise<void>
} {
  let waiting: Waiting[] = []
  let segment: OpenSegment | undefined
  let closed = false
  /** Everything that touches the segment happens in turn behind this. */
  let turn: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }
  const commit = async (): Promise<void> => {
    const group = waiting
    waiting = []
    if (group.length === 0) return
    try {
      segment ??= await createSegment(folder, nextSegmentName(Date.now()))
      await segment.write(group.map(({ bytes }) => bytes))
      for (const { resolve } of group) resolve()
    } catch (error) {
      // The segment ends where its last acknowledged line ends; later lines go into another one.
      await segment?.seal().catch(() => undefined)
      segment = undefined
      for (const { reject } of group) reject(diskError(error, 'Could not write to the journal'))
    }
  }
  const closeSegment = (): Promise<void> =>
    inTurn(async () => {
      const closing = segment
      segment = undefined
      await closing?.seal()
    })
  return {
    append: (bytes) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new TastemakerError('not-ready', 'The journal is closed.'))
        waiting.push({ bytes, resolve, reject })
        if (waiting.length === 1) void inTurn(commit)
      }),
    closeSegment,
    async close() {
      closed = true
      await closeSegment()
    },
  }
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

async function closedSegments(folder: string): Promise<readonly JournalSegment[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(ending)).sort()
  return files.map((file) => {
    const name = file.slice(0, -ending.length)
    const path = join(folder, file)
    return {
      name,
      startedAt: startOfSegment(name),
      read: () => readSegment(path, name),
      drop: () => rm(path, { force: true }),
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
