// The catalogue, its names, the presets and the library: small facts that the service rests on.
import { describe, expect, test } from 'vitest'
import { createCatalogue, scrambled } from '../../src/simulation/catalogue.ts'
import { cities } from '../../src/simulation/cities.ts'
import { genres, genreVectors, tasteFactors } from '../../src/simulation/genres.ts'
import { createLibrary } from '../../src/simulation/library.ts'
import { artistNames } from '../../src/simulation/names.ts'
import { createPopularity } from '../../src/simulation/popularity.ts'
import { presets } from '../../src/simulation/presets.ts'
import { createRandom } from '../../src/statistics/random.ts'

const vectors = genreVectors(createRandom(1))
const startAt = Date.UTC(2026, 7, 1)
const catalogue = createCatalogue(2_000, createRandom(2), { vectors, startAt, days: 90 })

describe('names of artists', () => {
  const names = artistNames(2_000, createRandom(9))

  test('are all different as written, some the same but for the spelling', () => {
    expect(new Set(names).size).toBe(2_000)
    const folded = new Set(names.map((name) => name.toLowerCase().replace('&', 'and').replace(/^the /, '')))
    expect(folded.size).toBeLessThan(2_000)
  })

  test('are as awkward as real ones', () => {
    for (const form of [/^The /, /, The$/, / & /, /feat\. /, /!$/, /"/, /[éñöü]/i, /\p{Script=Cyrillic}/u])
      expect(names.some((name) => form.test(name))).toBe(true)
    for (const script of [
      /\p{Script=Han}/u,
      /\p{Script=Arabic}/u,
      /\p{Script=Hangul}/u,
      /\p{Script=Hebrew}/u,
    ])
      expect(names.some((name) => script.test(name))).toBe(true)
  })
})

describe('the catalogue', () => {
  test('has relatives among its genres: closer within a family than between', () => {
    const cosine = (a: number, b: number) => {
      let sum = 0
      for (let f = 0; f < tasteFactors; f++)
        sum += vectors[a * tasteFactors + f]! * vectors[b * tasteFactors + f]!
      return sum
    }
    const pairs = genres.flatMap((a, i) =>
      genres.slice(i + 1).map((b, j) => [a.family === b.family, cosine(i, i + 1 + j)] as const),
    )
    const mean = (kin: boolean) => {
      const own = pairs.filter(([same]) => same === kin).map(([, value]) => value)
      return own.reduce((sum, value) => sum + value, 0) / own.length
    }
    expect(mean(true)).toBeGreaterThan(mean(false) + 0.4)
  })

  test('has songs of every artist and unique ids', () => {
    expect(new Set(catalogue.artists.map(({ artistId }) => artistId)).size).toBe(2_000)
    for (const songs of catalogue.songs) {
      expect(songs.length).toBeGreaterThanOrEqual(4)
      for (const { card, durationMs } of songs) {
        expect(JSON.parse(`${card}7}`)).toMatchObject({ durationMs, likes: 7 })
        expect(durationMs >= 95_000 && durationMs <= 720_000).toBe(true)
      }
    }
  })

  test('has artists that rise, fade, have a hit, and debut within its days', () => {
    const of = (trend: string) => catalogue.artists.findIndex((artist) => artist.trend === trend)
    expect(catalogue.popularity(of('rising'), 89)).toBeGreaterThan(2 * catalogue.popularity(of('rising'), 0))
    expect(catalogue.popularity(of('fading'), 89)).toBeLessThan(0.3 * catalogue.popularity(of('fading'), 0))
    const debuting = of('debuting')
    const debutDay = (Date.parse(catalogue.artists[debuting]!.debut) - startAt) / 86_400_000
    expect(catalogue.popularity(debuting, debutDay - 1)).toBe(0)
    expect(catalogue.popularity(debuting, debutDay)).toBeGreaterThan(0)
  })

  test('ranks the artists of a day, 1 the most popular', () => {
    const { weights, rankOf } = createPopularity(catalogue)(10)
    const first = rankOf.indexOf(1)
    expect(weights[first]).toBe(Math.max(...weights))
    expect([...rankOf].sort((a, b) => a - b)).toEqual(Array.from({ length: 2_000 }, (_, at) => at + 1))
  })

  test('scrambles numbers one to one', () => {
    expect(new Set(Array.from({ length: 50_000 }, (_, index) => scrambled(index))).size).toBe(50_000)
  })
})

test('cities lie where they are said to lie', () => {
  expect(cities.filter(({ country }) => country === 'US').length).toBeGreaterThanOrEqual(45)
  for (const { country, latitude, longitude } of cities)
    if (country === 'US')
      expect(latitude > 18 && latitude < 50 && longitude < -66 && longitude > -160).toBe(true)
})

describe('presets', () => {
  test('grow with the events, within bounds', () => {
    expect(presets.large({ events: 1_000_000 })).toMatchObject({ listeners: 3_003, artists: 2_000, days: 90 })
    expect(presets.large({ events: 100_000_000 })).toMatchObject({
      listeners: 200_000,
      artists: 20_000,
      days: 365,
    })
    expect(() => presets.large({ events: 999 })).toThrow(/1,000/)
    expect(() => presets.large({ events: Number.NaN })).toThrow(/NaN/)
  })
})

describe('a library', () => {
  test('draws artists in proportion to their strength', () => {
    const random = createRandom(4)
    const library = createLibrary(2)
    library.strengthen(1, 7, 3)
    library.strengthen(1, 9, 0.5)
    library.strengthen(1, 9, 0.5)
    let sevens = 0
    for (let draw = 0; draw < 4_000; draw++) if (library.draw(1, random) === 7) sevens++
    expect(sevens).toBeGreaterThan(2_860) // 3 of 4 is 3,000, less five standard deviations
    expect(sevens).toBeLessThan(3_140)
    expect(library.draw(0, random)).toBe(-1)
    expect(library.knows(0, 7)).toBe(false)
  })

  test('gives up its weakest artist when it is full', () => {
    const library = createLibrary(1)
    for (let artist = 0; artist < 72; artist++) library.strengthen(0, artist, 1 + artist)
    library.weaken(0, 50, 0.001)
    library.strengthen(0, 500, 1)
    expect(library.knows(0, 50)).toBe(false)
    expect(library.knows(0, 0)).toBe(true)
    expect(library.knows(0, 500)).toBe(true)
  })
})
