// The ladder: lower rungs fill up, nobody twice, nothing known, never empty.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ListSource, RankedList } from '../../src/data/ranked-list.ts'
import { descend } from '../../src/serving/ladder.ts'

const list = (source: ListSource, ids: string, probability = 0.5): RankedList => ({
  userId: source === 'personal' ? 'u' : '',
  source,
  model: `${source}-model`,
  modelVersion: '1',
  generatedAt: 0,
  artists: [...ids].map((artistId) => ({
    artistId,
    name: artistId,
    genre: null,
    score: 2 * probability - 1,
    probability,
    why: source,
  })),
})
const ids = (found: RankedList) => found.artists.map((artist) => artist.artistId).join('')

test('each rung fills what the one above left open', () => {
  const found = descend(list('personal', 'ab'), [list('segment', 'bcd'), list('popular', 'def')], {
    k: 4,
    without: new Set(['d']),
  })
  expect(ids(found)).toBe('abce')
  expect(found).toMatchObject({ userId: 'u', source: 'personal', model: 'personal-model' })
  expect(found.artists.map((artist) => artist.why)).toEqual(['personal', 'personal', 'segment', 'popular'])
})

test('an empty personal rung makes it the segment’s list, under the listener’s name', () => {
  const found = descend(list('personal', ''), [list('segment', 'bc'), list('popular', 'd')], { k: 2 })
  expect(found).toMatchObject({ userId: 'u', source: 'segment', model: 'segment-model' })
  expect(ids(found)).toBe('bc')
})

test('an artist from below is held at the probability above it', () => {
  const found = descend(list('personal', 'a', 0.2), [list('popular', 'b', 0.9)], { k: 2 })
  expect(found.artists.map(({ probability, score }) => [probability, score])).toEqual([
    [0.2, -0.6],
    [0.2, -0.6],
  ])
})

test('the first rung keeps its order and its probabilities, and what fills it up stays below all of them', () => {
  const likely = list('personal', 'b', 0.6).artists
  const first = { ...list('personal', 'a', 0.2), artists: [...list('personal', 'a', 0.2).artists, ...likely] }
  const found = descend(first, [list('popular', 'c', 0.9)], { k: 3 })
  expect(found.artists.map(({ probability }) => probability)).toEqual([0.2, 0.6, 0.2])
})

test('no repeats, none left out returns, and as long as the rungs allow', () => {
  const letters = fc.uniqueArray(fc.constantFrom(...'abcdefghij')).map((found) => found.join(''))
  fc.assert(
    fc.property(letters, letters, letters, letters, fc.integer({ min: 1, max: 12 }), (a, b, c, out, k) => {
      const without = new Set(out)
      const found = ids(
        descend(list('personal', a), [list('segment', b), list('popular', c)], { k, without }),
      )
      const possible = new Set([...a, ...b, ...c].filter((id) => !without.has(id)))
      expect(new Set(found).size).toBe(found.length)
      expect([...found].every((id) => possible.has(id))).toBe(true)
      expect(found.length).toBe(Math.min(k, possible.size))
    }),
  )
})
