// Ranking by factors: what the plain kernel says, for one listener and for all, on any number of threads.
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openWorkers } from '../../src/engine/open.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import { openFactorRanking } from '../../src/models/factor-ranking.ts'
import { normals, randomRows } from '../kernels/random-arrays.ts'
import { ownThread } from './sample.ts'

const [count, rows, d, k] = [700, 300, 10, 12]
const artists = Float32Array.from(normals(count * d, 1), (value, at) => value / (1 + (at % 97)))
const listeners = Float32Array.from(normals(rows * d, 2))
const exclude = randomRows(
  Array.from({ length: rows }, (_, row) => row % 30),
  count,
  3,
)

/** What the plain kernel gives, through float64. */
function plain() {
  const [columns, scores] = [new Int32Array(rows * k), new Float32Array(rows * k)]
  const left = Float64Array.from(listeners)
  kernels.productTop({ left, from: 0, to: rows, right: artists, c: count, d, k, exclude, columns, scores })
  return { columns: [...columns], scores: [...scores] }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.resetModules()
})

describe('openFactorRanking', () => {
  it('gives the same bytes as the plain kernel, on any number of threads', async () => {
    const expected = plain()
    for (const threads of [1, 3]) {
      const workers = openWorkers({ threads })
      const shares: number[] = []
      const onProgress = (share: number): unknown => shares.push(share)
      const ranked = await openFactorRanking({ artists, d }, workers).rank(listeners, {
        k,
        exclude,
        onProgress,
      })
      expect([...ranked.artists]).toEqual(expected.columns)
      expect([...ranked.scores]).toEqual(expected.scores)
      expect(shares.at(-1)).toBe(1)
      expect(shares).toEqual(shares.toSorted((a, b) => a - b))
      await workers.close()
    }
  })

  it('answers for one listener as for all', async () => {
    const ranking = openFactorRanking({ artists, d }, ownThread)
    const all = await ranking.rank(listeners, { k })
    for (const row of [0, 17, rows - 1]) {
      const one = await ranking.rank(listeners.slice(row * d, (row + 1) * d), { k })
      expect(one.artists).toEqual(all.artists.slice(row * k, (row + 1) * k))
      expect(one.scores).toEqual(all.scores.slice(row * k, (row + 1) * k))
    }
  })

  it('scores given artists as it ranks them', async () => {
    const ranking = openFactorRanking({ artists, d }, ownThread)
    const ranked = await ranking.rank(listeners, { k, exclude })
    expect(ranking.score(listeners, ranked)).toEqual(new Float32Array(ranked.scores))
    expect([...ranking.score(listeners, { k: 1, artists: Int32Array.of(-1) })]).toEqual([0])
  })

  it('says the same without SIMD', async () => {
    vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
    vi.resetModules()
    const { openFactorRanking: openPlain } = await import('../../src/models/factor-ranking.ts')
    const ranked = await openPlain({ artists, d }, ownThread).rank(listeners, { k, exclude })
    expect([...ranked.artists]).toEqual(plain().columns)
    expect([...ranked.scores]).toEqual(plain().scores)
  })

  it('gives nothing for k 0, no listeners and no artists', async () => {
    const ranking = openFactorRanking({ artists, d }, ownThread)
    expect((await ranking.rank(listeners, { k: 0 })).artists).toHaveLength(0)
    expect((await ranking.rank(new Float32Array(0), { k })).rows).toBe(0)
    const empty = await openFactorRanking({ artists: new Float32Array(0), d }, ownThread).rank(listeners, {
      k: 1,
    })
    expect(new Set(empty.artists)).toEqual(new Set([-1]))
  })

  it('stops when asked to, and refuses what does not fit', async () => {
    const ranking = openFactorRanking({ artists, d }, ownThread)
    await expect(ranking.rank(listeners, { k, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    })
    await expect(ranking.rank(listeners.subarray(1), { k })).rejects.toMatchObject({ code: 'bad-argument' })
    await expect(ranking.rank(listeners, { k: 1.5 })).rejects.toMatchObject({ code: 'bad-argument' })
  })
})
