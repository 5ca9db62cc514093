// Last.fm and libre.fm: the usual CSV exports of scrobbles, known by their header or, without one, by their four columns.
import { decompress } from '../decompress.ts'
import { type Fault, fault, show } from '../fault.ts'
import { readCsv, splitRow } from './csv.ts'
import { headText } from './head-text.ts'
import { createTally, type Importer, type Translation } from './importer.ts'
import { firstFilledLine, likelyDelimiter, peekLine } from './table-head.ts'
import { type TimeParser, timeParser } from './table-times.ts'

type Column = 'artist' | 'artistId' | 'track' | 'trackId' | 'utc' | 'at' | 'durationMs' | 'user'

/** Where each column stands, and what the header says besides. */
type Layout = {
  readonly columns: Readonly<Partial<Record<Column, number>>>
  readonly width: number
  readonly hasHeader: boolean
  /** Listener that the header names: `Date#name`. */
  readonly user?: string
}

const source = 'lastfm'
/** Names of columns in lower case without spaces, `_` and `-`, the best first. A time in `utc` is UTC whatever the time zone. */
const aliases: Readonly<Record<Column, readonly string[]>> = {
  artist: ['artist', 'artistname'],
  artistId: ['artistmbid'],
  track: ['track', 'trackname', 'title', 'song', 'songname', 'name'],
  trackId: ['trackmbid', 'recordingmbid'],
  utc: ['uts', 'timems', 'timestamp', 'unixtime', 'listenedat', 'utctime'],
  at: ['date', 'time', 'datetime', 'playedat', 'scrobbletime'],
  durationMs: ['durationms'],
  user: ['user', 'username'],
}
/** `artist,album,track,date` without a header. */
const headless: Layout = { columns: { artist: 0, track: 2, at: 3 }, width: 4, hasHeader: false }

/**
 * Scrobbles: durations only in a few exports, MusicBrainz ids where Last.fm knew them. Times may be seconds or milliseconds since the epoch,
 * ISO 8601, or local ones such as `31 Dec 2012 23:59`, which are read in `context.timeZone`. The listener is the row's own, the one of a
 * header `Date#name`, or `context.user`; without any it is `no-user`.
 */
export const lastfmImporter: Importer = {
  name: source,
  title: 'Last.fm or libre.fm scrobbles (CSV)',
  personal: [{ field: 'username', becomes: 'pseudonym' }],
  accepts: (_fileName, head) => layoutOf(firstFilledLine(headText(head))) !== undefined,
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    const { line, whole } = await peekLine(decompress(input.fileName, input.chunks))
    const layout = layoutOf(line) ?? headless
    const read = scrobbleReader(layout, context)
    const shown = (text: string): string => (layout.columns.user === undefined ? text : '')
    let headerSeen = !layout.hasHeader
    await readCsv(
      whole,
      { delimiter: likelyDelimiter(line), maxLineBytes: context.maxLineBytes },
      {
        row(fields, number, text) {
          if (headerSeen) tally.tell(read(fields), { file: input.fileName, line: number }, shown(text))
          headerSeen = true
        },
        fault: (wrong, number, text) =>
          tally.tell(wrong, { file: input.fileName, line: number }, shown(text)),
      },
    )
    return tally.counts()
  },
}

/** The layout that a first line shows: a header with an artist, a track and a time, or four fields that end in a time. */
function layoutOf(line: string): Layout | undefined {
  const fields = splitRow(line, likelyDelimiter(line))
  if (!Array.isArray(fields)) return undefined
  const names = fields.map((field) =>
    field
      .split('#')[0]!
      .toLowerCase()
      .replaceAll(/[\s_-]/g, ''),
  )
  const columns: Partial<Record<Column, number>> = {}
  for (const [column, known] of Object.entries(aliases) as [Column, readonly string[]][]) {
    const name = known.find((alias) => names.includes(alias))
    if (name !== undefined) columns[column] = names.indexOf(name)
  }
  const timed = columns.utc !== undefined || columns.at !== undefined
  if (columns.artist !== undefined && columns.track !== undefined && timed) {
    const user = /#(.+)$/.exec(fields.find((field) => /^date#/i.test(field)) ?? '')?.[1]
    return { columns, width: fields.length, hasHeader: true, ...(user !== undefined && { user }) }
  }
  const last = fields.length === headless.width ? (fields.at(-1) ?? '') : ''
  return last.length > 9 && timeParser('auto')(last) !== undefined ? headless : undefined
}

type Read = (fields: readonly string[]) => Translation | Fault

function scrobbleReader(
  { columns, width, user }: Layout,
  context: { timeZone?: string; user?: string },
): Read {
  const atUtc = timeParser('auto')
  const atLocal = timeParser('auto', context.timeZone)
  return (fields) => {
    if (fields.length !== width)
      return fault('malformed', `the row has ${fields.length} fields, not ${width}`)
    const value = (column: Column): string => fields[columns[column] ?? -1]?.trim() ?? ''
    const listener = value('user') || context.user || user
    if (!listener) return fault('no-user', 'the table names no listener, and none was given for the file')
    const at = columns.utc === undefined ? timeOf(value('at'), atLocal) : timeOf(value('utc'), atUtc)
    if (typeof at !== 'number') return at
    const artist = filled({ id: value('artistId'), name: value('artist') })
    const track = filled({ id: value('trackId'), title: value('track') })
    if (!artist) return fault('no-artist', 'the artist is empty')
    if (!track) return fault('no-track', 'the track is empty')
    const durationMs = /^[1-9]\d{0,9}$/.test(value('durationMs'))
      ? { durationMs: Number(value('durationMs')) }
      : {}
    return { event: 'listen', user: listener, at, artist, track: { ...track, ...durationMs }, source }
  }
}

function timeOf(text: string, parse: TimeParser): number | Fault {
  if (text === '') return fault('bad-time', 'the time is empty')
  return parse(text) ?? fault('bad-time', `the time is ${show(text)}, which is none that is known`)
}

/** The fields that are not empty; undefined when all are. */
function filled<T extends Readonly<Record<string, string>>>(fields: T): Partial<T> | undefined {
  const entries = Object.entries(fields).filter(([, value]) => value !== '')
  return entries.length === 0 ? undefined : (Object.fromEntries(entries) as Partial<T>)
}
