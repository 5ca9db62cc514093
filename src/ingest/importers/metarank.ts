// Metarank events: rankings become impressions, interactions what their type says; items are read for names.
import { decompress } from '../decompress.ts'
import { type Fault, fault, show } from '../fault.ts'
import { isRecord } from '../raw-event-check.ts'
import { headText } from './head-text.ts'
import {
  createTally,
  type ImportContext,
  type Importer,
  type Place,
  type Tally,
  type Translation,
} from './importer.ts'
import { kindOfInteraction } from './interaction-kinds.ts'
import { catalogueOf, type ItemCatalogue } from './item-catalogue.ts'
import { readJsonRecords } from './json-records.ts'
import { firstFilledLine } from './table-head.ts'
import { type TimeParser, timeParser } from './table-times.ts'

type Fields = Readonly<Record<string, unknown>>

const source = 'metarank'
/** Rankings remembered, so that an interaction knows in which slot its item stood. */
const mostRankings = 200_000

/**
 * A ranking is one impression an item, in the slot where it stood, counted from 1; its id is their recommendation id, and that of the interactions
 * that name it. `timestamp` is milliseconds since the epoch (as text or a number) or ISO 8601. The listener is `user`, without one `session`,
 * without either `context.user`. An item is an artist, or a track where its fields name an `artist`. Items and users are no records.
 */
export const metarankImporter: Importer = {
  name: source,
  title: 'Metarank events (JSON lines or array)',
  personal: [
    { field: 'user', becomes: 'pseudonym' },
    { field: 'session', becomes: 'pseudonym' },
  ],
  accepts: (_fileName, head) => {
    const text = headText(head)
    const line = text.trimStart().startsWith('[') ? text.slice(0, 4096) : firstFilledLine(text)
    return /"event"\s*:\s*"(item|user|ranking|interaction)"/.test(line) && /"timestamp"\s*:/.test(line)
  },
  async read(input, context, sink) {
    const tally = createTally(sink, context)
    const memory: Memory = {
      catalogue: catalogueOf(),
      rankings: new Map(),
      parseIso: timeParser('iso'),
      parseNumber: timeParser('milliseconds'),
    }
    await readJsonRecords(decompress(input.fileName, input.chunks), context.maxLineBytes, {
      record: (value, line, text) =>
        tellEvent(value, { context, tally, memory }, { file: input.fileName, line, text }),
      fault: (wrong, line, text) => tally.tell(wrong, { file: input.fileName, line }, text),
    })
    return tally.counts()
  },
}

type Memory = {
  readonly catalogue: ItemCatalogue
  readonly rankings: Map<string, readonly string[]>
  readonly parseIso: TimeParser
  readonly parseNumber: TimeParser
}
type Parts = { readonly context: ImportContext; readonly tally: Tally; readonly memory: Memory }

function tellEvent(
  value: unknown,
  parts: Parts,
  { text, ...place }: Place & { readonly text: string },
): void {
  const { tally, memory } = parts
  const answers = answersTo(value, parts)
  if (answers === 'metadata') {
    const { item, fields } = value as Fields
    if (typeof item === 'string') memory.catalogue.note(item, factsIn(fields))
    tally.metadata()
  } else for (const answer of answers) tally.tell(answer, place, text)
}

function answersTo(
  value: unknown,
  { context, memory }: Parts,
): 'metadata' | readonly (Translation | Fault)[] {
  if (!isRecord(value)) return [fault('malformed', 'an event is an object')]
  if (value.event === 'item' || value.event === 'user') return 'metadata'
  if (value.event !== 'ranking' && value.event !== 'interaction')
    return [fault('schema', `event is ${show(value.event)}, not item, user, ranking or interaction`)]
  const user = textOf(value.user) || textOf(value.session) || context.user
  if (!user) return [fault('no-user', 'neither user nor session is there')]
  const at = timeOf(value.timestamp, memory)
  if (typeof at !== 'number') return [at]
  return value.event === 'ranking'
    ? impressionsOf(value, { user, at, memory })
    : [interactionOf(value, { user, at, memory, kinds: context.kinds ?? {} })]
}

type Known = { readonly user: string; readonly at: number; readonly memory: Memory }

function impressionsOf(ranking: Fields, { user, at, memory }: Known): readonly (Translation | Fault)[] {
  const items: unknown[] = Array.isArray(ranking.items) ? ranking.items : []
  if (items.length === 0) return [fault('schema', 'a ranking without items')]
  const ids = items.map((item) => textOf(isRecord(item) ? item.id : item))
  const recommendationId = textOf(ranking.id)
  if (memory.rankings.size >= mostRankings) memory.rankings.delete(memory.rankings.keys().next().value!)
  if (recommendationId !== '') memory.rankings.set(recommendationId, ids)
  return ids.map((item, slot) =>
    item === ''
      ? fault('no-artist', `items.${slot}.id is missing`)
      : {
          user,
          at,
          ...memory.catalogue.eventOf(item, { event: 'impression' }),
          position: slot + 1,
          ...(recommendationId !== '' && { recommendationId }),
          source,
        },
  )
}

function interactionOf(
  event: Fields,
  { user, at, memory, kinds }: Known & { readonly kinds: NonNullable<ImportContext['kinds']> },
): Translation | Fault {
  const kind = kindOfInteraction(textOf(event.type), kinds)
  if (!kind)
    return fault('schema', `type is ${show(event.type)}, which no event is known for; say it with --kind`)
  const item = textOf(event.item)
  if (item === '') return fault('no-artist', 'item is missing')
  const ranking = textOf(event.ranking)
  const slot = memory.rankings.get(ranking)?.indexOf(item) ?? -1
  const id = textOf(event.id)
  return {
    ...(id !== '' && { id }),
    user,
    at,
    ...memory.catalogue.eventOf(item, kind),
    ...(ranking !== '' && { recommendationId: ranking }),
    ...(slot >= 0 && { position: slot + 1 }),
    source,
  }
}

function timeOf(value: unknown, { parseIso, parseNumber }: Memory): number | Fault {
  const text = typeof value === 'number' ? String(value) : typeof value === 'string' ? value : ''
  return (
    parseNumber(text) ??
    parseIso(text) ??
    fault('bad-time', `timestamp is ${show(value)}, neither milliseconds since the epoch nor ISO 8601`)
  )
}

/** `[{ name, value }]` as an object. */
function factsIn(fields: unknown): Fields {
  if (!Array.isArray(fields)) return {}
  return Object.fromEntries(
    (fields as unknown[]).flatMap((field) =>
      isRecord(field) && typeof field.name === 'string' ? [[field.name, field.value] as const] : [],
    ),
  )
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : Number.isSafeInteger(value) ? String(value) : ''
