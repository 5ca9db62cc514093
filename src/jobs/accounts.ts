// Account rows -> masked accounts: personal data is read here, masked by ingest, and goes no further.
import type { Account, AccountRow } from '../data/account.ts'
import { quoted } from '../engine/engine.ts'
import { createLineWriter, readChunks } from '../engine/files.ts'
import { maskAccounts } from '../ingest/accounts.ts'
import { createGeocoder } from '../ingest/geocode.ts'
import { mergeRare } from '../ingest/merge-rare.ts'
import { createPseudonymizer } from '../ingest/pseudonym.ts'
import type { CleanManifest } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { readErasures } from './erasures.ts'

/** The service's account rows; none where it has no `account` table. */
export async function readAccountRows(context: JobContext): Promise<readonly AccountRow[]> {
  const accounts = await context.accounts()
  const [table] = await accounts.query("select to_regclass('account')::text as found")
  if (table?.found == null) return []
  const rows = await accounts.query(
    'select user_id, full_name, email, date_of_birth, latitude, longitude, country from account order by user_id',
  )
  return rows as unknown as readonly AccountRow[]
}

/**
 * Masks all accounts but those of erased people, merges rare groups upward, and keeps them as one Parquet file, named by what is in it.
 * @returns its key, the same as before when nothing changed
 */
export async function ingestAccounts(
  context: JobContext,
  manifest: CleanManifest,
): Promise<{ readonly key: string; readonly count: number }> {
  const rows = await readAccountRows(context)
  const everybody = maskAccounts(rows, {
    now: context.now(),
    pseudonymize: createPseudonymizer(context.pseudonymKey),
    geocode: await createGeocoder(),
  })
  const erased = new Set((await readErasures(context.objects)).map(({ userId }) => userId))
  const masked = mergeRare(
    everybody.filter(({ userId }) => !erased.has(userId)),
    context.settings.privacy.minGroupPeople,
  )
  const key = `clean/accounts/${versionOf(masked)}.parquet`
  if (key !== manifest.accounts) await keepAccounts(context, masked, key)
  return { key, count: masked.length }
}

async function keepAccounts(context: JobContext, masked: readonly Account[], key: string): Promise<void> {
  const lines = context.scratch.file('accounts.ndjson')
  const parquet = context.scratch.file('accounts.parquet')
  const writer = await createLineWriter(lines)
  for (const account of masked) await writer.write(JSON.stringify(account))
  await writer.close()
  const engine = await context.engine()
  await engine.run(`copy (
      select userId as user_id, ageGroup as age_group, city, state, country
      from read_json(${quoted(lines)}, format = 'newline_delimited',
        columns = {userId: 'VARCHAR', ageGroup: 'VARCHAR', city: 'VARCHAR', state: 'VARCHAR', country: 'VARCHAR'})
    ) to ${quoted(parquet)} (format parquet)`)
  await context.objects.put(key, readChunks(parquet))
}
