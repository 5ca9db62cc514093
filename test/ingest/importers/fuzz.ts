// The laws of an import that hold for any damage: it ends, its counts add up, and what was not touched is still there.
import { expect } from 'vitest'
import { TastemakerError } from '../../../src/errors.ts'
import type { Importer } from '../../../src/ingest/importers/importer.ts'
import { parseTableMapping } from '../../../src/ingest/importers/table-mapping.ts'
import { type Imported, importBytes } from './import-file.ts'
import { diceOf, mutate } from './mutate.ts'

/** A file made of records, each of which bears its number as `Title 0007`. */
export type FuzzedFormat = {
  readonly importer: Importer
  readonly fileName: string
  readonly record: (number: number) => string
  /** Text before, between and behind the records. Default: a newline behind each. */
  readonly head?: string
  readonly between?: string
  readonly tail?: string
  /** Whether each line that is not blank is one record, or one line of names; so nothing can vanish. */
  readonly byLine?: boolean
  readonly mapping?: string
}

const records = 12
const user = 'listener-1'

/** Titles of the events, as they stand in the records. */
const titlesOf = ({ events }: Imported): ReadonlySet<string> =>
  new Set(events.flatMap((event) => /Title \d{4}/.exec(JSON.stringify(event))?.[0] ?? []))

const titleOf = (number: number): string => `Title ${String(number).padStart(4, '0')}`

/** A number as it stands in a title. */
export const padded = (number: number): string => String(number).padStart(4, '0')

/** Imports `rounds` files in which one record is damaged, and as many that are damaged anywhere. */
export async function fuzz(format: FuzzedFormat, rounds = 500): Promise<void> {
  for (let seed = 0; seed < rounds; seed += 1) {
    await damageOneRecord(format, seed)
    await damageAnywhere(format, rounds + seed)
  }
}

async function damageOneRecord(format: FuzzedFormat, seed: number): Promise<void> {
  const dice = diceOf(seed)
  const damaged = dice.below(records)
  const bytes = fileOf(format, (number, text) =>
    number === damaged ? withoutNewlines(mutate(text, dice)) : text,
  )
  const imported = await importAny(format, bytes, dice.below(2) === 0 ? 997 : 65_536)
  if (!imported) return
  const titles = titlesOf(imported)
  const lost = Array.from({ length: records }, (_, number) => titleOf(number)).filter(
    (title, number) => number !== damaged && !titles.has(title),
  )
  expect({ seed, lost }).toEqual({ seed, lost: [] })
  if (format.byLine && damaged > 0)
    expect({ seed, told: toldOf(imported) }).toEqual({ seed, told: linesIn(format, bytes) })
}

async function damageAnywhere(format: FuzzedFormat, seed: number): Promise<void> {
  const dice = diceOf(seed)
  const whole = fileOf(format, (_, text) => text)
  const bytes = dice.below(8) === 0 ? whole.subarray(0, dice.below(whole.length)) : mutate(whole, dice)
  await importAny(format, bytes, 1000)
}

function fileOf(format: FuzzedFormat, make: (number: number, text: Buffer) => Buffer): Buffer {
  const { head = '', between = '\n', tail = '\n', record } = format
  const parts: Buffer[] = [Buffer.from(head)]
  for (let number = 0; number < records; number += 1)
    parts.push(Buffer.from(number > 0 ? between : ''), make(number, Buffer.from(record(number))))
  return Buffer.concat([...parts, Buffer.from(tail)])
}

/** A newline would make two records of one. */
const withoutNewlines = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => (byte === 10 ? 32 : byte)))

/** Imports bytes; the only thing that may be thrown says that they are no such file at all. */
async function importAny(
  format: FuzzedFormat,
  bytes: Buffer,
  chunkSize: number,
): Promise<Imported | undefined> {
  const mapping = format.mapping === undefined ? undefined : parseTableMapping(format.mapping)
  try {
    return await importBytes(format.importer, format.fileName, bytes, {
      user,
      chunkSize,
      ...(mapping && { mapping }),
    })
  } catch (error) {
    if (error instanceof TastemakerError && error.code === 'bad-input') return undefined
    throw error
  }
}

const toldOf = ({ counts }: Imported): number => counts.records + counts.metadata

function linesIn({ head = '' }: FuzzedFormat, bytes: Buffer): number {
  const lines = bytes.subarray(Buffer.byteLength(head)).toString('utf8').split('\n')
  return lines.filter((line) => line.trim() !== '').length
}
