// The formats of one record a line: Last.fm 1K, HetRec and our own; and the telling of one format from another.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hetrecImporter } from '../../../src/ingest/importers/hetrec.ts'
import { lastfm1kImporter } from '../../../src/ingest/importers/lastfm-1k.ts'
import { tastemakerImporter } from '../../../src/ingest/importers/tastemaker.ts'
import { detectImporter, importers } from '../../../src/ingest/importers.ts'
import { now } from '../ingest-bytes.ts'
import { faultsOf, fixture, importBytes, zipOf } from './import-file.ts'

const shared = process.env.TASTEMAKER_SHARED ?? '../shared'
const sharedFile = (...path: string[]): string => join(shared, 'data', ...path)

test('Last.fm 1K: six columns, empty ids left out, each bad line a reject without its user', async () => {
  const imported = await importBytes(lastfm1kImporter, 'events.tsv', fixture('lastfm-1k.tsv'))
  expect(imported.events).toEqual([
    {
      event: 'listen',
      user: 'user_000001',
      at: '2009-05-04T23:08:57Z',
      artist: { id: '00000000-0000-4000-8000-00000000000a', name: 'The Paper Lanterns' },
      track: { title: 'Glass Harbour' },
      source: 'lastfm-1k',
    },
    {
      event: 'listen',
      user: 'user_000001',
      at: '2009-05-04T13:54:10Z',
      artist: { name: 'Mara Velds' },
      track: { id: '00000000-0000-4000-8000-000000000001', title: 'Quiet Room' },
      source: 'lastfm-1k',
    },
  ])
  expect(faultsOf(imported)).toEqual([
    [4, 'malformed'],
    [5, 'bad-time'],
    [6, 'no-user'],
    [7, 'no-artist'],
    [8, 'no-track'],
  ])
  expect(JSON.stringify(imported.rejects)).not.toContain('user_00000')
})

test('HetRec: play counts with names from beside, and ids made of the content', async () => {
  const bytes = fixture('hetrec/user_artists.dat')
  const imported = await importBytes(hetrecImporter, 'user_artists.dat', bytes, {
    beside: fixture('hetrec/artists.dat'),
  })
  expect(imported.events.map(({ id, ...event }) => event)).toEqual([
    {
      event: 'play_count',
      user: '2',
      at: now,
      artist: { id: '51', name: 'The Paper Lanterns' },
      value: 13_883,
      source: 'hetrec',
    },
    {
      event: 'play_count',
      user: '2',
      at: now,
      artist: { id: '52', name: 'Mära Velds' },
      value: 11_690,
      source: 'hetrec',
    },
  ])
  expect(faultsOf(imported)).toEqual([
    [4, 'bad-value'],
    [5, 'malformed'],
    [6, 'bad-value'],
  ])
  const again = await importBytes(hetrecImporter, 'user_artists.dat', bytes)
  expect(again.events.map(({ id }) => id)).toEqual(imported.events.map(({ id }) => id))
  expect(again.events[0]?.artist).toEqual({ id: '51' })
})

test('HetRec: names in ISO-8859-1 are read as well', async () => {
  const names = Buffer.from('id\tname\n51\tBj\xf6rk\n', 'latin1')
  const imported = await importBytes(hetrecImporter, 'user_artists.dat', fixture('hetrec/user_artists.dat'), {
    beside: names,
  })
  expect(imported.events[0]?.artist.name).toBe('Björk')
})

test('our own events pass, without what the schema does not know', async () => {
  const imported = await importBytes(tastemakerImporter, 'events.ndjson', fixture('tastemaker.ndjson'))
  expect(imported.events).toMatchObject([
    { event: 'impression', propensity: 0.25 },
    { event: 'click', id: 'event-2' },
  ])
  expect(faultsOf(imported)).toEqual([[4, 'no-user']])
  expect(JSON.stringify(imported)).not.toContain('zoe@')
})

