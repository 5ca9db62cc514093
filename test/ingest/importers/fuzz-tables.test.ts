// 1,000 damaged CSV files of each format that has them: none stops an import, and a stray quote costs no other row.
import { test } from 'vitest'
import { gorseImporter } from '../../../src/ingest/importers/gorse.ts'
import { lastfmImporter } from '../../../src/ingest/importers/lastfm.ts'
import { tableImporter } from '../../../src/ingest/importers/table.ts'
import { type FuzzedFormat, fuzz, padded } from './fuzz.ts'

const seconds = (n: number): number => 1_700_000_000 + n * 300

const mapping = JSON.stringify({
  event: 'listen',
  fields: {
    user: 'who',
    at: { column: 'played', unit: 'seconds' },
    'artist.name': 'artist',
    'track.title': 'song',
    playedMs: { column: 'heard', unit: 'clock' },
  },
})

const formats: readonly (FuzzedFormat & { readonly name: string })[] = [
  {
    name: 'Last.fm CSV',
    importer: lastfmImporter,
    fileName: 'recenttracks.csv',
    head: 'uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid\n',
    record: (n) =>
      `"${seconds(n)}","14 Nov 2023, 22:13","Mara ""M"" Velds","","Rooms, more","","Title ${padded(n)}",""`,
  },
  {
    name: 'Gorse CSV',
    importer: gorseImporter,
    fileName: 'feedback.csv',
    head: 'feedback_type,user_id,item_id,time_stamp\r\n',
    record: (n) => `like,u-${n},Title ${padded(n)},2023-11-14 22:13:20 +0000 UTC`,
  },
  {
    name: 'CSV with a mapping',
    importer: tableImporter,
    fileName: 'plays.csv',
    head: 'played;who;artist;song;heard\n',
    mapping,
    record: (n) => `${seconds(n)};u-${n};"Mara; Velds";Title ${padded(n)};3:4${n % 10}`,
  },
  {
    name: 'JSON lines with a mapping',
    importer: tableImporter,
    fileName: 'plays.jsonl',
    mapping,
    byLine: true,
    record: (n) =>
      `{"played":"${seconds(n)}","who":"u-${n}","artist":"Mara Velds","song":"Title ${padded(n)}","heard":null}`,
  },
]

test.each(formats)('$name', (format) => fuzz(format))
