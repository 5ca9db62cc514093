// The line reader: chunks of bytes to numbered lines of text, each line that cannot be text a fault.
import { isUtf8 } from 'node:buffer'
import { type Fault, fault } from './fault.ts'

/** What a reader tells its caller, line by line, numbered from 1. */
export type LineSink = {
  /** A line without its end. */
  line(text: string, number: number): void
  /** A line that is no text or too long, with its beginning. */
  fault(fault: Fault, number: number, beginning: string): void
}

const newline = 10
/** Bytes looked at together: enough to make decoding cheap, small enough to keep strings short-lived. */
const pieceBytes = 262_144
/** Bytes of a line shown in a reject; at most four bytes a character. */
const beginningBytes = 4096

/**
 * Cuts bytes at `\n`; a `\r` before it and a byte order mark at the very start belong to no line. A line over `maxLineBytes` is
 * a fault `too-long` as soon as that is known and is never held in memory; one that is not UTF-8 is a fault `bad-encoding`.
 */
export class LineReader {
  readonly #maxLineBytes: number
  readonly #sink: LineSink
  #lines = 0
  #carry: Uint8Array[] = []
  #carriedBytes = 0
  #skipping = false

  constructor(maxLineBytes: number, sink: LineSink) {
    this.#maxLineBytes = maxLineBytes
    this.#sink = sink
  }

  /** Lines told so far, faults included. */
  get lines(): number {
    return this.#lines
  }

  /** Takes the next bytes; keeps views of them until the line is complete. */
  push(chunk: Uint8Array): void {
    for (let begin = 0; begin < chunk.length; begin += pieceBytes) {
      this.#take(chunk.subarray(begin, begin + pieceBytes))
    }
  }

  /** Tells the last line, if it had no newline. */
  end(): void {
    if (this.#carriedBytes > 0) this.#tell(Buffer.concat(this.#carry))
    this.#hold([])
  }

  /** Gives up: returns the beginning of the unfinished line, and forgets it. */
  abandon(): string {
    const beginning = beginningOf(Buffer.concat(this.#carry))
    this.#hold([])
    return beginning
  }

  #take(piece: Uint8Array): void {
    let begin = 0
    if (this.#skipping) {
      begin = piece.indexOf(newline) + 1
      if (begin === 0) return
      this.#skipping = false
    }
    const end = piece.lastIndexOf(newline) + 1
    if (end > begin) {
      const block = piece.subarray(begin, end)
      this.#tell(this.#carry.length > 0 ? Buffer.concat([...this.#carry, block]) : block)
      this.#hold(end < piece.length ? [piece.subarray(end)] : [])
    } else if (piece.length > begin) {
      this.#carry.push(piece.subarray(begin))
      this.#carriedBytes += piece.length - begin
    }
    if (this.#isTooLong()) this.#skip()
  }

  #hold(carry: Uint8Array[]): void {
    this.#carry = carry
    this.#carriedBytes = carry.reduce((sum, part) => sum + part.length, 0)
  }

  /** Whether the line carried is over the limit for certain: its byte order mark and a last `\r` may not be part of it. */
  #isTooLong(): boolean {
    const uncertain = 4
    if (this.#carriedBytes <= this.#maxLineBytes) return false
    return (
      this.#carriedBytes > this.#maxLineBytes + uncertain ||
      bareLength(this.#ofFirstLine(Buffer.concat(this.#carry))) > this.#maxLineBytes
    )
  }

  #ofFirstLine(bytes: Uint8Array): Uint8Array {
    return this.#lines === 0 ? withoutMark(bytes) : bytes
  }

  #skip(): void {
    this.#tooLong(this.#ofFirstLine(Buffer.concat(this.#carry)))
    this.#hold([])
    this.#skipping = true
  }

  #tooLong(bytes: Uint8Array): void {
    this.#lines += 1
    this.#sink.fault(
      tooLong(this.#maxLineBytes),
      this.#lines,
      beginningOf(bytes.subarray(0, this.#maxLineBytes)),
    )
  }

  /** Tells the lines of a block that begins and ends with a line. */
  #tell(block: Uint8Array): void {
    const bytes = this.#ofFirstLine(block)
    if (isUtf8(bytes)) this.#tellText(asBuffer(bytes).toString('utf8'))
    else this.#tellBytes(bytes)
  }

  #tellText(text: string): void {
    for (let begin = 0; begin < text.length; ) {
      const found = text.indexOf('\n', begin)
      const end = found < 0 ? text.length : found
      this.#tellLine(text.slice(begin, text[end - 1] === '\r' && end > begin ? end - 1 : end))
      begin = end + 1
    }
  }

  /** The slow path: a block with a line that is not UTF-8 is told line by line. */
  #tellBytes(bytes: Uint8Array): void {
    for (let begin = 0; begin < bytes.length; ) {
      const found = bytes.indexOf(newline, begin)
      const end = found < 0 ? bytes.length : found + 1
      const line = bytes.subarray(begin, end)
      if (isUtf8(line)) this.#tellText(asBuffer(line).toString('utf8'))
      else if (bareLength(line) > this.#maxLineBytes) this.#tooLong(line)
      else {
        this.#lines += 1
        this.#sink.fault(fault('bad-encoding', 'the line is not UTF-8'), this.#lines, beginningOf(line))
      }
      begin = end
    }
  }

  #tellLine(line: string): void {
    const max = this.#maxLineBytes
    const long = line.length * 3 > max && Buffer.byteLength(line) > max
    if (long) {
      this.#tooLong(Buffer.from(line.slice(0, max)))
      return
    }
    this.#lines += 1
    this.#sink.line(line, this.#lines)
  }
}

const tooLong = (maxLineBytes: number): Fault =>
  fault('too-long', `the line is longer than ${maxLineBytes} bytes`)

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const beginningOf = (bytes: Uint8Array): string =>
  asBuffer(bytes.subarray(0, beginningBytes))
    .toString('utf8')
    .replace(/[\r\n]+$/, '')

/** Bytes of a line without its end. */
function bareLength(line: Uint8Array): number {
  const length = line.at(-1) === newline ? line.length - 1 : line.length
  return line[length - 1] === 0x0d ? length - 1 : length
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const marked = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf
  return marked ? bytes.subarray(3) : bytes
}
