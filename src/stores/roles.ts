// The roles of a Postgres and their rights: who lands events, who reads them, who reads accounts and which of them.

import type { SqlSession } from './sql/sql.ts'
import { identifier } from './sql/sql-text.ts'

/** The statements that make roles and their rights in a database as it stands; running them again changes nothing. */
export type Roles = (session: SqlSession) => Promise<readonly string[]>

/**
 * Roles of the database that clean events land in, for login roles to be members of:
 * `tastemaker_ingest` lands batches, and of events reads only id, time and revision; `tastemaker_reader` reads events.
 * Neither may change a table, and neither sees accounts. Needs the tables of the newest migration, by their owner.
 */
export const warehouseRoles: Roles = async (session) => {
  const database = await databaseOf(session)
  const [ingest, reader] = ['tastemaker_ingest', 'tastemaker_reader']
  return [
    ...[ingest, reader].map(created),
    `grant connect on database ${database} to ${ingest}, ${reader}`,
    `grant temporary on database ${database} to ${ingest}`,
    `revoke all on click_event, click_event_default, landed_batch, retracted_event, schema_migration from ${ingest}, ${reader}`,
    `grant insert, delete, select (event_id, occurred_at, revision) on click_event to ${ingest}`,
    `grant select (occurred_at) on click_event_default to ${ingest}`,
    `grant select, insert on landed_batch, retracted_event to ${ingest}`,
    `grant execute on function add_click_event_month(bigint), drop_click_event_months(bigint) to ${ingest}`,
    `grant select on click_event, landed_batch to ${reader}`,
    `grant select on schema_migration to ${ingest}, ${reader}`,
  ]
}

const accountRole = 'tastemaker_accounts'

/** The columns of `account` that ingest reads, and no other. */
const accountColumns = 'user_id, full_name, email, date_of_birth, latitude, longitude, country'

/**
 * The role `tastemaker_accounts` of the service's database: reads those columns of `account` that ingest asks for, and
 * by row-level security only rows it may: where the table has a boolean column `consent`, accounts that consent; where it
 * has a column `tenant`, accounts of tenants that the table `account_reader` names for the login role. Everybody else
 * keeps the rows that their rights gave them before. None where there is no table `account`.
 */
export const accountRoles: Roles = async (session) => {
  const columns = await session.query(
    `select attname as name from pg_attribute
     where attrelid = to_regclass('account') and attnum > 0 and not attisdropped`,
  )
  if (columns.length === 0) return []
  const has = (name: string): boolean => columns.some((column) => column.name === name)
  return [
    created(accountRole),
    `grant connect on database ${await databaseOf(session)} to ${accountRole}`,
    `revoke all on account from ${accountRole}`,
    `grant select (${accountColumns}) on account to ${accountRole}`,
    ...(has('tenant') ? tenantTable : []),
    ...policy('tastemaker_accounts', `for select to ${accountRole} using (true)`),
    // Restrictive: it holds also where a policy of the service lets everybody see more.
    ...policy(
      'tastemaker_accounts_only',
      `as restrictive for select to ${accountRole} using (${rowsOf(has)})`,
    ),
    ...((await isOursAlone(session)) ? asBefore : []),
  ]
}

const policy = (name: string, terms: string): readonly string[] => [
  `drop policy if exists ${name} on account`,
  `create policy ${name} on account ${terms}`,
]

/** Where the service has no row-level security of its own, ours changes nothing for its other roles. */
const asBefore: readonly string[] = [
  ...policy('tastemaker_others', `using (not pg_has_role(current_user, '${accountRole}', 'member'))`),
  'alter table account enable row level security',
]

async function isOursAlone(session: SqlSession): Promise<boolean> {
  const [row] = await session.query(`select not relrowsecurity or exists (
    select from pg_policy where polrelid = pg_class.oid and polname = 'tastemaker_others') as ours
    from pg_class where oid = to_regclass('account')`)
  return row?.ours === true
}

const tenantTable: readonly string[] = [
  'create table if not exists account_reader (reader name, tenant text, primary key (reader, tenant))',
  `grant select on account_reader to ${accountRole}`,
]

/** Which accounts the role sees. */
function rowsOf(has: (column: string) => boolean): string {
  const conditions = [
    ...(has('consent') ? ['consent is true'] : []),
    ...(has('tenant')
      ? [
          'exists (select from account_reader where reader = current_user and account_reader.tenant = account.tenant::text)',
        ]
      : []),
  ]
  return conditions.join(' and ') || 'true'
}

/** Roles belong to the whole server: another database may have made it already. */
const created = (role: string): string => `do $$ begin
  if not exists (select from pg_roles where rolname = '${role}') then create role ${role} nologin; end if;
end $$`

async function databaseOf(session: SqlSession): Promise<string> {
  const [row] = await session.query('select current_database()::text as name')
  return identifier(String(row?.name))
}
