// Lines of unpacked bytes on two lanes: whole blocks to the fast one, and everything that it leaves to the line reader.
import { isUtf8 } from 'node:buffer'
import type { UnpackedBytes } from '../decompress.ts'
import { LineReader, type LineSink } from '../line-reader.ts'
import { textOf } from './fast-text.ts'

/**
 * Takes the line that begins at `begin` of bytes that end with a newline and are UTF-8; returns the place behind its newline, or -1 to leave it
 * to the slow lane.
 */
export type FastLane = (bytes: Uint8Array, begin: number) => number

const newline = 10
const pieceBytes = 262_144

/** Tells the sink what readLines would, but for the lines that the fast lane takes. Returns how many lines there were, those included. */
export async function readFastLines(
  bytes: UnpackedBytes,
  maxLineBytes: number,
  { lane, sink }: { readonly lane: FastLane; readonly sink: LineSink },
): Promise<number> {
  const reading: Reading = { maxLineBytes, lane, sink, lines: 0, slow: undefined, carry: [], carried: 0 }
  reading.slow = slowFrom(reading, [])
  for (let next = await bytes.next(); ; next = await bytes.next()) {
    if (!next.done) {
      for (let begin = 0; begin < next.value.length; begin += pieceBytes)
        push(reading, next.value.subarray(begin, begin + pieceBytes))
      continue
    }
    const { reader, shift } = reading.slow ?? slowFrom(reading, reading.carry)
    if (!next.value) {
      reader.end()
      return reader.lines + shift
    }
    const beginning = reader.abandon()
    sink.fault(next.value, reader.lines + shift + 1, beginning)
    return reader.lines + shift + 1
  }
}

/** Where a reading stands. */
type Reading = {
  readonly maxLineBytes: number
  readonly lane: FastLane
  readonly sink: LineSink
  /** Lines told so far. */
  lines: number
  /** Reads up to the next newline, when set: the first line, which may begin with a mark, and overlong ones. */
  slow: SlowReader | undefined
  /** The beginning of a line whose end has not come yet. */
  carry: readonly Uint8Array[]
  carried: number
}

/** A line reader, and how far its numbers are behind. */
type SlowReader = { readonly reader: LineReader; readonly shift: number }

function push(reading: Reading, bytes: Uint8Array): void {
  const piece = reading.slow ? pushSlow(reading, reading.slow, bytes) : bytes
  if (piece.length > 0) cut(reading, piece)
  if (reading.carried <= reading.maxLineBytes) return
  reading.slow = slowFrom(reading, reading.carry)
  hold(reading, [])
}

/** Gives the line reader what is its own; returns the rest. */
function pushSlow(reading: Reading, { reader, shift }: SlowReader, piece: Uint8Array): Uint8Array {
  const end = piece.indexOf(newline) + 1
  reader.push(end > 0 ? piece.subarray(0, end) : piece)
  if (end === 0) return piece.subarray(piece.length)
  reading.lines = reader.lines + shift
  reading.slow = undefined
  return piece.subarray(end)
}

/** Tells the whole lines of a piece; what is left of it begins the next one. */
function cut(reading: Reading, piece: Uint8Array): void {
  const end = piece.lastIndexOf(newline) + 1
  if (end === 0) {
    hold(reading, [...reading.carry, piece])
    return
  }
  const begin = reading.carried > 0 ? piece.indexOf(newline) + 1 : 0
  if (begin > 0) tell(reading, viewOf(Buffer.concat([...reading.carry, piece.subarray(0, begin)])))
  if (end > begin) tell(reading, viewOf(piece.subarray(begin, end)))
  hold(reading, end < piece.length ? [piece.subarray(end)] : [])
}

function hold(reading: Reading, parts: readonly Uint8Array[]): void {
  reading.carry = parts
  reading.carried = parts.reduce((sum, part) => sum + part.length, 0)
}

/** Tells a block of whole lines. Where it is not UTF-8, the fast lane only sees the lines that are. */
function tell(reading: Reading, block: Uint8Array): void {
  const valid = isUtf8(block)
  for (let begin = 0; begin < block.length; ) {
    const taken = valid ? reading.lane(block, begin) : -1
    if (taken > 0) {
      reading.lines += 1
      begin = taken
    } else {
      const end = block.indexOf(newline, begin) + 1
      const line = block.subarray(begin, end)
      if (!valid && isUtf8(line) && reading.lane(block, begin) > 0) reading.lines += 1
      else tellLine(reading, line, valid || isUtf8(line))
      begin = end
    }
  }
}

function tellLine(reading: Reading, line: Uint8Array, valid: boolean): void {
  const end = line.at(-2) === 13 ? line.length - 2 : line.length - 1
  const plain = valid && end <= reading.maxLineBytes
  if (!plain) slowFrom(reading, [line])
  reading.lines += 1
  if (plain) reading.sink.line(textOf(line, 0, end), reading.lines)
}

/**
 * A line reader that numbers on from here and has read `parts`. Only the very first line may lose a byte order mark: another one gets a line
 * before it, which nobody hears of.
 */
function slowFrom({ lines: before, maxLineBytes, sink }: Reading, parts: readonly Uint8Array[]): SlowReader {
  const shift = Math.max(0, before - 1)
  const reader = new LineReader(maxLineBytes, {
    line: (text, number) => {
      if (number + shift > before) sink.line(text, number + shift)
    },
    fault: (fault, number, beginning) => sink.fault(fault, number + shift, beginning),
  })
  if (before > 0) reader.push(Uint8Array.of(newline))
  for (const part of parts) reader.push(part)
  return { reader, shift }
}

/** The same bytes as a plain array: a Buffer is one of another kind to the compiler. */
const viewOf = (bytes: Uint8Array): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
