// The ingest job over real stores in memory: what is read again, what counts once, and where it lands.
import { afterEach, expect, test } from 'vitest'
import { quoted } from '../../src/engine/engine.ts'
import { readManifest, writePending } from '../../src/jobs/clean-manifest.ts'
import { openCleanEvents } from '../../src/jobs/feature-events.ts'
import { ingestJob } from '../../src/jobs/ingest.ts'
import { runJobs } from '../../src/jobs/run.ts'
import { day, follow, ingest, landed, put, retract, shown, unreconciled } from './events-put.ts'
import { openTestContext, startAt, type TestContext } from './job-context.ts'

const opened: TestContext[] = []
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
})

async function open(flags: Readonly<Record<string, unknown>> = {}): Promise<TestContext> {
  const made = await openTestContext(flags)
  opened.push(made)
  return made
}

test('one more day reads one more object, and nothing new does nothing', async () => {
  const { context } = await open()
  await put(context, 'a.ndjson', [follow('1'), follow('2'), follow('2'), '{', ''])
  expect(await ingest(context)).toMatchObject({ lines: 5, clean: 2, duplicates: 1, rejects: 1, blank: 1 })
  await put(context, 'b.ndjson', [follow('2'), follow('3', { at: startAt - 400 * day })])
  const [run] = await runJobs([ingestJob], context)
  expect(run).toMatchObject({ inputs: ['b.ndjson'], counts: { lines: 2, clean: 1, duplicates: 1 } })
  expect(await ingest(context)).toEqual({})
  expect(await shown(context)).toEqual(['1@artist-1', '2@artist-1', '3@artist-1'])
  expect(await landed(context)).toEqual(await shown(context))
  const manifest = await readManifest(context.objects)
  expect(unreconciled(manifest)).toEqual([])
  expect(manifest.parts[1]!.sources[0]).toMatchObject({
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    counts: { lines: 2, clean: 1, duplicates: 1, rejects: 0 },
  })
})

test('counts are kept for each object, though duplicates stand in other objects of the batch', async () => {
  const { context } = await open()
  await put(context, 'a.ndjson', [follow('1'), follow('2')])
  await put(context, 'b.ndjson', [])
  await put(context, 'c.ndjson', [follow('2'), '{', follow('3'), follow('1'), follow('1', { revision: 2 })])
  await put(context, 'd.ndjson', [follow('3'), follow('4')])
  await ingest(context)
  const manifest = await readManifest(context.objects)
  const { sources } = manifest.parts[0]!
  const counts = sources.map(({ key, counts: c }) => [
    key,
    c!.clean,
    c!.duplicates,
    c!.corrections,
    c!.rejects,
  ])
  expect(counts).toEqual([
    ['a.ndjson', 2, 0, 0, 0],
    ['b.ndjson', 0, 0, 0, 0],
    ['c.ndjson', 1, 2, 1, 1],
    ['d.ndjson', 1, 1, 0, 0],
  ])
  expect(unreconciled(manifest)).toEqual([])
})

test('late and early events lie in the file of their month', async () => {
  const { context } = await open()
  const at = (iso: string) => ({ at: iso })
  await put(context, 'a.ndjson', [
    follow('1', at('2026-01-31T23:59:59.999Z')),
    follow('2', at('2026-02-01T00:00:00Z')),
    follow('3', at('2025-12-31T20:00:00-05:00')),
    follow('4', at('2003-07-01T00:00:00Z')),
  ])
  await ingest(context)
  await put(context, 'b.ndjson', [follow('5', at('2003-07-02T00:00:00Z'))])
  await ingest(context)
  const { files } = await readManifest(context.objects)
  expect(files.map(({ month, rows }) => [month, rows])).toEqual([
    ['2003-07', 1],
    ['2026-01', 2],
    ['2026-02', 1],
    ['2003-07', 1],
  ])
  for (const { key, month } of files) expect(key).toContain(`clean/events/month=${month}/`)
  expect(files[1]).toMatchObject({ firstAt: Date.UTC(2026, 0, 1, 1), lastAt: Date.UTC(2026, 1, 1) - 1 })
})

test('recorded_at is when the line says it was received, if that is not ahead, else when it was planned', async () => {
  const { context } = await open()
  await put(context, 'a.ndjson', [
    follow('1', { receivedAt: startAt - 5000 }),
    follow('2', { receivedAt: startAt + 1 }),
    follow('3', { receivedAt: 'yesterday' }),
    follow('4', { receivedAt: '2026-02-20T00:00:00Z' }),
    follow('5'),
  ])
  await ingest(context)
  await openCleanEvents(context, await readManifest(context.objects))
  const engine = await context.engine()
  const rows = await engine.rows('select recorded_at from events order by event_id')
  expect(rows.map(({ recorded_at }) => recorded_at)).toEqual([
    startAt - 5000,
    startAt,
    startAt,
    Date.UTC(2026, 1, 20),
    startAt,
  ])
})

