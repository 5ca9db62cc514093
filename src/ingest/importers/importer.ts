// The importer: what every foreign format has to offer, and the tally that makes its counts add up.
import type { EventKind } from '../../data/event.ts'
import type { RawEvent } from '../../data/raw-event.ts'
import type { Reject, RejectReason } from '../../data/reject.ts'
import { type Fault, isFault } from '../fault.ts'
import { checkRawEvent } from '../raw-event-check.ts'
import { makeReject } from '../reject-text.ts'

/** A foreign file. */
export type ImportInput = {
  readonly fileName: string
  readonly chunks: AsyncIterable<Uint8Array>
  /** Another file of the same folder, such as the names that belong to ids; undefined when it is not there. */
  beside(name: string): Promise<Uint8Array | undefined>
}

/** What an import depends on besides the file. */
export type ImportContext = {
  /** The clock, milliseconds since the epoch: the time of records that carry none. */
  readonly now: number
  /** The listener of an export that names none. */
  readonly user?: string
  /** Longest line or record, in bytes. */
  readonly maxLineBytes: number
  /**
   * What ingest will make of an event (see createCleaner): one that it would reject is a reject here already, where its
   * line is known. Default: only the schema is checked.
   */
  readonly clean?: (event: RawEvent) => object | Fault
}

/** Where raw events and rejects go, in the order of the file. */
export type ImportSink = {
  event(event: RawEvent): void
  reject(reject: Reject): void
}

/** What became of the records: `records = events + rejects`, and `byReason` sums to `rejects`. Blank and header lines are no records. */
export type ImportCounts = {
  readonly records: number
  readonly events: number
  readonly rejects: number
  readonly byReason: Readonly<Partial<Record<RejectReason, number>>>
}

/** One foreign format. */
export type Importer = {
  readonly name: 'listenbrainz' | 'spotify' | 'lastfm-1k' | 'hetrec' | 'tastemaker'
  /** For people. */
  readonly title: string
  /** Whether a file looks like this format, by its name and its first bytes (64 KB are plenty). */
  accepts(fileName: string, head: Uint8Array): boolean
  /**
   * Translates the file's records into raw events; every record that cannot be one is a reject.
   * Throws only what `chunks` or the sink throws, and `bad-argument` for a context that the format cannot do with.
   */
  read(input: ImportInput, context: ImportContext, sink: ImportSink): Promise<ImportCounts>
}

/** Where a record stands. */
export type Place = { readonly file: string; readonly line: number }

/** What a format makes of one record, before the schema has seen it. */
export type Translation = Omit<RawEvent, 'event'> & { readonly event: EventKind }

/** Counts what it hands on. */
export type Tally = {
  /** Hands on the answer to one record: an event that satisfies the schema, or a reject with the record's text. */
  tell(answer: Translation | Fault, place: Place, text: string): void
  counts(): ImportCounts
}

/** Makes the tally of one import. An event that does not satisfy the schema, or that ingest would reject, becomes a reject. */
export function createTally(sink: ImportSink, { clean }: ImportContext): Tally {
  const byReason: Partial<Record<RejectReason, number>> = {}
  let events = 0
  let rejects = 0
  return {
    tell(answer, place, text) {
      const checked = isFault(answer) ? answer : checkEvent(answer, clean)
      if (isFault(checked)) {
        rejects += 1
        byReason[checked.reason] = (byReason[checked.reason] ?? 0) + 1
        sink.reject(makeReject(place, checked, text))
      } else {
        events += 1
        sink.event(checked)
      }
    },
    counts: () => ({ records: events + rejects, events, rejects, byReason }),
  }
}

function checkEvent(event: Translation, clean: ImportContext['clean']): RawEvent | Fault {
  const checked = checkRawEvent(event)
  if (isFault(checked) || !clean) return checked
  const cleaned = clean(checked)
  return isFault(cleaned) ? cleaned : checked
}
