// ListenBrainz: submitted listens, lines of the public dump, and a user's export with its feedback, plain, packed or in a zip.
import { peekCharacter, type UnpackedBytes, unpackedName } from '../decompress.ts'
import { type Fault, fault, isFault, show } from '../fault.ts'
import { readArray } from '../json-array.ts'
import { parseJson } from '../json-text.ts'
import { isRecord } from '../raw-event-check.ts'
import { readLines } from '../read-lines.ts'
import { headText, isZip } from './head-text.ts'
import {
  createTally,
  type ImportContext,
  type Importer,
  type Place,
  type Tally,
  type Translation,
} from './importer.ts'
import { jsonLines } from './json-records.ts'
import {
  durationOf,
  idOf,
  millisecondsOf,
  type Subject,
  startOf,
  subjectOf,
  textOf,
} from './listenbrainz-fields.ts'
import { type SourceFile, sourceFiles } from './source-files.ts'
import { firstFilledLine } from './table-head.ts'

type Fields = Readonly<Record<string, unknown>>
type Listener = Pick<ImportContext, 'now' | 'user'>

/** What a record depends on besides itself. */
type Parts = {
  readonly context: ImportContext
  readonly tally: Tally
  /** What recordings are called, from the listens of the same import: feedback only has their ids. */
  readonly recordings: Map<string, Subject>
}

const source = 'listenbrainz'
const listensFile = /(^|\/)listens\/.*\.(jsonl|listens)$|\.listens$/i
const feedbackFile = /(^|\/)feedback\.jsonl$/i
const userFile = /(^|\/)user\.json$/i
/** A `.json` file up to this size may be one submission over many lines. */
const documentBytes = 67_108_864
/** A file that says whose archive it is has at most so many bytes. */
const ownerBytes = 65_536
/** Recordings remembered. */
const mostRecordings = 1_000_000

/**
 * Listens as ListenBrainz knows them: `listened_at` (the dump says `timestamp`) is the beginning of the playback in seconds. A listen's own
 * `user_name` or `user_id` wins over `context.user`, that over the `user.json` of an export; without any it is `no-user`. The artist is the
 * first one that is credited with a MusicBrainz id of its own; a `playing_now` announces a listen and is none, so it is `not-music`. Without
 * `duration_played` how long it was heard is not known. Feedback of an export (a `score` and no `listened_at`) becomes a like: 1 gives it, -1 (hated)
 * and 0 (taken back) take it away; on a recording that no listen of the import names it is `no-artist`.
 */
export const listenbrainzImporter: Importer = {
  name: source,
  title: 'ListenBrainz listens (submissions, dump, export)',
  personal: [
    { field: 'user_name', becomes: 'pseudonym' },
    { field: 'user_id', becomes: 'pseudonym' },
    { field: 'username', becomes: 'pseudonym' },
  ],
  accepts: (_fileName, head) => {
    const text = headText(head)
    if (isZip(head)) return /listens\/\d{4}\/|user\.json/.test(text) && !/streaming_?history/i.test(text)
    const line = firstFilledLine(text)
    return /"track_metadata"\s*:/.test(text) || (/"score"\s*:/.test(line) && /"recording_m[bs]id"/.test(line))
  },
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    let parts: Parts = { context, tally, recordings: new Map() }
    const choice = { wanted: isWanted, rank: rankOf, other: tally.otherFile }
    for await (const { file, bytes } of sourceFiles(input, choice)) {
      if (file === input.fileName || !userFile.test(file)) {
        await readFile({ file, bytes }, parts)
        continue
      }
      const owner = context.user ?? (await ownerIn(bytes))
      if (owner !== undefined) parts = { ...parts, context: { ...context, user: owner } }
      tally.metadata()
    }
    return tally.counts()
  },
}

const isWanted = (name: string): boolean =>
  [listensFile, feedbackFile, userFile].some((file) => file.test(name))

/** Whose archive it is first, then the listens, then the feedback that needs them. */
function rankOf(name: string): number {
  if (userFile.test(name)) return 0
  return feedbackFile.test(name) ? 2 : 1
}

async function ownerIn(bytes: UnpackedBytes): Promise<string | undefined> {
  let text = ''
  for (let next = await bytes.next(); !next.done; next = await bytes.next())
    if (text.length < ownerBytes) text += Buffer.from(next.value).toString('utf8')
  const parsed = parseJson(text)
  return !isFault(parsed) && isRecord(parsed.value) ? textOf(parsed.value.username) : undefined
}

async function readFile({ file, bytes }: SourceFile, parts: Parts): Promise<void> {
  const { maxLineBytes } = parts.context
  const told = {
    record: (value: unknown, line: number, text: string) => tellRecord(value, { file, line, text }, parts),
    fault: (wrong: Fault, line: number, text: string) => parts.tally.tell(wrong, { file, line }, text),
  }
  const { first, whole } = await peekCharacter(bytes)
  if (first === '[') return readArray(whole, maxLineBytes, told)
  if (!unpackedName(file).endsWith('.json'))
    return void (await readLines(whole, maxLineBytes, jsonLines(told)))
  const { document, again } = await readDocument(whole)
  if (document === undefined) await readLines(again, maxLineBytes, jsonLines(told))
  else told.record(document, 1, '')
}

