// Determinantal point process: the list whose vectors, long by relevance, span the most volume; chosen greedily.
import { allLeft, type Choice, type Similarities } from './candidates.ts'
import { dotRows } from './dot-rows.ts'

/** Volume that a further artist must add, of at most 1; below it the artist is a mixture of those already chosen. */
const leastVolume = 1e-10

/**
 * Greedy MAP of the determinantal point process with kernel L = diag(q) S diag(q), where S = (1 + similarity) / 2 and
 * q = exp(relevance x (1 - strength) / (2 x strength)) (Chen, Zhang and Zhou 2018, algorithm 1, their theta = 1 - strength). As
 * log det L over a list = sum of 2 log q + log det S, the next artist is the one with the highest
 *
 *   (1 - strength) x relevance + strength x log v,    v = det S(list and it) / det S(list)
 *
 * and v of each candidate left comes from a Cholesky factor of S that grows by one row a choice: no exponential is taken and
 * none can overflow. Artists that add less than 1e-10 of volume come last, in the model's order. Strength 0 is the model's
 * order. Cost: k n similarities and k^2 n / 2 multiply-adds; k x n x 8 bytes.
 * @param relevance by place, never rising
 * @returns places in the order chosen, min(k, n) of them
 */
export function rerankByDpp(
  relevance: Float64Array,
  similarities: Similarities,
  { strength, k }: Choice,
): Int32Array {
  const n = relevance.length
  const chosen = new Int32Array(Math.min(k, n))
  const left = allLeft(n)
  // Row by row a candidate each: what choice t took from it is factor[place * chosen.length + t].
  const factor = new Float64Array(chosen.length * n)
  const volume = new Float64Array(n).fill(1)
  const near = new Float64Array(n)
  const known = new Float64Array(n)
  for (let count = 0; count < chosen.length; count++) {
    const places = left.places()
    const at = strength > 0 ? bestOf(places, { relevance, volume, strength }) : 0
    const place = places[at]!
    chosen[count] = place
    left.take(at)
    if (strength === 0 || !(volume[place]! >= leastVolume)) continue
    const others = left.places()
    similarities(place, others, near)
    growFactor({ factor, volume, near, known, width: chosen.length }, place, { count, others })
  }
  return chosen
}

type Gains = {
  readonly relevance: Float64Array
  readonly volume: Float64Array
  readonly strength: number
}

/** Index of the place with the highest gain; the first where no candidate adds volume any more. */
function bestOf(places: Int32Array, { relevance, volume, strength }: Gains): number {
  let best = 0
  let most = Number.NEGATIVE_INFINITY
  for (let at = 0; at < places.length; at++) {
    const place = places[at]!
    if (!(volume[place]! >= leastVolume)) continue
    const gain = (1 - strength) * relevance[place]! + strength * Math.log(volume[place]!)
    if (!(gain > most)) continue
    most = gain
    best = at
  }
  return best
}

type Factor = {
  readonly factor: Float64Array
  readonly volume: Float64Array
  /** Similarity of the choice and each candidate left; S is (1 + it) / 2. */
  readonly near: Float64Array
  /** What earlier choices have taken of it. */
  readonly known: Float64Array
  readonly width: number
}

/** What the choice takes from each candidate left: e = (S - c_choice . c_candidate) / d, and v - e^2 remains. */
function growFactor(
  { factor, volume, near, known, width }: Factor,
  place: number,
  { count, others }: { readonly count: number; readonly others: Int32Array },
): void {
  const side = Math.sqrt(volume[place]!)
  dotRows({ values: factor, width, length: count }, place, others, known)
  for (let m = 0; m < others.length; m++) {
    const taken = ((1 + near[m]!) / 2 - known[m]!) / side
    factor[others[m]! * width + count] = taken
    volume[others[m]!]! -= taken * taken
  }
}
