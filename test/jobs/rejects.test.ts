// Rejects as a person browses them, and the lines behind them read again after a fix.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { ingestJob } from '../../src/jobs/ingest.ts'
import { findRejects, retryRejects } from '../../src/jobs/rejects.ts'
import { runJobs } from '../../src/jobs/run.ts'
import { follow, ingest, landed, put, shown, unreconciled } from './events-put.ts'
import { openTestContext, startAt, type TestContext } from './job-context.ts'

let opened: TestContext
let context: JobContext
beforeEach(async () => {
  opened = await openTestContext()
  context = opened.context
  await put(context, 'a.ndjson', [
    follow('1'),
    '{"event":',
    follow('old', { at: '2001-01-01T00:00:00Z' }),
    follow('older', { at: '1999-01-01T00:00:00Z' }),
    '',
  ])
  await put(context, 'b.ndjson', [follow('old', { at: '2001-01-01T00:00:00Z' }), 'no json', follow('2')])
  await ingest(context)
})
afterEach(() => opened.close())

/** The same context after somebody changed the settings. */
const withEarliest = (earliest: string): JobContext => ({
  ...context,
  settings: { ...context.settings, ingest: { ...context.settings.ingest, earliest } },
})

test('are counted by reason and by file, with an example of each reason first', async () => {
  const found = await findRejects(context, { limit: 3 })
  expect(found.total).toBe(5)
  expect(found.byReason).toEqual([
    { name: 'too-old', rejects: 3 },
    { name: 'malformed', rejects: 1 },
    { name: 'truncated', rejects: 1 },
  ])
  expect(found.byFile).toEqual([
    { name: 'a.ndjson', rejects: 3 },
    { name: 'b.ndjson', rejects: 2 },
  ])
  expect(found.examples.map(({ file, line, reason, door }) => [file, line, reason, door])).toEqual([
    ['b.ndjson', 2, 'malformed', 'ingest'],
    ['a.ndjson', 3, 'too-old', 'ingest'],
    ['a.ndjson', 2, 'truncated', 'ingest'],
  ])
})

test('those of imports and of the intake are found as well; a reason and a file narrow it down', async () => {
  const reject = {
    file: 'export.json',
    line: 7,
    reason: 'private',
    detail: 'incognito',
    text: '{"it\'s": 1}',
  }
  const bytes = new TextEncoder().encode(`${JSON.stringify(reject)}\n`)
  await context.objects.put('rejects/import/spotify/1.ndjson', bytes)
  await context.objects.put('rejects/intake/2026/03/01/s.ndjson', bytes)
  const found = await findRejects(context, { reason: 'private', limit: 10 })
  expect(found.examples).toEqual([
    { ...reject, door: 'import' },
    { ...reject, door: 'intake' },
  ])
  expect((await findRejects(context, { file: 'b.nd', limit: 0 })).total).toBe(2)
  const { hindered } = await retryRejects(context, { reason: 'private' })
  expect(hindered.map(({ file, rejects, why }) => [file, rejects, why.split(',')[0]])).toEqual([
    ['export.json', 1, 'import the file again'],
    ['export.json', 1, 'the sender was told'],
  ])
})

test('after a fix the lines that pass land once, and the counts follow', async () => {
  const outcome = await retryRejects(withEarliest('2000-01-01T00:00:00Z'), {})
  expect(outcome).toMatchObject({ read: 5, clean: 1, duplicates: 1, stillRejected: 3, hindered: [] })
  expect(await shown(context)).toEqual(['1@artist-1', '2@artist-1', 'old@artist-1'])
  expect(await landed(context)).toEqual(await shown(context))
  const manifest = await readManifest(context.objects)
  expect(unreconciled(manifest)).toEqual([])
  expect(manifest.parts[0]!.counts).toMatchObject({
    lines: 8,
    blank: 1,
    clean: 3,
    duplicates: 1,
    rejects: 3,
    byReason: { malformed: 1, truncated: 1, 'too-old': 1 },
  })
  const found = await findRejects(context, { limit: 10 })
  expect(found.examples.map(({ file, line }) => `${file}:${line}`).sort()).toEqual([
    'a.ndjson:2',
    'a.ndjson:4',
    'b.ndjson:2',
  ])
  expect(await ingest(context)).toEqual({})
})

test('again it changes nothing, nor does it where nothing was fixed', async () => {
  const before = await readManifest(context.objects)
  expect(await retryRejects(context, {})).toMatchObject({ read: 5, clean: 0, stillRejected: 5 })
  expect(await readManifest(context.objects)).toEqual(before)
  const fixed = withEarliest('2000-01-01T00:00:00Z')
  await retryRejects(fixed, {})
  const after = await readManifest(context.objects)
  opened.clock.now += 5000
  expect(await retryRejects(fixed, {})).toMatchObject({ read: 3, clean: 0, stillRejected: 3 })
  expect(await readManifest(context.objects)).toEqual(after)
})

test('only the reason asked for is read again', async () => {
  const outcome = await retryRejects(withEarliest('1990-01-01T00:00:00Z'), { reason: 'malformed' })
  expect(outcome).toMatchObject({ read: 1, clean: 0, stillRejected: 1 })
  const all = await retryRejects(withEarliest('1990-01-01T00:00:00Z'), { reason: 'too-old' })
  expect(all).toMatchObject({ read: 3, clean: 2, duplicates: 1, stillRejected: 0 })
  expect((await readManifest(context.objects)).parts[0]!.counts.byReason).toEqual({
    malformed: 1,
    truncated: 1,
  })
})

test('an object that changed or is gone is not read again, and it is said why', async () => {
  await context.rawEvents.delete('a.ndjson')
  await put(context, 'b.ndjson', [follow('2')])
  const { read, hindered } = await retryRejects(context, {})
  expect(read).toBe(0)
  expect(hindered).toEqual([
    { file: 'a.ndjson', rejects: 3, why: 'the object is gone' },
    { file: 'b.ndjson', rejects: 2, why: expect.stringContaining('has changed') },
  ])
})

test('a retry that was killed before it landed is finished by the next run, with the settings it was asked with', async () => {
  const fixed = withEarliest('2000-01-01T00:00:00Z')
  const dying: JobContext = {
    ...fixed,
    sql: async () => {
      throw new Error('killed here')
    },
  }
  await expect(retryRejects(dying, {})).rejects.toThrow('killed here')
  opened.clock.now = startAt + 1000
  await runJobs([ingestJob], context)
  expect(await shown(context)).toEqual(['1@artist-1', '2@artist-1', 'old@artist-1'])
  expect(await landed(context)).toEqual(await shown(context))
  expect(unreconciled(await readManifest(context.objects))).toEqual([])
})
