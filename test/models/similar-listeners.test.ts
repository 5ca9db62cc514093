// Similar listeners: by hand, with what they share, and with nothing that could tell who somebody is.
import { describe, expect, it } from 'vitest'
import { sparseRows } from '../../src/data/interaction-matrix.ts'
import { similarListeners } from '../../src/models/similar-listeners.ts'

/*
 *   listener\artist 0 1 2 3
 *        0        [ x x x x ]   (1, 0)
 *        1        [ x x . . ]   (2, 0)
 *        2        [ . x x x ]   (1, 1)
 *        3        [ x . . . ]   (-1, 0)
 *        4        [ . . . . ]   (0, 0)
 */
const histories = sparseRows(5, 4, [
  [0, 0, 1],
  [0, 1, 1],
  [0, 2, 1],
  [0, 3, 1],
  [1, 0, 1],
  [1, 1, 1],
  [2, 1, 1],
  [2, 2, 1],
  [2, 3, 1],
  [3, 0, 1],
])
const vectors = Float32Array.of(1, 0, 2, 0, 1, 1, -1, 0, 0, 0)
const atHand = { vectors, d: 2, histories, popularity: [300, 40, 30, 2] }

describe('similarListeners', () => {
  it('is the highest cosines above 0, with the rarest of the shared artists first', () => {
    expect(similarListeners(atHand, 0, { k: 9 })).toEqual([
      { listenerIndex: 1, similarity: 1, sharedArtists: [1, 0] },
      { listenerIndex: 2, similarity: expect.closeTo(Math.SQRT1_2, 6), sharedArtists: [2, 1] },
    ])
    expect(similarListeners(atHand, 0, { k: 1, reasons: 1 })).toEqual([
      { listenerIndex: 1, similarity: 1, sharedArtists: [1] },
    ])
  })

  it('names no artist of few listeners', () => {
    const [, second] = similarListeners(atHand, 0, { k: 2, fewestListeners: 2 })
    expect(second?.sharedArtists).toEqual([3, 2, 1])
    const [, withoutRare] = similarListeners(atHand, 0, { k: 2, fewestListeners: 35 })
    expect(withoutRare?.sharedArtists).toEqual([1])
  })

  it('has nobody for a listener without a direction', () => {
    expect(similarListeners(atHand, 4, { k: 3 })).toEqual([])
    expect(similarListeners(atHand, 0, { k: 0 })).toEqual([])
  })
})
