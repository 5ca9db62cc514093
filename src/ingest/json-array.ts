// The tolerant reader of a JSON array of objects: a damaged record costs that record and none of its neighbours.
import { isUtf8 } from 'node:buffer'
import type { UnpackedBytes } from './decompress.ts'
import { type Fault, fault, isFault } from './fault.ts'
import { countJson, newBalance } from './json-balance.ts'
import { type Parsed, parseJson } from './json-text.ts'

/** What the reader tells its caller, record by record; the line is the one, from 1, on which the record begins. */
export type RecordSink = {
  record(value: unknown, line: number, text: string): void
  fault(fault: Fault, line: number, text: string): void
}

/**
 * A record can begin at a brace before a key, unless it is the value of another key. Nested objects in an array begin alike, so
 * pieces are joined again until they are JSON.
 *
 *     [{"a": 1}, {"a": "cut off here {"a": 3, "b": [{"c": 4}, {"c": 5}]}]
 *      |         |                    |             |         |             pieces begin here
 *      record    fault                record (three pieces joined)
 */
const possibleBegin = /\{\s*"/g
const joinLimit = 24
const pieceBytes = 262_144
/** Characters kept where no record begins yet: the next chunk may complete `{ "`. */
const tailLength = 64

/**
 * Tells the sink every record of an array of objects. Where the bytes end early, the unfinished record and all behind it
 * are one last fault, `truncated` or `unreadable`.
 */
export async function readArray(
  bytes: UnpackedBytes,
  maxRecordBytes: number,
  sink: RecordSink,
): Promise<void> {
  const reader = new JsonArrayReader(maxRecordBytes, sink)
  for (let next = await bytes.next(); ; next = await bytes.next()) {
    if (!next.done) {
      reader.push(next.value)
    } else if (next.value) {
      const { text, line } = reader.abandon()
      return sink.fault(next.value, line, text)
    } else {
      return reader.end()
    }
  }
}

/**
 * Reads an array of objects from chunks of bytes. Works on one character a byte until a record is cut out, so that bytes
 * that are not UTF-8 also cost only their record. A record over `maxRecordBytes` is a fault and is not held in memory.
 */
export class JsonArrayReader {
  readonly #maxRecordBytes: number
  readonly #sink: RecordSink
  /** What is not yet told; `#at` is where the next piece begins, and `#line` the line it is on. */
  #text = ''
  #at = 0
  #line = 1
  /** The first newline from `#at` on, so that each is looked for once. */
  #newline = Number.POSITIVE_INFINITY
  /** Inside a record that is too long and has been told. */
  #skipping = false

  constructor(maxRecordBytes: number, sink: RecordSink) {
    this.#maxRecordBytes = maxRecordBytes
    this.#sink = sink
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): void {
    for (let begin = 0; begin < chunk.length; begin += pieceBytes) {
      this.#text += bytesOf(chunk.subarray(begin, begin + pieceBytes)).toString('latin1')
      this.#cut(false)
    }
  }

  /** Tells the records that are left. */
  end(): void {
    this.#cut(true)
  }

  /** Gives up: returns the beginning of the unfinished record and its line, and forgets it. */
  abandon(): { readonly text: string; readonly line: number } {
    const unfinished = { text: decode(this.#text), line: this.#line }
    this.#text = ''
    return unfinished
  }

  /** Tells all records that are complete, or simply all when these are the `last` bytes. */
  #cut(last: boolean): void {
    const begins = beginsOf(this.#text)
    this.#newline = newlineFrom(this.#text, 0)
    const ends = [...begins.slice(1), this.#text.length]
    for (let next = 0; next < begins.length; ) {
      this.#dropTo(begins[next] as number)
      const taken = this.#take(ends.slice(next, next + joinLimit), last)
      if (taken === 0) break
      next += taken
    }
    const waiting = this.#text.length - this.#at
    const inRecord = begins.some((begin) => begin >= this.#at)
    if (last || (!inRecord && waiting > tailLength)) this.#dropTo(this.#text.length - (last ? 0 : tailLength))
    this.#text = this.#text.slice(this.#at)
    this.#at = 0
  }

  /** Passes over what stands before a record; anything but brackets, commas and white space there is a fault. */
  #dropTo(end: number): void {
    const dropped = this.#text.slice(this.#at, end).replace(/^\xef\xbb\xbf/, '')
    if (!this.#skipping && /[^[\],\s]/.test(dropped)) {
      this.#sink.fault(fault('malformed', 'this is no object of the array'), this.#line, decode(dropped))
      this.#skipping = true
    }
    this.#moveTo(end)
  }

  /** Tells the record that begins here and ends at one of `ends`; returns how many pieces it took, 0 when it takes more bytes to know. */
  #take(ends: readonly number[], last: boolean): number {
    const [first = this.#text.length] = ends
    const balance = newBalance()
    for (const [joined, end] of ends.entries()) {
      if (end - this.#at > this.#maxRecordBytes) break
      if (!last && end === this.#text.length) return 0
      if (joined === 0 && this.#tellWhole(end)) return 1
      const closing = countJson(
        balance,
        this.#text,
        joined === 0 ? this.#at : (ends[joined - 1] as number),
        end,
      )
      if (closing < 0) continue
      if (this.#tellWhole(closing)) return joined + 1
      break
    }
    return this.#giveUp(first)
  }

  /** Tells the record that ends before `end`, if that is one. */
  #tellWhole(end: number): boolean {
    const piece = cutRecord(this.#text.slice(this.#at, end))
    if (piece.whole) this.#tell(piece.parsed, this.#at + piece.length)
    return piece.whole
  }

  /** The first piece is a fault; what follows it may still be records. */
  #giveUp(end: number): number {
    const long = end - this.#at > this.#maxRecordBytes
    const wrong = long
      ? fault('too-long', `the record is longer than ${this.#maxRecordBytes} bytes`)
      : cutRecord(this.#text.slice(this.#at, end)).parsed
    this.#tell(wrong, end)
    this.#skipping = long
    return 1
  }

  #tell(parsed: Parsed | Fault, end: number): void {
    const text = decode(this.#text.slice(this.#at, end))
    if (isFault(parsed)) this.#sink.fault(parsed, this.#line, text)
    else this.#sink.record(parsed.value, this.#line, text)
    this.#moveTo(end)
    this.#skipping = false
  }

  #moveTo(end: number): void {
    while (this.#newline < end) {
      this.#line += 1
      this.#newline = newlineFrom(this.#text, this.#newline + 1)
    }
    this.#at = end
  }
}

/** Where the next line ends; infinity when there is none. */
function newlineFrom(text: string, at: number): number {
  const found = text.indexOf('\n', at)
  return found < 0 ? Number.POSITIVE_INFINITY : found
}

function beginsOf(text: string): number[] {
  const begins: number[] = []
  for (const { index } of text.matchAll(possibleBegin)) {
    let before = index - 1
    while (before >= 0 && isSpace(text.charCodeAt(before))) before -= 1
    if (text[before] !== ':') begins.push(index)
  }
  return begins
}

const isSpace = (code: number): boolean => code === 32 || (code >= 9 && code <= 13)

const bytesOf = (chunk: Uint8Array): Buffer => Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)

const decode = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')

type Piece =
  | { readonly whole: true; readonly length: number; readonly parsed: Parsed | Fault }
  | { readonly whole: false; readonly parsed: Fault }

/** Parses a piece up to its last brace. A record that holds NUL or is not UTF-8, and is JSON but for that, is whole all the same, and a fault. */
function cutRecord(text: string): Piece {
  const length = text.lastIndexOf('}') + 1
  if (length === 0) return { whole: false, parsed: fault('truncated', 'the record ends in the middle') }
  const bytes = Buffer.from(text.slice(0, length), 'latin1')
  const decoded = bytes.toString('utf8')
  const parsed = parseJson(decoded)
  if (isFault(parsed)) {
    const whole = parsed.reason === 'schema' && !isFault(parseJson(decoded.replaceAll(nul, ' ')))
    return whole ? { whole, length, parsed } : { whole, parsed }
  }
  return {
    whole: true,
    length,
    parsed: isUtf8(bytes) ? parsed : fault('bad-encoding', 'the record is not UTF-8'),
  }
}

/** NUL as it is, or escaped. */
const nul = /\0|\\u0000/g
