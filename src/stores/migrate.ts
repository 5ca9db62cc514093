// Brings a database's tables to a numbered state, up or down: all of it in one transaction, by one process at a time.
import { createHash } from 'node:crypto'
import { TastemakerError } from '../errors.ts'
import type { Sql, SqlSession } from './sql/sql.ts'

/** One numbered change of the tables, and its way back. */
export type Migration = {
  /** From 1 on, without a gap. */
  readonly number: number
  readonly name: string
  /** One statement each. */
  readonly up: readonly string[]
  readonly down: readonly string[]
  /** What its way back throws away for good, in words; left out when every row stays. */
  readonly discards?: string
}

/** A migration on its way. */
export type MigrationStep = { readonly migration: Migration; readonly direction: 'up' | 'down' }

/** Where to go. */
export type MigrationOptions = {
  /** The migration to end at; 0: before the first. Default: the last. */
  readonly to?: number
  /** Allows steps that throw rows away. Default false: such a step is a `conflict`. */
  readonly discard?: boolean
}

/** Any number that no other program locks by. */
const lockKey = 7_310_001

const historyTable = `create table if not exists schema_migration (
  number integer primary key,
  name text not null,
  checksum text not null,
  applied_at timestamptz not null default now()
)`

/**
 * Takes a database to a state, by default the newest; several processes may come at once. With nothing to do it only
 * reads, so a role that may change no table can ask.
 * Throws `conflict` when an applied migration is not the one of this program, when the database is newer than the
 * program, and for a step that discards without leave; `bad-argument` for a state that does not exist; `unauthorized`
 * when there is something to do and the role may not.
 * @returns the steps taken
 */
export async function migrate(
  sql: Sql,
  migrations: readonly Migration[],
  options: MigrationOptions = {},
): Promise<readonly MigrationStep[]> {
  if ((await planMigration(sql, migrations, options)).length === 0) return []
  try {
    return await sql.transaction((session) => migrateLocked(session, migrations, options))
  } catch (error) {
    throw isNoRight(error) ? notTheOwner(error) : error
  }
}

async function migrateLocked(
  session: SqlSession,
  migrations: readonly Migration[],
  options: MigrationOptions,
): Promise<readonly MigrationStep[]> {
  await session.query(`select pg_advisory_xact_lock(${lockKey})`)
  // The schema by name and temporary tables last: functions keep this path, and nobody can slip a table in front.
  await session.query("select set_config('search_path', quote_ident(current_schema()) || ', pg_temp', true)")
  await session.query(historyTable)
  const steps = await planMigration(session, migrations, options)
  for (const step of steps) await take(session, step, options)
  return steps
}

const isNoRight = (error: unknown): boolean =>
  ((error as Error).cause as { code?: string } | undefined)?.code === '42501'

const notTheOwner = (cause: unknown): TastemakerError =>
  new TastemakerError(
    'unauthorized',
    'The tables of the SQL store are not at the newest migration, and this role may not change them: run `tastemaker migrate` as their owner.',
    { cause },
  )

/** The steps that `migrate` would take now. Throws as it does, but changes nothing. */
export async function planMigration(
  session: SqlSession,
  migrations: readonly Migration[],
  { to = migrations.length }: MigrationOptions = {},
): Promise<readonly MigrationStep[]> {
  if (!Number.isInteger(to) || to < 0 || to > migrations.length)
    throw new TastemakerError(
      'bad-argument',
      `There is no migration ${to}: name a state from 0 to ${migrations.length}.`,
    )
  const at = await appliedCount(session, migrations)
  if (at <= to) return migrations.slice(at, to).map((migration) => ({ migration, direction: 'up' }))
  return migrations
    .slice(to, at)
    .reverse()
    .map((migration) => ({ migration, direction: 'down' }))
}

/** A step as SQL that a person can read and run. */
export function sqlOf({ migration, direction }: MigrationStep): string {
  const record =
    direction === 'up'
      ? `insert into schema_migration (number, name, checksum) values (${migration.number}, '${migration.name}', '${checksumOf(migration)}')`
      : `delete from schema_migration where number = ${migration.number}`
  const statements = [...migration[direction], record].map((statement) => `${statement};\n`)
  return `-- ${migration.number} ${migration.name}, ${direction}\n${statements.join('')}`
}

async function appliedCount(session: SqlSession, migrations: readonly Migration[]): Promise<number> {
  const [history] = await session.query("select to_regclass('schema_migration')::text as found")
  if (history?.found == null) return 0
  const applied = await session.query('select number, name, checksum from schema_migration order by number')
  for (const [index, row] of applied.entries()) {
    const known = migrations[index]
    if (!known)
      throw new TastemakerError(
        'conflict',
        `The database is at migration ${row.number} (${row.name}), this program knows ${migrations.length}: update the program.`,
      )
    if (row.number !== known.number || row.checksum !== checksumOf(known))
      throw new TastemakerError(
        'conflict',
        `Migration ${row.number} (${row.name}) of the database is not this program's ${known.number} (${known.name}): an applied migration must not change. Use the program that made it.`,
      )
  }
  return applied.length
}

async function take(
  session: SqlSession,
  { migration, direction }: MigrationStep,
  { discard = false }: MigrationOptions,
): Promise<void> {
  if (direction === 'down' && migration.discards !== undefined && !discard)
    throw new TastemakerError(
      'conflict',
      `The way back from migration ${migration.number} (${migration.name}) discards ${migration.discards}. Say so with --discard.`,
    )
  for (const statement of migration[direction]) await session.query(statement)
  if (direction === 'down')
    await session.query('delete from schema_migration where number = $1', [migration.number])
  else
    await session.query('insert into schema_migration (number, name, checksum) values ($1, $2, $3)', [
      migration.number,
      migration.name,
      checksumOf(migration),
    ])
}

/** SHA-256 of what a migration does, both ways. */
const checksumOf = ({ number, name, up, down }: Migration): string =>
  createHash('sha256')
    .update(JSON.stringify([number, name, up, down]))
    .digest('hex')
