// The port for the intake's journal: lines that are on disk before their append resolves.

/** A closed segment on its way into the object store. */
export type JournalSegment = {
  /** Unique, ascending in time, safe as part of an object key. */
  readonly name: string
  /** When its first line was appended, ms UTC. */
  readonly startedAt: number
  /** The lines, each ended by `\n`; never a torn one. */
  read(): Promise<Uint8Array>
  /** Drops the segment, once its lines are safe elsewhere. Dropping twice is fine. */
  drop(): Promise<void>
}

/** An append-only journal of NDJSON lines. */
export type Journal = {
  /** Resolves when all lines are durable (group commit: one fsync may serve many callers). Lines hold no `\n`. Rejects if none could be kept. */
  append(lines: readonly string[]): Promise<void>
  /** Closes the open segment if it has lines, and lists all closed ones, oldest first: also those that a killed process left behind. */
  rotate(): Promise<readonly JournalSegment[]>
  close(): Promise<void>
}
