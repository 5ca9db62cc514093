// Spotify: the extended streaming history (two variants) and the basic account export, as JSON arrays, alone or in their zip.
import { TastemakerError } from '../../errors.ts'
import { type Fault, fault, show } from '../fault.ts'
import { readArray } from '../json-array.ts'
import { isRecord } from '../raw-event-check.ts'
import { parseIsoTime } from '../time.ts'
import { headText, isZip } from './head-text.ts'
import { createTally, type Importer, type Translation } from './importer.ts'
import { sourceFiles } from './source-files.ts'

type Fields = Readonly<Record<string, unknown>>

const source = 'spotify'
/** Histories of music; those of videos and podcasts are other files. */
const musicFile =
  /(^|\/)[^/]*(streaming_history_audio|endsong|streaminghistory_?music|streaminghistory\d)[^/]*\.json$/i
/** Minutes since midnight are all that the basic export gives. */
const basicTime = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d)$/

/**
 * Listens of one listener, `context.user`: the exports name none that a service would know. `ts` and `endTime` are the END of a stream, so
 * it began `ms_played` earlier; `offline_timestamp` (absent, 0, seconds or milliseconds) is not needed and not trusted.
 * A track that ended by itself (`trackdone`) was as long as it was heard: the exports have no other duration.
 * Podcasts, audiobooks and videos are `not-music`, incognito streams `private`. Addresses, devices and names are never read.
 * Throws `bad-argument` without `context.user`.
 */
export const spotifyImporter: Importer = {
  name: source,
  title: 'Spotify streaming history (zip or JSON)',
  personal: [
    { field: 'username', becomes: 'nothing' },
    { field: 'ip_addr', becomes: 'nothing' },
    { field: 'ip_addr_decrypted', becomes: 'nothing' },
    { field: 'user_agent_decrypted', becomes: 'nothing' },
    { field: 'platform', becomes: 'nothing' },
    { field: 'conn_country', becomes: 'nothing' },
  ],
  accepts: (fileName, head) => {
    const text = headText(head)
    if (isZip(head)) return /streaming_?history|endsong/i.test(text)
    return musicFile.test(fileName) || /"(ms_played|msPlayed)"/.test(text)
  },
  async read(input, context, sink) {
    const { user } = context
    if (!user)
      throw new TastemakerError('bad-argument', 'A Spotify export names no listener; say whose it is (user).')
    const tally = createTally(sink, context)
    const choice = { wanted: (name: string) => musicFile.test(name), other: tally.otherFile }
    for await (const { file, bytes } of sourceFiles(input, choice)) {
      await readArray(bytes, context.maxLineBytes, {
        record: (value, line, text) => tally.tell(listenOf(value, user), { file, line }, withoutDevice(text)),
        fault: (wrong, line, text) => tally.tell(wrong, { file, line }, withoutDevice(text)),
      })
    }
    return tally.counts()
  },
}

function listenOf(record: unknown, user: string): Translation | Fault {
  if (!isRecord(record)) return fault('malformed', 'a record is an object')
  return 'msPlayed' in record ? basicListen(record, user) : extendedListen(record, user)
}

function extendedListen(record: Fields, user: string): Translation | Fault {
  if (record.incognito_mode === true) return fault('private', 'incognito_mode is true')
  const name = textOf(record.master_metadata_album_artist_name)
  const title = textOf(record.master_metadata_track_name)
  const id = textOf(record.spotify_track_uri)
  if (title === undefined && isSpoken(record))
    return fault('not-music', 'an episode of a podcast or a part of an audiobook')
  if (name === undefined) return fault('no-artist', 'master_metadata_album_artist_name is missing')
  if (title === undefined && id === undefined)
    return fault('no-track', 'master_metadata_track_name is missing')
  const playedMs = record.ms_played
  if (!isDuration(playedMs)) return fault('bad-value', `ms_played is ${show(playedMs)}`)
  const end = typeof record.ts === 'string' ? parseIsoTime(record.ts) : undefined
  if (end === undefined) return fault('bad-time', `ts is ${show(record.ts)}, not ISO 8601`)
  const toTheEnd = record.reason_end === 'trackdone' && playedMs > 0
  return {
    event: 'listen',
    user,
    at: end - playedMs,
    artist: { name },
    track: {
      ...(id !== undefined && { id }),
      ...(title !== undefined && { title }),
      ...(toTheEnd && { durationMs: playedMs }),
    },
    playedMs,
    ...(record.skipped === true && { skipped: true }),
    source,
  }
}

function basicListen(record: Fields, user: string): Translation | Fault {
  const name = textOf(record.artistName)
  const title = textOf(record.trackName)
  if (name === undefined) return fault('no-artist', 'artistName is missing')
  if (title === undefined) return fault('no-track', 'trackName is missing')
  const playedMs = record.msPlayed
  if (!isDuration(playedMs)) return fault('bad-value', `msPlayed is ${show(playedMs)}`)
  const [, date, time] = basicTime.exec(textOf(record.endTime) ?? '') ?? []
  const end = parseIsoTime(`${date}T${time}Z`)
  if (end === undefined) return fault('bad-time', `endTime is ${show(record.endTime)}, not YYYY-MM-DD HH:MM`)
  return { event: 'listen', user, at: end - playedMs, artist: { name }, track: { title }, playedMs, source }
}

/** What was listened on, and in which country, is shown in no reject; what ingest knows to be personal is masked there anyway. */
const withoutDevice = (text: string): string =>
  text.replaceAll(/("(?:platform|conn_country)"\s*:\s*)"(?:[^"\\]|\\.)*("|$)/g, '$1"‹device›"')

const isSpoken = (record: Fields): boolean =>
  [
    'episode_name',
    'episode_show_name',
    'spotify_episode_uri',
    'audiobook_title',
    'audiobook_uri',
    'audiobook_chapter_uri',
  ].some((key) => textOf(record[key]) !== undefined)

const isDuration = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Text that is there; null, empty and blank count as missing. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined
}
