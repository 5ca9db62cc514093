// Spotify's three exports: times from the end, outcomes, what is no music, and no personal data.
import { describe, expect, test } from 'vitest'
import { createCleaner } from '../../../src/ingest/clean-event.ts'
import { spotifyImporter } from '../../../src/ingest/importers/spotify.ts'
import { context } from '../ingest-bytes.ts'
import { faultsOf, fixture, importBytes, zipOf } from './import-file.ts'

const user = 'listener-1'
const outcomes = (events: readonly unknown[]) =>
  events.map(createCleaner(context)).map((event) => ('outcome' in event ? event.outcome : event.reason))

test('the extended history', async () => {
  const imported = await importBytes(
    spotifyImporter,
    'Streaming_History_Audio_2024_1.json',
    fixture('spotify-extended.json'),
    { user },
  )
  expect(imported.events[0]).toEqual({
    event: 'listen',
    user,
    at: Date.parse('2024-03-19T18:31:37Z') - 174_424,
    artist: { name: 'The Paper Lanterns' },
    track: { id: 'spotify:track:inventedinventedinv001', title: 'Glass Harbour', durationMs: 174_424 },
    playedMs: 174_424,
    source: 'spotify',
  })
  expect(outcomes(imported.events)).toEqual(['full', 'skipped', 'skipped'])
  expect(faultsOf(imported)).toEqual([
    [16, 'not-music'],
    [23, 'private'],
  ])
})

test('the older variant, without a trace of addresses and names', async () => {
  const imported = await importBytes(spotifyImporter, 'endsong_0.json', fixture('spotify-endsong.json'), {
    user,
  })
  expect(outcomes(imported.events)).toEqual(['full'])
  expect(faultsOf(imported)).toEqual([[1, 'bad-value']])
  expect(JSON.stringify(imported)).not.toMatch(/zoe|10\.20|decrypted":"(10|unknown)/)
})

test('the basic export has minutes and no ids', async () => {
  const imported = await importBytes(
    spotifyImporter,
    'StreamingHistory_music_0.json',
    fixture('spotify-basic.json'),
    { user },
  )
  expect(imported.events).toEqual([
    {
      event: 'listen',
      user,
      at: Date.UTC(2023, 4, 14, 19, 32) - 290_000,
      artist: { name: 'The Paper Lanterns' },
      track: { title: 'Glass Harbour' },
      playedMs: 290_000,
      source: 'spotify',
    },
  ])
  expect(faultsOf(imported)).toEqual([[8, 'bad-time']])
})

test('a damaged record costs no other', async () => {
  const text = fixture('spotify-extended.json').toString()
  const damaged = text.replace(
    '"conn_country": "DE", "ip_addr": "10.1.1.1",\n    "master_metadata_track_name": "Slow',
    '"conn_cou',
  )
  const imported = await importBytes(spotifyImporter, 'a.json', Buffer.from(damaged), {
    user,
    chunkSize: 100,
  })
  expect(imported.counts).toMatchObject({ records: 5, events: 2 })
  expect(faultsOf(imported)[0]).toEqual([9, 'malformed'])
})

describe('the zip', () => {
  const bytes = zipOf({
    'Spotify Extended Streaming History/Streaming_History_Audio_2024_1.json':
      fixture('spotify-extended.json'),
    'Spotify Extended Streaming History/Streaming_History_Video_2024.json': fixture('spotify-extended.json'),
    'Spotify Account Data/StreamingHistory_podcast_0.json': fixture('spotify-basic.json'),
    'Spotify Account Data/StreamingHistory_music_0.json': fixture('spotify-basic.json'),
    'Spotify Account Data/Userdata.json': Buffer.from('{"email":"zoe@quill.example"}'),
  })

  test('gives its histories of music and nothing else', async () => {
    const imported = await importBytes(spotifyImporter, 'my_spotify_data.zip', bytes, {
      user,
      chunkSize: 777,
    })
    expect(imported.counts).toMatchObject({ records: 7, events: 4, rejects: 3 })
    expect(imported.rejects[0]?.file).toContain('my_spotify_data.zip/Spotify Extended')
  })

  test('that is cut off keeps the files before the cut, and says that there were more', async () => {
    const imported = await importBytes(spotifyImporter, 'a.zip', bytes.subarray(0, 5000), { user })
    expect(imported.counts).toMatchObject({ records: 6, events: 3 })
    expect(imported.counts.byReason).toEqual({ 'not-music': 1, private: 1, unreadable: 1 })
  })

  test('that is damaged inside keeps the other files', async () => {
    const at = bytes.indexOf('Streaming_History_Audio') + 2000
    const damaged = Buffer.from(bytes)
    damaged[at] = 0xff
    const imported = await importBytes(spotifyImporter, 'a.zip', damaged, { user })
    expect(imported.events.some((event) => event.playedMs === 290_000)).toBe(true)
    expect(imported.counts.rejects).toBeGreaterThan(1)
  })
})

test('whose listens they are must be said', async () => {
  await expect(importBytes(spotifyImporter, 'a.json', Buffer.from('[]'))).rejects.toMatchObject({
    code: 'bad-argument',
  })
})