describe('telling a format', () => {
  test.each([
    ['endsong_0.json', 'spotify-endsong.json', 'spotify'],
    ['anything.json', 'spotify-extended.json', 'spotify'],
    ['anything.json', 'spotify-basic.json', 'spotify'],
    ['anything.json', 'listenbrainz-submission.json', 'listenbrainz'],
    ['1.listens', 'listenbrainz-dump.listens', 'listenbrainz'],
    ['11.jsonl', 'listenbrainz-export.jsonl', 'listenbrainz'],
    ['events.tsv', 'lastfm-1k.tsv', 'lastfm-1k'],
    ['user_artists.dat', 'hetrec/user_artists.dat', 'hetrec'],
    ['events.ndjson', 'tastemaker.ndjson', 'tastemaker'],
  ])('%s of %s is %s, packed too', (fileName, name, format) => {
    expect(detectImporter(fileName, fixture(name))?.name).toBe(format)
    expect(detectImporter(`${fileName}.gz`, gzipSync(fixture(name)).subarray(0, 65_536))?.name).toBe(format)
  })

  test('a zip by the names of its files; anything else is none', () => {
    const spotify = zipOf({ 'Spotify Account Data/StreamingHistory_music_0.json': Buffer.from('[]') })
    const listens = zipOf({ 'listens/2024/1.jsonl': Buffer.from('') })
    expect(detectImporter('a.zip', spotify)?.name).toBe('spotify')
    expect(detectImporter('a.zip', listens)?.name).toBe('listenbrainz')
    expect(detectImporter('a.txt', Buffer.from('hello'))).toBeUndefined()
    expect(detectImporter('a.txt', Buffer.from(''))).toBeUndefined()
  })
})

test('any bytes: no format throws, and counts add up', async () => {
  const names = fc.constantFrom('a.json', 'a.zip', 'a.dat', 'a.jsonl.gz', 'a.listens')
  const pieces = fc.constantFrom(
    '{"',
    '"}',
    '\n',
    '\t',
    ',',
    '[',
    ']',
    '{"listened_at":1700000000,"track_metadata":{}}',
    '{"payload":[',
    '\0',
    'PK\x03\x04',
  )
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(pieces, { maxLength: 20 }).map((parts) => Buffer.from(parts.join(''))),
  )
  await fc.assert(
    fc.asyncProperty(
      bytes,
      names,
      fc.constantFrom(...importers.filter(({ name }) => name !== 'table')),
      async (content, fileName, importer) => {
        detectImporter(fileName, content)
        await importBytes(importer, fileName, content, { user: 'listener-1', chunkSize: 7 })
      },
    ),
    { numRuns: 300 },
  )
})

const hetrec = sharedFile('hetrec2011-lastfm-2k', 'user_artists.dat')
test.skipIf(!existsSync(hetrec))(
  'the real HetRec file: every row accounted for (needs the shared data)',
  async () => {
    const beside = readFileSync(sharedFile('hetrec2011-lastfm-2k', 'artists.dat'))
    const { counts, events } = await importBytes(hetrecImporter, 'user_artists.dat', readFileSync(hetrec), {
      beside,
    })
    expect(counts).toMatchObject({ records: 92_834, events: 92_834, rejects: 0, byReason: {} })
    expect(events.every((event) => event.artist.name !== undefined)).toBe(true)
    expect(new Set(events.map((event) => event.id)).size).toBe(92_834)
  },
)

const lastfm = sharedFile('lastfm-1k-sample', 'events-5000.tsv')
test.skipIf(!existsSync(lastfm))(
  'the real Last.fm sample: every row accounted for (needs the shared data)',
  async () => {
    const { counts } = await importBytes(lastfm1kImporter, 'events-5000.tsv', readFileSync(lastfm))
    expect(counts).toMatchObject({ records: 5000, events: 5000, rejects: 0, byReason: {} })
  },
)
