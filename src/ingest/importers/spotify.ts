// Spotify: the extended streaming history (two variants) and the basic account export, as JSON arrays, alone or in their zip.
import type { RawEvent } from '../../data/raw-event.ts'
import { TastemakerError } from '../../errors.ts'
import { decompress } from '../decompress.ts'
import { type Fault, fault, show } from '../fault.ts'
import { JsonArrayReader } from '../json-array.ts'
import { isRecord } from '../raw-event-check.ts'
import { parseIsoTime } from '../time.ts'
import { headText, isZip } from './head-text.ts'
import { createTally, type ImportContext, type Importer, type ImportInput, type Tally } from './importer.ts'
import { zipEntries } from './zip-entries.ts'

type Fields = Readonly<Record<string, unknown>>
type File = { readonly file: string; readonly chunks: AsyncIterable<Uint8Array> }

const source = 'spotify'
/** Histories of music; those of videos and podcasts are other files. */
const musicFile = /(^|\/)[^/]*(streaming_history_audio|endsong|streaminghistory_?music|streaminghistory\d)[^/]*\.json$/i
/** Minutes since midnight are all that the basic export gives. */
const basicTime = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d)$/

/**
 * Listens of one listener, `context.user`: the exports name none that a service would know. `ts` and `endTime` are the END of a stream, so
 * it began `ms_played` earlier; `offline_timestamp` (absent, 0, seconds or milliseconds) is not needed and not trusted.
 * A track that ended by itself (`trackdone`) was as long as it was heard: the exports have no other duration.
 * Podcasts, audiobooks and videos are `not-music`, incognito streams `private`. Addresses, devices and names are never read.
 * Throws `bad-argument` without `context.user`.
 */
export const spotifyImporter: Importer = {
  name: source,
  title: 'Spotify streaming history (zip or JSON)',
  accepts: (fileName, head) => {
    const text = headText(head)
    if (isZip(head)) return /streaming_?history|endsong/i.test(text)
    return musicFile.test(fileName) || /"(ms_played|msPlayed)"/.test(text)
  },
  async read(input, context, sink) {
    const { user } = context
    if (!user) throw new TastemakerError('bad-argument', 'A Spotify export names no listener; say whose it is (user).')
    const tally = createTally(sink)
    if (!isZip(await peek(input))) await readArray({ file: input.fileName, chunks: input.chunks }, context, tally)
    return tally.counts()
  },
}
