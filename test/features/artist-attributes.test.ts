import { expect, test } from 'vitest'
import { createVocabulary } from '../../src/data/vocabulary.ts'
import { artistAttributes, artistAttributesOver } from '../../src/features/artist-attributes.ts'
import { dense } from '../models/sample.ts'

const vocabulary = createVocabulary(['a', 'b', 'c'])
const nothing = { genre: null, followers: null, trendingRank: null }

test('genre, country, followers by powers of ten and trend by its first places become features', () => {
  const { features, names } = artistAttributes(
    [
      { artistId: 'a', genre: 'Folk', country: 'IS', followers: 1000, trendingRank: 10 },
      { artistId: 'b', genre: 'folk', followers: 999, trendingRank: 11 },
      { artistId: 'c', genre: null, followers: 0, trendingRank: 1001 },
      { artistId: 'elsewhere', genre: 'folk', followers: 5, trendingRank: null },
    ],
    vocabulary,
    { minArtists: 1 },
  )
  expect(names).toEqual([
    'everyone',
    'country:IS',
    'followers:0',
    'followers:100+',
    'followers:1000+',
    'genre:folk',
    'trending:others',
    'trending:top 10',
    'trending:top 100',
  ])
  const half = 0.5
  const third = Math.fround(1 / Math.sqrt(3))
  const root = Math.fround(Math.SQRT1_2)
  expect(dense(features)).toEqual([
    [1, half, 0, 0, half, half, 0, half, 0],
    [1, 0, 0, third, 0, third, 0, 0, third],
    [1, 0, root, 0, 0, 0, root, 0, 0],
  ])
})

test('all tags of an artist weigh as much as its genre', () => {
  const tags = new Map([
    ['live', 9],
    ['sad', 16],
  ])
  const { features, names } = artistAttributes(
    [{ artistId: 'b', ...nothing, genre: 'folk', tags }],
    vocabulary,
    { minArtists: 1 },
  )
  expect(names).toEqual(['everyone', 'genre:folk', 'tag:live', 'tag:sad'])
  const [, row] = dense(features)
  expect(row![1]! ** 2).toBeCloseTo(0.5, 6)
  expect(row![2]! ** 2).toBeCloseTo(0.18, 6)
  expect(row![3]! ** 2).toBeCloseTo(0.32, 6)
})

test('a new artist is laid over the columns of those known; one of which nothing is known has everyone alone', () => {
  const rows = artistAttributesOver(
    ['everyone', 'genre:folk'],
    [{ artistId: 'b', ...nothing, genre: 'Folk', country: 'IS' }],
    vocabulary,
  )
  expect(dense(rows.features)).toEqual([
    [1, 0],
    [1, 1],
    [1, 0],
  ])
})
