// ALS with features: the joint loss falls and its gradient is zero, and new listeners and artists get vectors by their features.
import { describe, expect, it } from 'vitest'
import {
  emptyRows,
  type SparseRows,
  selectRows,
  sparseRows,
  type Triple,
  transpose,
} from '../../src/data/interaction-matrix.ts'
import { openWorkers } from '../../src/engine/open.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import { fillUsers, openAlsArena, withoutPadding } from '../../src/models/als-arena.ts'
import { priorOf, pullingPriors } from '../../src/models/als-features.ts'
import { fitPrior, priorMeans } from '../../src/models/als-prior.ts'
import { type PriorOf, ridges, startVectors, trainAls } from '../../src/models/als-training.ts'
import { encodeModel, openModel } from '../../src/models/model-file.ts'
import { fitModel } from '../../src/models/models.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { dense, historyOf, ownThread, settingsWith } from './sample.ts'

const context = { workers: ownThread, seed: 3 }
const colours = 3
const users = 60
const artists = 31
const newcomer = 30

/** Listeners play artists of their own colour mostly; the last artist is played by nobody. */
function colouredMatrix(): SparseRows {
  const random = createRandom(5)
  const triples: Triple[] = []
  for (let user = 0; user < users; user++)
    for (let artist = 0; artist < newcomer; artist++)
      if (random.uniform() < (user % colours === artist % colours ? 0.5 : 0.05))
        triples.push([user, artist, 1 + random.below(4)])
  return sparseRows(users, artists, triples)
}

/** `everyone`, and a feature a colour. */
const colourFeatures = (rows: number): SparseRows =>
  sparseRows(
    rows,
    1 + colours,
    Array.from({ length: rows }, (_, row): Triple[] => [
      [row, 0, 1],
      [row, 1 + (row % colours), 0.8],
    ]).flat(),
  )

const matrix = colouredMatrix()
const listenerFeatures = colourFeatures(users)
const artistFeatures = colourFeatures(artists)
const als = { factors: 5, iterations: 5, solver: 'exact', priorRegularization: 2, regularization: 0.02 }
const settings = settingsWith({ als: { ...als, listenerPrior: 0.4, artistPrior: 1 } })
const input = { matrix, settings, listenerFeatures, artistFeatures }
const fitted = fitModel('als', input, context)

/** One half-step as the training left it, without padding. */
type Left = {
  readonly side: 'listeners' | 'artists'
  readonly listeners: Float32Array
  readonly artists: Float32Array
  /** Means of the side just solved, and the map they come from. */
  readonly means: Float32Array
  readonly map: Float32Array
}

async function trainedSteps(): Promise<Left[]> {
  const d = als.factors
  const arena = openAlsArena({
    users,
    artists,
    entries: matrix.colIndex.length,
    factors: d,
    weighted: false,
    solver: 'exact',
    threads: ownThread.threads,
    priors: { listeners: true, artists: true },
  })
  fillUsers(arena, matrix)
  const pulling = pullingPriors(input)
  const steps: Left[] = []
  let last: Pick<Left, 'side' | 'means' | 'map'> | undefined
  const watched =
    (side: Left['side']): PriorOf =>
    async (given) => {
      const map = await fitPrior(ownThread, pulling[side]!.prior, { ...given, d })
      await priorOf(ownThread, pulling[side])!(given)
      last = { side, map, means: withoutPadding(given.means, arena.stride, d) }
    }
  await trainAls({
    ...context,
    arena,
    start: startVectors(artists, d, 3),
    settings: settings.als,
    priors: { listeners: watched('listeners'), artists: watched('artists') },
    onHalfStep: (w, h) => {
      const bare = (x: Float32Array) => withoutPadding(x, arena.stride, d)
      steps.push({ ...last!, listeners: bare(w), artists: bare(h) })
    },
  })
  return steps
}

const row = (x: Float32Array, at: number) => x.subarray(at * als.factors, (at + 1) * als.factors)

/** The part of the loss without ridges, cell by cell. */
function cellLoss(w: Float32Array, h: Float32Array): number {
  const cells = dense(matrix)
  let sum = 0
  for (let u = 0; u < users; u++)
    for (let i = 0; i < artists; i++) {
      const score = kernels.dot(row(w, u), row(h, i))
      if (cells[u]![i]! > 0) sum += (score - 1) ** 2
      sum += settings.als.unobservedWeight * score ** 2
    }
  return sum
}

