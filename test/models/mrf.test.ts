// The sparse Markov random field: with the whole catalogue as neighbourhood it is EASE on standardized covariances.
import { expect, it } from 'vitest'
import { selectRows, sparseRows, transpose } from '../../src/data/interaction-matrix.ts'
import type { Model } from '../../src/data/model.ts'
import { inverse } from '../../src/kernels/plain-inverse.ts'
import { fitModel } from '../../src/models/models.ts'
import { modelContract } from '../contracts/model.ts'
import { dense, historyOf, ownThread, sampleMatrix, settingsWith } from './sample.ts'

modelContract('mrf', { fillsLists: true })

const here = { workers: ownThread, seed: 1 }

/** Weights [source][target], 0 where none is kept. */
function weightsOf({ artistCount, arrays }: Model): number[][] {
  const out = Array.from({ length: artistCount }, () => new Array<number>(artistCount).fill(0))
  for (let artist = 0; artist < artistCount; artist++)
    for (let at = arrays.neighbourPtr![artist]!; at < arrays.neighbourPtr![artist + 1]!; at++)
      out[arrays.neighbours![at]!]![artist] = arrays.weights![at]!
  return out
}

/** Every cell of a crowd where every two artists share a listener. */
const crowd = sparseRows(
  90,
  25,
  [...sampleMatrix(80, 25).rowPtr.subarray(0, 80).keys()].flatMap((user) =>
    Array.from({ length: 25 }, (_, artist) => artist)
      .filter((artist) => user % 20 === 0 || (user * 31 + artist * artist * 7) % 3 === 0)
      .map((artist) => [user, artist, 1] as const),
  ),
)

it('is EASE on standardized covariances when all artists are neighbours', async () => {
  const settings = settingsWith({ mrf: { neighbours: 24, regularization: 2, alpha: 0.75 } })
  const found = weightsOf(await fitModel('mrf', { matrix: crowd, settings }, here))
  const x = dense(crowd)
  const [users, n] = [crowd.rows, crowd.columns]
  const count = Array.from({ length: n }, (_, i) => x.reduce((sum, row) => sum + row[i]!, 0))
  const scale = count.map((c) => (c - (c * c) / users) ** (-0.75 / 2))
  const p = new Float64Array(n * n)
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++) {
      const both = x.reduce((sum, row) => sum + row[a]! * row[b]!, 0)
      p[a * n + b] = (both - (count[a]! * count[b]!) / users) * scale[a]! * scale[b]! + (a === b ? 2 : 0)
    }
  inverse(p, n)
  for (let j = 0; j < n; j++)
    for (let i = 0; i < n; i++)
      expect(found[j]![i]).toBeCloseTo(
        i === j ? 0 : ((-p[j * n + i]! / p[i * n + i]!) * scale[j]!) / scale[i]!,
        4,
      )
})

const matrix = sampleMatrix(150, 60)
const settings = settingsWith({ mrf: { neighbours: 9, regularization: 1, alpha: 0.6 } })

it('keeps at most the neighbours asked for, never an artist for itself', async () => {
  const weights = weightsOf(await fitModel('mrf', { matrix, settings }, here))
  for (let artist = 0; artist < 60; artist++) {
    expect(weights.filter((row) => row[artist] !== 0).length).toBeLessThanOrEqual(9)
    expect(weights[artist]![artist]).toBe(0)
  }
})

it('does not mind how the artists are numbered', async () => {
  const order = Int32Array.from({ length: 60 }, (_, i) => (i * 7) % 60)
  const renumbered = transpose(selectRows(transpose(matrix), order))
  const wide = settingsWith({ mrf: { neighbours: 59, regularization: 1 } })
  const b = weightsOf(await fitModel('mrf', { matrix, settings: wide }, here))
  const turned = weightsOf(await fitModel('mrf', { matrix: renumbered, settings: wide }, here))
  for (const [to, from] of order.entries())
    for (const [target, source] of order.entries())
      expect(turned[to]![target]).toBeCloseTo(b[from]![source]!, 4)
})

it('scores candidates as it ranks them', async () => {
  const model = await fitModel('mrf', { matrix, settings }, here)
  const histories = { interactions: matrix }
  const ranking = await model.recommend(histories, 12)
  expect(await model.score!(histories, { k: 12, artists: ranking.artists })).toEqual(ranking.scores)
})

it('leaves out what everybody or nobody plays', async () => {
  const all = sparseRows(3, 4, [
    [0, 0, 1],
    [1, 0, 1],
    [2, 0, 1],
    [0, 1, 1],
    [0, 2, 1],
    [1, 1, 1],
  ])
  const model = await fitModel('mrf', { matrix: all, settings }, here)
  const weights = weightsOf(model)
  expect(weights[0]).toEqual([0, 0, 0, 0])
  expect(weights.flat().every(Number.isFinite)).toBe(true)
  expect((await model.recommend({ interactions: historyOf(4, [3]) }, 3)).artists).toEqual(
    Int32Array.of(0, 1, 2),
  )
})
