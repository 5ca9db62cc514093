// 1,000 damaged files of each format that has a record a line: none stops an import, no record vanishes, no neighbour is lost.
import { test } from 'vitest'
import { gorseImporter } from '../../../src/ingest/importers/gorse.ts'
import { hetrecImporter } from '../../../src/ingest/importers/hetrec.ts'
import { jellyfinImporter } from '../../../src/ingest/importers/jellyfin.ts'
import { lastfm1kImporter } from '../../../src/ingest/importers/lastfm-1k.ts'
import { listenbrainzImporter } from '../../../src/ingest/importers/listenbrainz.ts'
import { metarankImporter } from '../../../src/ingest/importers/metarank.ts'
import { scrobblerLogImporter } from '../../../src/ingest/importers/scrobbler-log.ts'
import { tastemakerImporter } from '../../../src/ingest/importers/tastemaker.ts'
import { type FuzzedFormat, fuzz, padded } from './fuzz.ts'

const seconds = (n: number): number => 1_700_000_000 + n * 300
const iso = (n: number): string => new Date(seconds(n) * 1000).toISOString()

const formats: readonly (FuzzedFormat & { readonly name: string })[] = [
  {
    name: 'our own events',
    importer: tastemakerImporter,
    fileName: 'events.ndjson',
    byLine: true,
    record: (n) =>
      `{"event":"listen","id":"e-${n}","user":"u-${n}","at":"${iso(n)}","artist":{"id":"a-${n}","name":"Mära \\"M\\" Velds"},"track":{"title":"Title ${padded(n)}","durationMs":200000},"playedMs":1000,"volumes":[0.5,1]}`,
  },
  {
    name: 'ListenBrainz lines',
    importer: listenbrainzImporter,
    fileName: '11.jsonl',
    byLine: true,
    record: (n) =>
      `{"listened_at":${seconds(n)},"recording_msid":"m-${n}","track_metadata":{"artist_name":"Mara Velds","track_name":"Title ${padded(n)}","additional_info":{"duration_ms":180000,"artist_mbids":["00000000-0000-4000-8000-00000000000a"]},"mbid_mapping":null}}`,
  },
  {
    name: 'Last.fm 1K',
    importer: lastfm1kImporter,
    fileName: 'events.tsv',
    byLine: true,
    record: (n) => `user_${n}\t${iso(n)}\tid-${n}\tMara Velds\ttrack-${n}\tTitle ${padded(n)}`,
  },
  {
    name: 'HetRec',
    importer: hetrecImporter,
    fileName: 'user_artists.dat',
    head: 'userID\tartistID\tweight\n',
    byLine: true,
    record: (n) => `${n}\tTitle ${padded(n)}\t${100 + n}`,
  },
  {
    name: 'Audioscrobbler log',
    importer: scrobblerLogImporter,
    fileName: '.scrobbler.log',
    head: '#AUDIOSCROBBLER/1.1\n#TZ/UTC\n',
    record: (n) => `Mara Velds\tRooms\tTitle ${padded(n)}\t${n}\t180\tL\t${seconds(n)}\t`,
  },
  {
    name: 'Jellyfin backup',
    importer: jellyfinImporter,
    fileName: 'backup.tsv',
    byLine: true,
    record: (n) =>
      `2024-03-01 20:${10 + n}:00.1234567\tuser-${n}\titem-${n}\tAudio\tMara Velds - Title ${padded(n)} (Rooms)\tDirectPlay\tWeb\tBrowser\t${100 + n}`,
  },
  {
    name: 'Gorse lines',
    importer: gorseImporter,
    fileName: 'feedback.jsonl',
    byLine: true,
    record: (n) =>
      `{"FeedbackType":"like","UserId":"u/${n}","ItemId":"Title ${padded(n)}","Value":1.0,"Timestamp":"${iso(n)}","Comment":""}`,
  },
  {
    name: 'Metarank lines',
    importer: metarankImporter,
    fileName: 'events.jsonl',
    byLine: true,
    record: (n) =>
      n % 2 === 0
        ? `{"event":"ranking","id":"r-${n}","timestamp":"${seconds(n)}000","user":"u","items":[{"id":"Title ${padded(n)}","relevancy":2.0}]}`
        : `{"event":"interaction","id":"i-${n}","ranking":"r-${n - 1}","timestamp":${seconds(n)}000,"user":"u","type":"click","item":"Title ${padded(n)}"}`,
  },
]

test.each(formats)('$name', (format) => fuzz(format))
