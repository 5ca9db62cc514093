// Learns a blend's weights: what is held out of some histories should stand above the other candidates.
import { emptyRows, type SparseRows, selectRows } from '../data/interaction-matrix.ts'
import type { Histories, Model } from '../data/model.ts'
import { createRandom } from '../statistics/random.ts'
import { divisorOf, factorOf, fitScale, gatherCandidates, knownOf, scoreAll } from './blend-scores.ts'
import { type ChoiceLists, fitChoiceWeights } from './choice-weights.ts'

/** Two parts of one matrix, of its shape. */
export type Slice = { readonly train: SparseRows; readonly heldOut: SparseRows }

const heldOutShare = 0.1
/**
 * Places of each model's list that are learned from. Few: weights learned on hundreds serve places nobody sees. On validation
 * slices 20 places did as well as 200 or a little better.
 */
const placesLearned = 20
const mostListeners = 4000

/**
 * Holds out a tenth of the artists, at least one, of up to 4000 listeners with two or more, all at random: the others
 * keep everything, so that models fitted to the rest are close to those fitted to all.
 */
export function holdOut(matrix: SparseRows, seed: number): Slice {
  const random = createRandom(seed).fork('blend validation')
  const hidden = new Uint8Array(matrix.colIndex.length)
  const rows = Array.from({ length: matrix.rows }, (_, row) => row).filter((row) => knownOf(matrix, row) >= 2)
  for (const row of random.shuffle(rows).slice(0, mostListeners)) {
    const total = knownOf(matrix, row)
    const entries = Array.from({ length: total }, (_, at) => matrix.rowPtr[row]! + at)
    const count = Math.max(1, Math.floor(heldOutShare * total))
    for (const entry of random.shuffle(entries).slice(0, count)) hidden[entry] = 1
  }
  return { train: entriesOf(matrix, hidden, 0), heldOut: entriesOf(matrix, hidden, 1) }
}

function entriesOf(matrix: SparseRows, hidden: Uint8Array, wanted: 0 | 1): SparseRows {
  const out = emptyRows(
    matrix.rows,
    matrix.columns,
    hidden.reduce((count, is) => count + (is === wanted ? 1 : 0), 0),
  )
  let to = 0
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = matrix.rowPtr[row]!; entry < matrix.rowPtr[row + 1]!; entry++) {
      if (hidden[entry] !== wanted) continue
      out.colIndex[to] = matrix.colIndex[entry]!
      out.values[to++] = matrix.values[entry]!
    }
    out.rowPtr[row + 1] = to
  }
  return out
}

/** What to learn from: histories the models were fitted to, and what was held out of them, row by row. */
export type LearningInput = {
  readonly histories: Histories
  readonly heldOut: SparseRows
  /** Artists that each model puts up for a listener, whose scores give the unit of the model's scores. */
  readonly candidates: number
}

/**
 * The weight of each model, >= 0, that makes what listeners took to most likely among the models' first places
 * (see fitChoiceWeights); a later slice of time is a better teacher than a random one where there are times.
 * Equal weights where nothing is held out or no model found any of it.
 */
export async function learnWeights(
  models: readonly Model[],
  { histories, heldOut, candidates }: LearningInput,
): Promise<readonly number[]> {
  const rows = Array.from({ length: heldOut.rows }, (_, row) => row)
    .filter((row) => knownOf(heldOut, row) > 0)
    .slice(0, mostListeners)
  const asked: Histories = {
    interactions: selectRows(histories.interactions, rows),
    ...(histories.segments && { segments: Int32Array.from(rows, (row) => histories.segments![row]!) }),
    ...(histories.features && { features: selectRows(histories.features, rows) }),
  }
  const lists = await choiceLists(models, {
    histories: asked,
    heldOut: selectRows(heldOut, rows),
    candidates,
  })
  const weights = fitChoiceWeights(lists)
  return weights.some((weight) => weight > 0) ? weights : models.map(() => 1 / models.length)
}

/** Each listener's candidates with the models' scores in one unit, and which of them were held out. */
async function choiceLists(models: readonly Model[], input: LearningInput): Promise<ChoiceLists> {
  const { histories, heldOut, candidates } = input
  const { interactions } = histories
  const length = Math.min(interactions.columns, candidates)
  const pool = await gatherCandidates(models, histories, { length: Math.min(length, placesLearned) })
  const scores = await scoreAll(models, histories, pool)
  const divisors: Float64Array[] = []
  for (const model of models) {
    const scale = await fitScale(model, histories, length)
    divisors.push(
      Float64Array.from({ length: interactions.rows }, (_, row) =>
        divisorOf(scale, knownOf(interactions, row)),
      ),
    )
  }
  const features = new Float32Array(pool.artists.length * models.length)
  const chosen = new Uint8Array(pool.artists.length)
  const ends = new Int32Array(interactions.rows)
  let to = 0
  for (let row = 0; row < interactions.rows; row++) {
    const wanted = new Set(heldOut.colIndex.subarray(heldOut.rowPtr[row]!, heldOut.rowPtr[row + 1]!))
    for (let place = row * pool.k; place < (row + 1) * pool.k; place++) {
      const artist = pool.artists[place]!
      if (artist < 0) break
      for (const [at, own] of scores.entries())
        features[to * models.length + at] = own[place]! * factorOf(own[place]!, divisors[at]![row]!)
      chosen[to++] = wanted.has(artist) ? 1 : 0
    }
    ends[row] = to
  }
  return { width: models.length, features, chosen, ends }
}
