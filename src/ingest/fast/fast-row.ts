// One scanned line as a row of clean columns.
import { type CleanContext, contentId, outcomeOf, tidy, tidyId } from '../clean-event.ts'
import {
  type CleanColumns,
  type CodeColumn,
  codeOf,
  columnOf,
  growColumns,
  type ListColumn,
  type NumberColumn,
  putList,
  putText,
  type TextColumn,
} from './clean-columns.ts'
import { createCodes } from './fast-codes.ts'
import { createDraftReader, type Draft } from './fast-draft.ts'
import { createNumberWriter } from './fast-numbers.ts'
import { putTold } from './fast-subject.ts'
import { stringOf } from './fast-text.ts'
import type { Users } from './fast-users.ts'
import { type Field, field } from './line-fields.ts'
import type { Scanned } from './line-scanner.ts'

/** Adds a scanned line to the columns; false: it is left to the slow lane, and nothing was added. */
export type RowTaker = (bytes: Uint8Array, line: Scanned) => boolean

/** A line and what was made of it. */
type Row = {
  readonly bytes: Uint8Array
  readonly line: Scanned
  readonly draft: Draft
  readonly users: Users
}

/** Returns the function that turns scanned lines into rows. Throws as createCleaner does. */
export function createRowTaker(table: CleanColumns, context: CleanContext): RowTaker {
  const reader = createDraftReader(context)
  const write = createWriter(table)
  return (bytes, line) => {
    const draft = reader.draft(bytes, line)
    if (!draft) return false
    growColumns(table)
    write({ bytes, line, draft, users: reader.users })
    table.rows += 1
    return true
  }
}

function createWriter(table: CleanColumns): (row: Row) => void {
  const text = (name: TextField) => columnOf<TextColumn>(table, name)
  const eventId = text('eventId')
  const userId = text('userId')
  const told = [
    { which: field.recommendationId, column: text('recommendationId'), from: 'recommendationId' },
    { which: field.artistId, column: text('artistId'), from: 'artistId' },
    { which: field.trackId, column: text('trackId'), from: 'trackId' },
    { which: field.trackTitle, column: text('trackTitle'), from: 'trackTitle' },
  ] as const
  const artistName = text('artistName')
  const number = (name: 'at' | 'recordedAt' | 'revision' | 'value') => columnOf<NumberColumn>(table, name)
  const at = number('at')
  const recordedAt = number('recordedAt')
  const revision = number('revision')
  const value = number('value')
  const kind = columnOf<CodeColumn>(table, 'kind')
  const writeCodes = createCodeWriter(table)
  const writeNumbers = createNumberWriter(table)
  const writeListen = createListenWriter(table)
  return (row) => {
    const { bytes, line, draft, users } = row
    const to = table.rows
    if (draft.id === null) putText(eventId, to, contentIdOf(row))
    else putTold(eventId, to, draft.id, { bytes, line, which: field.id })
    users.put(userId, to, draft.user)
    for (const { which, column, from } of told) putTold(column, to, draft[from], { bytes, line, which })
    const which = draft.artistName === null ? field.artistId : field.artistName
    putTold(artistName, to, draft.artistName ?? draft.artistId, { bytes, line, which })
    kind.codes[to] = codeOf(kind, draft.kind)
    at.values[to] = draft.at
    recordedAt.values[to] = draft.recordedAt
    revision.values[to] = has(line.numbers, field.revision) ? (line.values[field.revision] as number) : 0
    if (draft.value !== null) value.values[to] = draft.value
    writeNumbers(line, to)
    writeCodes(bytes, line, to)
    if (draft.kind === 'listen') writeListen(line, to)
  }
}

/** Writes the texts that recur. */
function createCodeWriter(table: CleanColumns): (bytes: Uint8Array, line: Scanned, row: number) => void {
  const lower = (text: string): string | null => tidy(text)?.toLowerCase() ?? null
  const coded = (name: 'genre' | 'surface' | 'modelVersion' | 'variant', normalize: typeof lower) => {
    const column = columnOf<CodeColumn>(table, name)
    return { which: field[name], column, codes: createCodes(table, column, normalize) }
  }
  const columns = [
    coded('genre', lower),
    coded('surface', lower),
    coded('modelVersion', tidyId),
    coded('variant', tidyId),
  ]
  const source = columnOf<CodeColumn>(table, 'source')
  const sources = createCodes(table, source, (text) => tidyId(text) ?? ourSource)
  return (bytes, line, row) => {
    for (const { which, column, codes } of columns) {
      if (has(line.texts, which))
        column.codes[row] = codes(bytes, line.spans[2 * which] as number, line.spans[2 * which + 1] as number)
    }
    const { source: which } = field
    source.codes[row] = has(line.texts, which)
      ? sources(bytes, line.spans[2 * which] as number, line.spans[2 * which + 1] as number)
      : codeOf(source, ourSource)
  }
}

/** Source of events that name none. */
const ourSource = 'tastemaker'

/** Writes what only a listen has. */
function createListenWriter(table: CleanColumns): (line: Scanned, row: number) => void {
  const playedMs = columnOf<NumberColumn>(table, 'playedMs')
  const outcome = columnOf<CodeColumn>(table, 'outcome')
  const volumes = columnOf<ListColumn>(table, 'volumes')
  return (line, row) => {
    const played = has(line.numbers, field.playedMs) ? (line.values[field.playedMs] as number) : null
    const duration = has(line.numbers, field.durationMs) ? (line.values[field.durationMs] as number) : null
    const skipped = has(line.truths, field.skipped)
    if (played !== null) playedMs.values[row] = played
    outcome.codes[row] = codeOf(outcome, outcomeOf({ playedMs: played, durationMs: duration, skipped }))
    if (has(line.objects, field.volumes)) putList(volumes, row, line.volumes, line.volumeCount)
  }
}

function contentIdOf({ bytes, line, draft, users }: Row): string {
  const { kind, at, artistId, trackId, value, recommendationId } = draft
  const stringOrNull = (which: Field, told: typeof artistId) =>
    told === null ? null : stringOf(bytes, line, which, told)
  return contentId([
    kind,
    users.pseudonym(draft.user),
    at,
    stringOrNull(field.artistId, artistId),
    stringOrNull(field.trackId, trackId),
    value,
    stringOrNull(field.recommendationId, recommendationId),
  ])
}

const has = (set: number, which: Field): boolean => (set & (1 << which)) !== 0

type TextField =
  | 'eventId'
  | 'userId'
  | 'artistId'
  | 'artistName'
  | 'trackId'
  | 'trackTitle'
  | 'recommendationId'
