// Rows of one table of an SQLite database that is held in memory: never written, never trusted, and read from both ends where it is damaged.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { UnpackedBytes } from '../decompress.ts'
import { type Fault, fault } from '../fault.ts'

/** One row by column name: text, numbers and null; whole numbers too large for a number are text, bytes are null. */
export type SqliteRow = Readonly<Record<string, unknown>>

/** What the reader tells its caller; the line is the row's id. */
export type SqliteSink = {
  row(row: SqliteRow, line: number): void
  fault(wrong: Fault, line: number): void
}

const magic = 'SQLite format 3\0'
const mostBytes = 500_000_000

/** Whether bytes, or their first line at least, begin as an SQLite database does. */
export const isSqlite = (head: Uint8Array): boolean =>
  Buffer.from(head.subarray(0, magic.length)).toString('latin1') === magic

/**
 * Tells the sink every row in the order of their ids. Where a page is damaged, the rows before it and, read from the end, those behind it are
 * told, and the damage is one fault. A database without the table, or over 500 MB, is one fault and no row.
 */
export async function readSqliteTable(bytes: UnpackedBytes, table: string, sink: SqliteSink): Promise<void> {
  const { content, damage } = await collect(bytes)
  if (!content) return sink.fault(fault('too-long', `the database is over ${mostBytes} bytes`), 1)
  const db = new DatabaseSync(':memory:')
  try {
    open(db, content)
    const rows = readBothEnds(db, table, sink)
    const wrong = damage ?? rows.damage
    if (wrong) sink.fault(wrong, rows.lastId + 1)
  } catch (error) {
    sink.fault(damage ?? unreadable(error), 1)
  } finally {
    db.close()
  }
}

/** A database whose latest changes lie in a `-wal` file says so in bytes 18 and 19; in memory there is no such file. */
function open(db: DatabaseSync, content: Buffer): void {
  content.fill(1, 18, 20)
  db.deserialize(content)
  db.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON')
}

type Ends = { readonly lastId: number; readonly damage?: Fault }

function readBothEnds(db: DatabaseSync, table: string, sink: SqliteSink): Ends {
  const found = db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(table)
  if (!found) return { lastId: 0, damage: fault('unreadable', `the database has no table ${table}`) }
  const query = (direction: string): StatementSync => {
    const statement = db.prepare(`SELECT rowid AS "rowid", * FROM "${table}" ORDER BY rowid ${direction}`)
    statement.setReadBigInts(true)
    return statement
  }
  let lastId = Number.NEGATIVE_INFINITY
  const forward = readUntilDamage(query('ASC'), (row, id) => {
    if (id <= lastId) return false
    lastId = id
    sink.row(row, id)
    return true
  })
  const reached = Math.max(0, lastId)
  if (!forward) return { lastId: reached }
  let firstId = Number.POSITIVE_INFINITY
  readUntilDamage(query('DESC'), (row, id) => {
    if (id <= lastId || id >= firstId) return false
    firstId = id
    sink.row(row, id)
    return true
  })
  return { lastId: reached, damage: forward }
}

/** Hands on rows until there are no more, `take` says no, or a page cannot be read; returns that damage. */
function readUntilDamage(
  statement: StatementSync,
  take: (row: SqliteRow, id: number) => boolean,
): Fault | undefined {
  try {
    for (const row of statement.iterate()) {
      const { rowid, ...values } = row as Record<string, unknown>
      if (!take(plain(values), Number(rowid)))
        return fault('unreadable', 'the rows of the table are out of order')
    }
    return undefined
  } catch (error) {
    return unreadable(error)
  }
}

const unreadable = (error: unknown): Fault =>
  fault(
    'unreadable',
    `the database is damaged: ${error instanceof Error ? error.message : 'no reason given'}`,
  )

function plain(values: Record<string, unknown>): SqliteRow {
  const row: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === 'bigint')
      row[name] = Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    else row[name] = typeof value === 'object' ? null : value
  }
  return row
}

async function collect(
  bytes: UnpackedBytes,
): Promise<{ readonly content?: Buffer; readonly damage?: Fault }> {
  const parts: Uint8Array[] = []
  let length = 0
  let next = await bytes.next()
  for (; !next.done; next = await bytes.next()) {
    length += next.value.length
    if (length > mostBytes) return {}
    parts.push(next.value)
  }
  return { content: Buffer.concat(parts), ...(next.value && { damage: next.value }) }
}
