// Sorts the rows of a batch in the SQL engine: first said, correction, or duplicate of what is known.
import { eventColumns } from '../data/event.ts'
import { type Engine, quoted } from '../engine/engine.ts'

/** Files that hold what was known before a batch. Paths of this machine. */
export type KnownFiles = {
  /** Parquet files of id_hash and month. */
  readonly ids: readonly string[]
  /** Parquet files of corrections. */
  readonly corrections: readonly string[]
  /** Listeners (pseudonyms) who were erased, and when (ms UTC): what they did until then is dropped. */
  readonly erased: readonly { readonly userId: string; readonly erasedAt: number }[]
  /** Parquet files of the events of some months, given as numbers (202601). */
  readonly eventsOf: (months: readonly number[]) => Promise<readonly string[]>
}

/** The columns of clean events, for a select list. */
export const eventColumnNames = eventColumns.map(({ name }) => `"${name}"`).join(', ')

/** SQL of the hash that ids are known by: 64 bits. */
export const idHashSql = 'hash(event_id)'

/** SQL of the UTC month of an event as a number: 202601. */
export const monthSql =
  'cast(year(make_timestamp(occurred_at * 1000)) * 100 + month(make_timestamp(occurred_at * 1000)) as integer)'

/** SQL whose value changes when the engine's hash does; ids are then made again. */
export const idHashCheckSql = `select hash('tastemaker')::varchar || ' ' || hash('01234567890123456789')::varchar as "check"`

/**
 * Makes the tables `batch` (the rows said first, with id_hash and month) and `fate` (row, fate: every other row is a
 * `correction`, a `duplicate`, or `erased`) and `correction` (the corrections, in order) from `rowsSql`, a select of clean rows in order.
 *
 * An id has been said at a revision before, here or in `known`: a higher one is a correction, an equal or lower one a
 * duplicate. A retraction is always a correction. Hashes only find the candidates; the ids themselves decide.
 * Cost: 8 bytes read for each id known, and the ids of those months in which candidates were found.
 */
export async function sortBatch(engine: Engine, rowsSql: string, known: KnownFiles): Promise<void> {
  await engine.run(`create or replace table batch as
    select *, ${idHashSql} as id_hash, ${monthSql} as month from (${rowsSql})`)
  await engine.run(`create or replace table hit as ${hitsSql(known.ids)}`)
  const months = await engine.rows('select distinct month from hit order by month')
  const events = await known.eventsOf(months.map(({ month }) => Number(month)))
  await engine.run(`create or replace table said_before as ${saidBeforeSql(events, known.corrections)}`)
  const dropped = known.erased.map(({ userId, erasedAt }) => `(${quoted(userId)}, ${erasedAt})`)
  await engine.run(`create or replace table erased_listener as select user_id::varchar as user_id, erased_at from (values ${['(null, 0)', ...dropped].join(', ')})
    as listed(user_id, erased_at) where user_id is not null`)
  await engine.run(`create or replace table fate as ${fatesSql}`)
  await engine.run(`create or replace table correction as
    select ${eventColumnNames} from batch join fate on batch.rowid = fate.row where fate = 'correction' order by fate.row`)
  await engine.run('delete from batch where rowid in (select row from fate)')
  await engine.run('drop table hit; drop table said_before; drop table erased_listener')
}

const parquet = (paths: readonly string[]): string => `read_parquet([${paths.map(quoted).join(', ')}])`

function hitsSql(ids: readonly string[]): string {
  if (ids.length === 0) return 'select null::ubigint as id_hash, null::integer as month where false'
  return `select distinct id_hash, month from ${parquet(ids)} where id_hash in (select id_hash from batch)`
}

function saidBeforeSql(events: readonly string[], corrections: readonly string[]): string {
  const sources = [
    ...(events.length === 0
      ? []
      : [
          `select event_id, revision from ${parquet(events)} where event_id in
            (select event_id from batch where id_hash in (select id_hash from hit))`,
        ]),
    ...(corrections.length === 0
      ? []
      : [
          `select event_id, revision from ${parquet(corrections)} where event_id in (select event_id from batch)`,
        ]),
  ]
  if (sources.length === 0) return 'select null::varchar as event_id, 0 as revision where false'
  return `select event_id, max(revision) as revision from (${sources.join(' union all ')}) group by event_id`
}

/** A row is contested when its id was said before, stands here twice, or is taken back; the others are said first. */
const fatesSql = `
  with erased as (
    select batch.rowid as row from batch join erased_listener using (user_id) where occurred_at <= erased_at
  ),
  contested as (
    select rowid as row, event_id, kind, revision from batch anti join erased on batch.rowid = erased.row
    where kind = 'retract' or event_id in (select event_id from said_before)
      or id_hash in (select id_hash from batch group by id_hash having count(*) > 1)
  ),
  ordered as (
    select c.row, c.kind, c.revision, s.revision as earlier,
      max(c.revision) over (partition by c.event_id order by c.row rows between unbounded preceding and 1 preceding) as here
    from contested c left join said_before s using (event_id)
  ),
  judged as (
    select row, case
      when revision <= greatest(coalesce(earlier, -1), coalesce(here, -1)) then 'duplicate'
      when kind = 'retract' or earlier is not null or here is not null then 'correction'
      else 'first' end as fate
    from ordered
  )
  select row, fate from judged where fate <> 'first' union all select row, 'erased' from erased`