test('a revision replaces, a retraction removes for good, in Parquet and in Postgres', async () => {
  const { context } = await open()
  await put(context, 'a.ndjson', [follow('1'), follow('2'), follow('3'), retract('early')])
  expect(await ingest(context)).toMatchObject({ clean: 3, corrections: 1 })
  await put(context, 'b.ndjson', [
    follow('1', { revision: 2, artist: { id: 'better' }, at: startAt - 90 * day }),
    follow('1', { revision: 1, artist: { id: 'worse' } }),
    retract('2'),
    follow('2', { revision: 7 }),
    follow('early'),
  ])
  expect(await ingest(context)).toMatchObject({ clean: 0, corrections: 2, duplicates: 3 })
  expect(await shown(context)).toEqual(['1@better', '3@artist-1'])
  expect(await landed(context)).toEqual(await shown(context))
  expect(unreconciled(await readManifest(context.objects))).toEqual([])
})

test('an object that changed is read again: what is new is added, what shrank is told, what is gone stays', async () => {
  const { context, logged } = await open()
  await put(context, 'a.ndjson', [follow('1'), follow('2')])
  await put(context, 'b.ndjson', [follow('3'), follow('4')])
  await ingest(context)
  await put(context, 'a.ndjson', [follow('1'), follow('2'), follow('5')])
  await put(context, 'b.ndjson', [follow('3')])
  expect(await ingest(context)).toMatchObject({ clean: 1, duplicates: 3, changed: 1, truncated: 1 })
  expect(
    logged
      .filter(({ fact }) => fact.startsWith('ingest.object'))
      .map(({ fact, fields }) => [fact, fields.key]),
  ).toEqual([
    ['ingest.object-changed', 'a.ndjson'],
    ['ingest.object-truncated', 'b.ndjson'],
  ])
  await context.rawEvents.delete('a.ndjson')
  await ingest(context)
  expect(await shown(context)).toEqual(['1', '2', '3', '4', '5'].map((id) => `${id}@artist-1`))
  await put(context, 'a.ndjson', [follow('1'), follow('2')])
  expect(await ingest(context)).toMatchObject({ clean: 0, duplicates: 2 })
  expect(await shown(context)).toHaveLength(5)
})

test('a batch noted and not finished is done first, at its own clock, and its objects are not read twice', async () => {
  const { context, clock } = await open()
  await put(context, 'a.ndjson', [follow('1', { at: startAt + 2 * 3_600_000 })])
  const source = { key: 'a.ndjson', sizeBytes: (await context.rawEvents.get('a.ndjson')).length }
  await writePending(context.objects, [{ id: 'noted', sources: [source], plannedAt: startAt }])
  clock.now = startAt + 10 * day
  await put(context, 'b.ndjson', [follow('2')])
  expect(await ingest(context)).toMatchObject({ lines: 2, clean: 1, rejects: 1, 'future-time': 1 })
  const { parts } = await readManifest(context.objects)
  expect(parts.map((part) => part.sources.map(({ key }) => key))).toEqual([['a.ndjson'], ['b.ndjson']])
  expect(parts[0]!.batchId).toBe('noted')
})

test('small batches, one after the other, give what one large batch gives', async () => {
  const lines = Array.from({ length: 400 }, (_, n) =>
    follow(String(n % 350), { at: startAt - (n % 70) * day, revision: n % 3 }),
  )
  const one = await open()
  await put(one.context, 'all.ndjson', lines)
  await ingest(one.context)
  const expected = await shown(one.context)
  const many = await open()
  for (let n = 0; n < 20; n++) {
    await put(many.context, `${String(n).padStart(2, '0')}.ndjson`, lines.slice(n * 20, n * 20 + 20))
    await ingest(many.context)
  }
  expect(await shown(many.context)).toEqual(expected)
  expect(await landed(many.context)).toEqual(expected)
  const manifest = await readManifest(many.context.objects)
  expect(manifest.version).toBe(20)
  expect(manifest.files.length).toBeLessThan(30)
  expect(manifest.ids.length).toBeLessThan(8)
  expect(manifest.files.some(({ key }) => key.includes('/merged-'))).toBe(true)
})

test('a merged file is sorted by listener and time', async () => {
  const { context } = await open()
  for (let n = 0; n < 8; n++) {
    const lines = [3, 1, 2].map((user) =>
      follow(`${n}-${user}`, { user: `u${user}`, at: startAt - (40 + ((n * 5) % 8)) * 3_600_000 }),
    )
    await put(context, `${n}.ndjson`, lines)
    await ingest(context)
  }
  const { files } = await readManifest(context.objects)
  expect(files.map(({ rows }) => rows)).toEqual([24])
  const engine = await context.engine()
  const path = quoted(await context.objects.localFile(files[0]!.key))
  const rows = await engine.rows(`select user_id, occurred_at from read_parquet(${path})`)
  const keys = rows.map(({ user_id, occurred_at }) => `${user_id} ${occurred_at}`)
  expect(keys).toEqual([...keys].sort())
})
