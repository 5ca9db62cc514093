// Gorse: feedback dumps, as JSON lines (0.5) and CSV (0.4), with what the dumps of items say of them.
import { decompress, type UnpackedBytes } from '../decompress.ts'
import { type Fault, fault, isFault, show } from '../fault.ts'
import { parseJson } from '../json-text.ts'
import { isRecord } from '../raw-event-check.ts'
import { readCsv, splitRow } from './csv.ts'
import { headText } from './head-text.ts'
import {
  createTally,
  type ImportContext,
  type Importer,
  type ImportInput,
  type Tally,
  type Translation,
} from './importer.ts'
import { kindOfInteraction } from './interaction-kinds.ts'
import { catalogueOf, type ItemCatalogue } from './item-catalogue.ts'
import { readJsonRecords } from './json-records.ts'
import { firstFilledLine, peekLine } from './table-head.ts'
import { type TimeParser, timeParser } from './table-times.ts'

type Fields = Readonly<Record<string, unknown>>

const source = 'gorse'
/** Columns of CSV, by the fields that they are in JSON. */
const jsonNames: Readonly<Record<string, string>> = {
  feedback_type: 'FeedbackType',
  user_id: 'UserId',
  item_id: 'ItemId',
  time_stamp: 'Timestamp',
  value: 'Value',
  labels: 'Labels',
  description: 'Comment',
}

/**
 * Feedback of any type whose name says what it is (see interaction-kinds.ts and `context.kinds`). An item is an artist; one whose labels
 * name an `artist` is a track of that artist. A play of an artist counts as one play, or as `Value` of them. Items and users are read
 * for names: in the file itself, and in `items.jsonl` or `items.csv` beside it. Year 1, which Gorse writes for no time, is `bad-time`.
 */
export const gorseImporter: Importer = {
  name: source,
  title: 'Gorse feedback dump (JSON lines or CSV)',
  personal: [
    { field: 'UserId', becomes: 'pseudonym' },
    { field: 'user_id', becomes: 'pseudonym' },
  ],
  accepts: (_fileName, head) => {
    const line = firstFilledLine(headText(head))
    return /"(FeedbackType|ItemId|UserId)"\s*:/.test(line) || isHeader(line)
  },
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    const catalogue = catalogueOf()
    await readItems(input, context, catalogue)
    const teller = feedbackTeller(context, { tally, catalogue })
    await readRecords(decompress(input.fileName, input.chunks), context, {
      record: (value, line, text) => teller(value, { file: input.fileName, line }, text),
      fault: (wrong, line, text) => tally.tell(wrong, { file: input.fileName, line }, text),
    })
    return tally.counts()
  },
}

/** Header of feedback, items or users. */
const isHeader = (line: string): boolean =>
  /^"?(feedback_type|item_id|user_id)"?,/.test(line) && /,"?(user_id|item_id|labels)"?(,|$)/.test(line)

type Told = {
  record(value: unknown, line: number, text: string): void
  fault(wrong: Fault, line: number, text: string): void
}

/** Tells rows of CSV below a header, under the names that JSON has; else records of JSON. */
async function readRecords(bytes: UnpackedBytes, { maxLineBytes }: ImportContext, told: Told): Promise<void> {
  const { line, whole } = await peekLine(bytes)
  if (!isHeader(line)) return readJsonRecords(whole, maxLineBytes, told)
  const header = splitRow(line, ',')
  const names = (Array.isArray(header) ? header : []).map((name) => jsonNames[name.trim()] ?? name.trim())
  let headerSeen = false
  await readCsv(
    whole,
    { delimiter: ',', maxLineBytes },
    {
      row(fields, number, text) {
        if (!headerSeen) headerSeen = true
        else if (fields.length !== names.length)
          told.fault(
            fault('malformed', `the row has ${fields.length} fields, not ${names.length}`),
            number,
            withoutUser(text),
          )
        else
          told.record(
            Object.fromEntries(names.map((name, at) => [name, fields[at]])),
            number,
            withoutUser(text),
          )
      },
      fault: (wrong, number, text) => told.fault(wrong, number, withoutUser(text)),
    },
  )
}

/** The user of a row of feedback is its second column, of a row of users the first: neither is shown. */
const withoutUser = (text: string): string => text.replace(/^([^,]*),[^,]*/, '‹user›')

/** What is said of the items in a file beside. Lines that say nothing are passed over: they are no records of this file. */
async function readItems(
  input: ImportInput,
  context: ImportContext,
  catalogue: ItemCatalogue,
): Promise<void> {
  for (const name of ['items.jsonl', 'items.csv']) {
    const bytes = name === input.fileName ? undefined : await input.beside(name)
    if (!bytes) continue
    await readRecords(decompress(name, once(bytes)), context, {
      record: (value) => void (isRecord(value) && noteItem(value, catalogue)),
      fault: () => undefined,
    })
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

function noteItem(record: Fields, catalogue: ItemCatalogue): void {
  const labels = isRecord(record.Labels) ? record.Labels : jsonIn(record.Labels)
  catalogue.note(textOf(record.ItemId), { ...labels, ...(!labels?.name && { name: record.Comment }) })
}

function jsonIn(value: unknown): Fields | undefined {
  const parsed = typeof value === 'string' && value.startsWith('{') ? parseJson(value) : undefined
  return parsed && !isFault(parsed) && isRecord(parsed.value) ? parsed.value : undefined
}

type TellerParts = { readonly tally: Tally; readonly catalogue: ItemCatalogue }

function feedbackTeller(context: ImportContext, { tally, catalogue }: TellerParts) {
  const parseTime = timeParser('auto')
  return (value: unknown, place: { readonly file: string; readonly line: number }, text: string): void => {
    if (!isRecord(value)) {
      tally.tell(fault('malformed', 'a record is an object'), place, text)
    } else if (isMetadata(value)) {
      noteItem(value, catalogue)
      tally.metadata()
    } else {
      tally.tell(eventOf(value, { context, catalogue, parseTime }), place, text)
    }
  }
}

/** A user or an item, and no feedback of one on the other. */
const isMetadata = (record: Fields): boolean =>
  record.FeedbackType === undefined && (record.UserId === undefined) !== (record.ItemId === undefined)

type EventParts = {
  readonly context: ImportContext
  readonly catalogue: ItemCatalogue
  readonly parseTime: TimeParser
}

function eventOf(record: Fields, { context, catalogue, parseTime }: EventParts): Translation | Fault {
  const type = textOf(record.FeedbackType)
  const kind = kindOfInteraction(type, context.kinds)
  if (!kind)
    return fault(
      'schema',
      `FeedbackType is ${show(record.FeedbackType)}, which no event is known for; say it with --kind`,
    )
  const user = textOf(record.UserId) || context.user
  if (!user) return fault('no-user', 'UserId is missing')
  const item = textOf(record.ItemId)
  if (item === '') return fault('no-artist', 'ItemId is missing')
  const at = parseTime(textOf(record.Timestamp))
  if (at === undefined) return fault('bad-time', `Timestamp is ${show(record.Timestamp)}`)
  const value = numberOf(record.Value)
  if (typeof value === 'object') return value
  return { user, at, ...catalogue.eventOf(item, kind, value), source }
}

function numberOf(value: unknown): number | undefined | Fault {
  if (value === undefined || value === null || value === '') return undefined
  const number = typeof value === 'string' ? Number(value.trim()) : value
  return typeof number === 'number' && Number.isFinite(number)
    ? number
    : fault('bad-value', `Value is ${show(value)}`)
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : Number.isSafeInteger(value) ? String(value) : ''
