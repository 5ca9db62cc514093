// Everything that is kept about one person, from every store, as one JSON document for that person.
import { quoted } from '../engine/engine.ts'
import { createPseudonymizer } from '../ingest/pseudonym.ts'
import { readAccountRows } from './accounts.ts'
import type { JobContext } from './context.ts'
import { entriesOf } from './privacy-stores.ts'

/** What is known of a person. */
export type PersonExport = {
  readonly pseudonym: string
  /** ISO 8601. */
  readonly exportedAt: string
  /** The service's own account row; null where there is none. */
  readonly account: Readonly<Record<string, unknown>> | null
  /** Rows that name the person, by object key: clean events, masked account, features, feature store. */
  readonly tables: Readonly<Record<string, readonly unknown[]>>
  /** Lines of texts that name the person, by object key: rejects, reports. */
  readonly texts: Readonly<Record<string, readonly string[]>>
  /** Rows of Postgres. */
  readonly clickEvents: readonly unknown[]
  /** Entries of the list store: recommendations, profile, online features. */
  readonly lists: Readonly<Record<string, unknown>>
}

/** Gathers all that is kept about a person. Nothing found is an export with nothing in it, not an error. */
export async function exportPerson(context: JobContext, pseudonym: string): Promise<PersonExport> {
  const tables: Record<string, readonly unknown[]> = {}
  const texts: Record<string, readonly string[]> = {}
  for await (const { key } of context.objects.list('')) {
    if (key.endsWith('.parquet')) {
      const rows = await rowsOf(context, key, pseudonym)
      if (rows.length > 0) tables[key] = rows
    } else if (/\.(json|ndjson)$/.test(key)) {
      const lines = Buffer.from(await context.objects.get(key))
        .toString()
        .split('\n')
      const found = lines.filter((line) => line.includes(pseudonym))
      if (found.length > 0) texts[key] = found
    }
  }
  const lists: Record<string, unknown> = {}
  for await (const [key, value] of entriesOf(context.lists, pseudonym))
    lists[key] = JSON.parse(Buffer.from(value).toString())
  return {
    pseudonym,
    exportedAt: new Date(context.now()).toISOString(),
    account: await accountOf(context, pseudonym),
    tables,
    texts,
    clickEvents: await clickEventsOf(context, pseudonym),
    lists,
  }
}

async function rowsOf(context: JobContext, key: string, pseudonym: string): Promise<readonly unknown[]> {
  const engine = await context.engine()
  const table = `read_parquet(${quoted(await context.objects.localFile(key))})`
  const described = await engine.rows(`describe select * from ${table}`)
  if (!described.some(({ column_name }) => column_name === 'user_id')) return []
  return engine.rows(`select * from ${table} where user_id = ${quoted(pseudonym)}`)
}

async function accountOf(context: JobContext, pseudonym: string): Promise<PersonExport['account']> {
  const rows = await readAccountRows(context)
  const pseudonymize = createPseudonymizer(context.pseudonymKey)
  return rows.find((row) => pseudonymize(row.user_id) === pseudonym) ?? null
}

async function clickEventsOf(context: JobContext, pseudonym: string): Promise<readonly unknown[]> {
  const sql = await context.sql()
  const [table] = await sql.query("select to_regclass('click_event')::text as found")
  if (table?.found == null) return []
  return sql.query('select * from click_event where user_id = $1 order by occurred_at', [pseudonym])
}
