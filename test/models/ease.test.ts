// EASE: by hand, against its specification, and its laws.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyRows, selectRows, sparseRows, transpose } from '../../src/data/interaction-matrix.ts'
import { openWorkers } from '../../src/engine/open.ts'
import { columnRegressions } from '../../src/kernels/plain-inverse.ts'
import { type DenseItemFit, fitDenseItems } from '../../src/models/dense-item-fit.ts'
import { openDenseItems } from '../../src/models/dense-item-model.ts'
import { fitModel } from '../../src/models/models.ts'
import { modelContract } from '../contracts/model.ts'
import { dense, historyOf, ownThread, sampleMatrix, settingsWith } from './sample.ts'

modelContract('ease', { fillsLists: true })

const here = { workers: ownThread, seed: 1 }
const ridge = (listeners: number): number => 3 + 0.5 * listeners

/** All weights of a fit, [source][target]. */
async function weightsOf(fit: DenseItemFit): Promise<number[][]> {
  const { weights } = await fitDenseItems(fit, here)
  const n = fit.matrix.columns
  return Array.from({ length: n }, (_, row) => [...weights!.subarray(row * n, (row + 1) * n)])
}

function specification({ matrix, ridge: of }: DenseItemFit): number[][] {
  const byArtist = transpose(matrix)
  const n = matrix.columns
  const ridges = Array.from({ length: n }, (_, i) => of(byArtist.rowPtr[i + 1]! - byArtist.rowPtr[i]!))
  const rows = columnRegressions(byArtist, ridges, new Float32Array(matrix.rows).fill(1))
  return Array.from({ length: n }, (_, j) => Array.from({ length: n }, (__, i) => rows[i * n + j]!))
}

const furthest = (a: number[][], b: number[][]): number =>
  Math.max(0, ...a.map((row, j) => Math.max(...row.map((value, i) => Math.abs(value - b[j]![i]!)))))

const matrix = sampleMatrix(150, 130)

describe('weights', () => {
  it('are those worked out by hand', async () => {
    // x^T x + 1 = [[3, 1], [1, 3]]: each artist's weight for the other is 1 / 3.
    const two = sparseRows(3, 2, [
      [0, 0, 9],
      [0, 1, 2],
      [1, 0, 1],
      [2, 1, 1],
    ])
    for (const form of ['primal', 'dual'] as const)
      expect(
        furthest(await weightsOf({ matrix: two, ridge: () => 1, neighbours: 1, form }), [
          [0, 1 / 3],
          [1 / 3, 0],
        ]),
      ).toBeLessThan(1e-6)
  })

  it('are the specification, by the primal and by the dual', async () => {
    const fit = { matrix, ridge, neighbours: 9 }
    const expected = specification(fit)
    expect(furthest(await weightsOf({ ...fit, form: 'primal' }), expected)).toBeLessThan(2e-6)
    expect(furthest(await weightsOf({ ...fit, form: 'dual' }), expected)).toBeLessThan(2e-6)
  })

  it('are zero from an artist to itself, and solve the regressions', async () => {
    // Off the diagonal the gradient is zero: G (I - B) = lambda B (Steck 2019, eq. 4 and 5).
    const b = await weightsOf({ matrix, ridge: () => 5, neighbours: 9 })
    const x = dense(matrix).map((row) => row.map((value) => (value > 0 ? 1 : 0)))
    const residual = x.map((row) =>
      row.map((value, i) => value - row.reduce<number>((sum, one, j) => sum + one * b[j]![i]!, 0)),
    )
    for (let j = 0; j < matrix.columns; j += 11)
      for (let i = 0; i < matrix.columns; i += 3) {
        if (i === j) expect(b[j]![i]).toBe(0)
        else {
          const slope = x.reduce((sum, row, u) => sum + row[j]! * residual[u]![i]!, 0)
          expect(slope).toBeCloseTo(5 * b[j]![i]!, 3)
        }
      }
  })

  it('are the same for random shapes and both forms', async () => {
    const shapes = fc.record({
      users: fc.integer({ min: 1, max: 40 }),
      artists: fc.integer({ min: 1, max: 40 }),
    })
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 1, max: 999 }), async ({ users, artists }, seed) => {
        const fit = { matrix: sampleMatrix(users, artists, seed), ridge, neighbours: 5 }
        const expected = specification(fit)
        for (const form of ['primal', 'dual'] as const)
          expect(furthest(await weightsOf({ ...fit, form }), expected)).toBeLessThan(2e-6)
      }),
      { numRuns: 15 },
    )
  })

  it('follow the artists when those are numbered otherwise', async () => {
    const fit = { matrix, ridge, neighbours: 9 }
    const order = Int32Array.from({ length: matrix.columns }, (_, i) => (i * 7) % matrix.columns)
    const renumbered = transpose(selectRows(transpose(matrix), order))
    const [b, turned] = [await weightsOf(fit), await weightsOf({ ...fit, matrix: renumbered })]
    const back = Array.from(order, (j) => Array.from(order, (i) => b[j]![i]!))
    expect(furthest(turned, back)).toBeLessThan(2e-6)
  })

  it('stay when every listener comes twice and the ridge doubles', async () => {
    const twice = selectRows(
      matrix,
      Int32Array.from({ length: 300 }, (_, at) => at % 150),
    )
    const single = await weightsOf({ matrix, ridge: () => 4, neighbours: 9 })
    const double = await weightsOf({ matrix: twice, ridge: () => 8, neighbours: 9 })
    expect(furthest(single, double)).toBeLessThan(2e-6)
  })
})

