// 1,000 damaged JSON arrays of each format that has them: none stops an import, and a damaged record costs no other.
import { test } from 'vitest'
import { listenbrainzImporter } from '../../../src/ingest/importers/listenbrainz.ts'
import { metarankImporter } from '../../../src/ingest/importers/metarank.ts'
import { spotifyImporter } from '../../../src/ingest/importers/spotify.ts'
import { type FuzzedFormat, fuzz, padded } from './fuzz.ts'

const seconds = (n: number): number => 1_700_000_000 + n * 300
const iso = (n: number): string => `${new Date(seconds(n) * 1000).toISOString().slice(0, 19)}Z`
const array = { head: '[', between: ',\n  ', tail: ']\n' }

const formats: readonly (FuzzedFormat & { readonly name: string })[] = [
  {
    name: 'Spotify extended',
    importer: spotifyImporter,
    fileName: 'Streaming_History_Audio_2024_1.json',
    ...array,
    record: (n) =>
      `{"ts":"${iso(n)}","platform":"android","ms_played":174424,"conn_country":"DE","ip_addr":"10.1.1.1","master_metadata_track_name":"Title ${padded(n)}","master_metadata_album_artist_name":"Mara Velds","master_metadata_album_album_name":"Rooms","spotify_track_uri":"spotify:track:${n}","episode_name":null,"reason_end":"trackdone","skipped":false,"incognito_mode":false}`,
  },
  {
    name: 'Spotify endsong',
    importer: spotifyImporter,
    fileName: 'endsong_0.json',
    ...array,
    record: (n) =>
      `{"ts":"${iso(n)}","username":"zoe","platform":"Linux","ms_played":174424,"conn_country":"DE","ip_addr_decrypted":"10.1.1.1","user_agent_decrypted":"unknown","master_metadata_track_name":"Title ${padded(n)}","master_metadata_album_artist_name":"Mara Velds","spotify_track_uri":"spotify:track:${n}","reason_end":null,"skipped":null,"incognito_mode":false}`,
  },
  {
    name: 'Spotify basic',
    importer: spotifyImporter,
    fileName: 'StreamingHistory_music_0.json',
    ...array,
    record: (n) =>
      `{\n    "endTime" : "2023-05-14 19:${10 + n}",\n    "artistName" : "Mara Velds",\n    "trackName" : "Title ${padded(n)}",\n    "msPlayed" : 290000\n  }`,
  },
  {
    name: 'ListenBrainz array',
    importer: listenbrainzImporter,
    fileName: 'listens.json',
    ...array,
    record: (n) =>
      `{"listened_at":${seconds(n)},"track_metadata":{"artist_name":"Mara Velds","track_name":"Title ${padded(n)}","additional_info":{"duration_ms":180000,"tags":["a",{"b":1}]}}}`,
  },
  {
    name: 'ListenBrainz submission',
    importer: listenbrainzImporter,
    fileName: 'submissions.jsonl',
    record: (n) =>
      `{"listen_type":"single","payload":[{"listened_at":${seconds(n)},"track_metadata":{"artist_name":"Mara Velds","track_name":"Title ${padded(n)}"}}]}`,
  },
  {
    name: 'Metarank array',
    importer: metarankImporter,
    fileName: 'events.json',
    ...array,
    record: (n) =>
      `{"event":"ranking","id":"r-${n}","timestamp":"${seconds(n)}000","user":"u","items":[{"id":"Title ${padded(n)}","relevancy":2.0},{"id":"other"}]}`,
  },
]

test.each(formats)('$name', (format) => fuzz(format))
