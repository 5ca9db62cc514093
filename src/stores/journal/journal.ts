// The port for the intake's journal: lines that are on disk before their append resolves.

/** A closed segment on its way into the object store. */
export type JournalSegment = {
  /** Unique, ascending in time, safe as part of an object key. */
  readonly name: string
  /** When its first line was appended, ms UTC; all its lines are of that UTC day. */
  readonly startedAt: number
  /** The lines, each ended by `\n`; never a torn one. Throws `not-found` once it was dropped, by whoever. */
  read(): Promise<Uint8Array>
  /** Drops the segment, once its lines are safe elsewhere. Dropping twice is fine. */
  drop(): Promise<void>
}

/** An append-only journal of NDJSON lines. */
export type Journal = {
  /**
   * Resolves when all lines are durable (group commit: one fsync may serve many callers). Lines hold no `\n`.
   * Rejects if none could be kept: with `busy` while as much as the limits allow waits or lies on disk, with `outside` when the disk fails.
   */
  append(lines: readonly string[]): Promise<void>
  /** Closes the open segment if it has lines, and lists all closed ones, oldest first: also those that a killed process left behind. */
  rotate(): Promise<readonly JournalSegment[]>
  load(): JournalLoad
  close(): Promise<void>
}

/** How a journal is. */
export type JournalLoad = {
  /** Bytes appended and not durable yet. */
  readonly waitingBytes: number
  /** Bytes on disk that nobody has dropped yet. */
  readonly storedBytes: number
  /** Times that this process has waited for the disk. */
  readonly commits: number
}

/** How much a journal takes before it says `busy`. */
export type JournalLimits = {
  /** Bytes that may wait for the disk; a single larger append is taken when nothing waits. Default 64 MiB. */
  readonly waitingBytes?: number
  /** Bytes that may lie on disk before they are dropped. Default 4 GiB. */
  readonly storedBytes?: number
  /** Bytes after which a segment is closed. Default 64 MiB. */
  readonly segmentBytes?: number
}
