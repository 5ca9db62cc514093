// The importer: what every foreign format has to offer, and the tally that makes its counts add up.
import type { EventKind } from '../../data/event.ts'
import type { RawEvent, RawRetraction } from '../../data/raw-event.ts'
import type { Reject, RejectReason } from '../../data/reject.ts'
import { type Fault, isFault } from '../fault.ts'
import { checkRawLine } from '../raw-event-check.ts'
import { makeReject } from '../reject-text.ts'
import type { TableMapping } from './table-mapping.ts'

/** A foreign file. */
export type ImportInput = {
  readonly fileName: string
  readonly chunks: AsyncIterable<Uint8Array>
  /** Another file of the same folder, such as the names that belong to ids; undefined when it is not there. */
  beside(name: string): Promise<Uint8Array | undefined>
  /** What was wrong with a file that somebody else reads for the importer, such as Parquet; known once `chunks` has ended. */
  damage?(): string | undefined
}

/** What an import hands on: a raw event, or one that takes an event back. */
export type ImportedEvent = RawEvent | RawRetraction

/** What an import depends on besides the file. */
export type ImportContext = {
  /** The clock, milliseconds since the epoch: the time of records that carry none. */
  readonly now: number
  /** The listener of an export that names none. */
  readonly user?: string
  /** Longest line or record, in bytes. */
  readonly maxLineBytes: number
  /** IANA time zone of times that name none, such as `Europe/Berlin`. Default: UTC. */
  readonly timeZone?: string
  /** What the service's own kinds of interaction are to us, by their names in lower case; before those that everybody knows. */
  readonly kinds?: Readonly<Record<string, EventKind>>
  /** Which column feeds which field; only for tables. */
  readonly mapping?: TableMapping
  /**
   * What ingest will make of an event (see createCleaner): one that it would reject is a reject here already, where its
   * line is known. Default: only the schema is checked.
   */
  readonly clean?: (event: ImportedEvent) => object | Fault
}

/** Where raw events and rejects go, in the order of the file. */
export type ImportSink = {
  event(event: ImportedEvent): void
  reject(reject: Reject): void
}

/**
 * What became of the records: `records = events + rejects`, and `byReason` sums to `rejects`. Blank and header lines are no records, nor are
 * lines that only say what an artist or a listener is called.
 */
export type ImportCounts = {
  readonly records: number
  readonly events: number
  readonly rejects: number
  readonly byReason: Readonly<Partial<Record<RejectReason, number>>>
  /** Lines read for names alone: items and users of Gorse and Metarank. */
  readonly metadata: number
  /** Files of an archive that hold no listening history, and were left alone. */
  readonly otherFiles: number
}

/** What a format says of a person, and what becomes of it. */
export type PersonalField = {
  /** Name in the file. */
  readonly field: string
  readonly becomes: 'pseudonym' | 'nothing'
}

/** One foreign format. */
export type Importer = {
  readonly name:
    | 'listenbrainz'
    | 'spotify'
    | 'lastfm-1k'
    | 'lastfm'
    | 'scrobbler-log'
    | 'jellyfin'
    | 'gorse'
    | 'metarank'
    | 'hetrec'
    | 'table'
    | 'tastemaker'
  /** For people. */
  readonly title: string
  /** Every field of the format that is personal. None of them reaches an event but as the listener's id, which ingest makes a pseudonym. */
  readonly personal: readonly PersonalField[]
  /** Whether a file looks like this format, by its name and its first bytes (64 KB are plenty). */
  accepts(fileName: string, head: Uint8Array): boolean
  /**
   * Translates the file's records into raw events; every record that cannot be one is a reject.
   * Throws only what `chunks` or the sink throws, `bad-argument` for a context that the format cannot do with, and `bad-input` for a
   * table that lacks a column its mapping names.
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
  tell(answer: Translation | RawRetraction | Fault, place: Place, text: string): void
  /** Counts a line that was read for names. */
  metadata(): void
  /** Counts a file that was left alone. */
  otherFile(): void
  counts(): ImportCounts
}

/** Makes the tally of one import. An event that does not satisfy the schema, or that ingest would reject, becomes a reject. */
export function createTally(sink: ImportSink, { clean }: ImportContext): Tally {
  const byReason: Partial<Record<RejectReason, number>> = {}
  const seen = { events: 0, rejects: 0, metadata: 0, otherFiles: 0 }
  return {
    tell(answer, place, text) {
      const checked = isFault(answer) ? answer : checkEvent(answer, clean)
      if (isFault(checked)) {
        seen.rejects += 1
        byReason[checked.reason] = (byReason[checked.reason] ?? 0) + 1
        sink.reject(makeReject(place, checked, text))
      } else {
        seen.events += 1
        sink.event(checked)
      }
    },
    metadata() {
      seen.metadata += 1
    },
    otherFile() {
      seen.otherFiles += 1
    },
    counts: () => ({ records: seen.events + seen.rejects, ...seen, byReason }),
  }
}

function checkEvent(
  event: Translation | RawRetraction,
  clean: ImportContext['clean'],
): ImportedEvent | Fault {
  const checked = checkRawLine(event)
  if (isFault(checked) || !clean) return checked
  const cleaned = clean(checked)
  return isFault(cleaned) ? cleaned : checked
}
