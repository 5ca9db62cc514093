// Calibrated lists: as much of each genre, or of each popularity bucket, as the listener's own artists have.
import { allLeft, type Choice } from './candidates.ts'

/** Weight of the target within the list's own shares, so that a category that the list lacks does not cost infinitely much. */
const smoothing = 0.01

/** Categories of the candidates, and the shares of them that the list should have. */
export type CalibrationTarget = {
  /** By place; -1 where unknown: such an artist changes nothing about the list's shares. */
  readonly categories: Int32Array
  /** Sum 1; all 0 where nothing is known of the listener: the model's order then stays. */
  readonly target: Float64Array
}

/**
 * Chooses by (1 - strength) x relevance - strength x KL(p || (1 - a) q + a p), greedily, where p is the target, q the shares
 * of the list with the candidate in it, and a = 0.01. Strength 0 is the model's order, strength 1 the nearest to the target
 * that a greedy choice comes. Source: Steck 2018, with relevance summed over the list.
 * The divergence is worked out once a category and choice: cost k (n + categories).
 * @param relevance by place, never rising
 * @returns places in the order chosen, min(k, n) of them
 */
export function rerankCalibrated(
  relevance: Float64Array,
  { categories, target }: CalibrationTarget,
  { strength, k }: Choice,
): Int32Array {
  const n = relevance.length
  const chosen = new Int32Array(Math.min(k, n))
  const left = allLeft(n)
  const counts = new Float64Array(target.length)
  const wanted = Int32Array.from(target.keys()).filter((category) => target[category]! > 0)
  const divergence = new Float64Array(target.length + 1)
  for (let count = 0, known = 0; count < chosen.length; count++) {
    if (strength > 0) divergences({ target, wanted, counts, known }, divergence)
    const places = left.places()
    let best = 0
    let most = Number.NEGATIVE_INFINITY
    for (let at = 0; at < places.length; at++) {
      const place = places[at]!
      const gain = (1 - strength) * relevance[place]! - strength * divergence[categories[place]! + 1]!
      if (!(gain > most)) continue
      most = gain
      best = at
    }
    const place = places[best]!
    chosen[count] = place
    left.take(best)
    if (categories[place]! < 0) continue
    counts[categories[place]!]! += 1
    known++
  }
  return chosen
}

type Shares = {
  readonly target: Float64Array
  /** Categories whose target is above 0. */
  readonly wanted: Int32Array
  /** Artists of each category in the list so far, and of all known categories. */
  readonly counts: Float64Array
  readonly known: number
}

/** KL of the list and one more artist: at 0 for an artist of unknown category, at 1 + c for one of category c. */
function divergences({ target, wanted, counts, known }: Shares, out: Float64Array): void {
  const termOf = (category: number, count: number, all: number): number => {
    const p = target[category]!
    return p * Math.log(p / (((1 - smoothing) * count) / Math.max(1, all) + smoothing * p))
  }
  let asIs = 0
  let oneMore = 0
  for (const category of wanted) {
    asIs += termOf(category, counts[category]!, known)
    oneMore += termOf(category, counts[category]!, known + 1)
  }
  out.fill(oneMore)
  out[0] = asIs
  for (const category of wanted) {
    const count = counts[category]!
    out[category + 1] = oneMore - termOf(category, count, known + 1) + termOf(category, count + 1, known + 1)
  }
}
