// The tracks of the published lists: the latest that events told of each track that has an id.
import { expect, test } from 'vitest'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import { eventKeysOf } from '../../src/jobs/feature-events.ts'
import { trackEntries } from '../../src/jobs/published-tracks.ts'
import type { ListEntry } from '../../src/stores/lists/list-store.ts'
import { ingest, put } from './events-put.ts'
import { openTestContext, startAt } from './job-context.ts'

const listen = (at: number, track: object, artist: object = { id: 'a', name: 'First' }) =>
  JSON.stringify({ event: 'listen', user: 'u', at: startAt - at, artist, track })

test('each track with an id once, as it was told last', async () => {
  const { context, close } = await openTestContext()
  await put(context, 'events.ndjson', [
    listen(3000, { id: 't/1 ü', title: 'Old title', durationMs: 1000 }),
    listen(1000, { id: 't/1 ü', title: 'New title' }, { id: 'b', name: 'Second' }),
    listen(2000, { id: 't2', title: 'Two', durationMs: 2000 }),
    listen(1000, { title: 'Without an id' }),
    JSON.stringify({ event: 'follow', user: 'u', at: startAt, artist: { id: 'c' } }),
  ])
  await ingest(context)
  const entries: ListEntry[] = []
  const keys = eventKeysOf(await readManifest(context.objects))
  for await (const entry of trackEntries(context, keys)) entries.push(entry)
  const found = entries.map(([, value]) => JSON.parse(Buffer.from(value).toString()))
  expect(entries.map(([key]) => key)).toContain('track/t2')
  expect(new Set(entries.map(([key]) => key)).size).toBe(2)
  expect(found).toHaveLength(2)
  // The newest event did not say how long it is; the one before did.
  expect(found).toContainEqual({ artistId: 'b', artistName: 'Second', title: 'New title', durationMs: 1000 })
  expect(found).toContainEqual({ artistId: 'a', artistName: 'First', title: 'Two', durationMs: 2000 })
  await close()
}, 30_000)
