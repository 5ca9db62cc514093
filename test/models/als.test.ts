// Implicit ALS: the loss falls, solves are exact, and what is known of the right answer comes out.
import { describe, expect, it } from 'vitest'
import {
  type SparseRows,
  selectRows,
  sparseRows,
  type Triple,
  transpose,
} from '../../src/data/interaction-matrix.ts'
import { openWorkers } from '../../src/engine/open.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import { alsBytes, fillUsers, openAlsArena, withoutPadding } from '../../src/models/als-arena.ts'
import { type Confidence, confidenceScale, weightBy } from '../../src/models/als-confidence.ts'
import {
  type AlsSettings,
  type AlsTraining,
  ridges,
  startVectors,
  trainAls,
} from '../../src/models/als-training.ts'
import { fitModel } from '../../src/models/models.ts'
import {
  chessboard,
  dense,
  historyOf,
  ownThread,
  sampleMatrix,
  settingsWith,
  smallSettings,
} from './sample.ts'

const context = { workers: ownThread, seed: 3 }
const settings: AlsSettings = {
  factors: 6,
  iterations: 6,
  regularization: 0.01,
  frequencyScaling: 1,
  unobservedWeight: 0.1,
  solver: 'exact',
  cgSteps: 3,
}

/** The loss, cell by cell. */
function lossOf(
  matrix: SparseRows,
  w: Float32Array,
  h: Float32Array,
  { factors: d, shift = 0, ...rest }: AlsSettings,
): number {
  const cells = dense(matrix)
  const [users, items] = [
    ridges(matrix.rowPtr, matrix.columns, rest),
    ridges(transpose(matrix).rowPtr, matrix.rows, rest),
  ]
  const norm = (x: Float32Array, row: number) =>
    kernels.dot(x.subarray(row * d, row * d + d), x.subarray(row * d, row * d + d))
  let sum = 0
  for (let u = 0; u < matrix.rows; u++) {
    sum += users[u]! * norm(w, u)
    for (let i = 0; i < matrix.columns; i++) {
      const score = kernels.dot(w.subarray(u * d, u * d + d), h.subarray(i * d, i * d + d))
      const heard = cells[u]![i]!
      // The shift is Hu's: a heard cell's weight for being unobserved pulls to 1, not to 0.
      sum += heard * (score - 1) ** 2 + rest.unobservedWeight * score * score
      if (heard > 0) sum += shift * (1 - 2 * score)
    }
  }
  for (let i = 0; i < matrix.columns; i++) sum += items[i]! * norm(h, i)
  return sum
}

type Options = Partial<Pick<AlsTraining, 'start' | 'priors'>> & {
  readonly settings?: AlsSettings
  /** Whether to do without SIMD, as some machines must. */
  readonly plain?: boolean
}

/** Trains on weights as they are; vectors without padding, losses after each half-step. */
async function train(users: SparseRows, { start, priors, settings: given = settings, plain }: Options = {}) {
  const opened = openAlsArena({
    users: users.rows,
    artists: users.columns,
    entries: users.values.length,
    factors: given.factors,
    weighted: users.values.some((value) => value !== 1),
    solver: given.solver,
    threads: 1,
    priors: { listeners: priors?.listeners !== undefined, artists: priors?.artists !== undefined },
  })
  const arena = plain ? { ...opened, memory: undefined } : opened
  fillUsers(arena, users)
  const losses: number[] = []
  const trained = await trainAls({
    arena,
    start: start ?? 3,
    settings: given,
    priors,
    workers: ownThread,
    onHalfStep: (w, h) => {
      const side = (x: Float32Array) => withoutPadding(x, arena.stride, given.factors)
      losses.push(lossOf(users, side(w), side(h), given))
    },
  })
  return { ...trained, listeners: trained.listeners(), losses }
}

/** The matrix with weights for values. */
const weighted = (matrix: SparseRows, confidence: Confidence): SparseRows => ({
  ...matrix,
  values: matrix.values.map(weightBy(confidence, confidenceScale(matrix, confidence))),
})

