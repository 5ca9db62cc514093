// The ids of the events that landed in a data folder, in both places: for the tests that look for lost and doubled ones.
import { join } from 'node:path'
import { quoted } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import { openObjects, openSql } from '../../src/stores/open.ts'

/** Event ids in the Parquet files of the manifest. */
export async function idsInParquet(data: string): Promise<readonly string[]> {
  const objects = await openObjects(`file:${join(data, 'objects')}`)
  const { files } = await readManifest(objects)
  const paths = await Promise.all(files.map(({ key }) => objects.localFile(key)))
  const engine = await openEngine({ threads: 1, tempDir: data })
  const found = await engine.columns(`select event_id from read_parquet([${paths.map(quoted).join(', ')}])`)
  await engine.close()
  return found.event_id as readonly string[]
}

/** Event ids in the warehouse. */
export async function idsInPostgres(data: string): Promise<readonly string[]> {
  const sql = await openSql(`pglite:${join(data, 'warehouse')}`)
  const rows = await sql.query('select event_id from click_event')
  await sql.close()
  return rows.map((row) => String(row.event_id))
}
