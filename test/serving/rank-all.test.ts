// Ranking everybody: order, reasons, known artists, cold listeners, short lists, blocks.
import { expect, test } from 'vitest'
import type { RankedList } from '../../src/data/ranked-list.ts'
import { createVocabulary } from '../../src/data/vocabulary.ts'
import { rankGroups, rungsOf } from '../../src/serving/group-lists.ts'
import { type RankAllInput, rankAll } from '../../src/serving/rank-all.ts'
import { listSimilar, rememberNearest } from '../../src/serving/similar-artists.ts'
import { modelWhy, popularWhy, segmentWhy } from '../../src/serving/why.ts'
import { toyArtists, toyHistories, toyModel } from './toy-model.ts'

//             A    B    C    D    E
const weights = [
  [0.0, 0.1, 0.9, 0.2, 0.0], // A
  [0.1, 0.0, 0.3, 0.7, 0.0], // B
  [0.9, 0.3, 0.0, 0.1, 0.0], // C
  [0.2, 0.7, 0.1, 0.0, 0.0], // D
  [0.0, 0.0, 0.0, 0.0, 0.0], // E
]
const model = toyModel(weights)
const artists = toyArtists(5)

async function ranked(change: Partial<RankAllInput> = {}) {
  const fallback = await rankGroups({
    model: toyModel(weights, 'popularity'),
    modelVersion: 'p1',
    artists,
    labels: ['everybody', 'US', '25-34|US'],
    parent: Int32Array.of(-1, 0, 1),
    k: 5,
    generatedAt: 7,
  })
  const lists = rankAll({
    model,
    modelVersion: 'm1',
    histories: toyHistories([[0, 1], [], [4]], 5, [0, 2, 0]),
    users: createVocabulary(['u1', 'u2', 'u3']),
    artists,
    fallback,
    k: 3,
    excludeKnown: true,
    generatedAt: 7,
    calibration: { slope: 1, intercept: 0 },
    ...change,
  })
  const all: RankedList[] = []
  for await (const list of lists) all.push(list)
  return all
}

test('a listener gets the artists the own ones speak for, with the reason', async () => {
  const [first] = await ranked({ k: 2 })
  // C = 0.9 + 0.3 = 1.2 (A moved it most), D = 0.2 + 0.7 = 0.9 (B moved it most); 1/(1+e^-1.2) = 0.7685
  expect(first).toMatchObject({
    userId: 'u1',
    source: 'personal',
    model: 'toy',
    modelVersion: 'm1',
    generatedAt: 7,
  })
  expect(first!.artists).toEqual([
    {
      artistId: 'c',
      name: 'C',
      genre: null,
      probability: 0.7685,
      score: 0.537,
      why: 'Because you play A and B.',
    },
    {
      artistId: 'd',
      name: 'D',
      genre: null,
      probability: 0.7109,
      score: 0.4218,
      why: 'Because you play B and A.',
    },
  ])
})

test('a short list is filled from below without the known artists', async () => {
  const [first] = await ranked({ k: 5 })
  expect(first!.artists.map((artist) => artist.artistId)).toEqual(['c', 'd', 'e'])
  expect(first!.artists.at(-1)).toMatchObject({ why: popularWhy })
  const chances = first!.artists.map((artist) => artist.probability)
  expect(chances).toEqual(chances.toSorted((a, b) => b - a))
})

test('a listener without history gets the segment’s list, one nothing speaks for the popular one', async () => {
  const [, second, third] = await ranked()
  expect(second).toMatchObject({ userId: 'u2', source: 'segment', modelVersion: 'p1' })
  expect(second!.artists[0]!.why).toBe('Popular with listeners aged 25-34 in US.')
  expect(third).toMatchObject({ userId: 'u3', source: 'popular' })
  expect(third!.artists.map((artist) => artist.artistId)).toEqual(['a', 'b', 'c'])
})

test('behind the explained ones a reason names what the artist is close to, or only the model', async () => {
  const [near] = await ranked({ k: 2, explained: 1, nearest: rememberNearest(model, 3) })
  expect(near!.artists.map((artist) => artist.why)).toEqual([
    'Because you play A and B.',
    'Close to B and A, which you play.',
  ])
  const [plain] = await ranked({ k: 2, explained: 0 })
  expect(plain!.artists[0]!.why).toBe(modelWhy)
})

test('known artists stay when asked for', async () => {
  const [first] = await ranked({ excludeKnown: false })
  expect(first!.artists.map((artist) => artist.artistId)).toEqual(['c', 'd', 'a'])
})

test('blocks of any size give the same lists', async () => {
  expect(await ranked({ blockSize: 1 })).toEqual(await ranked({ blockSize: 2 }))
})

test('histories that do not fit the users are refused', async () => {
  await expect(ranked({ users: createVocabulary(['u1']) })).rejects.toMatchObject({ code: 'bad-argument' })
})

test('the rungs of a segment go up to everybody', async () => {
  const groups = await rankGroups({
    model,
    modelVersion: 'p1',
    artists,
    labels: ['everybody', 'US', '25-34|US'],
    parent: Int32Array.of(-1, 0, 1),
    k: 2,
    generatedAt: 7,
  })
  expect(rungsOf(groups, 2).map((list) => list.artists[0]!.why)).toEqual([
    'Popular with listeners aged 25-34 in US.',
    'Popular with listeners in US.',
    popularWhy,
  ])
  expect(segmentWhy('65-plus|FR')).toBe('Popular with listeners aged 65 and over in FR.')
  expect(segmentWhy('under-18|FR')).toBe('Popular with listeners under 18 in FR.')
})

test('similar artists come with name and genre, nearest first, never the artist itself', () => {
  const similar = new Map(listSimilar(rememberNearest(model, 2), artists))
  expect(similar.get('a')).toEqual([
    { artistId: 'c', name: 'C', genre: null, score: 0.9 },
    { artistId: 'd', name: 'D', genre: null, score: 0.2 },
  ])
  expect(similar.get('e')).toEqual([])
  expect([...listSimilar(undefined, artists)]).toEqual([])
})

test('who knows every artist gets known ones rather than nothing', async () => {
  const [first] = await ranked({ histories: toyHistories([[0, 1, 2, 3, 4], [], [4]], 5, [0, 2, 0]) })
  expect(first!.artists.length).toBe(3)
  expect(first).toMatchObject({ userId: 'u1', source: 'popular' })
})

test('a reranker chooses among more candidates, and each artist keeps its own chance', async () => {
  const lengths: number[] = []
  const [first] = await ranked({
    k: 2,
    rerank: {
      candidates: 3,
      async choose(candidates, histories, k) {
        lengths.push(candidates.k, histories.rows, k)
        const rows = candidates.rows
        const last = (row: number) => candidates.artists.slice(row * 3, row * 3 + 2).reverse()
        const scores = (row: number) => candidates.scores.slice(row * 3, row * 3 + 2).reverse()
        const all = Array.from({ length: rows }, (_, row) => row)
        return {
          rows,
          k,
          artists: Int32Array.from(all.flatMap((row) => [...last(row)])),
          scores: Float32Array.from(all.flatMap((row) => [...scores(row)])),
        }
      },
    },
  })
  expect(lengths).toEqual([3, 3, 2])
  // D is shown before C, and is still the less likely one: 1/(1+e^-0.9), 1/(1+e^-1.2).
  expect(first!.artists.map(({ artistId, probability }) => [artistId, probability])).toEqual([
    ['d', 0.7109],
    ['c', 0.7685],
  ])
})
