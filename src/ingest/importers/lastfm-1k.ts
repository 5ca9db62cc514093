// Last.fm 1K: one listen a line, six columns parted by tabs (Celma 2010, userid-timestamp-artid-artname-traid-traname.tsv).
import { decompress } from '../decompress.ts'
import { type Fault, fault, show } from '../fault.ts'
import { readLines } from '../read-lines.ts'
import { parseIsoTime } from '../time.ts'
import { firstLine, headText } from './head-text.ts'
import { createTally, type Importer, type Translation } from './importer.ts'

const columns = 6
const source = 'lastfm-1k'

/** Listens of the Last.fm 1K data set: no durations, MusicBrainz ids where Last.fm knew them. */
export const lastfm1kImporter: Importer = {
  name: source,
  title: 'Last.fm 1K users (TSV)',
  personal: [{ field: 'userid (column 1)', becomes: 'pseudonym' }],
  accepts: (_fileName, head) => {
    const fields = firstLine(headText(head)).split('\t')
    return fields.length === columns && parseIsoTime(fields[1] ?? '') !== undefined
  },
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    const at = (line: number) => ({ file: input.fileName, line })
    await readLines(decompress(input.fileName, input.chunks), context.maxLineBytes, {
      line(text, number) {
        if (text.trim() !== '') tally.tell(listenOf(text), at(number), withoutUser(text))
      },
      fault: (wrong, number, text) => tally.tell(wrong, at(number), withoutUser(text)),
    })
    return tally.counts()
  },
}

function listenOf(line: string): Translation | Fault {
  if (line.includes('\0')) return fault('schema', 'the line holds a NUL character')
  const fields = line.split('\t').map((field) => field.trim())
  if (fields.length !== columns)
    return fault('malformed', `the line has ${fields.length} columns, not ${columns}`)
  const [user, time, artistId, artistName, trackId, title] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  if (user === '') return fault('no-user', 'column 1, the user, is empty')
  if (parseIsoTime(time) === undefined) return fault('bad-time', `column 2 is ${show(time)}, not ISO 8601`)
  if (artistId === '' && artistName === '')
    return fault('no-artist', 'columns 3 and 4, the artist, are empty')
  if (trackId === '' && title === '') return fault('no-track', 'columns 5 and 6, the track, are empty')
  return {
    event: 'listen',
    user,
    at: time,
    artist: { ...(artistId !== '' && { id: artistId }), ...(artistName !== '' && { name: artistName }) },
    track: { ...(trackId !== '' && { id: trackId }), ...(title !== '' && { title }) },
    source,
  }
}

/** The user is the first column. */
const withoutUser = (line: string): string => line.replace(/^[^\t]*/, '‹user›')