/** Reads a whole file as one JSON text; where it is none (many lines of it, or damaged), the bytes are handed back. */
async function readDocument(
  bytes: UnpackedBytes,
): Promise<{ readonly document?: unknown; readonly again: UnpackedBytes }> {
  const parts: Uint8Array[] = []
  let length = 0
  let next = await bytes.next()
  for (; !next.done && length <= documentBytes; next = await bytes.next()) {
    parts.push(next.value)
    length += next.value.length
  }
  const last = next
  async function* again(): UnpackedBytes {
    yield* parts
    if (last.done) return last.value
    yield last.value
    return yield* bytes
  }
  const parsed = last.done && !last.value ? parseJson(Buffer.concat(parts).toString('utf8')) : undefined
  return { ...(parsed && !isFault(parsed) && { document: parsed.value }), again: again() }
}

/** A record is one listen, one piece of feedback, or a submission that holds many listens. */
function tellRecord(
  value: unknown,
  { text, ...place }: Place & { readonly text: string },
  parts: Parts,
): void {
  const submission: unknown[] | undefined =
    isRecord(value) && Array.isArray(value.payload) ? value.payload : undefined
  const playingNow = submission !== undefined && (value as Fields).listen_type === 'playing_now'
  for (const record of submission ?? [value]) {
    const answer = playingNow
      ? fault('not-music', 'playing_now announces a listen and is none')
      : eventOf(record, parts)
    const shown = submission && isFault(answer) ? JSON.stringify(upToDepth(record, 4)) : text
    parts.tally.tell(answer, place, shown ?? '')
  }
}

/** A copy without what is nested deeper: for showing, since text of any depth cannot be made. */
function upToDepth(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '…'
  if (Array.isArray(value)) return value.slice(0, 10).map((inner) => upToDepth(inner, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, upToDepth(inner, depth - 1)]))
}

function eventOf(record: unknown, { context, recordings }: Parts): Translation | Fault {
  if (isFeedback(record)) return likeOf(record, context, recordings)
  const listen = listenOf(record, context)
  if (!isFault(listen) && recordings.size < mostRecordings)
    noteRecording(record as Fields, listen, recordings)
  return listen
}

function isFeedback(record: unknown): record is Fields {
  const { score, listened_at, timestamp } = isRecord(record) ? record : {}
  return score !== undefined && listened_at === undefined && timestamp === undefined
}

function noteRecording(
  listen: Fields,
  { artist, track = {} }: Translation,
  recordings: Map<string, Subject>,
): void {
  const metadata = listen.track_metadata as Fields
  const info = isRecord(metadata.additional_info) ? metadata.additional_info : {}
  for (const id of [listen.recording_msid, metadata.recording_msid, info.recording_msid, track.id])
    if (typeof id === 'string') recordings.set(id, { artist, track })
}

function likeOf(
  feedback: Fields,
  context: Listener,
  recordings: ReadonlyMap<string, Subject>,
): Translation | Fault {
  const user = userOf(feedback, context)
  if (typeof user !== 'string') return user
  const { score } = feedback
  if (score !== 1 && score !== 0 && score !== -1)
    return fault('bad-value', `score is ${show(score)}, not 1, 0 or -1`)
  const at = startOf(feedback.created, context.now, 'created')
  if (typeof at !== 'number') return at
  const ids = [feedback.recording_msid, feedback.recording_mbid]
  const subject = isRecord(feedback.track_metadata)
    ? subjectOf(feedback.track_metadata)
    : ids.flatMap((id) => recordings.get(String(id)) ?? [])[0]
  if (!subject) return fault('no-artist', 'no listen of this import names the recording')
  if (isFault(subject)) return subject
  return { event: 'like', user, at, ...subject, value: score === 1 ? 1 : -1, source }
}

function userOf(record: Fields, { user }: Listener): string | Fault {
  return (
    textOf(record.user_name) ??
    idOf(record.user_id) ??
    user ??
    fault('no-user', 'the record names no user, and none was given for the file')
  )
}

/** One listen of a submission, the dump or an export, as a raw event. */
export function listenOf(listen: unknown, context: Listener): Translation | Fault {
  if (!isRecord(listen)) return fault('malformed', 'a listen is an object')
  const track = listen.track_metadata
  if (!isRecord(track)) return fault('schema', 'track_metadata is missing')
  const info = isRecord(track.additional_info) ? track.additional_info : {}
  const user = userOf(listen, context)
  if (typeof user !== 'string') return user
  const at = startOf(listen.listened_at ?? listen.timestamp, context.now, 'listened_at')
  if (typeof at !== 'number') return at
  const subject = subjectOf(track)
  if (isFault(subject)) return subject
  const durationMs = durationOf(info)
  if (typeof durationMs === 'object') return durationMs
  const playedMs = millisecondsOf(info.duration_played, 1000)
  if (typeof playedMs === 'object') return playedMs
  return {
    event: 'listen',
    user,
    at,
    artist: subject.artist,
    track: { ...subject.track, ...(durationMs && { durationMs }) },
    ...(playedMs !== undefined && { playedMs }),
    source,
  }
}
