// `tastemaker migrate`: brings the tables of the SQL store to a state, shows what that would do, or writes the roles.
import { TastemakerError } from '../../errors.ts'
import { type MigrationStep, migrate, planMigration, sqlOf } from '../../stores/migrate.ts'
import { migrations } from '../../stores/migrations.ts'
import { openSql } from '../../stores/open.ts'
import { accountRoles, type Roles, warehouseRoles } from '../../stores/roles.ts'
import type { Sql } from '../../stores/sql/sql.ts'
import type { Command, Invocation } from '../command.ts'
import { makeDataFolder } from '../data-folder.ts'
import { settingsOf } from '../settings.ts'

/** Migrates the SQL store; a run of the pipeline does the same by itself where its role may. */
export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Bring the tables of the SQL store to the newest state, or to another one.',
  positionals: [],
  options: {
    to: {
      type: 'string',
      hint: 'N',
      description: 'The migration to end at, up or down (default: the newest).',
    },
    'dry-run': { type: 'boolean', description: 'Say what would be done, and do nothing.' },
    sql: { type: 'boolean', description: 'Print the SQL, and do nothing.' },
    discard: { type: 'boolean', description: 'Allow a way back that throws rows away.' },
    roles: {
      type: 'boolean',
      description:
        'Then make the roles and their rights, also for the account table. Needs the right to create roles.',
    },
  },
  async run(invocation) {
    const { to } = invocation.options
    const goal = to === undefined ? {} : { to: stateOf(String(to)) }
    const settings = await settingsOf(invocation)
    await makeDataFolder(settings.data)
    const steps = await withSql(settings.sqlUrl, (sql) => migrateStore(sql, goal, invocation))
    const roles = invocation.options.roles
      ? [
          await withSql(settings.sqlUrl, (sql) => setRoles(sql, warehouseRoles, invocation)),
          await withSql(settings.accountsUrl, (sql) => setRoles(sql, accountRoles, invocation)),
        ]
      : []
    report(invocation, steps, roles.flat())
  },
}

async function withSql<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = await openSql(url)
  try {
    return await work(sql)
  } finally {
    await sql.close()
  }
}

const onlyShows = ({ options }: Invocation): boolean => options.sql === true || options['dry-run'] === true

async function migrateStore(
  sql: Sql,
  goal: { readonly to?: number },
  invocation: Invocation,
): Promise<readonly MigrationStep[]> {
  if (onlyShows(invocation)) return planMigration(sql, migrations, goal)
  return migrate(sql, migrations, { ...goal, discard: invocation.options.discard === true })
}

function stateOf(word: string): number {
  if (/^\d{1,6}$/.test(word)) return Number(word)
  throw new TastemakerError(
    'bad-argument',
    `--to takes the number of a migration; it is ${JSON.stringify(word)}.`,
  )
}

/** The statements that were run, or would be. */
async function setRoles(sql: Sql, roles: Roles, invocation: Invocation): Promise<readonly string[]> {
  const statements = await roles(sql)
  if (!onlyShows(invocation))
    await sql.transaction(async (session) => {
      for (const statement of statements) await session.query(statement)
    })
  return statements
}

function report(
  invocation: Invocation,
  steps: readonly MigrationStep[],
  roleStatements: readonly string[],
): void {
  const { terminal, options } = invocation
  if (options.json === true) {
    const moves = steps.map(({ migration: { number, name }, direction }) => ({ number, name, direction }))
    terminal.out(`${JSON.stringify({ done: !onlyShows(invocation), steps: moves, roles: roleStatements })}\n`)
    return
  }
  if (options.sql === true) {
    terminal.out([...steps.map(sqlOf), ...roleStatements.map((statement) => `${statement};\n`)].join(''))
    return
  }
  const verb = onlyShows(invocation) ? 'would go' : 'went'
  for (const { migration, direction } of steps)
    terminal.out(`${verb} ${direction.padEnd(4)} ${migration.number} ${migration.name}\n`)
  if (steps.length === 0) terminal.out('the tables are as asked: nothing to do\n')
  if (roleStatements.length > 0)
    terminal.out(
      `${onlyShows(invocation) ? 'would set' : 'set'} the roles: ${roleStatements.length} statements\n`,
    )
}
