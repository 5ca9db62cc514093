// Scrobbles, playbacks, feedback and rankings of other services: each rule of each format by a fixture in its exact shape.
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { gorseImporter } from '../../../src/ingest/importers/gorse.ts'
import { jellyfinImporter, namesIn } from '../../../src/ingest/importers/jellyfin.ts'
import { lastfmImporter } from '../../../src/ingest/importers/lastfm.ts'
import { listenbrainzImporter } from '../../../src/ingest/importers/listenbrainz.ts'
import { metarankImporter } from '../../../src/ingest/importers/metarank.ts'
import { scrobblerLogImporter } from '../../../src/ingest/importers/scrobbler-log.ts'
import { detectImporter } from '../../../src/ingest/importers.ts'
import { faultsOf, fixture, importBytes, zipOf } from './import-file.ts'

const user = 'listener-1'
const at = 1_700_000_000_000
const lantern = { id: '00000000-0000-4000-8000-00000000000a', name: 'The Paper Lanterns' }

describe('Last.fm', () => {
  test('the export with a header: ids, quoted text over lines, every bad row a reject', async () => {
    const imported = await importBytes(lastfmImporter, 'a.csv', fixture('lastfm-scrobbles.csv'), { user })
    expect(imported.events[0]).toEqual({
      event: 'listen',
      user,
      at,
      artist: lantern,
      track: { id: '00000000-0000-4000-8000-000000000001', title: 'Glass Harbour' },
      source: 'lastfm',
    })
    expect(imported.events[1]).toMatchObject({
      artist: { name: 'Mära "M" Velds' },
      track: { title: 'Quiet\nRoom' },
    })
    expect(faultsOf(imported)).toEqual([
      [5, 'bad-time'],
      [6, 'no-artist'],
      [7, 'malformed'],
    ])
  })

  test('four columns without a header are local times', async () => {
    const bytes = fixture('lastfm-headless.csv')
    const { events, rejects } = await importBytes(lastfmImporter, 'a.csv', bytes, {
      user,
      timeZone: 'Europe/Berlin',
    })
    expect(events.map((event) => event.at)).toEqual([
      Date.UTC(2012, 11, 31, 22, 59),
      Date.UTC(2013, 6, 1, 7, 5),
    ])
    expect(rejects.map(({ reason }) => reason)).toEqual(['bad-time'])
  })

  test('a header may name the listener, whom --user overrules', async () => {
    const bytes = fixture('lastfm-stats.csv')
    const users = async (given: object) =>
      (await importBytes(lastfmImporter, 'a.csv', bytes, given)).events.map((event) => event.user)
    expect(await users({})).toEqual(['zoe-77', 'zoe-77'])
    expect(await users({ user })).toEqual([user, user])
  })
})

test('an Audioscrobbler log: listened and skipped, in UTC or by the player’s clock', async () => {
  const bytes = fixture('scrobbler.log')
  const imported = await importBytes(scrobblerLogImporter, '.scrobbler.log', bytes, {
    user,
    timeZone: 'Europe/Berlin',
  })
  expect(imported.events).toMatchObject([
    { at, track: { title: 'Glass Harbour', durationMs: 222_000 } },
    { at: at + 300_000, skipped: true },
  ])
  expect(faultsOf(imported).map(([, reason]) => reason)).toEqual(['no-artist', 'malformed', 'malformed'])
  const local = Buffer.from(bytes.toString().replace('#TZ/UTC', '#TZ/UNKNOWN'))
  const shifted = await importBytes(scrobblerLogImporter, '.scrobbler.log', local, {
    user,
    timeZone: 'Europe/Berlin',
  })
  expect(shifted.events[0]?.at).toBe(at - 3_600_000)
})