const rowPtrOf = { listeners: matrix.rowPtr, artists: transpose(matrix).rowPtr }
const ridgesOf = {
  listeners: ridges(rowPtrOf.listeners, artists, settings.als),
  artists: ridges(rowPtrOf.artists, users, settings.als),
}

/** sum_u r_u ((1 - s) |w_u|^2 + s |w_u - A f_u|^2) + s l mean(r) |A|^2 over rows with entries, at the best A. */
async function sideLoss(side: Left['side'], vectors: Float32Array): Promise<number> {
  const { prior, pull } = pullingPriors(input)[side]!
  const ridge = ridgesOf[side]
  const filled = [...ridge.keys()].filter((at) => rowPtrOf[side][at + 1]! > rowPtrOf[side][at]!)
  const map = await fitPrior(ownThread, prior, { vectors, d: als.factors })
  const means = priorMeans(prior.features, { map, d: als.factors, scale: 1 })
  const mean = filled.reduce((sum, at) => sum + ridge[at]!, 0) / filled.length
  let sum = pull * als.priorRegularization * mean * kernels.dot(map, map)
  for (const at of filled) {
    const vector = row(vectors, at)
    const apart = vector.map((value, f) => value - row(means, at)[f]!)
    sum += ridge[at]! * ((1 - pull) * kernels.dot(vector, vector) + pull * kernels.dot(apart, apart))
  }
  return sum
}

describe('training with features', () => {
  it('never raises the joint loss of vectors and maps', async () => {
    const losses: number[] = []
    for (const { listeners, artists: h } of await trainedSteps())
      losses.push(
        cellLoss(listeners, h) + (await sideLoss('listeners', listeners)) + (await sideLoss('artists', h)),
      )
    // The first half-step starts from listeners at zero, and the artist nobody plays moves freely until it has settled.
    for (let at = 3; at < losses.length; at++) expect(losses[at]).toBeLessThan(losses[at - 1]! * (1 + 1e-4))
    expect(losses.at(-1)).toBeLessThan(losses[1]!)
  })

  it('ends each half-step where the gradient of the solved side is zero', async () => {
    for (const step of await trainedSteps()) {
      const solved = Float32Array.from(step[step.side])
      const sides = { ...step, [step.side]: solved }
      const ridge = ridgesOf[step.side]
      const lossOf = (at: number): number => {
        const pulled = kernels.dot(row(solved, at), row(step.means, at))
        const ridged = ridge[at]! * (kernels.dot(row(solved, at), row(solved, at)) - 2 * pulled)
        return cellLoss(sides.listeners, sides.artists) + ridged
      }
      for (let at = 0; at < solved.length; at += 17) {
        const index = Math.floor(at / als.factors)
        const here = solved[at]!
        solved[at] = here + 0.01
        const [above, upper] = [lossOf(index), solved[at]!]
        solved[at] = here - 0.01
        const slope = (above - lossOf(index)) / (upper - solved[at]!)
        solved[at] = here
        expect(Math.abs(slope)).toBeLessThan(2e-3)
      }
    }
  })

  it('leaves an artist nobody plays at the mean of its features', async () => {
    const { artists: h, map } = (await trainedSteps()).at(-1)!
    const expected = priorMeans(selectRows(artistFeatures, [newcomer]), { map, d: als.factors, scale: 1 })
    for (const [f, value] of row(h, newcomer).entries()) expect(value).toBeCloseTo(expected[f]!, 4)
    expect(Math.hypot(...expected)).toBeGreaterThan(0.1)
  })
})

const newcomers = { interactions: emptyRows(colours, artists, 0), features: colourFeatures(colours) }

