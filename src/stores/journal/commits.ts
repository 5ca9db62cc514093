// Group commit: what arrives while one write is on its way to the disk goes together into the next.
import { TastemakerError } from '../../errors.ts'
import { diskError } from '../durable-folder.ts'
import { nextSegmentName, startOfSegment } from './journal-lines.ts'
import { createSegment, type OpenSegment } from './open-segment.ts'

/** The writing side of a journal in a folder. */
export type Commits = {
  /** Resolves when the bytes are durable. */
  append(bytes: Buffer): Promise<void>
  /** Closes the open segment, if there is one, behind all that was appended before. */
  closeSegment(): Promise<void>
  waitingBytes(): number
  close(): Promise<void>
}

/** What a writer depends on. */
export type CommitOptions = {
  readonly folder: string
  /** Bytes after which a segment is closed. */
  readonly segmentBytes: number
  /** Told of bytes that are durable now. */
  readonly onDurable: (bytes: number) => void
}

type Waiting = {
  readonly bytes: Buffer
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

const dayMs = 86_400_000

/** Makes the writing side. A segment is closed at its size, at the end of its UTC day, or when its disk fails it. */
export function createCommits({ folder, segmentBytes, onDurable }: CommitOptions): Commits {
  let waiting: Waiting[] = []
  let waitingBytes = 0
  let segment: OpenSegment | undefined
  let closed = false
  /** Everything that touches the segment happens in turn behind this. */
  let turn: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }
  const seal = async (): Promise<void> => {
    const closing = segment
    segment = undefined
    await closing?.seal()
  }
  const write = async (parts: readonly Buffer[]): Promise<void> => {
    if (segment && (segment.durableBytes() >= segmentBytes || isOver(segment.name))) await seal()
    segment ??= await createSegment(folder, nextSegmentName(Date.now()))
    await segment.write(parts)
  }
  const commit = async (): Promise<void> => {
    const group = waiting
    waiting = []
    const bytes = group.reduce((sum, part) => sum + part.bytes.length, 0)
    try {
      await write(group.map((part) => part.bytes))
      onDurable(bytes)
      for (const { resolve } of group) resolve()
    } catch (error) {
      // The segment ends where its last acknowledged line ends; later lines go into another one.
      await seal().catch(() => undefined)
      for (const { reject } of group) reject(diskError(error, 'Could not write to the journal'))
    } finally {
      waitingBytes -= bytes
    }
  }
  return {
    append: (bytes) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new TastemakerError('not-ready', 'The journal is closed.'))
        waitingBytes += bytes.length
        waiting.push({ bytes, resolve, reject })
        if (waiting.length === 1) void inTurn(commit)
      }),
    closeSegment: () => inTurn(seal),
    waitingBytes: () => waitingBytes,
    async close() {
      closed = true
      await inTurn(seal)
    },
  }
}

/** Whether a later UTC day has come than the segment's; a clock set back ends none. */
const isOver = (segment: string): boolean =>
  Math.floor(Date.now() / dayMs) > Math.floor(startOfSegment(segment) / dayMs)
