// The Audioscrobbler log of portable players (`.scrobbler.log`, version 1.1, as Rockbox writes it): eight columns parted by tabs.
import { decompress } from '../decompress.ts'
import { type Fault, fault, show } from '../fault.ts'
import { readLines } from '../read-lines.ts'
import { headText } from './head-text.ts'
import { createTally, type ImportContext, type Importer, type Translation } from './importer.ts'
import { firstFilledLine } from './table-head.ts'
import { zonedTimes } from './table-times.ts'

const source = 'scrobbler-log'
const header = /^#AUDIOSCROBBLER\/1\./i
const untagged = '<Untagged>'

/**
 * Listens of one listener, `context.user`. Times are seconds since the epoch; after `#TZ/UTC` of UTC, else of the player's clock, which is read
 * in `context.timeZone`. A rating `L` was heard, `S` was skipped; how long is not written.
 * Throws `bad-argument` for a time zone that is none.
 */
export const scrobblerLogImporter: Importer = {
  name: source,
  title: 'Audioscrobbler log of a portable player',
  personal: [],
  accepts: (_fileName, head) => header.test(firstFilledLine(headText(head))),
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    const zoned = zonedTimes(context.timeZone ?? 'UTC')
    let inUtc = false
    const at = (line: number) => ({ file: input.fileName, line })
    await readLines(decompress(input.fileName, input.chunks), context.maxLineBytes, {
      line(text, number) {
        if (text.startsWith('#')) inUtc = /^#TZ\/UTC\s*$/i.test(text) || (inUtc && !/^#TZ\//i.test(text))
        else if (text.trim() !== '')
          tally.tell(listenOf(text, context, inUtc ? undefined : zoned), at(number), text)
      },
      fault: (wrong, number, text) => tally.tell(wrong, at(number), text),
    })
    return tally.counts()
  },
}

function listenOf(
  line: string,
  { user }: ImportContext,
  zoned: ((local: number) => number) | undefined,
): Translation | Fault {
  const fields = line.split('\t').map((field) => field.trim())
  if (fields.length < 7 || fields.length > 8)
    return fault('malformed', `the line has ${fields.length} columns, not 8`)
  const [artist = '', , title = '', , duration = '', rating, timestamp = '', trackId = ''] = fields
  const wrong = subjectFault(artist, title, user)
  if (wrong) return wrong
  if (rating !== 'L' && rating !== 'S') return fault('malformed', `column 6 is ${show(rating)}, not L or S`)
  if (!/^[1-9]\d{0,11}$/.test(timestamp))
    return fault('bad-time', `column 7 is ${show(timestamp)}, not seconds since the epoch`)
  const durationMs = durationOf(duration)
  if (typeof durationMs === 'object') return durationMs
  const at = Number(timestamp) * 1000
  return {
    event: 'listen',
    user: user as string,
    at: zoned ? zoned(at) : at,
    artist: { name: artist },
    track: { ...(trackId !== '' && { id: trackId }), title, ...(durationMs > 0 && { durationMs }) },
    ...(rating === 'S' && { skipped: true }),
    source,
  }
}

function subjectFault(artist: string, title: string, user: string | undefined): Fault | undefined {
  if (!user) return fault('no-user', 'the log names no listener, and none was given for the file')
  if (artist === '' || artist === untagged) return fault('no-artist', 'column 1, the artist, is empty')
  if (title === '' || title === untagged) return fault('no-track', 'column 3, the title, is empty')
  return undefined
}

/** Whole seconds; none counts as 0. */
function durationOf(text: string): number | Fault {
  if (text === '') return 0
  return /^\d{1,7}$/.test(text)
    ? Number(text) * 1000
    : fault('bad-value', `column 5 is ${show(text)}, not a duration`)
}
