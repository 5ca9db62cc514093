// Accuracy of one ranked list against the artists a listener came to play.

/** The metrics of a list, all 0..1, higher is better. */
export const metricNames = ['recall', 'recallCapped', 'ndcg', 'map', 'mrr', 'hitRate', 'precision'] as const

/** One of `metricNames`. */
export type MetricName = (typeof metricNames)[number]

/** Every metric of one list. */
export type ListMetrics = Readonly<Record<MetricName, number>>

/**
 * Measures the first k places of a list.
 *
 *   recall        hits / |T|                                    (LightGCN, RecBole)
 *   recallCapped  hits / min(k, |T|)                            (Mult-VAE, EASE)
 *   ndcg          sum over hits of 1/log2(place + 1), over the same sum of the best list, places 1..min(k, |T|)
 *                 (Jarvelin and Kekalainen 2002, gain 1)
 *   map           sum over hits of hits so far / place, over min(k, |T|)
 *   mrr           1 / place of the first hit, 0 without one
 *   hitRate       1 with a hit, else 0
 *   precision     hits / k
 *
 * @param list artist indices, best first; -1 is an empty place
 * @param targets the |T| artists to be found; none gives 0 for all: leave such listeners out of means
 */
export function measureList(list: ArrayLike<number>, targets: ReadonlySet<number>, k: number): ListMetrics {
  const reachable = Math.min(k, targets.size)
  if (reachable === 0) return nothing
  let hits = 0
  let gain = 0
  let precisions = 0
  let first = 0
  for (let place = 1; place <= Math.min(k, list.length); place++) {
    if (!targets.has(list[place - 1]!)) continue
    hits++
    gain += discount(place)
    precisions += hits / place
    if (first === 0) first = place
  }
  let best = 0
  for (let place = 1; place <= reachable; place++) best += discount(place)
  return {
    recall: hits / targets.size,
    recallCapped: hits / reachable,
    ndcg: gain / best,
    map: precisions / reachable,
    mrr: first === 0 ? 0 : 1 / first,
    hitRate: hits > 0 ? 1 : 0,
    precision: hits / k,
  }
}

const nothing: ListMetrics = { recall: 0, recallCapped: 0, ndcg: 0, map: 0, mrr: 0, hitRate: 0, precision: 0 }

const discount = (place: number): number => 1 / Math.log2(place + 1)
