// Lines on their way into a journal, and the names of its segments.
import { TastemakerError } from '../../errors.ts'

/** Lines as bytes, each ended by a newline; throws `bad-argument` for a line that holds one. */
export function lineBytes(lines: readonly string[]): Buffer {
  if (lines.some((line) => line.includes('\n')))
    throw new TastemakerError('bad-argument', 'A line of the journal cannot hold a newline.')
  return Buffer.from(lines.map((line) => `${line}\n`).join(''))
}

let lastStartedAt = 0
let count = 0

/** A name that no other segment has: `<ms, 13 digits>-<pid>-<counter>`. Its time never falls behind an earlier one's. */
export function nextSegmentName(now: number): string {
  lastStartedAt = Math.max(lastStartedAt, now)
  return `${String(lastStartedAt).padStart(13, '0')}-${process.pid}-${String(count++).padStart(6, '0')}`
}

/** The time in a segment's name, ms UTC. */
export const startOfSegment = (name: string): number => Number(name.split('-', 1)[0])
