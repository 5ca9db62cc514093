// Data folders of former versions: their manifest is understood, and the next ingest brings their files up to date.
import { expect, test } from 'vitest'
import { eventColumns } from '../../src/data/event.ts'
import { quoted } from '../../src/engine/engine.ts'
import { readChunks } from '../../src/engine/files.ts'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { writeDocument } from '../../src/jobs/documents.ts'
import { featuresJob } from '../../src/jobs/features.ts'
import { runJobs } from '../../src/jobs/run.ts'
import { follow, ingest, put, shown } from './events-put.ts'
import { openTestContext } from './job-context.ts'

/** The manifest as version 0.1 wrote it. */
const former = (sizeBytes: number) => ({
  parts: [
    {
      batchId: '0123456789abcdef',
      events: 'clean/events/0123456789abcdef.parquet',
      rejects: 'rejects/0123456789abcdef.ndjson',
      sources: [{ key: 'a.ndjson', sizeBytes }],
      counts: { lines: 3, blank: 0, clean: 2, duplicates: 0, rejects: 1, byReason: { malformed: 1 } },
    },
  ],
  accounts: 'clean/accounts/fedcba9876543210.parquet',
})

/** Two events of different months in one file, without the columns of today. */
async function writeFormer(context: JobContext): Promise<void> {
  const lines = [follow('1'), follow('2', { at: '2025-11-30T00:00:00Z' }), '{']
  await put(context, 'a.ndjson', lines)
  const engine = await context.engine()
  const path = context.scratch.file('former.parquet')
  const names = eventColumns.filter(({ name }) => name !== 'recorded_at' && name !== 'revision')
  const row = (id: string, at: number) =>
    names
      .map(({ name, engineType, required }) => {
        const known: Record<string, string> = {
          event_id: quoted(id),
          occurred_at: String(at),
          kind: "'follow'",
          artist_id: "'artist-1'",
        }
        return `${known[name] ?? (required ? "'u_x'" : 'null')}::${engineType} as "${name}"`
      })
      .join(', ')
  await engine.run(`copy (select ${row('1', Date.UTC(2026, 0, 20))} union all select ${row('2', Date.UTC(2025, 10, 30))})
    to ${quoted(path)} (format parquet)`)
  await context.objects.put('clean/events/0123456789abcdef.parquet', readChunks(path))
  await context.objects.put('rejects/0123456789abcdef.ndjson', new Uint8Array())
  const sizeBytes = (await context.rawEvents.get('a.ndjson')).length
  await writeDocument(context.objects, 'clean/manifest.json', former(sizeBytes))
}

test('a manifest of the former shape is understood', async () => {
  const { context, close } = await openTestContext()
  await writeFormer(context)
  expect(await readManifest(context.objects)).toMatchObject({
    schema: 2,
    files: [],
    formerFiles: ['clean/events/0123456789abcdef.parquet'],
    accounts: 'clean/accounts/fedcba9876543210.parquet',
    parts: [{ batchId: '0123456789abcdef', counts: { lines: 3, clean: 2, corrections: 0, erased: 0 } }],
  })
  await expect(runJobs([featuresJob], context)).rejects.toMatchObject({ code: 'not-ready' })
  await close()
})

test('the next ingest rewrites its files by month, reads nothing twice, and knows the ids', async () => {
  const { context, close } = await openTestContext()
  await writeFormer(context)
  await put(context, 'b.ndjson', [
    follow('2'),
    follow('3'),
    follow('1', { revision: 1, artist: { id: 'better' } }),
  ])
  expect(await ingest(context)).toMatchObject({ lines: 3, clean: 1, duplicates: 1, corrections: 1 })
  const manifest = await readManifest(context.objects)
  expect(manifest.formerFiles).toBeUndefined()
  expect(manifest.files.map(({ month, rows }) => [month, rows])).toEqual([
    ['2025-11', 1],
    ['2026-01', 1],
    ['2026-01', 1],
  ])
  expect(await shown(context)).toEqual(['1@better', '2@artist-1', '3@artist-1'])
  await close()
})

test('ids under another hash are made again', async () => {
  const { context, close } = await openTestContext({ 'ingest.land': false })
  await put(context, 'a.ndjson', [follow('1'), follow('2')])
  await ingest(context)
  const manifest = await readManifest(context.objects)
  await context.objects.delete(manifest.ids[0]!.key)
  await writeDocument(context.objects, 'clean/manifest.json', { ...manifest, idHash: 'of another engine' })
  await put(context, 'b.ndjson', [follow('2'), follow('3')])
  expect(await ingest(context)).toMatchObject({ clean: 1, duplicates: 1 })
  await close()
})
