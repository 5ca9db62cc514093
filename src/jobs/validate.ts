// The dry run of an import: what would be accepted, what rejected and why, and what would become of personal data. Writes nothing.

import type { CleanEvent } from '../data/event.ts'
import type { Reject, RejectReason } from '../data/reject.ts'
import { createCleaner } from '../ingest/clean-event.ts'
import { isFault } from '../ingest/fault.ts'
import type { ImportCounts, PersonalField } from '../ingest/importers/importer.ts'
import { parseTableMapping } from '../ingest/importers/table-mapping.ts'
import {
  findImporter,
  type ImportSource,
  type ReadContext,
  type ReadOptions,
  readSource,
} from './read-source.ts'

/** How to validate. */
export type ValidateOptions = ReadOptions & {
  /** Examples kept of each reason. */
  readonly examples: number
}

/** What a number of distinct things is; `over` when no more were counted. */
export type Distinct = { readonly count: number; readonly over: boolean }

/** What an import of a file would do: records = events + rejects. */
export type ValidationReport = ImportCounts & {
  readonly file: string
  readonly format: string
  /** The format, for people. */
  readonly title: string
  /** Accepted events by kind. */
  readonly kinds: Readonly<Record<string, number>>
  /** Accepted events that ingest would drop, since the same id came before in this file. */
  readonly duplicates: Distinct
  /** Times of the earliest and the latest accepted event, milliseconds since the epoch, UTC; null without any. */
  readonly firstAt: number | null
  readonly lastAt: number | null
  readonly listeners: Distinct
  readonly artists: Distinct
  /** The first rejects of each reason, as they would be kept: masked. */
  readonly examples: readonly Reject[]
  readonly personal: readonly PersonalField[]
}

/** Distinct ids that are told apart; of more, only that there are more. */
const mostIds = 1_000_000

/** Reads a file as an import would. Throws what findImporter and readSource throw. */
export async function validateFile(
  source: ImportSource,
  options: ValidateOptions,
  context: Omit<ReadContext, 'clean' | 'written'>,
): Promise<ValidationReport> {
  const importer = await findImporter(source, options)
  const { now, settings } = context
  const cleaner = createCleaner({ now, settings, pseudonymize: (userId) => userId })
  const seen = createSummary()
  const examples = createExamples(options.examples)
  const clean = (event: unknown) => {
    const cleaned = cleaner(event)
    if (!isFault(cleaned)) seen.take(cleaned)
    return cleaned
  }
  const counts = await readSource(
    { importer, source, options },
    { ...context, clean },
    {
      event: () => undefined,
      reject: examples.take,
    },
  )
  const mapped = options.mapping === undefined ? [] : personalColumns(options.mapping)
  return {
    file: source.fileName,
    format: importer.name,
    title: importer.title,
    ...counts,
    ...seen.summary(),
    examples: examples.kept(),
    personal: [...importer.personal, ...mapped],
  }
}

function personalColumns(mapping: string): readonly PersonalField[] {
  const { fields } = parseTableMapping(mapping)
  return fields.flatMap(({ field, column }) =>
    field === 'user' && column !== undefined ? [{ field: column, becomes: 'pseudonym' as const }] : [],
  )
}

function createExamples(most: number) {
  const byReason = new Map<RejectReason, Reject[]>()
  return {
    take(reject: Reject): void {
      const kept = byReason.get(reject.reason) ?? []
      if (kept.length === 0) byReason.set(reject.reason, kept)
      if (kept.length < most) kept.push(reject)
    },
    kept: (): readonly Reject[] => [...byReason.values()].flat(),
  }
}

function createSummary() {
  const kinds: Record<string, number> = {}
  const [ids, listeners, artists] = [createDistinct(), createDistinct(), createDistinct()]
  let accepted = 0
  let firstAt = Number.POSITIVE_INFINITY
  let lastAt = Number.NEGATIVE_INFINITY
  return {
    take(event: CleanEvent): void {
      accepted += 1
      kinds[event.kind] = (kinds[event.kind] ?? 0) + 1
      ids.add(`${event.revision}:${event.eventId}`)
      listeners.add(event.userId)
      if (event.artistId !== '') artists.add(event.artistId)
      firstAt = Math.min(firstAt, event.at)
      lastAt = Math.max(lastAt, event.at)
    },
    summary() {
      const known = ids.result()
      return {
        kinds,
        duplicates: { count: known.over ? 0 : accepted - known.count, over: known.over },
        firstAt: accepted > 0 ? firstAt : null,
        lastAt: accepted > 0 ? lastAt : null,
        listeners: listeners.result(),
        artists: artists.result(),
      }
    },
  }
}

function createDistinct() {
  const ids = new Set<string>()
  let over = false
  return {
    add(id: string): void {
      if (ids.size < mostIds) ids.add(id)
      else if (!ids.has(id)) over = true
    },
    result: (): Distinct => ({ count: ids.size, over }),
  }
}
