// Mutual information of two columns of categories, with its bias corrected, and the bins that make categories of numbers.
import { contingency, ranks } from './correlation.ts'

/** What two columns tell of each other, in nats. */
export type SharedInformation = {
  /** Mutual information as counted: never below 0, too high on few rows. */
  readonly counted: number
  /**
   * The same with the bias of each entropy taken out, (occurring categories - 1) / 2n (Miller 1955), cut at 0:
   * counted + (rows + columns - cells - 1) / 2n.
   */
  readonly corrected: number
  /** `corrected` as a share of the smaller of the two entropies, 0..1: 1 when one column follows from the other. */
  readonly share: number
}

/**
 * Mutual information of two columns of codes (whole numbers from 0 on, -1 for unknown), over the places where both are
 * known. All 0 where nothing is known or one column is constant.
 */
export function mutualInformation(a: ArrayLike<number>, b: ArrayLike<number>): SharedInformation {
  const { cells, rows, columns, total } = contingency(a, b)
  const [ofRows, ofColumns] = [entropy(rows.values(), total), entropy(columns.values(), total)]
  const smaller = Math.min(ofRows, ofColumns)
  if (total === 0 || smaller === 0) return { counted: 0, corrected: 0, share: 0 }
  const joint = entropy(
    [...cells.values()].map(({ count }) => count),
    total,
  )
  const counted = Math.max(0, ofRows + ofColumns - joint)
  const bias = (rows.size + columns.size - cells.size - 1) / (2 * total)
  const corrected = Math.max(0, counted + bias)
  return { counted, corrected, share: Math.min(1, corrected / smaller) }
}

/** Entropy of counts in nats, as counted. */
function entropy(counts: Iterable<number>, total: number): number {
  let sum = 0
  for (const count of counts) sum -= (count / total) * Math.log(count / total)
  return sum
}

/**
 * Cuts numbers into at most `bins` ranges of about equally many, by their ranks; equal numbers stay together, so that many
 * zeros are a range of their own. NaN becomes -1. `[4, 1, 3, 2]` in 2 bins -> `[1, 0, 1, 0]`.
 */
export function equalFrequencyBins(values: ArrayLike<number>, bins: number): Int32Array {
  const known: number[] = []
  for (let at = 0; at < values.length; at++) if (!Number.isNaN(values[at]!)) known.push(at)
  const places = ranks(known.map((at) => values[at]!))
  const codes = new Int32Array(values.length).fill(-1)
  for (const [place, at] of known.entries())
    codes[at] = Math.floor((bins * (places[place]! - 0.5)) / known.length)
  return codes
}
