// Lands a batch of clean events in Postgres: all of it or none, and never twice.
import { eventColumns } from '../data/event.ts'
import { quoted } from '../engine/engine.ts'
import { readChunks } from '../engine/files.ts'
import type { Sql } from '../stores/sql/sql.ts'
import type { JobContext } from './context.ts'

/** Brings a batch's Parquet file into the table `click_events`; a batch that is already there is left alone. */
export async function landBatch(context: JobContext, batchId: string, eventsPath: string): Promise<void> {
  const sql = await context.sql()
  await createTables(sql)
  const csvPath = context.scratch.file(`${batchId}.csv`)
  const engine = await context.engine()
  await engine.run(`copy (select ${csvColumns} from read_parquet(${quoted(eventsPath)})) to ${quoted(csvPath)}
    (format csv, header false)`)
  await sql.transaction(async (session) => {
    const landed = await session.query('select 1 from landed_batch where batch_id = $1', [batchId])
    if (landed.length > 0) return
    await session.query('insert into landed_batch (batch_id) values ($1)', [batchId])
    await session.copyIn(
      'click_event',
      eventColumns.map((column) => column.name),
      readChunks(csvPath),
    )
  })
}

/** Lists become Postgres array literals: [0.5, 0.8] -> {0.5, 0.8}. */
const csvColumns = eventColumns
  .map(({ name, engineType }) =>
    engineType === 'FLOAT[]' ? `replace(replace(${name}::varchar, '[', '{'), ']', '}') as ${name}` : name,
  )
  .join(', ')

async function createTables(sql: Sql): Promise<void> {
  const columns = eventColumns.map(
    ({ name, postgresType, required }) => `${name} ${postgresType}${required ? ' not null' : ''}`,
  )
  await sql.query(`create table if not exists click_event (${columns.join(', ')})`)
  await sql.query(
    'create table if not exists landed_batch (batch_id text primary key, landed_at timestamptz not null default now())',
  )
}
