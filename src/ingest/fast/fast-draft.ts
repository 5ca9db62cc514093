// What a scanned line says, judged by the rules of clean-event.ts; a line that breaks one, or is not plain, is left to them.
import { type EventKind, eventKinds } from '../../data/event.ts'
import { type CleanContext, countedValue, limitsOf, recordedAtOf } from '../clean-event.ts'
import { addBytes, createByteTable, findBytes } from './byte-table.ts'
import { numbersFit } from './fast-numbers.ts'
import { createSubjects, type Subject } from './fast-subject.ts'
import { type Told, toldId } from './fast-text.ts'
import { createTimes } from './fast-time.ts'
import { createUsers, type Users } from './fast-users.ts'
import { type Field, field } from './line-fields.ts'
import type { Scanned } from './line-scanner.ts'

/** What is known of a line before it becomes a row; `user` is an index of the reader's users. */
export type Draft = Subject & {
  kind: EventKind
  at: number
  recordedAt: number
  user: number
  id: Told
  recommendationId: Told
  value: number | null
}

const neededTexts = (1 << field.event) | (1 << field.user)
const timeBit = 1 << field.at
const receivedBit = 1 << field.receivedAt
const artistBit = 1 << field.artist
const revisionBit = 1 << field.revision

/** Reads lines, and remembers users. */
export type DraftReader = {
  readonly users: Users
  /** Reads and judges a line; undefined: it is left to the slow lane. The draft is the same object every time. */
  readonly draft: (bytes: Uint8Array, line: Scanned) => Draft | undefined
}

/** Makes a reader. Throws as createCleaner does. */
export function createDraftReader(context: CleanContext): DraftReader {
  const limits = limitsOf(context)
  const timeOf = createTimes()
  const users = createUsers(context.pseudonymize)
  const subjectOf = createSubjects()
  const kinds = createByteTable()
  for (const kind of eventKinds) addBytes(kinds, Buffer.from(kind), 0, kind.length)
  const draft: Draft = {
    kind: 'listen',
    at: 0,
    recordedAt: 0,
    user: 0,
    id: null,
    recommendationId: null,
    value: null,
    artistId: null,
    artistName: null,
    trackId: null,
    trackTitle: null,
  }
  const readTimes = (bytes: Uint8Array, line: Scanned): boolean => {
    draft.at = timeOf(bytes, line, field.at)
    if (!(draft.at >= limits.earliest && draft.at <= limits.latest)) return false
    draft.recordedAt = context.now
    if (((line.texts | line.numbers) & receivedBit) === 0) return true
    if (spanLength(line, field.receivedAt) > 64 && (line.texts & receivedBit) !== 0) return false
    const received = timeOf(bytes, line, field.receivedAt)
    draft.recordedAt = recordedAtOf(Number.isNaN(received) ? undefined : received, context.now)
    return true
  }
  const readWho = (bytes: Uint8Array, line: Scanned): boolean => {
    const kind = findSpan(kinds, bytes, line, field.event)
    if (kind < 0) return false
    draft.kind = eventKinds[kind] as EventKind
    const length = spanLength(line, field.user)
    if (length === 0 || length > 256) return false
    const begin = line.spans[2 * field.user] as number
    draft.user = users.indexOf(bytes, begin, begin + length)
    return draft.user >= 0
  }
  const readIds = (bytes: Uint8Array, line: Scanned): boolean => {
    draft.id = toldId(bytes, line, field.id)
    draft.recommendationId = toldId(bytes, line, field.recommendationId)
    if (draft.id === false || draft.recommendationId === false) return false
    const revised = (line.numbers & revisionBit) !== 0 && (line.values[field.revision] as number) > 0
    return draft.id !== null || !revised
  }
  return {
    users,
    draft(bytes: Uint8Array, line: Scanned): Draft | undefined {
      if ((line.texts & neededTexts) !== neededTexts || (line.objects & artistBit) === 0) return undefined
      if (((line.texts | line.numbers) & timeBit) === 0) return undefined
      if (!readWho(bytes, line) || !readTimes(bytes, line) || !readIds(bytes, line)) return undefined
      if (!subjectOf(bytes, line, draft) || (draft.trackId === null && draft.kind === 'listen'))
        return undefined
      return numbersFit(line) && isShort(line) && volumesFit(line) && readValue(line, draft)
        ? draft
        : undefined
    },
  }
}

/** Whether the texts that become codes are no longer than the schema allows. */
function isShort(line: Scanned): boolean {
  for (const [which, most] of codeLimits) {
    if ((line.texts & (1 << which)) !== 0 && spanLength(line, which) > most) return false
  }
  return true
}

const codeLimits: readonly (readonly [Field, number])[] = [
  [field.genre, 128],
  [field.surface, 64],
  [field.modelVersion, 128],
  [field.variant, 64],
  [field.source, 32],
]

function volumesFit(line: Scanned): boolean {
  if ((line.objects & (1 << field.volumes)) === 0) return true
  for (let at = 0; at < line.volumeCount; at += 1) {
    const volume = line.volumes[at] as number
    if (volume < 0 || volume > 1) return false
  }
  return true
}

function readValue(line: Scanned, draft: Draft): boolean {
  const given = (line.numbers & (1 << field.value)) === 0 ? undefined : (line.values[field.value] as number)
  draft.value = countedValue(draft.kind, given)
  if (draft.kind === 'play_count') return given !== undefined && given > 0
  const signed = draft.kind === 'like' || draft.kind === 'follow'
  return !signed || given === undefined || Math.abs(given) === 1
}

function spanLength(line: Scanned, which: Field): number {
  return (line.spans[2 * which + 1] as number) - (line.spans[2 * which] as number)
}

function findSpan(
  table: ReturnType<typeof createByteTable>,
  bytes: Uint8Array,
  line: Scanned,
  which: Field,
): number {
  return findBytes(table, bytes, line.spans[2 * which] as number, line.spans[2 * which + 1] as number)
}