describe('ALS training', () => {
  it('has the loss of one cell worked by hand: (.5 - 1)^2 + .1 x .25 + two ridges', () => {
    const one = sparseRows(1, 1, [[0, 0, 1]])
    const plain = { ...settings, factors: 1, regularization: 0.1 }
    const ridge = 0.1 * (1 + 0.1)
    const loss = lossOf(one, Float32Array.of(0.5), Float32Array.of(1), plain)
    expect(loss).toBeCloseTo(0.25 + 0.025 + ridge * 0.25 + ridge, 6)
  })

  it.each(['binary', 'log', 'linear'] as const)(
    'never raises the loss in a half-step, %s confidence',
    async (confidence) => {
      const { losses } = await train(weighted(sampleMatrix(60, 35), confidence))
      expect(losses).toHaveLength(12)
      for (let at = 1; at < losses.length; at++)
        expect(losses[at]).toBeLessThanOrEqual(losses[at - 1]! * (1 + 1e-6))
    },
  )

  it.each([0, 0.1])(
    'never raises it by conjugate gradients, and ends near the exact loss, shift %s',
    async (shift) => {
      const matrix = weighted(sampleMatrix(60, 35), 'log')
      const some = { ...settings, shift, iterations: 10, frequencyScaling: 0.5 }
      const exact = await train(matrix, { settings: some })
      const { losses } = await train(matrix, { settings: { ...some, solver: 'cg' } })
      for (let at = 1; at < losses.length; at++)
        expect(losses[at]).toBeLessThanOrEqual(losses[at - 1]! * (1 + 1e-5))
      expect(Math.abs(losses.at(-1)! / exact.losses.at(-1)! - 1)).toBeLessThan(1e-3)
    },
  )

  it('ends a half-step at a minimum: no small step of a solved vector lowers the loss', async () => {
    const matrix = sampleMatrix(30, 20)
    const { listeners, artists, losses } = await train(matrix)
    const least = losses.at(-1)!
    for (let at = 0; at < artists.length; at += 7)
      for (const step of [-0.01, 0.01]) {
        const moved = artists.slice()
        moved[at]! += step
        expect(lossOf(matrix, listeners, moved, settings)).toBeGreaterThan(least)
      }
  })

  it('gives permuted vectors for permuted users and artists', async () => {
    const matrix = sampleMatrix(40, 25)
    const order = Int32Array.from({ length: 25 }, (_, at) => (at * 7) % 25)
    const turned = transpose(
      selectRows(
        transpose(
          selectRows(
            matrix,
            Int32Array.from({ length: 40 }, (_, u) => 39 - u),
          ),
        ),
        order,
      ),
    )
    const start = startVectors(25, 6, 3)
    const moved = startVectors(25, 6, 3)
    for (const [to, from] of order.entries()) moved.set(start.subarray(from * 6, from * 6 + 6), to * 6)
    const [plain, permuted] = [await train(matrix, { start }), await train(turned, { start: moved })]
    for (let u = 0; u < 40; u += 3)
      for (let at = 0; at < 25; at += 2) {
        const a = kernels.dot(
          plain.listeners.subarray(u * 6, u * 6 + 6),
          plain.artists.subarray(order[at]! * 6, order[at]! * 6 + 6),
        )
        const v = 39 - u
        const b = kernels.dot(
          permuted.listeners.subarray(v * 6, v * 6 + 6),
          permuted.artists.subarray(at * 6, at * 6 + 6),
        )
        expect(b).toBeCloseTo(a, 4)
      }
  })

  it('leaves users and artists without interactions at zero', async () => {
    const { listeners, artists } = await train(
      sparseRows(3, 3, [
        [0, 0, 1],
        [2, 0, 1],
        [2, 2, 1],
      ]),
    )
    expect([...listeners.subarray(6, 12)]).toEqual([0, 0, 0, 0, 0, 0])
    expect([...artists.subarray(6, 12)]).toEqual([0, 0, 0, 0, 0, 0])
    expect(artists.every(Number.isFinite)).toBe(true)
  })

  it('gives a row without entries the answer of its prior: the mean, shrunk by the dense part', async () => {
    const matrix = sparseRows(3, 3, [
      [0, 0, 1],
      [2, 0, 1],
      [2, 2, 1],
    ])
    const expected: number[] = []
    const { listeners } = await train(matrix, {
      settings: { ...settings, iterations: 1 },
      priors: {
        listeners: ({ means, stride, ridges: ridge, spectrum }) => {
          for (let f = 0; f < 6; f++) {
            means[stride + f] = 1 + f
            expected[f] = (ridge[1]! * (1 + f)) / (spectrum[f]! + ridge[1]!)
          }
        },
      },
    })
    // Training turns the basis at its end: lengths stay.
    const length = (x: ArrayLike<number>) => Math.hypot(...Array.from(x))
    expect(length(listeners.subarray(6, 12))).toBeCloseTo(length(expected), 4)
    expect(length(expected)).toBeGreaterThan(1)
  })

  it('is the same to the byte on one thread, two and four', async () => {
    const matrix = sampleMatrix(700, 300)
    const bytes = await Promise.all(
      [1, 2, 4].map(async (threads) => {
        const workers = openWorkers({ threads })
        const fitted = await fitModel('als', { matrix, settings: smallSettings }, { workers, seed: 3 })
        await workers.close()
        return fitted.arrays.artistFactors
      }),
    )
    expect(bytes[1]).toEqual(bytes[0])
    expect(bytes[2]).toEqual(bytes[0])
  })

  it.each(['exact', 'cg'] as const)('comes to the same without SIMD, %s', async (solver) => {
    const matrix = weighted(sampleMatrix(60, 35), 'log')
    const some = { ...settings, factors: 8, solver, shift: 0.1 }
    const [fast, plain] = [
      await train(matrix, { settings: some }),
      await train(matrix, { settings: some, plain: true }),
    ]
    // With SIMD, short rows are solved exactly where others take steps.
    const digits = solver === 'cg' ? 2 : 4
    for (const [at, loss] of plain.losses.entries()) expect(fast.losses[at]! / loss).toBeCloseTo(1, digits)
  })

  it('stops when told to', async () => {
    const told = AbortSignal.abort()
    const input = { matrix: sampleMatrix(60, 35), settings: smallSettings }
    await expect(fitModel('als', input, { ...context, signal: told })).rejects.toMatchObject({
      code: 'cancelled',
    })
  })

  it('says before it starts what memory it takes, and when that is too much', () => {
    const small = { users: 10, artists: 20, entries: 30, factors: 5, weighted: true, threads: 1 }
    expect(openAlsArena({ ...small, solver: 'exact' }).bytes).toBe(alsBytes({ ...small, solver: 'exact' }))
    const heavier =
      alsBytes({ ...small, solver: 'exact', entries: 1030 }) - alsBytes({ ...small, solver: 'exact' })
    expect(heavier).toBeGreaterThanOrEqual(16 * 1000 - 4 * 64)
    const shape = { users: 4_000_000, artists: 300_000, entries: 200_000_000, factors: 128 }
    expect(() => openAlsArena({ ...shape, weighted: true, solver: 'cg', threads: 2 })).toThrow(/GiB/)
  })
})

