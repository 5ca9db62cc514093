// Genre caps: never exceeded, and no further from the model's order than they must be.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { capGenres } from '../../../src/serving/rerank/genre-caps.ts'

describe('capGenres', () => {
  it('passes over what is above the cap', () => {
    const genres = Int32Array.of(0, 0, 0, 1, -1, -1, 0, 2)
    expect([...capGenres(genres, { mostPerGenre: 2, k: 9 })]).toEqual([0, 1, 3, 4, 5, 7])
    expect([...capGenres(genres, { mostPerGenre: 1, k: 3 })]).toEqual([0, 3, 4])
    expect(capGenres(new Int32Array(0), { mostPerGenre: 1, k: 3 })).toHaveLength(0)
  })

  it('never exceeds the cap, and leaves out nobody that had room', () => {
    const genres = fc.array(fc.integer({ min: -1, max: 3 })).map((all) => Int32Array.from(all))
    fc.assert(
      fc.property(genres, fc.integer({ min: 1, max: 4 }), fc.nat(30), (of, mostPerGenre, k) => {
        const list = capGenres(of, { mostPerGenre, k })
        const count = (genre: number) => list.filter((place) => of[place] === genre).length
        for (const genre of [0, 1, 2, 3]) expect(count(genre)).toBeLessThanOrEqual(mostPerGenre)
        expect([...list]).toEqual([...list].sort((a, b) => a - b))
        if (list.length < k)
          for (const [place, genre] of of.entries())
            expect(list.includes(place) || count(genre) === mostPerGenre).toBe(true)
      }),
    )
  })
})
