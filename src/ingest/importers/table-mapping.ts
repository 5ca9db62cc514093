// The mapping file of a table: which column, or which constant, feeds which field of our raw event.
import Type, { type Static } from 'typebox'
import { Compile } from 'typebox/compile'
import { type EventKind, eventKinds } from '../../data/event.ts'
import { TastemakerError } from '../../errors.ts'
import { timeParser, timeUnits } from './table-times.ts'

/** Where a field goes, and the type it has there. */
type Target = 'text' | 'whole' | 'number' | 'boolean' | 'duration' | 'time'

/** The fields that a mapping can feed. */
const mappedFields: Readonly<Record<string, Target>> = {
  user: 'text',
  at: 'time',
  id: 'text',
  'artist.id': 'text',
  'artist.name': 'text',
  'artist.genre': 'text',
  'artist.followers': 'whole',
  'artist.rank': 'whole',
  'track.id': 'text',
  'track.title': 'text',
  'track.durationMs': 'duration',
  'track.likes': 'whole',
  playedMs: 'duration',
  skipped: 'boolean',
  surface: 'text',
  recommendationId: 'text',
  position: 'whole',
  propensity: 'number',
  modelVersion: 'text',
  variant: 'text',
  value: 'number',
}

const strict = { additionalProperties: false }
const constant = Type.Union([Type.String(), Type.Number(), Type.Boolean()])
const unit = Type.Enum([...new Set([...timeUnits, 'clock' as const])])
const fromColumn = Type.Object(
  { column: Type.String(), unit: Type.Optional(unit), timeZone: Type.Optional(Type.String()) },
  strict,
)
const mappingSchema = Type.Object(
  {
    delimiter: Type.Optional(Type.String({ minLength: 1, maxLength: 1 })),
    /** Names of the columns, for a table whose first line is a row already. */
    columns: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    timeZone: Type.Optional(Type.String()),
    event: Type.Union([
      Type.Enum([...eventKinds]),
      Type.Object(
        {
          column: Type.String(),
          values: Type.Record(Type.String(), Type.Union([Type.Enum([...eventKinds]), Type.Null()])),
        },
        strict,
      ),
    ]),
    fields: Type.Record(
      Type.String(),
      Type.Union([Type.String(), fromColumn, Type.Object({ constant }, strict)]),
    ),
  },
  strict,
)
const checker = Compile(mappingSchema)

/** A mapping that has been checked. */
export type TableMapping = {
  /** One character; undefined: the one among `,` `;` tab `|` that the first line holds most of. */
  readonly delimiter?: string
  readonly columns?: readonly string[]
  /** The kind of every row, or a column and what its values mean; null leaves a row out. */
  readonly event:
    | EventKind
    | { readonly column: string; readonly values: Readonly<Record<string, EventKind | null>> }
  readonly fields: readonly MappedField[]
}

/** One field and what feeds it. */
export type MappedField = {
  /** As in mappedFields. */
  readonly field: string
  readonly target: Target
  readonly column?: string
  readonly constant?: string | number | boolean
  /** Of times and durations. Default: `auto` for times, milliseconds for durations. */
  readonly unit: string
  readonly timeZone?: string
}

type Source = Static<typeof mappingSchema>['fields'][string]

/** Checks the text of a mapping file. Throws `bad-input` with what is wrong and what is allowed. */
export function parseTableMapping(text: string): TableMapping {
  const value = parsed(text)
  if (!checker.Check(value)) throw wrong(complaintOf(value))
  const fields = Object.entries(value.fields).map(([field, source]) => fieldOf(field, source, value.timeZone))
  for (const needed of ['user', 'at'])
    if (!fields.some(({ field }) => field === needed)) throw wrong(`fields lacks "${needed}"`)
  if (!fields.some(({ field }) => field === 'artist.id' || field === 'artist.name'))
    throw wrong('fields lacks "artist.id" and "artist.name"; one of them is needed')
  return {
    event: value.event as TableMapping['event'],
    fields,
    ...(value.delimiter !== undefined && { delimiter: value.delimiter }),
    ...(value.columns !== undefined && { columns: value.columns }),
  }
}

/** Columns that a mapping reads, each once. */
export function columnsOf(mapping: TableMapping): readonly string[] {
  const kind = typeof mapping.event === 'string' ? [] : [mapping.event.column]
  return [...new Set([...kind, ...mapping.fields.flatMap(({ column }) => column ?? [])])]
}

/** Throws `bad-input` when a table lacks a column that its mapping names. */
export function checkColumns(mapping: TableMapping, columns: readonly string[]): void {
  const missing = columnsOf(mapping).filter((column) => !columns.includes(column))
  if (missing.length > 0)
    throw new TastemakerError(
      'bad-input',
      `The mapping names ${missing.map((name) => `"${name}"`).join(', ')}, which the table does not have. Its columns: ${columns.slice(0, 50).join(', ')}.`,
    )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TastemakerError('bad-input', `The mapping file is not JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
}

function complaintOf(value: unknown): string {
  const errors = [...checker.Errors(value)]
  const first = errors.find(({ instancePath }) => instancePath !== '') ?? errors[0]
  const where = first?.instancePath.split('/').filter(Boolean).join('.') || 'the whole'
  return `${where} ${first?.message ?? 'is not valid'}`
}

function fieldOf(field: string, source: Source, timeZone: string | undefined): MappedField {
  const target = Object.hasOwn(mappedFields, field) ? mappedFields[field] : undefined
  if (!target) throw wrong(`there is no field "${field}"; known are ${Object.keys(mappedFields).join(', ')}`)
  if (typeof source === 'string') return withUnit({ field, target, column: source }, undefined, timeZone)
  if ('constant' in source) return { field, target, constant: source.constant, unit: 'milliseconds' }
  return withUnit({ field, target, column: source.column }, source.unit, source.timeZone ?? timeZone)
}

function withUnit(
  mapped: Omit<MappedField, 'unit'>,
  given: string | undefined,
  timeZone: string | undefined,
): MappedField {
  const { field, target } = mapped
  if (given !== undefined && target !== 'time' && target !== 'duration')
    throw wrong(`"${field}" is neither a time nor a duration and has no unit`)
  if (target === 'duration' && (given === 'iso' || given === 'local' || given === 'auto'))
    throw wrong(`"${field}" is a duration: its unit is seconds, milliseconds, microseconds or clock (3:45)`)
  if (target === 'time' && given === 'clock') throw wrong(`"${field}" is a time: ${timeUnits.join(', ')}`)
  if (target === 'time' && timeZone !== undefined) timeParser('local', timeZone)
  const unitOf = given ?? (target === 'time' ? 'auto' : 'milliseconds')
  return { ...mapped, unit: unitOf, ...(target === 'time' && timeZone !== undefined && { timeZone }) }
}

const wrong = (what: string): TastemakerError =>
  new TastemakerError('bad-input', `The mapping file is not valid: ${what}. See docs/import.md.`)
