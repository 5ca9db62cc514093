// How sure a mean is: percentile intervals by resampling, one value and paired.
import { TastemakerError } from '../errors.ts'
import { normalCumulative, normalQuantile } from './normal.ts'
import { createRandom } from './random.ts'

/** An estimate with the lower and upper end of its 95% interval. */
export type Interval = { readonly value: number; readonly low: number; readonly high: number }

/** How to resample. */
export type BootstrapOptions = {
  /** Resamplings, from 10 on. */
  readonly rounds: number
  readonly seed: number
}

const manyValues = 20_000
const tail = 0.025

/**
 * Mean with its 95% percentile interval (Efron 1979): the middle 95% of the means of resamples of the same size.
 * From 20,000 values on the normal interval is taken: by then both agree to more digits than anyone prints.
 * No values give NaN throughout; one value gives itself.
 */
export function bootstrapMean(values: Float64Array, { rounds, seed }: BootstrapOptions): Interval {
  if (!(rounds >= 10))
    throw new TastemakerError('bad-argument', `A bootstrap needs 10 rounds; it got ${rounds}.`)
  const value = meanOf(values)
  if (values.length >= manyValues) return normalInterval(values, value)
  const random = createRandom(seed).fork('bootstrap')
  const means = new Float64Array(rounds)
  for (let round = 0; round < rounds; round++) {
    let sum = 0
    for (let draw = 0; draw < values.length; draw++) sum += values[random.below(values.length)]!
    means[round] = sum / values.length
  }
  means.sort()
  return { value, low: quantileOf(means, tail), high: quantileOf(means, 1 - tail) }
}

function normalInterval(values: Float64Array, mean: number): Interval {
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  const half = normalQuantile(1 - tail) * Math.sqrt(squares / (values.length - 1) / values.length)
  return { value: mean, low: mean - half, high: mean + half }
}

/** Mean in index order; NaN of none. */
export function meanOf(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** Quantile of ascending values by linear interpolation between order statistics (Hyndman and Fan 1996, type 7). */
export function quantileOf(ascending: Float64Array, share: number): number {
  const at = share * (ascending.length - 1)
  const below = Math.floor(at)
  const low = ascending[below] ?? Number.NaN
  const high = ascending[Math.min(below + 1, ascending.length - 1)] ?? Number.NaN
  return low + (at - below) * (high - low)
}

/** Two measurements of the same things, compared thing by thing. */
export type PairedComparison = {
  /** Mean of second minus first, with its 95% interval. */
  readonly difference: number
  readonly low: number
  readonly high: number
  /** Things where the second is higher, lower, and the same. */
  readonly higher: number
  readonly lower: number
  readonly same: number
  /** Two-sided p-value of the sign test, ties left out; 1 where all tie. */
  readonly signTestP: number
}

/**
 * The mean of second minus first with its 95% interval over paired resamples, and the sign test.
 * Different lengths throw `bad-argument`: values must be of the same things in the same order.
 */
export function comparePaired(
  first: Float64Array,
  second: Float64Array,
  options: BootstrapOptions,
): PairedComparison {
  if (first.length !== second.length)
    throw new TastemakerError(
      'bad-argument',
      `Paired values must be as many: ${first.length} and ${second.length}.`,
    )
  const differences = second.map((value, at) => value - first[at]!)
  const { value: difference, low, high } = bootstrapMean(differences, options)
  const higher = differences.reduce((count, value) => count + (value > 0 ? 1 : 0), 0)
  const lower = differences.reduce((count, value) => count + (value < 0 ? 1 : 0), 0)
  const same = differences.length - higher - lower
  return { difference, low, high, higher, lower, same, signTestP: signTest(higher, lower) }
}

/** P of a split at least this uneven among fair coins: exact up to 1,000 throws, then normal with continuity correction. */
function signTest(higher: number, lower: number): number {
  const n = higher + lower
  const fewer = Math.min(higher, lower)
  if (n > 1000) return Math.min(1, 2 * normalCumulative((2 * fewer + 1 - n) / Math.sqrt(n)))
  let logTerm = -n * Math.LN2
  let tailSum = 0
  for (let count = 0; count <= fewer; count++) {
    tailSum += Math.exp(logTerm)
    logTerm += Math.log((n - count) / (count + 1))
  }
  return Math.min(1, 2 * tailSum)
}
