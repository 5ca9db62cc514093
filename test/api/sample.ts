// A small invented service, published into a list store: for the tests of the API, for the bench, and to look at the page.
import type { ArtistFeatures, FavouriteArtist, LastSong, ListenerFeatures } from '../../src/data/features.ts'
import type { RankedList } from '../../src/data/ranked-list.ts'
import type { Report } from '../../src/data/report.ts'
import { createPseudonymizer } from '../../src/ingest/pseudonym.ts'
import { cacheEntries, type TrackEntry } from '../../src/serving/list-cache.ts'
import { createPublisher } from '../../src/serving/list-publisher.ts'
import type { ListEntry, ListStore } from '../../src/stores/lists/list-store.ts'

/** The key of the sample's pseudonyms. */
export const sampleKey = 'a key of the sample that is long enough'
/** When the sample was published. */
export const sampleTime = Date.UTC(2026, 2, 1, 12)
/** From an own id, `listener-0`, to the pseudonym. */
export const samplePseudonym = createPseudonymizer(sampleKey)

const first = [
  'Velvet',
  'Quiet',
  'Paper',
  'Northern',
  'Copper',
  'Hollow',
  'Silver',
  'Midnight',
  'Amber',
  'Distant',
  'Glass',
  'Saffron',
]
const second = [
  'Harbour',
  'Comets',
  'Orchard',
  'Lanterns',
  'Pilots',
  'Meridian',
  'Foxes',
  'Cathedral',
  'Tides',
  'Signal',
  'Motel',
  'Gardeners',
]
const genres = ['indie rock', 'electronic', 'jazz', 'folk', 'hip hop', 'ambient', null]
const places = [
  ['Portland', 'OR', 'US'],
  ['Austin', 'TX', 'US'],
  ['Lyon', 'Auvergne-Rhône-Alpes', 'FR'],
  ['Osaka', 'Osaka', 'JP'],
  ['unknown', 'unknown', 'unknown'],
] as const
const ages = ['18-24', '25-34', '35-44', '65-plus', 'unknown'] as const
const day = 86_400_000

/** Artist number `index` of the sample. */
export function sampleArtist(index: number): ArtistFeatures {
  const round = Math.floor(index / 144)
  const name = `${first[index % 12]} ${second[Math.floor(index / 12) % 12]}${round === 0 ? '' : ` ${round + 1}`}`
  return {
    artistId: `artist-${index}`,
    name,
    genre: genres[index % genres.length]!,
    followers: index % 5 === 0 ? null : 900 + index * 37,
    plays: 4000 - (index % 3000),
    listeners: 500 - (index % 400),
    activeDays: 1 + (index % 60),
    trendingRank: index % 4 === 0 ? null : index + 1,
  }
}

/** Listener number `index`, with a profile. */
export function sampleListener(index: number, favourites = 12): ListenerFeatures {
  const [city, state, country] = places[index % places.length]!
  const favouriteArtists = Array.from({ length: favourites }, (_, at): FavouriteArtist => {
    const { artistId, name, genre, followers, trendingRank } = sampleArtist((index * 7 + at * 3) % 140)
    const plays = 60 - at * 2 + (index % 5)
    return {
      artistId,
      name,
      genre,
      followers,
      trendingRank,
      plays,
      activeDays: 1 + Math.floor(plays / 3),
      lastAt: sampleTime - at * day,
    }
  })
  const lastSongs = favouriteArtists.map(({ artistId, name, genre, followers }, at): LastSong => {
    const plays = 1 + ((index + at) % 6)
    const fullPlays = at % 4 === 3 ? 0 : Math.ceil(plays / 2)
    const skippedPlays = Math.floor((plays - fullPlays) / 2)
    return {
      trackId: `track-${index}-${at}`,
      title: `${second[(index + at) % 12]} at ${(at % 11) + 1}`,
      artistId,
      artistName: name,
      activeDays: 1 + (at % 5),
      trendingRank: at % 3 === 0 ? null : at + 4,
      genre,
      followers,
      likes: at % 2 === 0 ? null : 40 + at,
      meanPlayedMs: 61_000 + at * 9000,
      sdPlayedMs: plays === 1 ? 0 : 4200 + at * 100,
      fullPlays,
      skippedPlays,
      partialPlays: plays - fullPlays - skippedPlays,
      lastAt: sampleTime - at * 7_200_000,
    }
  })
  return {
    userId: samplePseudonym(`listener-${index}`),
    ageGroup: ages[index % ages.length]!,
    city,
    state,
    country,
    favouriteArtists,
    lastSongs,
  }
}

