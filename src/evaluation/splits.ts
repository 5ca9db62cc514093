// Splits: which interactions a model may see, and which it is measured on.
import {
  emptyRows,
  type SparseRows,
  selectRows,
  sparseRows,
  type Triple,
} from '../data/interaction-matrix.ts'
import { TastemakerError } from '../errors.ts'
import { createRandom } from '../statistics/random.ts'

/** Parts of one matrix, of its shape, no cell in two of them. */
export type RandomSplit = {
  readonly train: SparseRows
  readonly validation: SparseRows
  readonly test: SparseRows
}

/** Seed and weights of the three parts; the weights need not sum to 1. */
export type RandomSplitOptions = {
  readonly seed: number
  readonly train: number
  readonly validation: number
  readonly test: number
}

/**
 * Splits each listener's artists at random, as RecBole's per-user random split does ("RS", grouped by user).
 *
 *   artists of a listener, shuffled   a b c d e f g h i j
 *   8 : 1 : 1                         [ train         ] v t
 *
 * Validation and test get the rounded-down share and train the rest; where a share is above 0 but below one artist, test and
 * then validation still take one, as long as train keeps more than one.
 */
export function randomSplit(matrix: SparseRows, options: RandomSplitOptions): RandomSplit {
  const { seed, train, validation, test } = options
  const sum = train + validation + test
  if (!(train > 0 && validation >= 0 && test >= 0 && Number.isFinite(sum)))
    throw new TastemakerError(
      'bad-argument',
      `A split of ${train} : ${validation} : ${test} leaves nothing to train on.`,
    )
  const random = createRandom(seed).fork('random split')
  const part = new Uint8Array(matrix.colIndex.length)
  for (let row = 0; row < matrix.rows; row++) {
    const from = matrix.rowPtr[row]!
    const total = matrix.rowPtr[row + 1]! - from
    const counts = splitCounts(total, [train / sum, validation / sum, test / sum])
    const order = random.shuffle(Array.from({ length: total }, (_, at) => from + at))
    for (const [place, entry] of order.entries()) part[entry] = partOf(place, counts)
  }
  return { train: keep(matrix, part, 0), validation: keep(matrix, part, 1), test: keep(matrix, part, 2) }
}

type Three = readonly [number, number, number]

const partOf = (place: number, [train, validation]: Three): number => {
  if (place < train) return 0
  return place < train + validation ? 1 : 2
}

/** How many of `total` go to train, validation and test. */
export function splitCounts(total: number, shares: Three): Three {
  let validation = Math.floor(shares[1] * total)
  let test = Math.floor(shares[2] * total)
  let train = total - validation - test
  const wants = (share: number) => share * total > 0 && share * total < 1
  if (train <= 1) return [train, validation, test]
  if (wants(shares[2])) {
    test++
    train--
  }
  if (train > 1 && wants(shares[1])) {
    validation++
    train--
  }
  return [train, validation, test]
}

/** The entries of one part, in the shape of the whole. */
function keep(matrix: SparseRows, part: Uint8Array, wanted: number): SparseRows {
  const out = emptyRows(
    matrix.rows,
    matrix.columns,
    part.reduce((count, of) => count + (of === wanted ? 1 : 0), 0),
  )
  let to = 0
  for (let row = 0; row < matrix.rows; row++) {
    for (let entry = matrix.rowPtr[row]!; entry < matrix.rowPtr[row + 1]!; entry++) {
      if (part[entry] !== wanted) continue
      out.colIndex[to] = matrix.colIndex[entry]!
      out.values[to++] = matrix.values[entry]!
    }
    out.rowPtr[row + 1] = to
  }
  return out
}

/** Listeners the model never sees: part of each history is given at test time, the rest is to be found. */
export type StrongGeneralization = {
  /** Rows of the training users, all columns kept. */
  readonly train: SparseRows
  /** Row of the whole matrix that each row of `train` was. */
  readonly trainUsers: Int32Array
  /** Rows of the held-out users: what is given, and what is to be found. */
  readonly foldIn: SparseRows
  readonly heldOut: SparseRows
  /** Row of the whole matrix that each row of `foldIn` and `heldOut` was. */
  readonly heldOutUsers: Int32Array
}

/**
 * Strong generalization (Marlin 2004; Liang et al. 2018).
 * @param options.heldOutUsers how many users are held out, at most all but one
 * @param options.foldInShare share of each held-out history that is given, 0..1; the part to be found is rounded down
 */
