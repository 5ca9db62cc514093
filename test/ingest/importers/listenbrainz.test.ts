// ListenBrainz in its three shapes and every packing.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { listenbrainzImporter } from '../../../src/ingest/importers/listenbrainz.ts'
import { faultsOf, fixture, importBytes, zipOf } from './import-file.ts'

const user = 'listener-1'
const lantern = { id: '00000000-0000-4000-8000-00000000000a', name: 'The Paper Lanterns' }

test('a submission: ids, names and durations by the rules of the API', async () => {
  const imported = await importBytes(
    listenbrainzImporter,
    'submission.json',
    fixture('listenbrainz-submission.json'),
    { user },
  )
  expect(imported.events).toEqual([
    {
      event: 'listen',
      user,
      at: 1_700_000_000_000,
      artist: lantern,
      track: { id: '00000000-0000-4000-8000-000000000001', title: 'Glass Harbour', durationMs: 222_000 },
      playedMs: 200_000,
      source: 'listenbrainz',
    },
    {
      event: 'listen',
      user,
      at: 1_700_000_300_000,
      artist: { name: 'Mara Velds' },
      track: { title: 'Quiet Room', durationMs: 180_000 },
      source: 'listenbrainz',
    },
  ])
  expect(faultsOf(imported)).toEqual([
    [1, 'bad-value'],
    [1, 'no-artist'],
    [1, 'too-old'],
  ])
})

test('a submission on one line, among others, is the same', async () => {
  const one = JSON.stringify(JSON.parse(fixture('listenbrainz-submission.json').toString()))
  const lines = Buffer.from(`${one}\n\n${one.replace('"import"', '"playing_now"')}\n`)
  const imported = await importBytes(listenbrainzImporter, 'requests.json', lines, { user })
  expect(imported.counts).toMatchObject({ records: 10, events: 2 })
  expect(imported.counts.byReason).toMatchObject({ 'not-music': 5 })
})

test.each([
  ['listens.listens', (bytes: Buffer) => bytes],
  ['listens.listens.gz', gzipSync],
  ['listens.listens.zst', zstdCompressSync],
  ['dump.zip', (bytes: Buffer) => zipOf({ 'listens/2024/1.listens': bytes, COPYING: Buffer.from('text') })],
] as const)('lines of the dump: %s', async (fileName, pack) => {
  const imported = await importBytes(
    listenbrainzImporter,
    fileName,
    pack(fixture('listenbrainz-dump.listens')),
  )
  expect(imported.events.map((event) => event.user)).toEqual(['zoe-77', '2'])
  expect(faultsOf(imported)).toEqual([
    [3, 'bad-time'],
    [4, 'truncated'],
  ])
  expect(JSON.stringify(imported.rejects)).not.toContain('ina-5')
})

test('lines of a user’s export take the first credited artist', async () => {
  const bytes = zipOf({
    'user.json': Buffer.from('{}'),
    'listens/2023/11.jsonl': fixture('listenbrainz-export.jsonl'),
  })
  const imported = await importBytes(listenbrainzImporter, 'export.zip', bytes, { user })
  expect(imported.events.map(({ artist, track }) => [artist, track?.id])).toEqual([
    [lantern, '00000000-0000-4000-8000-000000000001'],
    [{ name: 'Mara Velds' }, undefined],
  ])
  const nobody = await importBytes(listenbrainzImporter, 'export.zip', bytes)
  expect(nobody.counts.byReason).toEqual({ 'no-user': 2 })
})

test('an array of listens, and one nested past any depth', async () => {
  const deep = `{"listened_at":0,"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
  const array = Buffer.from(
    `[${fixture('listenbrainz-export.jsonl').toString().trim().replaceAll('\n', ',')},${deep}]`,
  )
  expect((await importBytes(listenbrainzImporter, 'a.json', array, { user })).counts).toMatchObject({
    events: 2,
    rejects: 1,
  })
  const submission = Buffer.from(`{"listen_type":"single","payload":[${deep}]}`)
  expect((await importBytes(listenbrainzImporter, 'a.json', submission, { user })).counts).toMatchObject({
    events: 0,
    rejects: 1,
  })
})
