// HetRec 2011 Last.fm 2K: play counts of listeners and artists, one a line, three columns parted by tabs (Cantador et al. 2011, user_artists.dat).
import { hash } from 'node:crypto'
import { decompress } from '../decompress.ts'
import { type Fault, fault, show } from '../fault.ts'
import { readLines } from '../read-lines.ts'
import { firstLine, headText } from './head-text.ts'
import { createTally, type Importer, type Translation } from './importer.ts'

const header = 'userID\tartistID\tweight'
const source = 'hetrec'

/**
 * Play counts, each one `play_count` at the time of the import, with an id made of its content, so that a second import adds nothing.
 * Names come from `artists.dat` beside the file (UTF-8; ISO-8859-1 where it is not); without it the ids serve as names.
 */
export const hetrecImporter: Importer = {
  name: source,
  title: 'HetRec 2011 Last.fm 2K (user_artists.dat)',
  personal: [{ field: 'userID', becomes: 'pseudonym' }],
  accepts: (_fileName, head) => firstLine(headText(head)).trim() === header,
  async read(input, context, sink) {
    const names = readNames(await input.beside('artists.dat'))
    const tally = createTally(sink, context)
    const at = (line: number) => ({ file: input.fileName, line })
    await readLines(decompress(input.fileName, input.chunks), context.maxLineBytes, {
      line(text, number) {
        if (text.trim() === '' || (number === 1 && text.trim() === header)) return
        tally.tell(playCountOf(text, names, context.now), at(number), withoutUser(text))
      },
      fault: (wrong, number, text) => tally.tell(wrong, at(number), withoutUser(text)),
    })
    return tally.counts()
  },
}

function playCountOf(line: string, names: ReadonlyMap<string, string>, now: number): Translation | Fault {
  const fields = line.split('\t').map((field) => field.trim())
  if (fields.length !== 3) return fault('malformed', `the line has ${fields.length} columns, not 3`)
  const [user, artistId, weight] = fields as [string, string, string]
  if (user === '') return fault('no-user', 'column 1, the user, is empty')
  if (artistId === '') return fault('no-artist', 'column 2, the artist, is empty')
  const plays = /^\d{1,15}$/.test(weight) ? Number(weight) : 0
  if (plays === 0) return fault('bad-value', `column 3 is ${show(weight)}, not a number of plays`)
  const name = names.get(artistId)
  return {
    event: 'play_count',
    id: `hetrec-${hash('sha256', [user, artistId, weight].join('|'), 'base64url').slice(0, 22)}`,
    user,
    at: now,
    artist: { id: artistId, ...(name !== undefined && { name }) },
    value: plays,
    source,
  }
}

/** Names by id, from the lines `id name url pictureURL` below a header. */
function readNames(bytes: Uint8Array | undefined): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const line of bytes ? textOf(bytes).split('\n').slice(1) : []) {
    const [id = '', name = ''] = line.split('\t')
    if (id.trim() !== '' && name.trim() !== '') names.set(id.trim(), name.trim())
  }
  return names
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('iso-8859-1').decode(bytes)
  }
}

/** The user is the first column. */
const withoutUser = (line: string): string => line.replace(/^[^\t]*/, '‹user›')
