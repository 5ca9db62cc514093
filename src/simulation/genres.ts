// The genres of the simulated service: families of related sounds, and who leans to them by age and region.
import type { Random } from '../statistics/random.ts'
import type { Region } from './cities.ts'

/** Length of every taste vector. */
export const tasteFactors = 12

/** A genre as plain facts. */
export type Genre = {
  readonly name: string
  /** Genres of one family have taste vectors that lie close together. */
  readonly family: string
  /** Share of artists and of listening at large, as a weight. */
  readonly weight: number
  /** Age at which it is liked most, years, and how wide that liking is. */
  readonly peakAge: number
  readonly ageWidth: number
  /** Times as much liked in these regions; 1 elsewhere. */
  readonly regions: Readonly<Partial<Record<Region, number>>>
}

type Row = readonly [
  name: string,
  weight: number,
  peakAge: number,
  ageWidth: number,
  regions?: Genre['regions'],
]

const families: Readonly<Record<string, readonly Row[]>> = {
  rock: [
    ['classic rock', 9, 56, 12, { midwest: 1.5 }],
    ['indie rock', 9, 31, 9, { west: 1.4, northeast: 1.3 }],
    ['alternative', 8, 39, 9],
    ['metal', 6, 36, 11, { midwest: 1.5 }],
    ['punk', 4, 38, 10, { west: 1.5 }],
  ],
  pop: [
    ['pop', 14, 24, 12],
    ['dance pop', 7, 26, 9, { abroad: 1.6 }],
    ['synth pop', 5, 36, 10, { abroad: 1.5 }],
    ['k-pop', 4, 18, 5, { west: 1.6 }],
  ],
  electronic: [
    ['house', 6, 30, 8, { midwest: 1.4, abroad: 1.8 }],
    ['techno', 4, 31, 8, { midwest: 1.4, abroad: 2.2 }],
    ['ambient', 3, 42, 13],
  ],
  urban: [
    ['hip hop', 13, 25, 9, { south: 1.4, northeast: 1.3 }],
    ['trap', 6, 20, 6, { south: 1.8 }],
    ['r&b', 7, 31, 10, { south: 1.4 }],
    ['soul', 4, 50, 13, { midwest: 1.3, south: 1.4 }],
  ],
  roots: [
    ['country', 9, 45, 15, { south: 2.2, midwest: 1.6, northeast: 0.4, abroad: 0.2 }],
    ['folk', 5, 43, 14, { northeast: 1.4 }],
    ['blues', 3, 60, 12, { south: 1.8 }],
  ],
  latin: [
    ['reggaeton', 6, 24, 8, { south: 1.8, west: 1.6, midwest: 0.5 }],
    ['latin pop', 5, 34, 12, { south: 1.8, west: 1.6, midwest: 0.5 }],
  ],
  concert: [
    ['jazz', 4, 57, 14, { northeast: 1.6 }],
    ['classical', 4, 61, 15, { abroad: 1.5 }],
  ],
}

/** Every genre, families together. */
export const genres: readonly Genre[] = Object.entries(families).flatMap(([family, rows]) =>
  rows.map(([name, weight, peakAge, ageWidth, regions = {}]) => ({
    name,
    family,
    weight,
    peakAge,
    ageWidth,
    regions,
  })),
)

/**
 * Unit taste vectors, genres x `tasteFactors`, row-major: three parts of the family to two parts of its own,
 * so that relatives have a cosine near 0.7 and strangers one near 0.
 */
export function genreVectors(random: Random): Float32Array {
  const vectors = new Float32Array(genres.length * tasteFactors)
  const ofFamily = new Map<string, Float32Array>()
  for (const [index, genre] of genres.entries()) {
    const family = ofFamily.get(genre.family) ?? unitNormal(random)
    ofFamily.set(genre.family, family)
    const own = unitNormal(random)
    const row = vectors.subarray(index * tasteFactors, (index + 1) * tasteFactors)
    for (let f = 0; f < tasteFactors; f++) row[f] = 0.82 * family[f]! + 0.57 * own[f]!
    normalize(row)
  }
  return vectors
}

/** How much a person of this age and region leans to each genre, as weights; age in years. */
export function genreLeanings(age: number, region: Region): Float64Array {
  return Float64Array.from(genres, (genre) => {
    const distance = (age - genre.peakAge) / genre.ageWidth
    return genre.weight * (genre.regions[region] ?? 1) * (0.04 + Math.exp((-distance * distance) / 2))
  })
}

/** A vector of `tasteFactors` in a random direction, of length 1. */
export function unitNormal(random: Random): Float32Array {
  const vector = new Float32Array(tasteFactors)
  for (let f = 0; f < tasteFactors; f++) vector[f] = random.normal()
  normalize(vector)
  return vector
}

/** Scales a vector to length 1, in place. */
export function normalize(vector: Float32Array): void {
  let sum = 0
  for (const value of vector) sum += value * value
  const scale = 1 / Math.sqrt(sum)
  for (let f = 0; f < vector.length; f++) vector[f]! *= scale
}
