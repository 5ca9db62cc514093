// Lands a batch of clean events in Postgres: all of it or none, never twice, each event in the partition of its month.
import { eventColumns } from '../data/event.ts'
import { type Engine, quoted } from '../engine/engine.ts'
import { readChunks } from '../engine/files.ts'
import { migrate } from '../stores/migrate.ts'
import { migrations } from '../stores/migrations.ts'
import type { Sql, SqlSession } from '../stores/sql/sql.ts'
import type { JobContext } from './context.ts'

/** What a batch says of events that may have landed before, as Parquet files of this machine; left out where it says nothing. */
export type Corrections = {
  /** Rows of `eventColumns`: the highest revision of an id wins, at a tie the one that is there. */
  readonly revisedPath?: string
  /** Columns `event_id` and `recorded_at`: taken back for good, also where the event comes later. */
  readonly retractedPath?: string
}

/**
 * Brings a batch's Parquet file of new events, and its corrections, into the table `click_event`, which so shows current
 * events only. A batch that is there is left alone. With `sql.retentionMonths`, events of older months stay out and
 * those months are dropped; the Parquet files keep them.
 */
export async function landBatch(
  context: JobContext,
  batchId: string,
  eventsPath: string,
  corrections: Corrections = {},
): Promise<void> {
  const [sql, engine] = [await context.sql(), await context.engine()]
  await migrate(sql, migrations)
  const { revisedPath, retractedPath } = corrections
  const keepFrom = keptFrom(context)
  const events = await writeCsv(engine, eventsPath, { to: context.scratch.file(`${batchId}.csv`), keepFrom })
  const revised =
    revisedPath === undefined
      ? undefined
      : await writeCsv(engine, revisedPath, { to: context.scratch.file(`${batchId}.revised.csv`), keepFrom })
  const retracted =
    retractedPath === undefined
      ? undefined
      : await writeRetracted(engine, retractedPath, context.scratch.file(`${batchId}.retracted.csv`))
  await makeMonths(sql, [...events.months, ...(revised?.months ?? [])])
  await sql.transaction(async (session) => {
    const landed = await session.query(
      'insert into landed_batch (batch_id) values ($1) on conflict do nothing returning batch_id',
      [batchId],
    )
    if (landed.length === 0) return
    if (retracted !== undefined) await takeBack(session, retracted)
    await session.copyIn('click_event', columnNames, readChunks(events.csvPath))
    if (revised) await revise(session, revised.csvPath)
    await removeRetracted(session, events)
  })
  const tooOld = events.left + (revised?.left ?? 0)
  if (tooOld > 0) context.log('info', 'land.too-old', { batch: batchId, events: tooOld })
  if (keepFrom !== undefined) await dropOldMonths(context, sql, keepFrom)
}

const columnNames = eventColumns.map((column) => column.name)

/** The first moment that is kept, ms UTC: the month's begin, so many months back. Undefined: everything is kept. */
function keptFrom({ settings, now }: JobContext): number | undefined {
  const { retentionMonths } = settings.sql
  if (retentionMonths === 0) return undefined
  const today = new Date(now())
  return Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - retentionMonths, 1)
}

/** Events on their way: a CSV file, a moment of each month in it, and how many rows are too old to be in it. */
type Outgoing = {
  readonly csvPath: string
  readonly months: readonly number[]
  readonly left: number
  readonly firstAt: number | null
  readonly lastAt: number | null
}

