// What a set of lists does to the catalogue: coverage, concentration, popularity and novelty.

/** How the recommended places spread over all artists. */
export type Spread = {
  /** Share of all artists that are in at least one list. */
  readonly coverage: number
  /** Gini coefficient of how often artists are recommended: 0 is equal, near 1 is all for one. Some print 1 - Gini. */
  readonly gini: number
}

/**
 * Coverage and Gini coefficient over all lists.
 * @param lists artist indices of all lists, in any order; -1 is an empty place. No place or artist gives 0 for both.
 */
export function measureSpread(lists: ArrayLike<number>, artistCount: number): Spread {
  const counts = new Float64Array(artistCount)
  for (let at = 0; at < lists.length; at++) if (lists[at]! >= 0) counts[lists[at]!]! += 1
  return { coverage: covered(counts), gini: giniOf(counts) }
}

function covered(counts: Float64Array): number {
  return counts.length === 0 ? 0 : counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0) / counts.length
}

/** sum_i (2 i - n - 1) x_(i) / (n sum x), ascending, i from 1; 0 where all are 0. */
export function giniOf(counts: Float64Array): number {
  const n = counts.length
  let [weighted, total] = [0, 0]
  for (const [at, count] of counts.toSorted().entries()) {
    weighted += (2 * (at + 1) - n - 1) * count
    total += count
  }
  return total === 0 ? 0 : weighted / (n * total)
}

/** The catalogue as training saw it. */
export type Catalogue = {
  /** Listeners of each artist in train. */
  readonly listeners: ArrayLike<number>
  /** 1 where the artist is in the long tail: not among the most popular that hold 80% of the interactions. */
  readonly longTail: Uint8Array
  /** -log2 of the artist's share of all interactions; an artist nobody played counts as half an interaction. */
  readonly selfInformation: Float64Array
}

const headShare = 0.8

/** Prepares a catalogue from the listeners of each artist in train. */
export function describeCatalogue(listeners: ArrayLike<number>): Catalogue {
  const counts = Float64Array.from(listeners)
  const total = counts.reduce((sum, count) => sum + count, 0)
  const longTail = new Uint8Array(counts.length)
  let before = 0
  for (const artist of [...counts.keys()].sort((a, b) => counts[b]! - counts[a]! || a - b)) {
    if (before >= headShare * total) longTail[artist] = 1
    before += counts[artist]!
  }
  const selfInformation = counts.map((count) => -Math.log2(Math.max(count, 0.5) / Math.max(total, 1)))
  return { listeners, longTail, selfInformation }
}

/** What one list is made of. */
export type ListTaste = {
  /** Mean listeners in train of the artists of the list; over all lists this is ARP (Yin et al. 2012). */
  readonly meanPopularity: number
  /** Share of the list in the long tail; over all lists this is APLT (Abdollahpouri et al. 2017). */
  readonly longTailShare: number
  /** Mean self-information in bits (Zhou et al. 2010). */
  readonly novelty: number
}

/** Measures one list; -1 is an empty place, a list of none gives 0 for all. */
export function measureTaste(list: ArrayLike<number>, catalogue: Catalogue): ListTaste {
  let [count, popularity, tail, bits] = [0, 0, 0, 0]
  for (let at = 0; at < list.length; at++) {
    const artist = list[at]!
    if (artist < 0) continue
    count++
    popularity += catalogue.listeners[artist]!
    tail += catalogue.longTail[artist]!
    bits += catalogue.selfInformation[artist]!
  }
  const places = Math.max(count, 1)
  return { meanPopularity: popularity / places, longTailShare: tail / places, novelty: bits / places }
}
