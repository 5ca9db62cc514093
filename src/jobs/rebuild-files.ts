// Rewrites what former versions wrote: event files by month with today's columns, and the ids by hash.
import { eventColumns } from '../data/event.ts'
import { type Engine, quoted } from '../engine/engine.ts'
import { createScratch } from '../engine/files.ts'
import { localFiles, writeEvents, writeIds } from './clean-batch.ts'
import { type CleanManifest, writeManifest } from './clean-manifest.ts'
import type { JobContext } from './context.ts'
import { versionOf } from './documents.ts'
import { idHashCheckSql, idHashSql, monthSql } from './sort-batch.ts'

/**
 * Brings clean data up to date with today's shape; the manifest comes back as it was when there is nothing to do.
 * The former event files stay until tidy removes them.
 */
export async function rebuildFormer(context: JobContext, manifest: CleanManifest): Promise<CleanManifest> {
  const engine = await context.engine()
  const [found] = await engine.rows(idHashCheckSql)
  const idHash = String(found?.check)
  const former = manifest.formerFiles ?? []
  if (former.length === 0 && manifest.idHash === idHash) return manifest
  const { formerFiles, ...kept } = manifest
  let next: CleanManifest = { ...kept, ids: [], idHash }
  for (const key of former) {
    const [path] = await localFiles(context, [{ key }])
    next = await addFile(context, next, {
      name: versionOf(['former', key]),
      rowsSql: formerSql(path!),
      events: true,
    })
  }
  for (const file of manifest.files) {
    const [path] = await localFiles(context, [file])
    const rowsSql = `select * from read_parquet(${quoted(path!)})`
    next = await addFile(context, next, { name: versionOf([idHash, file.key]), rowsSql, events: false })
  }
  await writeManifest(context.objects, next)
  return next
}

/** Nobody noted when these events became known; that they were known when they happened is the nearest guess. */
function formerSql(path: string): string {
  const added: Readonly<Record<string, string>> = { recorded_at: 'occurred_at', revision: '0' }
  const columns = eventColumns.map(({ name, engineType }) =>
    added[name] === undefined ? `"${name}"` : `cast(${added[name]} as ${engineType}) as "${name}"`,
  )
  return `select ${columns.join(', ')} from read_parquet(${quoted(path)})`
}

async function addFile(
  context: JobContext,
  manifest: CleanManifest,
  { name, rowsSql, events }: { readonly name: string; readonly rowsSql: string; readonly events: boolean },
): Promise<CleanManifest> {
  const engine: Engine = await context.engine()
  const scratch = await createScratch(context.scratch.dir)
  const target = { name, scratch }
  await engine.run(`create or replace table batch as
    select *, ${idHashSql} as id_hash, ${monthSql} as month from (${rowsSql})`)
  const files = events ? await writeEvents(context, engine, target) : []
  const ids = await writeIds(context, engine, target)
  await engine.run('drop table batch')
  await scratch.close()
  return { ...manifest, files: [...manifest.files, ...files], ids: [...manifest.ids, ...ids] }
}