describe('large catalogues', () => {
  const fit = { matrix, ridge, neighbours: 12 }

  it.each(['primal', 'dual'] as const)(
    'keep the weights that add most to the scores of all listeners (%s)',
    async (form) => {
      const all = await weightsOf({ ...fit, form })
      const { neighbourPtr, neighbours, weights } = await fitDenseItems({ ...fit, form, fullUpTo: 0 }, here)
      const kept = neighbours!.length
      expect(kept).toBeLessThanOrEqual(12 * matrix.columns)
      expect(kept).toBeGreaterThan(11.5 * matrix.columns)
      const { rowPtr } = transpose(matrix)
      const reach = (source: number) => Math.fround(Math.sqrt(rowPtr[source + 1]! - rowPtr[source]!))
      const adds = (weight: number, source: number) => Math.abs(Math.fround(weight * reach(source)))
      const most = all
        .flatMap((row, source) => row.map((weight) => adds(weight, source)))
        .sort((a, b) => b - a)
      for (let artist = 0; artist < matrix.columns; artist++) {
        const [from, to] = [neighbourPtr![artist]!, neighbourPtr![artist + 1]!]
        const list = [...weights!.subarray(from, to)]
        expect(list).toEqual(list.toSorted((a, b) => b - a))
        for (let at = from; at < to; at++) {
          expect(weights![at]).toBe(all[neighbours![at]!]![artist])
          expect(adds(weights![at]!, neighbours![at]!)).toBeGreaterThanOrEqual(most[kept - 1]!)
        }
      }
    },
  )

  it('score a history by its kept weights, and the others by popularity', async () => {
    const arrays = await fitDenseItems({ ...fit, fullUpTo: 0 }, here)
    const popularity = Float32Array.from({ length: matrix.columns }, (_, artist) => 1 / (artist + 2))
    const parts = {
      name: 'ease',
      artistCount: matrix.columns,
      options: {},
      arrays: { ...arrays, popularity },
    }
    const model = openDenseItems(parts, ownThread)
    const histories = { interactions: matrix }
    const ranking = await model.recommend(histories, 20)
    const scores = await model.score!(histories, { k: 20, artists: ranking.artists })
    expect(scores).toEqual(ranking.scores)
  })
})

it.each([
  ['primal', 0],
  ['primal', 1000],
  ['dual', 0],
] as const)(
  'gives the same bytes for any number of threads (%s, all weights up to %i)',
  async (form, fullUpTo) => {
    const wide = sampleMatrix(260, 400, 3)
    const fit = { matrix: wide, ridge, neighbours: 30, form, fullUpTo }
    const alone = await fitDenseItems(fit, here)
    for (const threads of [1, 2, 4]) {
      const workers = openWorkers({ threads })
      expect(await fitDenseItems(fit, { workers, seed: 1 })).toEqual(alone)
      await workers.close()
    }
  },
)

it('refuses a system that is not positive definite', async () => {
  const spoilt = fitDenseItems({ matrix, ridge: () => -1e4, neighbours: 3 }, here)
  await expect(spoilt).rejects.toMatchObject({
    code: 'bad-argument',
    message: expect.stringContaining('row 0'),
  })
})

it('says before it begins what does not fit into memory', async () => {
  const far = { ...emptyRows(60_000, 60_000, 1) }
  far.rowPtr.fill(1, 1)
  await expect(fitDenseItems({ matrix: far, ridge, neighbours: 3 }, here)).rejects.toMatchObject({
    code: 'too-large',
    message: expect.stringContaining('mrf'),
  })
})

describe('a fitted model', () => {
  const settings = settingsWith({ ease: { regularization: 5 } })

  it('scores candidates as it ranks them, to the bit', async () => {
    const model = await fitModel('ease', { matrix, settings }, here)
    const ranking = await model.recommend({ interactions: matrix }, 15, { excludeKnown: false })
    const candidates = { k: 15, artists: ranking.artists }
    expect(await model.score!({ interactions: matrix }, candidates)).toEqual(ranking.scores)
    const empty = { k: 1, artists: new Int32Array(matrix.rows).fill(-1) }
    expect((await model.score!({ interactions: matrix }, empty)).every((score) => score === 0)).toBe(true)
    await expect(
      model.score!({ interactions: matrix }, { k: 2, artists: new Int32Array(1) }),
    ).rejects.toMatchObject({ code: 'bad-argument' })
  })

  it('ranks by popularity, below 0, where a history says nothing', async () => {
    const apart = sparseRows(4, 4, [
      [0, 0, 1],
      [0, 1, 1],
      [1, 2, 1],
      [2, 2, 1],
      [3, 3, 1],
    ])
    const model = await fitModel('ease', { matrix: apart, settings }, here)
    const { artists, scores } = await model.recommend({ interactions: historyOf(4, [0]) }, 3)
    expect([...artists]).toEqual([1, 2, 3])
    expect(scores[0]).toBeGreaterThan(0)
    expect([...scores.subarray(1)]).toEqual([-0.5, -0.75])
  })

  it('is stopped by its signal', async () => {
    const signal = AbortSignal.abort()
    await expect(fitModel('ease', { matrix, settings }, { ...here, signal })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  it('knows no weights where nobody played anything', async () => {
    const { weights } = await fitDenseItems({ matrix: emptyRows(3, 5, 0), ridge, neighbours: 2 }, here)
    expect(weights).toEqual(new Float32Array(25))
  })
})
