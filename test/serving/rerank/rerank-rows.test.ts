// Lists of many listeners: row by row what one listener gets, on any number of threads.
import { afterAll, describe, expect, it } from 'vitest'
import { readSettings } from '../../../src/config.ts'
import { emptyRows, sparseRows, type Triple } from '../../../src/data/interaction-matrix.ts'
import type { RankedRows } from '../../../src/data/model.ts'
import { openWorkers } from '../../../src/engine/open.ts'
import { popularityBuckets } from '../../../src/serving/rerank/popularity-buckets.ts'
import type { RerankMethod } from '../../../src/serving/rerank/rerank.ts'
import { rerankRows } from '../../../src/serving/rerank/rerank-rows.ts'
import { openSimilarity } from '../../../src/serving/rerank/similarity.ts'
import { createRandom } from '../../../src/statistics/random.ts'

const here = openWorkers({ threads: 0 })
const two = openWorkers({ threads: 2 })
afterAll(() => two.close())

const defaults = readSettings().serving.rerank
const random = createRandom(3)
const artistCount = 60
const d = 5
const vectors = Float32Array.from({ length: artistCount * d }, () => random.normal())
const listeners = Float64Array.from({ length: artistCount }, (_, artist) => 100 / (1 + artist))
const genres = Int32Array.from({ length: artistCount }, (_, artist) => (artist % 6) - 1)
const weights = sparseRows(
  artistCount,
  artistCount,
  Array.from({ length: artistCount * 4 }, (_, at): Triple => {
    const artist = Math.floor(at / 4)
    return [artist, (artist + 1 + (at % 4) * 7) % artistCount, random.uniform()]
  }),
)
const catalogue = {
  similarity: { kind: 'vectors', vectors, d },
  genres,
  genreCount: 5,
  buckets: popularityBuckets(listeners),
} as const

/** Rows of 0, 1, 2, ... up to 20 candidates each. */
function ranking(rows: number): RankedRows {
  const k = 20
  const artists = new Int32Array(new SharedArrayBuffer(4 * rows * k)).fill(-1)
  const scores = new Float32Array(new SharedArrayBuffer(4 * rows * k))
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < row % (k + 1); at++) {
      artists[row * k + at] = (row * 11 + at * 7) % artistCount
      scores[row * k + at] = 3 - at / 10
    }
  return { rows, k, artists, scores }
}

const historiesOf = (rows: number) =>
  sparseRows(
    rows,
    artistCount,
    Array.from({ length: rows - 1 }, (_, row): Triple => [row, (row * 13) % artistCount, 1]),
  )

describe('rerankRows', () => {
  it('keeps each row by itself and gives each chosen artist its own score', async () => {
    const ranked = ranking(40)
    const settings = { ...defaults, method: 'mmr', strength: 0.5 } as const
    const options = { catalogue, histories: historiesOf(40), settings, k: 6 }
    const { k, rows, artists, scores } = await rerankRows(here, ranked, options)
    expect([k, rows]).toEqual([6, 40])
    for (let row = 0; row < rows; row++) {
      const given = ranked.artists.subarray(row * 20, (row + 1) * 20)
      const list = artists.subarray(row * 6, (row + 1) * 6)
      expect(list.filter((artist) => artist >= 0)).toHaveLength(Math.min(6, row % 21))
      for (const [at, artist] of list.entries()) {
        const score = artist < 0 ? 0 : ranked.scores[row * 20 + given.indexOf(artist)]
        expect(scores[row * 6 + at]).toBe(score)
      }
    }
  })

  it.each<RerankMethod>(['none', 'mmr', 'dpp', 'calibrated-genres', 'calibrated-popularity', 'genre-caps'])(
    '%s gives the same bytes on any number of threads',
    async (method) => {
      const settings = { ...defaults, method, mostPerGenre: 2 }
      for (const similarity of [catalogue.similarity, { kind: 'weights', weights } as const]) {
        const options = {
          catalogue: { ...catalogue, similarity },
          histories: historiesOf(300),
          settings,
          k: 8,
        }
        expect(await rerankRows(two, ranking(300), options)).toEqual(
          await rerankRows(here, ranking(300), options),
        )
      }
    },
  )

  it('aims at the genres of the listener’s own artists', async () => {
    // Artist 1 is of genre 0, artists 3 and 9 of genre 2.
    const ranked = { rows: 1, k: 4, artists: Int32Array.of(1, 7, 3, 9), scores: Float32Array.of(4, 3, 2, 1) }
    const histories = sparseRows(1, artistCount, [[0, 15, 1]])
    const settings = { ...defaults, method: 'calibrated-genres', strength: 1 } as const
    const { artists } = await rerankRows(here, ranked, { catalogue, histories, settings, k: 2 })
    expect([...artists]).toEqual([3, 9])
  })

  it('refuses what does not fit', async () => {
    const { similarity: _, ...bare } = catalogue
    const options = { catalogue: bare, histories: historiesOf(3), k: 2 }
    const mmr = { ...options, settings: { ...defaults, method: 'mmr' as const } }
    await expect(rerankRows(here, ranking(3), mmr)).rejects.toMatchObject({ code: 'bad-argument' })
    const none = { ...options, settings: defaults }
    await expect(rerankRows(here, ranking(4), none)).rejects.toMatchObject({ code: 'bad-argument' })
    await expect(rerankRows(here, ranking(3), { ...none, k: -1 })).rejects.toMatchObject({
      code: 'bad-argument',
    })
    expect(
      await rerankRows(here, ranking(0), { ...none, histories: emptyRows(0, artistCount, 0) }),
    ).toMatchObject({ rows: 0 })
  })
})

describe('openSimilarity', () => {
  const answers = (source: Parameters<typeof openSimilarity>[0], artists: number[], one: number) => {
    const out = new Float64Array(artists.length)
    openSimilarity(source)(Int32Array.from(artists))(one, Int32Array.from(artists.keys()), out)
    return [...out]
  }

  it('is the cosine of vectors, 0 for a vector of zeros', () => {
    const three = Float32Array.of(3, 4, 0, 0, 0, 0, 4, -3, 0, -6, -8, 0, 0, 0, 2)
    const cosines = answers({ kind: 'vectors', vectors: three, d: 3 }, [4, 0, 3, 2, 1], 1)
    for (const [at, cosine] of [0, 1, -1, 0, 0].entries()) expect(cosines[at]).toBeCloseTo(cosine, 14)
  })

  it('is the weight both ways over the largest weights of both', () => {
    /*
     *      0  1  2  3
     *  0 [ .  4  1  . ]
     *  1 [ 2  .  .  . ]
     *  2 [ .  .  .  8 ]
     *  3 [ .  .  .  . ]
     */
    const table = sparseRows(4, 4, [
      [0, 1, 4],
      [0, 2, 1],
      [1, 0, 2],
      [2, 3, 8],
    ])
    expect(answers({ kind: 'weights', weights: table }, [2, 0, 1, 3], 1)).toEqual([1 / 12, 0, 1, 0])
    expect(answers({ kind: 'weights', weights: table }, [2, 0, 1, 3], 0)).toEqual([0, 1 / 12, 0, 1])
  })
})