/** Track number `index`, `track-<index>`. */
export function sampleTrack(index: number): TrackEntry {
  const { artistId, name } = sampleArtist(index)
  return { artistId, artistName: name, title: `Song ${index}`, durationMs: 180_000 + index * 1000 }
}

/** The MusicBrainz id of a recording that is `sampleTrack(0)` too. */
export const sampleRecording = '98255a8c-017a-4bc7-8dd6-1fa36124572b'

/** A list of `length` artists from artist number `from` on, with falling probabilities. */
export function sampleList(
  from: number,
  length: number,
  options: Partial<RankedList> & { readonly why?: (at: number) => string } = {},
): RankedList {
  const { why = () => 'Popular on this service right now.', ...rest } = options
  const artists = Array.from({ length }, (_, at) => {
    const { artistId, name, genre } = sampleArtist(from + at)
    const probability = Math.round(10_000 * (0.06 + 0.86 * Math.exp(-at / 14))) / 10_000
    return {
      artistId,
      name,
      genre,
      score: Math.round(10_000 * (2 * probability - 1)) / 10_000,
      probability,
      why: why(at),
    }
  })
  return {
    userId: '',
    source: 'popular',
    model: 'als',
    modelVersion: 'als-7',
    generatedAt: sampleTime - 60_000,
    artists,
    ...rest,
  }
}

/** The evaluation of the sample: invented numbers. */
export const sampleReport: Report = {
  name: 'evaluation',
  createdAt: sampleTime - 120_000,
  summary: 'Next 14 days of 400 invented listeners, all artists ranked, known ones left out.',
  figures: [
    ['popularity', 0.081, 0.0742, 0.0879, 0.112],
    ['segment-popularity', 0.0935, 0.086, 0.101, 0.131],
    ['score-model', 0.0871, 0.08, 0.0943, 0.118],
    ['cosine', 0.2114, 0.2001, 0.2231, 0.402],
    ['als', 0.2387, 0.2266, 0.2503, 0.466],
  ].flatMap(([of, ndcg, low, high, coverage]) => [
    {
      metric: 'temporal/ndcg@10',
      of: String(of),
      value: Number(ndcg),
      low: Number(low),
      high: Number(high),
      unit: 'share',
    },
    {
      metric: 'recall@10',
      of: String(of),
      value: Number(ndcg) * 1.2,
      low: Number(low) * 1.2,
      high: Number(high) * 1.2,
      unit: 'share',
    },
    { metric: 'coverage', of: String(of), value: Number(coverage), unit: 'share' },
  ]),
  notes: ['These numbers are invented.'],
}

/** How large the sample is. */
export type SampleSize = {
  readonly listeners?: number
  readonly artists?: number
  readonly k?: number
  readonly version?: string
}

/** Publishes the sample; listener-0 and on have a profile and a personal list. */
export async function publishSample(lists: ListStore, size: SampleSize = {}): Promise<void> {
  const version = size.version ?? 'v1'
  const publisher = createPublisher(lists, {
    version,
    model: 'als',
    modelVersion: 'als-7',
    publishedAt: sampleTime,
  })
  await publisher.put(sampleEntries(size))
  await publisher.publish()
}

function* sampleEntries({ listeners = 23, artists = 60, k = 20 }: SampleSize): Generator<ListEntry> {
  for (let index = 0; index < listeners; index++) {
    const profile = sampleListener(index)
    const [one, two] = profile.favouriteArtists
    const why = (at: number) =>
      at % 5 === 4 ? `Because you play ${two!.name}.` : `Because you play ${one!.name} and ${two!.name}.`
    yield cacheEntries.listener(profile)
    yield cacheEntries.list(
      sampleList((index * 7 + 41) % artists, k, { userId: profile.userId, source: 'personal', why }),
    )
  }
  for (let index = 0; index < artists; index++) {
    const artist = sampleArtist(index)
    yield cacheEntries.artist(artist)
    yield cacheEntries.track(`track-${index}`, sampleTrack(index))
    const near = [1, 2, 3].map((step) => ({
      ...sampleArtist((index + step) % artists),
      score: 1 - step / 10,
    }))
    yield cacheEntries.similar(
      artist.artistId,
      near.map(({ artistId, name, genre, score }) => ({ artistId, name, genre, score })),
    )
  }
  yield cacheEntries.track(sampleRecording, sampleTrack(0))
  const segment = { source: 'segment', why: () => 'Popular with listeners in US.' } as const
  yield cacheEntries.segment('US', sampleList(5, 8, segment))
  yield cacheEntries.popular(sampleList(0, k))
  yield cacheEntries.report(sampleReport)
}