describe('a model with features', () => {
  it('is the plain one, byte for byte, where features are not to pull', async () => {
    const still = settingsWith({ als: { ...als, listenerPrior: 0, artistPrior: 0 } })
    const plain = await fitModel('als', { matrix, settings: still }, context)
    const pulled = await fitModel('als', { ...input, settings: still }, context)
    expect(encodeModel(pulled)).toEqual(encodeModel(plain))
    expect(encodeModel(await fitted)).not.toEqual(encodeModel(plain))
  })

  it('gives listeners without history the artists of their colour, a new one among them', async () => {
    const ranking = await (await fitted).recommend(newcomers, 11)
    for (let colour = 0; colour < colours; colour++) {
      const list = [...ranking.artists.subarray(colour * 11, colour * 11 + 10)]
      expect(list.every((artist) => artist % colours === colour)).toBe(true)
    }
    expect([...ranking.artists.subarray(0, 11)]).toContain(newcomer)
  })

  it('scores them by the map times the artists, exactly', async () => {
    const model = await fitted
    const { listenerMap, artistFactors } = model.arrays as Record<string, Float32Array>
    const means = priorMeans(newcomers.features, { map: listenerMap!, d: als.factors, scale: 1 })
    const { artists: list, scores } = await model.recommend(newcomers, 4)
    for (const [at, artist] of list.entries())
      expect(scores[at]).toBeCloseTo(
        kernels.dot(row(means, Math.floor(at / 4)), row(artistFactors!, artist)),
        5,
      )
  })

  it('believes a history more than features, and features where there is little history', async () => {
    const model = await fitted
    const features = colourFeatures(1)
    const other = historyOf(artists, [1, 4, 7, 10, 13, 16, 19, 22])
    const first = async (interactions: SparseRows) => {
      const ranking = await model.recommend({ interactions, features }, 1)
      return ranking.artists[0]! % colours
    }
    expect(await first(other)).toBe(1)
    expect(await first(emptyRows(1, artists, 0))).toBe(0)
  })

  it('gives popularity to whom it knows neither by history nor by features', async () => {
    const model = await fitted
    const unknown = { interactions: emptyRows(1, artists, 0) }
    const plain = await model.recommend(unknown, 5)
    expect(await model.recommend({ ...unknown, features: emptyRows(1, 1 + colours, 0) }, 5)).toEqual(plain)
    expect(plain.scores.every((score) => score <= 0)).toBe(true)
  })

  it('explains a score by its history and a share of the features, -1, which sum to it', async () => {
    const model = await fitted
    const one = { interactions: selectRows(matrix, [4]), features: selectRows(listenerFeatures, [4]) }
    const { artists: list, scores } = await model.recommend(one, 3)
    for (const [at, artist] of list.entries()) {
      const shares = model.explain!(one, artist)
      expect(shares.filter(({ artistIndex }) => artistIndex === -1)).toHaveLength(1)
      expect(shares.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(scores[at]!, 5)
    }
    const alone = selectRows(newcomers.features, [0])
    const [share, ...others] = model.explain!({ interactions: emptyRows(1, artists, 0), features: alone }, 0)
    expect(share).toMatchObject({ artistIndex: -1 })
    expect(others).toEqual([])
  })

  it('is the same after it was stored, for any number of threads, alone and in the batch', async () => {
    const model = await fitted
    const histories = { interactions: matrix, features: listenerFeatures }
    const expected = await model.recommend(histories, 6)
    const opened = openModel(encodeModel(model), context)
    expect(await opened.recommend(histories, 6)).toEqual(expected)
    const workers = openWorkers({ threads: 2 })
    const threaded = await fitModel('als', input, { ...context, workers })
    expect(encodeModel(threaded)).toEqual(encodeModel(model))
    expect(await threaded.recommend(histories, 6)).toEqual(expected)
    await workers.close()
    const one = { interactions: selectRows(matrix, [9]), features: selectRows(listenerFeatures, [9]) }
    const alone = await model.recommend(one, 6)
    expect(alone.artists).toEqual(expected.artists.slice(54, 60))
    expect(alone.scores).toEqual(expected.scores.slice(54, 60))
  })

  it('refuses features it was not trained with', async () => {
    const model = await fitted
    const strange = { interactions: emptyRows(1, artists, 0), features: emptyRows(1, 2, 0) }
    await expect(model.recommend(strange, 3)).rejects.toMatchObject({ code: 'bad-argument' })
    const short = { ...input, listenerFeatures: colourFeatures(3) }
    await expect(fitModel('als', short, context)).rejects.toMatchObject({ code: 'bad-argument' })
  })
})
