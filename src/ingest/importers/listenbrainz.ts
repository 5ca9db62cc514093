// ListenBrainz: submitted listens, lines of the public dump and lines of a user's export, plain, packed or in a zip.
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
import { type SourceFile, sourceFiles } from './source-files.ts'

type Fields = Readonly<Record<string, unknown>>

const source = 'listenbrainz'
const listensFile = /(^|\/)listens\/.*\.(jsonl|listens)$|\.listens$/i
const mbid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** 2002-10-01, before which ListenBrainz takes no listen, in seconds. */
const earliestSeconds = 1_033_430_400
const aheadSeconds = 3600
const longestMs = 24 * 86_400_000
/** A `.json` file up to this size may be one submission over many lines. */
const documentBytes = 67_108_864

/**
 * Listens as ListenBrainz knows them: `listened_at` (the dump says `timestamp`) is the beginning of the playback in seconds. A listen's own
 * `user_name` or `user_id` wins over `context.user`; without any it is `no-user`. The artist is the first one that is credited with a MusicBrainz id
 * of its own; a `playing_now` announces a listen and is none, so it is `not-music`. Without `duration_played` how long it was heard is not known.
 */
export const listenbrainzImporter: Importer = {
  name: source,
  title: 'ListenBrainz listens (submissions, dump, export)',
  accepts: (_fileName, head) => {
    const text = headText(head)
    return isZip(head) ? /listens\/\d{4}\//.test(text) : /"track_metadata"\s*:/.test(text)
  },
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    for await (const { file, bytes } of sourceFiles(input, (name) => listensFile.test(name))) {
      await readFile({ file, bytes }, context, tally)
    }
    return tally.counts()
  },
}

async function readFile({ file, bytes }: SourceFile, context: ImportContext, tally: Tally): Promise<void> {
  const told = {
    record: (value: unknown, line: number, text: string) =>
      tellRecord(tally, value, { file, line, text, context }),
    fault: (wrong: Fault, line: number, text: string) => tally.tell(wrong, { file, line }, text),
  }
  const lines = {
    line(text: string, line: number) {
      if (text.trim() === '') return
      const parsed = parseJson(text)
      if (isFault(parsed)) told.fault(parsed, line, text)
      else told.record(parsed.value, line, text)
    },
    fault: told.fault,
  }
  const { first, whole } = await peekCharacter(bytes)
  if (first === '[') return readArray(whole, context.maxLineBytes, told)
  if (!unpackedName(file).endsWith('.json')) return void (await readLines(whole, context.maxLineBytes, lines))
  const { document, again } = await readDocument(whole)
  if (document === undefined) await readLines(again, context.maxLineBytes, lines)
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

type RecordPlace = Place & { readonly text: string; readonly context: ImportContext }

/** A record is one listen, or a submission that holds many. */
function tellRecord(tally: Tally, value: unknown, { file, line, text, context }: RecordPlace): void {
  const submission: unknown[] | undefined =
    isRecord(value) && Array.isArray(value.payload) ? value.payload : undefined
  const playingNow = submission !== undefined && (value as Fields).listen_type === 'playing_now'
  for (const listen of submission ?? [value]) {
    const answer = playingNow
      ? fault('not-music', 'playing_now announces a listen and is none')
      : listenOf(listen, context)
    tally.tell(
      answer,
      { file, line },
      submission && isFault(answer) ? JSON.stringify(upToDepth(listen, 4)) : text,
    )
  }
}

/** A copy without what is nested deeper: for showing, since text of any depth cannot be made. */
function upToDepth(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return '…'
  if (Array.isArray(value)) return value.slice(0, 10).map((inner) => upToDepth(inner, depth - 1))
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, upToDepth(inner, depth - 1)]))
}

function listenOf(listen: unknown, context: ImportContext): Translation | Fault {
  if (!isRecord(listen)) return fault('malformed', 'a listen is an object')
  const track = listen.track_metadata
  if (!isRecord(track)) return fault('schema', 'track_metadata is missing')
  const info = isRecord(track.additional_info) ? track.additional_info : {}
  const mapping = isRecord(track.mbid_mapping) ? track.mbid_mapping : {}
  const user = textOf(listen.user_name) ?? idOf(listen.user_id) ?? context.user
  if (user === undefined) return fault('no-user', 'the listen names no user, and none was given for the file')
  const at = startOf(listen.listened_at ?? listen.timestamp, context.now)
  if (typeof at !== 'number') return at
  const subject = subjectOf(track, info, mapping)
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

function subjectOf(
  track: Fields,
  info: Fields,
  mapping: Fields,
): Required<Pick<Translation, 'artist' | 'track'>> | Fault {
  const name = textOf(track.artist_name)
  if (name === undefined) return fault('no-artist', 'artist_name is missing or blank')
  const title = textOf(track.track_name)
  if (title === undefined) return fault('no-track', 'track_name is missing or blank')
  const id = mbidOf(info.recording_mbid) ?? mbidOf(mapping.recording_mbid)
  return { artist: artistOf(name, info, mapping), track: { ...(id !== undefined && { id }), title } }
}

function startOf(seconds: unknown, now: number): number | Fault {
  if (!Number.isSafeInteger(seconds))
    return fault('bad-time', `listened_at is ${show(seconds)}, not whole seconds since the epoch`)
  const value = seconds as number
  if (value < earliestSeconds) return fault('too-old', `listened_at is ${value}, before 2002-10-01`)
  if (value > now / 1000 + aheadSeconds) return fault('future-time', `listened_at is ${value}`)
  return value * 1000
}

/** The first credited artist: from the mapping, from ids and names of equal number, or from a single id; else only the whole credit. */
function artistOf(name: string, info: Fields, mapping: Fields): Translation['artist'] {
  const [credited] = Array.isArray(mapping.artists) ? (mapping.artists as unknown[]) : []
  if (isRecord(credited)) {
    const id = mbidOf(credited.artist_mbid)
    if (id) return { id, name: textOf(credited.artist_credit_name) ?? name }
  }
  const ids = listOf(info.artist_mbids) ?? listOf(mapping.artist_mbids) ?? []
  const names = listOf(info.artist_names) ?? []
  const id = mbidOf(ids[0])
  if (id && ids.length === 1) return { id, name }
  return id && names.length === ids.length ? { id, name: textOf(names[0]) ?? name } : { name }
}

/** `duration` in seconds or `duration_ms`, never both; undefined when there is neither. */
function durationOf(info: Fields): number | undefined | Fault {
  if (info.duration != null && info.duration_ms != null)
    return fault('bad-value', 'both duration and duration_ms are given')
  return info.duration_ms != null ? millisecondsOf(info.duration_ms, 1) : millisecondsOf(info.duration, 1000)
}

function millisecondsOf(value: unknown, unitMs: number): number | undefined | Fault {
  if (value === undefined || value === null) return undefined
  const number = typeof value === 'string' && /^\d{1,12}$/.test(value.trim()) ? Number(value) : value
  const valid =
    Number.isSafeInteger(number) && (number as number) >= 0 && (number as number) * unitMs <= longestMs
  return valid ? (number as number) * unitMs : fault('bad-value', `a duration is ${show(value)}`)
}

const listOf = (value: unknown): unknown[] | undefined =>
  Array.isArray(value) && value.length > 0 ? value : undefined

const idOf = (value: unknown): string | undefined => (Number.isSafeInteger(value) ? String(value) : undefined)

const mbidOf = (value: unknown): string | undefined =>
  typeof value === 'string' && mbid.test(value) ? value.toLowerCase() : undefined

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
