// Damaged databases and archives, 1,000 of each: an import ends, its counts add up, and rows on whole pages and in whole files are still there.
import { DatabaseSync } from 'node:sqlite'
import { deflateRawSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { jellyfinImporter } from '../../../src/ingest/importers/jellyfin.ts'
import { listenbrainzImporter } from '../../../src/ingest/importers/listenbrainz.ts'
import { spotifyImporter } from '../../../src/ingest/importers/spotify.ts'
import { fixture, importBytes, zipOf } from './import-file.ts'
import { diceOf, mutate } from './mutate.ts'

const rows = 300
const pageBytes = 4096
const rounds = 1000

function database(): Buffer {
  const db = new DatabaseSync(':memory:')
  db.exec(
    'CREATE TABLE PlaybackActivity (DateCreated DATETIME NOT NULL, UserId TEXT, ItemId TEXT, ItemType TEXT, ItemName TEXT, PlaybackMethod TEXT, ClientName TEXT, DeviceName TEXT, PlayDuration INT)',
  )
  const insert = db.prepare(
    "INSERT INTO PlaybackActivity VALUES (?, ?, ?, 'Audio', ?, 'DirectPlay', 'Web', 'Browser', ?)",
  )
  for (let row = 0; row < rows; row += 1)
    insert.run(
      `2024-03-01 20:15:00.${row}`,
      'a'.repeat(32),
      `item-${row}`,
      `Mara Velds - Title ${row} (Rooms)`,
      row,
    )
  const bytes = Buffer.from(db.serialize())
  db.close()
  return bytes
}

test('a Jellyfin database', async () => {
  const whole = database()
  expect((await importBytes(jellyfinImporter, 'playback_reporting.db', whole)).counts).toMatchObject({
    records: rows,
    events: rows,
  })
  const pages = Math.floor(whole.length / pageBytes)
  let kept = 0
  let damagedPages = 0
  for (let seed = 0; seed < rounds; seed += 1) {
    const dice = diceOf(seed)
    const page = dice.below(pages)
    const begin = page * pageBytes
    const damaged =
      seed % 3 === 0
        ? mutate(whole, dice)
        : Buffer.concat([
            whole.subarray(0, begin),
            Buffer.alloc(pageBytes, dice.below(2) === 0 ? 0xff : 0),
            whole.subarray(begin + pageBytes),
          ])
    const { counts } = await importBytes(jellyfinImporter, 'playback_reporting.db', damaged)
    expect(counts.records).toBeGreaterThan(0)
    if (seed % 3 === 0 || page < 3) continue
    damagedPages += 1
    kept += counts.events
    expect({ seed, enough: counts.events > rows / 2 }).toEqual({ seed, enough: true })
  }
  expect(kept / damagedPages).toBeGreaterThan(0.8 * rows)
})

const spotify = zipOf({
  'Spotify Extended Streaming History/Streaming_History_Audio_2024_1.json': fixture('spotify-extended.json'),
  'Spotify Account Data/StreamingHistory_music_0.json': fixture('spotify-basic.json'),
})
const listens = zipOf({
  'user.json': Buffer.from('{"user_id":1,"username":"zoe"}\n'),
  'listens/2023/11.jsonl': fixture('listenbrainz-export.jsonl'),
  'feedback.jsonl': fixture('listenbrainz-feedback.jsonl'),
})

test.each([
  ['Spotify', spotifyImporter, spotify],
  ['ListenBrainz', listenbrainzImporter, listens],
])('a zip of %s', async (_name, importer, whole) => {
  for (let seed = 0; seed < rounds; seed += 1) {
    const dice = diceOf(seed)
    const damaged = seed % 4 === 0 ? whole.subarray(0, dice.below(whole.length)) : mutate(whole, dice)
    await importBytes(importer, 'export.zip', damaged, { user: 'me' })
  }
})

test('a packed zip that is cut anywhere is no silent loss', async () => {
  const content = fixture('spotify-basic.json')
  for (let end = 40; end < spotify.length; end += 61) {
    const { counts } = await importBytes(spotifyImporter, 'a.zip', spotify.subarray(0, end), { user: 'me' })
    expect(counts.rejects).toBeGreaterThan(0)
  }
  expect(deflateRawSync(content).length).toBeLessThan(content.length)
})
