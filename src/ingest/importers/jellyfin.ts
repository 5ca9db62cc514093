// Jellyfin's Playback Reporting plugin: its database (SQLite, table PlaybackActivity) and its backup (lines parted by tabs).
import { decompress } from '../decompress.ts'
import { type Fault, fault, show } from '../fault.ts'
import { readLines } from '../read-lines.ts'
import { headText } from './head-text.ts'
import { createTally, type ImportContext, type Importer, type Translation } from './importer.ts'
import { isSqlite, readSqliteTable, type SqliteRow } from './sqlite-rows.ts'
import { firstFilledLine, peekLine } from './table-head.ts'
import { type TimeParser, timeParser } from './table-times.ts'

const source = 'jellyfin'
const table = 'PlaybackActivity'
/** Columns of the table, and of the backup in this order; newer ones append more. */
const columns = [
  'DateCreated',
  'UserId',
  'ItemId',
  'ItemType',
  'ItemName',
  'PlaybackMethod',
  'ClientName',
  'DeviceName',
  'PlayDuration',
] as const
const mostColumns = 10
/** What the plugin writes for an artist or album that it does not know. */
const unknown = 'Not Known'

/**
 * Playbacks with how long they were heard. `DateCreated` is the server's local time without a zone, read in `context.timeZone`; `PlayDuration`
 * is in seconds. Only `Audio` is music. The plugin writes artist, title and album as one text, `Artist - Title (Album)`: the artist is
 * what stands before the first ` - `. Devices, clients and methods are never read.
 */
export const jellyfinImporter: Importer = {
  name: source,
  title: 'Jellyfin Playback Reporting (SQLite or backup)',
  personal: [
    { field: 'UserId', becomes: 'pseudonym' },
    { field: 'ClientName', becomes: 'nothing' },
    { field: 'DeviceName', becomes: 'nothing' },
  ],
  accepts: (_fileName, head) => {
    const line = firstFilledLine(headText(head))
    if (isSqlite(Buffer.from(line))) return true
    const fields = line.split('\t')
    return isBackup(fields) && timeParser('auto')(fields[0]!) !== undefined && /^[A-Za-z]+$/.test(fields[3]!)
  },
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    const parseTime = timeParser('auto', context.timeZone)
    const { line: first, whole } = await peekLine(decompress(input.fileName, input.chunks))
    const told = {
      row: (values: SqliteRow, line: number) =>
        tally.tell(listenOf(values, parseTime, context), { file: input.fileName, line }, textOf(values)),
      fault: (wrong: Fault, line: number) => tally.tell(wrong, { file: input.fileName, line }, ''),
    }
    if (isSqlite(Buffer.from(first))) await readSqliteTable(whole, table, told)
    else
      await readLines(whole, context.maxLineBytes, {
        line: (text, line) => tellBackupLine(text, line, told),
        fault: told.fault,
      })
    return tally.counts()
  },
}

type Told = { row(values: SqliteRow, line: number): void; fault(wrong: Fault, line: number): void }

function tellBackupLine(text: string, line: number, told: Told): void {
  if (text.trim() === '') return
  const fields = text.split('\t')
  if (isBackup(fields)) told.row(Object.fromEntries(columns.map((name, at) => [name, fields[at]])), line)
  else told.fault(fault('malformed', `the line has ${fields.length} columns, not ${columns.length}`), line)
}

const isBackup = (fields: readonly string[]): boolean =>
  fields.length >= columns.length && fields.length <= mostColumns

function listenOf(
  row: SqliteRow,
  parseTime: TimeParser,
  { user: given }: ImportContext,
): Translation | Fault {
  const kind = textIn(row.ItemType)
  if (kind.toLowerCase() !== 'audio') return fault('not-music', `ItemType is ${show(kind)}, not Audio`)
  const user = textIn(row.UserId) || given
  if (!user) return fault('no-user', 'UserId is empty, and no listener was given for the file')
  const at = parseTime(textIn(row.DateCreated))
  if (at === undefined) return fault('bad-time', `DateCreated is ${show(row.DateCreated)}`)
  const { artist, title } = namesIn(textIn(row.ItemName))
  if (artist === '' || artist === unknown) return fault('no-artist', 'ItemName names no artist')
  const id = textIn(row.ItemId)
  if (id === '' && title === '') return fault('no-track', 'ItemId is empty and ItemName names no title')
  const seconds = textIn(row.PlayDuration)
  if (!/^\d{1,7}$/.test(seconds)) return fault('bad-value', `PlayDuration is ${show(row.PlayDuration)}`)
  return {
    event: 'listen',
    user,
    at,
    artist: { name: artist },
    track: { ...(id !== '' && { id }), ...(title !== '' && { title }) },
    playedMs: Number(seconds) * 1000,
    source,
  }
}

/** `Artist - Title (Album (Deluxe))` -> artist and title; a title may hold ` - ` and parentheses of its own. */
export function namesIn(itemName: string): { readonly artist: string; readonly title: string } {
  const split = itemName.indexOf(' - ')
  if (split < 0) return { artist: '', title: itemName.trim() }
  const rest = itemName.slice(split + 3).trim()
  const album = rest.endsWith(')') ? openingOf(rest) : -1
  return { artist: itemName.slice(0, split).trim(), title: (album > 0 ? rest.slice(0, album) : rest).trim() }
}

/** Where the parenthesis opens that the last character closes; -1 when none does. */
function openingOf(text: string): number {
  let depth = 0
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (text[at] === ')') depth += 1
    if (text[at] === '(') depth -= 1
    if (depth === 0) return at
  }
  return -1
}

const textIn = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''

/** A row for a reject, without who and on what device. */
const textOf = (row: SqliteRow): string =>
  JSON.stringify(
    Object.fromEntries(
      ['DateCreated', 'ItemType', 'ItemName', 'PlayDuration'].map((name) => [name, String(row[name] ?? '')]),
    ),
  )
