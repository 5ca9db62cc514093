// Draining: events into the raw event store by date and packed, rejects beside those of ingest, each exactly once.
import { zstdDecompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { refusalLine } from '../../src/ingest/doors/journal-line.ts'
import { drainJournal } from '../../src/jobs/drain-journal.ts'
import type { Journal, JournalSegment } from '../../src/stores/journal/journal.ts'
import type { ObjectStore } from '../../src/stores/objects/object-store.ts'
import { openJournal, openObjects } from '../../src/stores/open.ts'

const refusal = (line: number) =>
  refusalLine({ file: 'door', line, reason: 'schema', detail: 'why!', text: '!' })

async function open() {
  return {
    journal: await openJournal('memory:'),
    targets: { rawEvents: await openObjects('memory:'), objects: await openObjects('memory:') },
  }
}

async function keysOf(store: ObjectStore): Promise<readonly string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

async function onlyObject(store: ObjectStore): Promise<{ readonly key: string; readonly bytes: Uint8Array }> {
  const [key, ...others] = await keysOf(store)
  expect(others).toEqual([])
  return { key: key!, bytes: await store.get(key!) }
}

test('events and rejects are parted, in their order, below the day they were received', async () => {
  const { journal, targets } = await open()
  await journal.append([refusal(1), '{"a":"!"}', refusal(2), refusal(3), '{"b":"\\n!"}'])
  await journal.append(['{"c":1}', refusal(4)])
  expect(await drainJournal(journal, targets)).toBe(1)
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '/')
  const events = await onlyObject(targets.rawEvents)
  expect(events.key).toMatch(new RegExp(`^${day}/intake-[0-9-]+\\.ndjson\\.zst$`))
  expect(text(zstdDecompressSync(events.bytes))).toBe('{"a":"!"}\n{"b":"\\n!"}\n{"c":1}\n')
  const rejects = await onlyObject(targets.objects)
  expect(rejects.key).toMatch(new RegExp(`^rejects/intake/${day}/[0-9-]+\\.ndjson$`))
  const lines = text(rejects.bytes).split('\n').slice(0, -1)
  expect(lines.map((line) => (JSON.parse(line) as { line: number }).line)).toEqual([1, 2, 3, 4])
  expect(await journal.rotate()).toEqual([])
})

test('a segment of events only makes no object of rejects, and the other way round', async () => {
  const one = await open()
  await one.journal.append(['{}'])
  await drainJournal(one.journal, one.targets)
  expect(await keysOf(one.targets.objects)).toEqual([])
  const other = await open()
  await other.journal.append([refusal(1)])
  await drainJournal(other.journal, other.targets)
  expect(await keysOf(other.targets.rawEvents)).toEqual([])
  expect(await keysOf(other.targets.objects)).toHaveLength(1)
})

test('killed before the segment is dropped, the next drain makes no second object', async () => {
  const { journal, targets } = await open()
  await journal.append(['{"a":1}', refusal(1)])
  const dying: Journal = {
    ...journal,
    rotate: async () =>
      (await journal.rotate()).map(
        (segment): JournalSegment => ({ ...segment, drop: () => Promise.reject(new Error('killed')) }),
      ),
  }
  await expect(drainJournal(dying, targets)).rejects.toThrow('killed')
  expect(await drainJournal(journal, targets)).toBe(1)
  await onlyObject(targets.rawEvents)
  await onlyObject(targets.objects)
})

test('several at once share the work and make each object once', async () => {
  const { journal, targets } = await open()
  for (let at = 0; at < 5; at++) {
    await journal.append([`{"at":${at}}`])
    await journal.rotate()
  }
  await Promise.all([drainJournal(journal, targets), drainJournal(journal, targets)])
  expect(await keysOf(targets.rawEvents)).toHaveLength(5)
  expect(await journal.rotate()).toEqual([])
})