describe('Jellyfin', () => {
  test('the backup: local times, seconds heard, only audio, nothing of devices', async () => {
    const bytes = fixture('jellyfin-backup.tsv')
    const imported = await importBytes(jellyfinImporter, 'backup.tsv', bytes, {
      timeZone: 'America/New_York',
    })
    expect(imported.events[0]).toEqual({
      event: 'listen',
      user: '0123456789abcdef0123456789abcdef',
      at: Date.UTC(2024, 2, 2, 1, 15, 0, 123),
      artist: { name: 'The Paper Lanterns' },
      track: { id: 'a'.repeat(32), title: 'Glass Harbour' },
      playedMs: 200_000,
      source: 'jellyfin',
    })
    expect(faultsOf(imported)).toEqual([
      [3, 'not-music'],
      [4, 'no-artist'],
      [5, 'bad-time'],
    ])
    expect(JSON.stringify(imported)).not.toContain('Zoe')
  })

  test('the database gives the same, and is known for what it is', async () => {
    const db = new DatabaseSync(':memory:')
    db.exec(
      'PRAGMA user_version = 1; CREATE TABLE PlaybackActivity (DateCreated DATETIME, UserId TEXT, ItemId TEXT, ItemType TEXT, ItemName TEXT, PlaybackMethod TEXT, ClientName TEXT, DeviceName TEXT, PlayDuration INT)',
    )
    const insert = db.prepare('INSERT INTO PlaybackActivity VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
    const lines = fixture('jellyfin-backup.tsv').toString().trim().split('\n')
    for (const line of lines)
      insert.run(...line.split('\t').map((text, column) => (column === 8 ? Number(text) : text)))
    const bytes = Buffer.from(db.serialize())
    db.close()
    expect(detectImporter('playback_reporting.db', bytes)?.name).toBe('jellyfin')
    const fromDatabase = await importBytes(jellyfinImporter, 'playback_reporting.db', bytes, {
      chunkSize: 1000,
    })
    const fromBackup = await importBytes(jellyfinImporter, 'backup.tsv', fixture('jellyfin-backup.tsv'))
    expect(fromDatabase.events).toEqual(fromBackup.events)
    expect(faultsOf(fromDatabase)).toEqual(faultsOf(fromBackup))
    bytes.fill(2, 18, 20)
    expect((await importBytes(jellyfinImporter, 'copied-while-open.db', bytes)).events).toHaveLength(2)
  })

  test('a database of something else is one reject', async () => {
    const db = new DatabaseSync(':memory:')
    db.exec(
      'CREATE VIEW PlaybackActivity AS WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT n FROM t',
    )
    const bytes = Buffer.from(db.serialize())
    db.close()
    expect((await importBytes(jellyfinImporter, 'a.db', bytes)).counts.byReason).toEqual({ unreadable: 1 })
  })

  test.each([
    ['A - B (C)', 'A', 'B'],
    ['A - B (live) (C (Deluxe))', 'A', 'B (live)'],
    ['A - B - C (D)', 'A', 'B - C'],
    ['A - (C)', 'A', '(C)'],
    ['A - B', 'A', 'B'],
    ['B', '', 'B'],
    ['A - B (C', 'A', 'B (C'],
  ])('names in %s', (itemName, artist, title) => {
    expect(namesIn(itemName)).toEqual({ artist, title })
  })
})

describe('Gorse', () => {
  test('JSON lines: items are artists, or tracks where their labels name one', async () => {
    const imported = await importBytes(gorseImporter, 'feedback.jsonl', fixture('gorse/feedback.jsonl'), {
      beside: fixture('gorse/items.jsonl'),
    })
    expect(imported.events).toEqual([
      {
        event: 'like',
        user: 'zoe/77',
        at,
        artist: { id: 'lanterns', name: 'The Paper Lanterns', genre: 'Indie Rock' },
        value: 1,
        source: 'gorse',
      },
      {
        event: 'listen',
        user: 'zoe/77',
        at: at + 400_207,
        artist: { id: 'lanterns', name: 'The Paper Lanterns' },
        track: { id: 'glass-harbour', title: 'Glass Harbour' },
        source: 'gorse',
      },
      {
        event: 'play_count',
        user: 'ina',
        at: Date.UTC(2023, 10, 15, 6),
        artist: { id: 'velds' },
        value: 7,
        source: 'gorse',
      },
    ])
    expect(faultsOf(imported)).toEqual([
      [4, 'schema'],
      [5, 'bad-time'],
    ])
    const told = await importBytes(gorseImporter, 'feedback.jsonl', fixture('gorse/feedback.jsonl'), {
      kinds: { purchase: 'follow' },
    })
    expect(told.events[3]).toMatchObject({ event: 'follow', value: 1 })
  })

  test('items and users are no records', async () => {
    const { counts } = await importBytes(gorseImporter, 'items.jsonl', fixture('gorse/items.jsonl'))
    expect(counts).toMatchObject({ records: 0, metadata: 2 })
  })

  test('CSV of 0.4', async () => {
    const imported = await importBytes(gorseImporter, 'feedback.csv', fixture('gorse-feedback.csv'))
    expect(imported.events).toMatchObject([
      { event: 'click', user: 'zoe/77', at, artist: { id: 'lanterns' } },
      { event: 'like', user: 'ina', at: at + 500, artist: { id: 'velds, m.' } },
    ])
    expect(faultsOf(imported)).toEqual([
      [4, 'bad-time'],
      [5, 'malformed'],
    ])
    expect(JSON.stringify(imported.rejects)).not.toContain('ina')
  })
})

test('Metarank: a ranking is impressions, a click knows its slot', async () => {
  const imported = await importBytes(metarankImporter, 'events.jsonl', fixture('metarank.jsonl'))
  expect(imported.events).toMatchObject([
    { event: 'impression', user: 'zoe-77', at, artist: { id: 'velds' }, position: 1, recommendationId: 'r1' },
    {
      event: 'impression',
      artist: { id: 'lanterns', name: 'The Paper Lanterns', genre: 'Indie Rock' },
      position: 2,
    },
    { event: 'click', id: 'i1', at: at + 40_000, position: 2, recommendationId: 'r1' },
    { event: 'like', user: 's2', value: 1 },
  ])
  expect(imported.counts).toMatchObject({ records: 6, metadata: 2 })
  expect(faultsOf(imported)).toEqual([
    [6, 'schema'],
    [7, 'schema'],
  ])
})

test('the feedback of a ListenBrainz export likes what its listens name, whatever the order in the archive', async () => {
  const bytes = zipOf({
    'feedback.jsonl': fixture('listenbrainz-feedback.jsonl'),
    'listens/2023/11.jsonl': fixture('listenbrainz-export.jsonl'),
    'user.json': Buffer.from('{"user_id":1,"username":"zoe"}\n'),
    'pinned_recording.jsonl': Buffer.from('{}\n'),
  })
  const imported = await importBytes(listenbrainzImporter, 'export.zip', bytes)
  expect(imported.events.map((event) => [event.event, event.user])).toEqual([
    ['listen', 'zoe'],
    ['listen', 'zoe'],
    ['like', 'zoe'],
  ])
  expect(imported.events[2]).toMatchObject({ at: 1_700_000_500_000, artist: lantern, value: 1 })
  expect(imported.counts).toMatchObject({ metadata: 1, otherFiles: 1 })
  expect(faultsOf(imported)).toEqual([
    [2, 'no-artist'],
    [3, 'bad-value'],
  ])
})

test.each([
  ['feedback.jsonl', 'gorse/feedback.jsonl', 'gorse'],
  ['feedback.csv', 'gorse-feedback.csv', 'gorse'],
  ['items.jsonl', 'gorse/items.jsonl', 'gorse'],
  ['events.jsonl', 'metarank.jsonl', 'metarank'],
  ['backup.tsv', 'jellyfin-backup.tsv', 'jellyfin'],
  ['.scrobbler.log', 'scrobbler.log', 'scrobbler-log'],
  ['a.csv', 'lastfm-scrobbles.csv', 'lastfm'],
  ['a.csv', 'lastfm-headless.csv', 'lastfm'],
  ['a.csv', 'librefm.csv', 'lastfm'],
  ['feedback.jsonl', 'listenbrainz-feedback.jsonl', 'listenbrainz'],
  ['table.csv', 'table.csv', undefined],
])('%s of %s is %s', (fileName, name, format) => {
  expect(detectImporter(fileName, fixture(name))?.name).toBe(format)
})
