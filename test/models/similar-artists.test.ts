// Similar artists: each form by hand, and by law.
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { sparseRows, type Triple } from '../../src/data/interaction-matrix.ts'
import { openWorkers } from '../../src/engine/open.ts'
import {
  nearestByVectors,
  nearestByWeights,
  standardPopularity,
  symmetricWeights,
} from '../../src/models/similar-artists.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { dense, ownThread } from './sample.ts'

const two = openWorkers({ threads: 2 })
afterAll(() => two.close())

describe('standardPopularity', () => {
  it('is ln(1 + listeners) with mean 0 and deviation 1', () => {
    // ln(1 + 1), ln(1 + 7) = 1, 3 times ln 2.
    expect([...standardPopularity([1, 7])]).toEqual([expect.closeTo(-1, 12), expect.closeTo(1, 12)])
  })

  it('counts an artist without listeners as the least popular, and equal ones as 0', () => {
    expect([...standardPopularity([1, 0, 7])]).toEqual([-1, -1, 1].map((z) => expect.closeTo(z, 12)))
    expect([...standardPopularity([4, 4])]).toEqual([0, 0])
    expect([...standardPopularity([0, 0])]).toEqual([0, 0])
    expect(standardPopularity([])).toHaveLength(0)
  })
})

describe('nearestByVectors', () => {
  // 0 and 1 in one direction, 2 between, 3 at right angles to 0, 4 opposite to 0, 5 without a direction.
  const vectors = Float32Array.of(1, 0, 5, 0, 1, 1, 0, 2, -1, 0, 0, 0)
  const half = Math.SQRT1_2

  it('is the highest cosines above 0', async () => {
    const { artists, scores } = await nearestByVectors({ vectors, d: 2, k: 3 }, ownThread)
    expect([...artists.subarray(0, 3)]).toEqual([1, 2, -1])
    expect([...scores.subarray(0, 3)]).toEqual([1, half, 0].map((score) => expect.closeTo(score, 6)))
    expect([...artists.subarray(6, 9)]).toEqual([0, 1, 3])
    expect([...artists.subarray(15)]).toEqual([-1, -1, -1])
  })

  it('adds mass x popularity to each neighbour', async () => {
    const popularity = Float64Array.of(0, 2, -1, 0, 0, 0)
    const form = { vectors, d: 2, k: 2, mass: -0.2, popularity }
    const { artists, scores } = await nearestByVectors(form, ownThread)
    expect([...artists.subarray(0, 2)]).toEqual([2, 1])
    expect([...scores.subarray(0, 2)]).toEqual([half + 0.2, 1 - 0.4].map((score) => expect.closeTo(score, 6)))
  })

  it('is every pair in order, on any number of threads', async () => {
    const random = createRandom(8)
    const [count, d, k] = [300, 6, 7]
    const drawn = Float32Array.from({ length: count * d }, () => random.normal())
    const popularity = standardPopularity(Array.from({ length: count }, () => random.below(90)))
    const form = { vectors: drawn, d, k, mass: -0.1, popularity }
    const here = await nearestByVectors(form, ownThread)
    expect(await nearestByVectors(form, two)).toEqual(here)
    const unit = (artist: number) => {
      const vector = [...drawn.subarray(artist * d, (artist + 1) * d)]
      const length = Math.hypot(...vector)
      return vector.map((x) => x / length)
    }
    const cosine = (a: number, b: number) => unit(a).reduce((sum, x, f) => sum + x * unit(b)[f]!, 0)
    for (const artist of [0, 255, 256, 299]) {
      const others = [...popularity.keys()].filter((other) => other !== artist)
      const pool = others.sort((a, b) => cosine(artist, b) - cosine(artist, a)).slice(0, 5 * k)
      const score = (other: number) => cosine(artist, other) - 0.1 * popularity[other]!
      const wanted = pool.sort((a, b) => score(b) - score(a)).slice(0, k)
      expect([...here.artists.subarray(artist * k, (artist + 1) * k)]).toEqual(wanted)
    }
  })

  it('knows a catalogue without artists, and refuses popularity that does not fit', async () => {
    const none = await nearestByVectors({ vectors: new Float32Array(0), d: 2, k: 3 }, ownThread)
    expect(none.artists).toHaveLength(0)
    const misfit = { vectors, d: 2, k: 3, mass: 1, popularity: new Float64Array(2) }
    await expect(nearestByVectors(misfit, ownThread)).rejects.toMatchObject({ code: 'bad-argument' })
  })
})

describe('symmetricWeights', () => {
  it('divides W + W^T by the root of both degrees', () => {
    /*
     *   W [ 9 1 . ]     W + W^T [ . 3 . ]   degrees 3 7 4
     *     [ 2 . 4 ]             [ 3 . 4 ]
     *     [ . . . ]             [ . 4 . ]
     */
    const weights = sparseRows(3, 3, [
      [0, 0, 9],
      [0, 1, 1],
      [1, 0, 2],
      [1, 2, 4],
    ])
    const [a, b] = [3 / Math.sqrt(21), 4 / Math.sqrt(28)].map((value) => Math.fround(value))
    expect(dense(symmetricWeights(weights))).toEqual([
      [0, a, 0],
      [a, 0, b],
      [0, b, 0],
    ])
  })

  it('is symmetric and in [0, 1], whatever the weights', () => {
    const cells = fc.uniqueArray(fc.tuple(fc.nat(7), fc.nat(7), fc.integer({ min: 1, max: 50 })), {
      selector: ([row, column]) => row * 8 + column,
    })
    fc.assert(
      fc.property(cells, (triples) => {
        const table = dense(symmetricWeights(sparseRows(8, 8, triples as Triple[])))
        for (let i = 0; i < 8; i++)
          for (let j = 0; j < 8; j++) {
            expect(table[i]![j]).toBeCloseTo(table[j]![i]!, 6)
            expect(table[i]![j]).toBeGreaterThanOrEqual(0)
            expect(table[i]![j]).toBeLessThanOrEqual(1 + 1e-6)
          }
      }),
    )
  })
})

describe('nearestByWeights', () => {
  const weights = sparseRows(4, 4, [
    [0, 0, 9],
    [0, 1, 4],
    [0, 2, 3],
    [0, 3, 3],
    [2, 0, 1],
  ])

  it('is the largest weights of the row, ties by index, itself left out', () => {
    const { artists, scores } = nearestByWeights({ weights, k: 2 })
    expect([...artists]).toEqual([1, 2, -1, -1, 0, -1, -1, -1])
    expect([...scores]).toEqual([4, 3, 0, 0, 1, 0, 0, 0])
  })

  it('multiplies by exp(mass x popularity of the neighbour)', () => {
    const popularity = Float64Array.of(0, 2, 0, -1)
    const { artists, scores } = nearestByWeights({ weights, k: 3, mass: -0.5, popularity })
    expect([...artists.subarray(0, 3)]).toEqual([3, 2, 1])
    expect(scores[0]).toBeCloseTo(3 * Math.exp(0.5), 5)
    expect(scores[2]).toBeCloseTo(4 / Math.E, 5)
    expect(() => nearestByWeights({ weights, k: 3, mass: 0.5 })).toThrow('needs the popularity')
  })
})
