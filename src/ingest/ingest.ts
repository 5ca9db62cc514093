// The front door of ingest: bytes of raw events in, clean events and counted rejects out.
import type { CleanEvent } from '../data/event.ts'
import type { Reject, RejectReason } from '../data/reject.ts'
import { type CleanContext, createCleaner } from './clean-event.ts'
import { decompress, peekCharacter, unpackedName } from './decompress.ts'
import { type FastLane, readFastLines } from './fast/fast-lines.ts'
import { type Fault, isFault } from './fault.ts'
import { readArray } from './json-array.ts'
import { type Parsed, parseJson } from './json-text.ts'
import type { LineSink } from './line-reader.ts'
import { readLines } from './read-lines.ts'
import { makeReject } from './reject-text.ts'

/** What ingest depends on besides the bytes: the clock, settings, the pseudonymizer, and the object's name for rejects. */
export type IngestContext = CleanContext & {
  /** Object key: `.ndjson`, `.jsonl` or `.json`, each plain, `.gz` or `.zst`; the first bytes have the last word on the packing. */
  readonly file: string
}

/** Where events and rejects go, in the order of their lines. Called synchronously; what it throws ends the run. */
export type IngestSink = {
  /** @param line counted from 1 */
  event(event: CleanEvent, line: number): void
  reject(reject: Reject): void
}

/** What became of the lines: `lines = blank + events + rejects`, and `byReason` sums to `rejects`. */
export type IngestCounts = {
  readonly lines: number
  readonly blank: number
  readonly events: number
  readonly rejects: number
  readonly byReason: Readonly<Partial<Record<RejectReason, number>>>
}

/**
 * Reads raw events, one JSON object a line, and hands on each line as a clean event or a reject; blank lines are only counted.
 * A `.json` file may also be one array of events; its records then count as lines. No line stops the run or vanishes: see docs/events.md for the rules. Where a packed object is damaged, the lines before
 * are kept and the rest counts as one line. Duplicates are handed on; equal content has an equal `eventId`.
 * Throws only what `chunks` or the sink throws, and `bad-argument` for an `earliest` that is no time.
 * @param lane takes lines before all else, counted as events; the sink hears only of the others
 */
export async function ingestStream(
  chunks: AsyncIterable<Uint8Array>,
  context: IngestContext,
  sink: IngestSink,
  lane?: FastLane,
): Promise<IngestCounts> {
  const clean = createCleaner(context)
  const byReason: Partial<Record<RejectReason, number>> = {}
  let blank = 0
  let events = 0
  let rejects = 0
  const reject = (fault: Fault, line: number, text: string): void => {
    rejects += 1
    byReason[fault.reason] = (byReason[fault.reason] ?? 0) + 1
    sink.reject(makeReject({ file: context.file, line }, fault, text, context.pseudonymize))
  }
  const take = (parsed: Parsed | Fault, line: number, text: string): void => {
    const answer = isFault(parsed) ? parsed : clean(parsed.value)
    if (isFault(answer)) {
      reject(answer, line, text)
    } else {
      events += 1
      sink.event(answer, line)
    }
  }
  const { maxLineBytes } = context.settings
  const { first, whole } = await peekCharacter(decompress(context.file, chunks))
  if (first === '[' && unpackedName(context.file).endsWith('.json')) {
    await readArray(whole, maxLineBytes, {
      record: (value, line, text) => take({ value }, line, text),
      fault: reject,
    })
  } else {
    const lines: LineSink = {
      line(text, line) {
        if (text.trim() === '') blank += 1
        else take(parseJson(text), line, text)
      },
      fault: reject,
    }
    const counted: FastLane = (block, begin) => {
      const end = lane?.(block, begin) ?? -1
      if (end > 0) events += 1
      return end
    }
    if (lane) await readFastLines(whole, maxLineBytes, { lane: counted, sink: lines })
    else await readLines(whole, maxLineBytes, lines)
  }
  return { lines: blank + events + rejects, blank, events, rejects, byReason }
}