async function writeCsv(
  engine: Engine,
  eventsPath: string,
  { to, keepFrom }: { readonly to: string; readonly keepFrom: number | undefined },
): Promise<Outgoing> {
  const source = `read_parquet(${quoted(eventsPath)})`
  const kept = keepFrom === undefined ? 'true' : `occurred_at >= ${keepFrom}`
  const months = await engine.rows(`select min(occurred_at) as first_at, max(occurred_at) as last_at
    from ${source} where ${kept} group by date_trunc('month', make_timestamp(occurred_at * 1000)) order by 1`)
  const [left] = await engine.rows(`select count(*) as events from ${source} where not (${kept})`)
  await engine.run(`copy (select ${csvColumns} from ${source} where ${kept}) to ${quoted(to)}
    (format csv, header false)`)
  return {
    csvPath: to,
    months: months.map((month) => Number(month.first_at)),
    left: Number(left?.events),
    firstAt: months.length === 0 ? null : Number(months[0]!.first_at),
    lastAt: months.length === 0 ? null : Number(months.at(-1)!.last_at),
  }
}

/** Lists become Postgres array literals: [0.5, 0.8] -> {0.5, 0.8}. */
const csvColumns = eventColumns
  .map(({ name, engineType }) =>
    engineType === 'FLOAT[]' ? `'{' || array_to_string(${name}, ',') || '}' as ${name}` : name,
  )
  .join(', ')

async function writeRetracted(engine: Engine, path: string, to: string): Promise<string> {
  await engine.run(`copy (select event_id, min(recorded_at) from read_parquet(${quoted(path)}) group by event_id)
    to ${quoted(to)} (format csv, header false)`)
  return to
}

/** Before the landing's own transaction: a new partition locks the table for a moment, not while a batch is copied. */
async function makeMonths(sql: Sql, moments: readonly number[]): Promise<void> {
  if (moments.length > 0)
    await sql.query('select add_click_event_month(moment) from unnest($1::bigint[]) as moment', [moments])
  const stray = await sql.query(`select min(occurred_at) as moment from click_event_default
    group by date_trunc('month', to_timestamp(occurred_at / 1000.0) at time zone 'UTC')`)
  for (const { moment } of stray) await sql.query('select add_click_event_month($1)', [Number(moment)])
}

async function takeBack(session: SqlSession, csvPath: string): Promise<void> {
  await session.query(
    'create temporary table retracted_now (event_id text, recorded_at bigint) on commit drop',
  )
  await session.copyIn('retracted_now', ['event_id', 'recorded_at'], readChunks(csvPath))
  await session.query('insert into retracted_event select * from retracted_now on conflict do nothing')
  await session.query(
    'delete from click_event using retracted_now where click_event.event_id = retracted_now.event_id',
  )
}

async function revise(session: SqlSession, csvPath: string): Promise<void> {
  const columns = eventColumns.map(({ name, postgresType }) => `${name} ${postgresType}`).join(', ')
  await session.query(`create temporary table revised_now (${columns}) on commit drop`)
  await session.copyIn('revised_now', columnNames, readChunks(csvPath))
  await session.query(
    'delete from revised_now using retracted_event where revised_now.event_id = retracted_event.event_id',
  )
  await session.query(`delete from click_event using revised_now
    where click_event.event_id = revised_now.event_id and click_event.revision < revised_now.revision`)
  await session.query(`insert into click_event (${columnNames.join(', ')})
    select distinct on (event_id) ${columnNames.join(', ')} from revised_now
    where not exists (select from click_event where click_event.event_id = revised_now.event_id)
    order by event_id, revision desc, recorded_at`)
}

/** New events that an earlier batch had taken back already. */
async function removeRetracted(session: SqlSession, { firstAt, lastAt }: Outgoing): Promise<void> {
  const [row] = await session.query('select exists (select from retracted_event) as found')
  if (row?.found !== true || firstAt === null) return
  await session.query(
    `delete from click_event using retracted_event
     where click_event.event_id = retracted_event.event_id and occurred_at between $1 and $2`,
    [firstAt, lastAt],
  )
}

async function dropOldMonths(context: JobContext, sql: Sql, keepFrom: number): Promise<void> {
  const dropped = await sql.query('select month, events from drop_click_event_months($1)', [keepFrom])
  for (const { month, events } of dropped)
    context.log('info', 'land.month-dropped', { month: String(month), events: Number(events) })
}