export function strongGeneralization(
  matrix: SparseRows,
  options: { readonly seed: number; readonly heldOutUsers: number; readonly foldInShare: number },
): StrongGeneralization {
  const { seed, heldOutUsers: count, foldInShare } = options
  if (!(Number.isInteger(count) && count >= 0 && count < matrix.rows && foldInShare >= 0 && foldInShare <= 1))
    throw new TastemakerError(
      'bad-argument',
      `Cannot hold out ${count} of ${matrix.rows} users with a fold-in share of ${foldInShare}.`,
    )
  const random = createRandom(seed).fork('strong generalization')
  const order = random.shuffle(Array.from({ length: matrix.rows }, (_, row) => row))
  const heldOutUsers = Int32Array.from(order.slice(0, count)).sort()
  const trainUsers = Int32Array.from(order.slice(count)).sort()
  const whole = selectRows(matrix, heldOutUsers)
  const hidden = new Uint8Array(whole.colIndex.length)
  for (let row = 0; row < whole.rows; row++) {
    const from = whole.rowPtr[row]!
    const total = whole.rowPtr[row + 1]! - from
    const toFind = Math.floor((1 - foldInShare) * total + 1e-9)
    const entries = random.shuffle(Array.from({ length: total }, (_, at) => from + at))
    for (const entry of entries.slice(0, toFind)) hidden[entry] = 1
  }
  return {
    train: selectRows(matrix, trainUsers),
    trainUsers,
    foldIn: keep(whole, hidden, 0),
    heldOut: keep(whole, hidden, 1),
    heldOutUsers,
  }
}

/** What happened after the time of the split, as far as it can be measured. */
export type TemporalSplit = {
  /** users x artists met for the first time after the split, value 1. */
  readonly heldOut: SparseRows
  /** Later pairs left out because the listener had the artist in train already. */
  readonly alreadyKnown: number
  /** Later pairs left out because the user or artist is not in the matrix. */
  readonly outside: number
}

/**
 * Temporal split at one point in time for all: train holds what came before, and of what came later counts what is new
 * to the listener.
 * @param later pairs of user and artist index, in any order, repeats welcome
 */
export function temporalSplit(
  train: SparseRows,
  later: Iterable<readonly [user: number, artist: number]>,
): TemporalSplit {
  const found = new Map<number, Triple>()
  let alreadyKnown = 0
  let outside = 0
  for (const [user, artist] of later) {
    if (!(user >= 0 && user < train.rows && artist >= 0 && artist < train.columns)) outside++
    else if (hasCell(train, user, artist)) alreadyKnown++
    else found.set(user * train.columns + artist, [user, artist, 1])
  }
  return { heldOut: sparseRows(train.rows, train.columns, found.values()), alreadyKnown, outside }
}

function hasCell(matrix: SparseRows, row: number, column: number): boolean {
  let low = matrix.rowPtr[row]!
  let high = matrix.rowPtr[row + 1]! - 1
  while (low <= high) {
    const middle = (low + high) >> 1
    const at = matrix.colIndex[middle]!
    if (at === column) return true
    if (at < column) low = middle + 1
    else high = middle - 1
  }
  return false
}

/**
 * Throws `bad-input` when a held-out cell is in train too, with how many and the first few, or when the shapes differ:
 * such a measurement would be worthless.
 */
export function assertNoLeak(train: SparseRows, heldOut: SparseRows): void {
  if (train.rows !== heldOut.rows || train.columns !== heldOut.columns)
    throw new TastemakerError(
      'bad-input',
      `Train is ${train.rows} x ${train.columns} but held-out ${heldOut.rows} x ${heldOut.columns}.`,
    )
  let leaks = 0
  const first: string[] = []
  for (let row = 0; row < train.rows; row++)
    for (let entry = heldOut.rowPtr[row]!; entry < heldOut.rowPtr[row + 1]!; entry++) {
      if (!hasCell(train, row, heldOut.colIndex[entry]!)) continue
      leaks++
      if (first.length < leaksNamed) first.push(`(${row}, ${heldOut.colIndex[entry]})`)
    }
  if (leaks > 0)
    throw new TastemakerError(
      'bad-input',
      `${leaks} of ${heldOut.colIndex.length} held-out interactions are in train too, first (row, column) ${first.join(' ')}; split again.`,
    )
}

const leaksNamed = 5
