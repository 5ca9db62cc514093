// Writes a simulated service: raw event files and account rows, as an actual service would have them.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { type AccountRow, accountTableSql } from '../data/account.ts'
import type { Preset } from '../simulation/presets.ts'
import { createService, type SimulatedDay } from '../simulation/simulate.ts'
import type { JobContext } from './context.ts'
import { readDocument, writeDocument } from './documents.ts'

const compress = promisify(gzip)

/** What was asked for; kept until it is done, so that a killed simulation is taken up with the same time. */
export type SimulationRecord = {
  readonly preset: string
  readonly seed: number
  readonly endAt: number
  readonly done: boolean
}

const recordKey = 'simulation/latest.json'
const day = 86_400_000

/** The simulation that this data folder was filled with, if it was. */
export const readSimulation = (context: JobContext): Promise<SimulationRecord | undefined> =>
  readDocument<SimulationRecord>(context.objects, recordKey)

/**
 * Simulates a service into the raw event store and the account table.
 * The last simulated day is yesterday (UTC), so that the demo looks like a service that runs today.
 * @returns what was written
 */
export async function simulate(
  context: JobContext,
  preset: Preset,
): Promise<{ readonly accounts: number; readonly days: number; readonly events: number }> {
  const unfinished = await readSimulation(context)
  const { seed } = context.settings
  const endAt = unfinished && !unfinished.done ? unfinished.endAt : Math.floor(context.now() / day) * day
  const record = { preset: preset.name, seed, endAt }
  await writeDocument(context.objects, recordKey, { ...record, done: false })
  context.progress('simulate', 0, 'artists and listeners')
  const service = createService({ preset, seed, endAt })
  await writeAccounts(context, service.accounts)
  let events = 0
  let days = 0
  const writing: Promise<unknown>[] = []
  for (const simulated of service.days()) {
    writing.push(writeDay(context, simulated))
    if (writing.length >= 4) await writing.shift()
    events += simulated.events
    days++
    context.progress('simulate', Math.min(0.99, days / preset.days), `${events.toLocaleString('en')} events`)
  }
  await Promise.all(writing)
  await writeDocument(context.objects, recordKey, { ...record, done: true })
  context.progress(
    'simulate',
    1,
    `${events.toLocaleString('en')} events of ${service.accounts.length.toLocaleString('en')} listeners`,
  )
  return { accounts: service.accounts.length, days, events }
}

async function writeDay(context: JobContext, simulated: SimulatedDay): Promise<void> {
  const newline = Buffer.from('\n')
  const parts = simulated.lines.flatMap((line) => [
    typeof line === 'string' ? Buffer.from(line) : line,
    newline,
  ])
  const packed = await compress(Buffer.concat(parts), { level: 1 })
  await context.rawEvents.put(`${simulated.date.replaceAll('-', '/')}/events.ndjson.gz`, packed)
}

async function writeAccounts(context: JobContext, rows: readonly AccountRow[]): Promise<void> {
  const accounts = await context.accounts()
  await accounts.query(accountTableSql)
  const columns = [
    'user_id',
    'full_name',
    'email',
    'date_of_birth',
    'latitude',
    'longitude',
    'country',
  ] as const
  await accounts.transaction(async (session) => {
    await session.query('delete from account')
    await session.copyIn('account', columns, csvOf(rows, columns))
  })
}

async function* csvOf<T extends object>(
  rows: readonly T[],
  columns: readonly (keyof T)[],
): AsyncIterable<Uint8Array> {
  const cell = (value: unknown) =>
    value === null || value === undefined ? '' : `"${String(value).replaceAll('"', '""')}"`
  for (let at = 0; at < rows.length; at += 10_000)
    yield Buffer.from(
      rows
        .slice(at, at + 10_000)
        .map((row) => `${columns.map((column) => cell(row[column])).join(',')}\n`)
        .join(''),
    )
}
