// Renames or removes people in every object that was made: Parquet tables by their column of people, texts by what they say.
import { randomUUID } from 'node:crypto'
import { type Engine, quoted } from '../engine/engine.ts'
import { createLineWriter, readChunks } from '../engine/files.ts'
import type { JobContext } from './context.ts'
import { changedText, type PeopleChange } from './people.ts'

/** A table of which some rows changed. */
export type ChangedTable = {
  /** Where it was, and where it is now. */
  readonly was: string
  readonly key: string
  /** Rows that were renamed or removed. */
  readonly changed: number
  /** Rows that are left. */
  readonly rows: number
  readonly sizeBytes: number
}

/** What changed in the store of everything made. */
export type ChangedObjects = { readonly tables: readonly ChangedTable[]; readonly texts: readonly string[] }

/**
 * Looks into every Parquet file and every text of the object store, and replaces those that hold somebody concerned, each in one step.
 * Clean data is named by a manifest and goes under a new key, so that what is made from it is made again; the caller deletes the old file
 * once the manifest names the new one. All else stays under its own key. Files are found by looking, so that a store of a later version is not
 * forgotten. Objects named by `leave` stay as they are. Doing it again changes nothing more. Time: every table's column of people is read, and what holds somebody is written.
 */
export async function changePeopleInObjects(
  context: JobContext,
  change: PeopleChange,
  { leave }: { readonly leave: readonly string[] },
): Promise<ChangedObjects> {
  const tables: ChangedTable[] = []
  const texts: string[] = []
  const keys: string[] = []
  for await (const { key } of context.objects.list('')) if (!leave.includes(key)) keys.push(key)
  for (const [at, key] of keys.entries()) {
    context.progress('privacy', (0.7 * at) / keys.length, 'tables and texts')
    if (key.endsWith('.parquet')) {
      const table = await changeTable(context, key, change)
      if (table) tables.push(table)
    } else if (/\.(json|ndjson|csv|txt|html|md)$/.test(key)) {
      if (await changeTextObject(context, key, change)) texts.push(key)
    }
  }
  return { tables, texts }
}

async function changeTextObject(context: JobContext, key: string, change: PeopleChange): Promise<boolean> {
  const { text, changes } = changedText(Buffer.from(await context.objects.get(key)).toString(), change)
  if (changes > 0) await context.objects.put(key, Buffer.from(text))
  return changes > 0
}

/** Columns that hold a pseudonym, in the tables of clean data, features and the feature store. */
const personColumns = ['user_id', 'userId']

async function changeTable(
  context: JobContext,
  key: string,
  change: PeopleChange,
): Promise<ChangedTable | undefined> {
  const engine = await context.engine()
  const path = await context.objects.localFile(key)
  const table = `read_parquet(${quoted(path)})`
  const described = await engine.rows(`describe select * from ${table}`)
  const column = described
    .map(({ column_name }) => String(column_name))
    .find((name) => personColumns.includes(name))
  if (column === undefined) return undefined
  const among = change.only ? `where ${column} in (${change.only.map(quoted).join(', ')})` : ''
  const found = await engine.columns(`select distinct ${column} as id from ${table} ${among}`)
  const ids = (found.id as readonly (string | null)[]).filter((id): id is string => id !== null)
  const concerned = ids.filter((id) => change.to(id) !== id)
  if (concerned.length === 0) return undefined
  const out = context.scratch.file(`people-${key.replaceAll('/', '-')}`)
  await tellEngine(context, engine, { concerned, change })
  const [before] = await engine.rows(
    `select count(*) as n from ${table} where ${column} in (select was from people_change)`,
  )
  await engine.run(`copy (${changedRowsSql(
    table,
    column,
    concerned.some((id) => change.to(id) !== undefined),
  )})
    to ${quoted(out)} (format parquet, compression zstd)`)
  const next = key.startsWith('clean/')
    ? key.replace(/\.parquet$/, `-${randomUUID().slice(0, 8)}.parquet`)
    : key
  await context.objects.put(next, readChunks(out))
  const [after] =
    await engine.rows(`select count(*) as n, (select size from read_blob(${quoted(out)})) as size
    from read_parquet(${quoted(out)})`)
  return {
    was: key,
    key: next,
    changed: Number(before?.n),
    rows: Number(after?.n),
    sizeBytes: Number(after?.size),
  }
}

/** Removing keeps the order of the rows; renaming may not, and what was ordered by pseudonym is ordered no more. */
const changedRowsSql = (table: string, column: string, renames: boolean): string =>
  renames
    ? `select t.* replace (coalesce(c.now, t.${column}) as ${column}) from ${table} t
        left join people_change c on c.was = t.${column} where c.was is null or c.now is not null`
    : `select * from ${table} where ${column} is null or ${column} not in (select was from people_change)`

async function tellEngine(
  context: JobContext,
  engine: Engine,
  { concerned, change }: { readonly concerned: readonly string[]; readonly change: PeopleChange },
): Promise<void> {
  const path = context.scratch.file('people-change.ndjson')
  const writer = await createLineWriter(path)
  for (const was of concerned) await writer.write(JSON.stringify({ was, now: change.to(was) ?? null }))
  await writer.close()
  await engine.run(`create or replace table people_change as select was, now
    from read_json(${quoted(path)}, format = 'newline_delimited', columns = {was: 'VARCHAR', now: 'VARCHAR'})`)
}
