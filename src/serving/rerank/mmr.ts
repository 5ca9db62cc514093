// Maximal marginal relevance: each next artist is relevant, and unlike the most similar one already chosen.
import { allLeft, type Choice, type Similarities } from './candidates.ts'

/**
 * Chooses by (1 - strength) x relevance - strength x (highest similarity to a chosen one, 0 before the first), greedily.
 * Strength 0 is the model's order. Source: Carbonell and Goldstein 1998, with lambda = 1 - strength.
 * Cost: a similarity for each pair of a chosen and a left candidate, k n - k^2 / 2.
 * @param relevance by place, never rising
 * @returns places in the order chosen, min(k, n) of them
 */
export function rerankByMmr(
  relevance: Float64Array,
  similarities: Similarities,
  { strength, k }: Choice,
): Int32Array {
  const n = relevance.length
  const chosen = new Int32Array(Math.min(k, n))
  const left = allLeft(n)
  const closest = new Float64Array(n)
  const near = new Float64Array(n)
  for (let count = 0; count < chosen.length; count++) {
    const at = bestOf(left.places(), { relevance, closest, strength })
    const place = left.places()[at]!
    chosen[count] = place
    left.take(at)
    const others = left.places()
    similarities(place, others, near)
    for (let m = 0; m < others.length; m++) {
      const other = others[m]!
      if (count === 0 || near[m]! > closest[other]!) closest[other] = near[m]!
    }
  }
  return chosen
}

type Gains = {
  readonly relevance: Float64Array
  /** Highest similarity to a chosen one. */
  readonly closest: Float64Array
  readonly strength: number
}

/** Index of the place with the highest gain; of equals, the first. */
function bestOf(places: Int32Array, { relevance, closest, strength }: Gains): number {
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (let at = 0; at < places.length; at++) {
    const place = places[at]!
    const gain = (1 - strength) * relevance[place]! - strength * closest[place]!
    if (!(gain > most)) continue
    most = gain
    best = at
  }
  return best
}
