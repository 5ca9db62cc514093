// The catalogue: the artists that never were, their songs, how popular they are and how that moves.
import type { Random } from '../statistics/random.ts'
import { genres, normalize, tasteFactors, unitNormal } from './genres.ts'
import { artistNames, songTitle } from './names.ts'

/** How an artist's popularity moves: level, up, down, up and down again, or not there before a first day. */
export type Trend = 'steady' | 'rising' | 'fading' | 'hit' | 'debuting'

/** An artist as the service knows it. */
export type SimulatedArtist = {
  readonly artistId: string
  readonly name: string
  readonly genre: string
  /** Day of the first release, `YYYY-MM-DD`. */
  readonly debut: string
  readonly trend: Trend
  /** Followers on the first day. */
  readonly followers: number
}

/** A song: its JSON up to the number of likes, and its length in milliseconds. */
export type Song = { readonly card: string; readonly durationMs: number }

/** Everything fixed about the artists; index 0 has the greatest base popularity. */
export type Catalogue = {
  readonly artists: readonly SimulatedArtist[]
  readonly genreOf: Uint8Array
  /** Unit taste vectors, artists x `tasteFactors`, row-major. */
  readonly vectors: Float32Array
  /** Songs of each artist, most played first; at least 4. */
  readonly songs: readonly (readonly Song[])[]
  /** Popularity of an artist on a day counted from 0, before normalization; 0 before its debut. */
  popularity(artist: number, day: number): number
}

const dayMs = 86_400_000
/** Exponent of the popularity's Zipf law. */
const zipfExponent = 0.75

/**
 * Invents a catalogue.
 * @param options.vectors taste vectors of the genres, see `genreVectors`
 * @param options.startAt first day, ms UTC; `options.days` how many days the trends play out over
 */
export function createCatalogue(
  count: number,
  random: Random,
  options: { readonly vectors: Float32Array; readonly startAt: number; readonly days: number },
): Catalogue {
  const { days, startAt } = options
  const names = artistNames(count, random.fork('artist names'))
  const chance = random.fork('artists')
  const genreOf = Uint8Array.from(names, () => drawWeighted(chance))
  const curves = names.map((_, artist) => createCurve(artist, days, chance))
  const artists = names.map((name, artist): SimulatedArtist => {
    const debutAt =
      curves[artist]!.trend === 'debuting'
        ? startAt + curves[artist]!.day * dayMs
        : startAt - Math.floor(30 + 4_000 * chance.exponential()) * dayMs
    return {
      artistId: `artist-${scrambled(artist)}`,
      name,
      genre: genres[genreOf[artist]!]!.name,
      debut: new Date(debutAt).toISOString().slice(0, 10),
      trend: curves[artist]!.trend,
      followers: Math.floor((2_000_000 * Math.exp(0.5 * chance.normal())) / (artist + 2)) + 40,
    }
  })
  return {
    artists,
    genreOf,
    vectors: artistVectors(genreOf, options.vectors, random.fork('artist vectors')),
    songs: createSongs(artists, random.fork('songs')),
    popularity: (artist, day) => (artist + 3) ** -zipfExponent * levelOf(curves[artist]!, day, days),
  }
}

/** A whole number as eight letters and digits that do not give its order away; one to one on 32 bits. */
export function scrambled(index: number): string {
  return (Math.imul(index + 1, 0x9e37_79b1) >>> 0).toString(16).padStart(8, '0')
}

type Curve = { readonly trend: Trend; readonly day: number; readonly height: number }

const trendShares: readonly (readonly [Trend, number])[] = [
  ['rising', 0.12],
  ['fading', 0.15],
  ['hit', 0.08],
  ['debuting', 0.05],
]

/** The twenty most popular artists never debut late, so that there is always someone to recommend. */
function createCurve(artist: number, days: number, random: Random): Curve {
  let left = random.uniform()
  const day = Math.floor(days * (0.15 + 0.7 * random.uniform()))
  const height = 3 + 5 * random.uniform()
  for (const [trend, share] of trendShares) {
    left -= share
    if (left < 0) return { trend: trend === 'debuting' && artist < 20 ? 'rising' : trend, day, height }
  }
  return { trend: 'steady', day, height }
}

/** Popularity on a day as a multiple of the base: the trend is measured in twelfths of the whole time. */
function levelOf({ trend, day, height }: Curve, today: number, days: number): number {
  const away = (today - day) / (days / 12)
  if (trend === 'rising') return 0.5 + height / (1 + Math.exp(-away))
  if (trend === 'fading') return 0.2 + 1.8 * Math.exp((-3 * today) / days)
  if (trend === 'hit') return 1 + height * Math.exp(-away * away)
  if (trend === 'debuting') return today < day ? 0 : 0.5 + height * (1 - Math.exp(-away))
  return 1
}

/** Six parts genre to five of its own; one artist in six leans to a second genre as well. */
function artistVectors(genreOf: Uint8Array, ofGenre: Float32Array, random: Random): Float32Array {
  const vectors = new Float32Array(genreOf.length * tasteFactors)
  for (const [artist, genre] of genreOf.entries()) {
    const second = random.uniform() < 1 / 6 ? random.below(genres.length) : -1
    const own = unitNormal(random)
    const row = vectors.subarray(artist * tasteFactors, (artist + 1) * tasteFactors)
    for (let f = 0; f < tasteFactors; f++) {
      row[f] = 0.78 * ofGenre[genre * tasteFactors + f]! + 0.62 * own[f]!
      if (second >= 0) row[f]! += 0.5 * ofGenre[second * tasteFactors + f]!
    }
    normalize(row)
  }
  return vectors
}

function createSongs(artists: readonly SimulatedArtist[], random: Random): Song[][] {
  return artists.map(({ artistId }) =>
    Array.from({ length: 4 + random.below(17) }, (_, number) => {
      const durationMs = Math.round(1_000 * Math.min(720, Math.max(95, 215 + 55 * random.normal())))
      const id = `track-${artistId.slice(-8)}-${number + 1}`
      const card = JSON.stringify({ id, title: songTitle(random), durationMs }).slice(0, -1)
      return { card: `${card},"likes":`, durationMs }
    }),
  )
}

const genreWeight = genres.reduce((sum, { weight }) => sum + weight, 0)

function drawWeighted(random: Random): number {
  let left = random.uniform() * genreWeight
  const at = genres.findIndex(({ weight }) => {
    left -= weight
    return left < 0
  })
  return Math.max(at, 0)
}
