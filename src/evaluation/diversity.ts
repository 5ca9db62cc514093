// What one list offers one listener: how unlike its artists are, how many genres, and how near to the listener's own mix.

/** Similarity of two artists by index, symmetric, at most 1. */
export type Similarity = (first: number, second: number) => number

/** Category of each artist by index, such as its genre or popularity bucket; -1 where unknown. */
export type Categories = { readonly of: Int32Array; readonly count: number }

/**
 * Mean of 1 - similarity over all pairs of a list (Smyth and McClave 2001; Ziegler et al. 2005 print the sum of similarities).
 * 0: all alike; 1: nothing in common. Fewer than two artists give 0. Cost: k^2 / 2 similarities.
 * @param list artist indices; -1 is an empty place
 */
export function intraListDistance(list: ArrayLike<number>, similarity: Similarity): number {
  const artists = filled(list)
  let sum = 0
  for (const [at, first] of artists.entries())
    for (const second of artists.slice(at + 1)) sum += 1 - similarity(first, second)
  const pairs = (artists.length * (artists.length - 1)) / 2
  return pairs === 0 ? 0 : sum / pairs
}

/**
 * Cosine of the vectors of two artists, row-major with d columns; a zero vector is like no other: 0. The lengths are worked out
 * at once, 8 bytes an artist.
 */
export function cosineSimilarity(vectors: Float32Array, d: number): Similarity {
  const dot = (a: number, b: number): number => {
    let sum = 0
    for (let f = 0; f < d; f++) sum += vectors[a * d + f]! * vectors[b * d + f]!
    return sum
  }
  const lengths = Float64Array.from({ length: d > 0 ? vectors.length / d : 0 }, (_, artist) =>
    Math.sqrt(dot(artist, artist)),
  )
  return (first, second) => {
    const product = lengths[first]! * lengths[second]!
    return product === 0 ? 0 : dot(first, second) / product
  }
}

/** How a list spreads over categories. */
export type CategorySpread = {
  /** Distinct categories of the list / the most that it could have: min(artists of known category, categories). */
  readonly coverage: number
  /** Shannon entropy of the list's shares in bits: 0 for one category, log2 c for c in equal shares. */
  readonly entropy: number
}

/** Coverage and entropy of a list's categories; artists of unknown category are left out, a list without any gives 0 for both. */
export function measureCategories(list: ArrayLike<number>, categories: Categories): CategorySpread {
  const shares = sharesOf(list, categories)
  const known = filled(list).filter((artist) => categories.of[artist]! >= 0).length
  const present = shares.filter((share) => share > 0)
  const entropy = present.reduce((sum, share) => sum - share * Math.log2(share), 0)
  return { coverage: known === 0 ? 0 : present.length / Math.min(known, categories.count), entropy }
}

/** Weight of the target within the list's shares, so that a missing category costs much but not infinitely much. */
const smoothing = 0.01

/**
 * Miscalibration of a list, in nats: KL(p || (1 - a) q + a p) with a = 0.01, p the category shares of the listener's own
 * artists and q those of the list (Steck 2018). 0: the same mix; at most ln 100, for a list with nothing of the listener's mix.
 * Each artist counts once; those of unknown category are left out. NaN where no category of the listener is known: nothing can
 * be said of such a list, and it belongs in no mean.
 */
export function calibrationDivergence(
  history: ArrayLike<number>,
  list: ArrayLike<number>,
  categories: Categories,
): number {
  const own = sharesOf(history, categories)
  const listed = sharesOf(list, categories)
  let divergence = Number.NaN
  for (const [category, p] of own.entries()) {
    if (p === 0) continue
    const q = (1 - smoothing) * listed[category]! + smoothing * p
    divergence = (Number.isNaN(divergence) ? 0 : divergence) + p * Math.log(p / q)
  }
  return divergence
}

/** Share of each category among the artists whose category is known; all 0 without any. */
function sharesOf(artists: ArrayLike<number>, { of, count }: Categories): Float64Array {
  const shares = new Float64Array(count)
  const known = filled(artists).filter((artist) => of[artist]! >= 0)
  for (const artist of known) shares[of[artist]!]! += 1 / known.length
  return shares
}

const filled = (list: ArrayLike<number>): number[] => Array.from(list).filter((artist) => artist >= 0)