describe('the ALS model', () => {
  it('folds a history in to the vector that training finds for it', async () => {
    const matrix = weighted(sampleMatrix(60, 30), 'binary')
    const model = await fitModel('als', { matrix, settings: smallSettings }, context)
    const { artists, spectrum } = await train(matrix, { settings: smallSettings.als })
    expect(model.arrays.artistFactors).toEqual(artists)
    const { artists: list, scores } = await model.recommend({ interactions: matrix }, 5)
    const systems = {
      matrix: { ...matrix, weights: matrix.values },
      factors: artists,
      d: 6,
      spectrum: Float64Array.from(spectrum),
      ridge: ridges(matrix.rowPtr, 30, smallSettings.als),
    }
    const vector = new Float64Array(6)
    for (let row = 0; row < 60; row += 7) {
      if (matrix.rowPtr[row] === matrix.rowPtr[row + 1]) continue
      kernels.solvePrimalRow(systems, row, vector)
      for (let at = 0; at < 5; at++) {
        const place = row * 5 + at
        const score = kernels.dot(vector, artists.subarray(list[place]! * 6, list[place]! * 6 + 6))
        expect(scores[place]).toBeCloseTo(score, 5)
      }
    }
  })

  it('scores candidates as recommend does, and silent listeners by popularity', async () => {
    const matrix = sampleMatrix(60, 30)
    const model = await fitModel('als', { matrix, settings: smallSettings }, context)
    const histories = { interactions: matrix }
    const { artists, scores } = await model.recommend(histories, 28)
    expect(await model.score!(histories, { k: 28, artists })).toEqual(scores)
  })

  it('finds the one artist of the own colour that was withheld on a chessboard', async () => {
    const board = chessboard(50)
    const model = await fitModel(
      'als',
      { matrix: board, settings: settingsWith({ als: { factors: 3, iterations: 10 } }) },
      context,
    )
    const { artists } = await model.recommend({ interactions: board }, 1)
    expect([...artists]).toEqual(Array.from({ length: 50 }, (_, user) => user))
    expect(model.similar!(0, 24).every(({ artistIndex }) => artistIndex % 2 === 0)).toBe(true)
  })

  it('reproduces a small matrix without regularization: half of it, as heard and unheard weigh the same', async () => {
    const matrix = sparseRows(7, 6, [
      [0, 0, 1],
      [0, 1, 1],
      [0, 4, 1],
      [1, 3, 1],
      [1, 4, 1],
      [1, 5, 1],
      [2, 2, 1],
      [2, 5, 1],
      [3, 0, 1],
      [3, 2, 1],
      [3, 3, 1],
      [4, 1, 1],
      [4, 5, 1],
      [5, 2, 1],
      [5, 4, 1],
      [6, 0, 1],
      [6, 1, 1],
      [6, 5, 1],
    ])
    const free = settingsWith({ als: { factors: 6, iterations: 60, regularization: 0, unobservedWeight: 1 } })
    const model = await fitModel('als', { matrix, settings: free }, context)
    const { artists, scores } = await model.recommend({ interactions: matrix }, 6, { excludeKnown: false })
    const cells = dense(matrix)
    for (let user = 0; user < 7; user++)
      for (let at = 0; at < 6; at++) {
        const heard = cells[user]![artists[user * 6 + at]!]!
        expect(scores[user * 6 + at]).toBeCloseTo(heard / 2, 2)
      }
  })

  it('makes nothing of values by default, and counts them when told to', async () => {
    const matrix = sampleMatrix(40, 20)
    const louder = { ...matrix, values: matrix.values.map((value) => value * 3) }
    const artistFactors = async (input: SparseRows, confidence: Confidence) =>
      (await fitModel('als', { matrix: input, settings: settingsWith({ als: { confidence } }) }, context))
        .arrays.artistFactors
    expect(await artistFactors(louder, 'binary')).toEqual(await artistFactors(matrix, 'binary'))
    expect(await artistFactors(matrix, 'linear')).not.toEqual(await artistFactors(matrix, 'binary'))
    const [plain, scaled] = [await artistFactors(matrix, 'linear'), await artistFactors(louder, 'linear')]
    for (let at = 0; at < plain!.length; at++) expect(scaled![at]).toBeCloseTo(plain![at]!, 4)
  })

  it('survives more factors than users, and knows nothing similar to an artist nobody plays', async () => {
    const matrix = sparseRows(2, 4, [
      [0, 0, 1],
      [0, 1, 1],
      [1, 1, 1],
    ] as Triple[])
    const model = await fitModel('als', { matrix, settings: settingsWith({ als: { factors: 32 } }) }, context)
    const { artists, scores } = await model.recommend({ interactions: historyOf(4, [0]) }, 3)
    expect(artists[0]).toBe(1)
    expect(scores.every(Number.isFinite)).toBe(true)
    expect(model.similar!(3, 2)).toEqual([])
    expect(model.similar!(0, 9).map(({ artistIndex }) => artistIndex)).toEqual([1])
  })
})
