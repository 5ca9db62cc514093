// What a reranker is given: one listener's candidates as the model ranked them, and what is known of each.

/**
 * Writes the similarity of candidate `one` to each of `others` into `out`, in that order: symmetric, in [-1, 1], 1 for the same
 * direction. Candidates are numbered by their place.
 */
export type Similarities = (one: number, others: Int32Array, out: Float64Array) => void

/** One listener's candidates, best first. */
export type RerankCandidates = {
  /** Raw scores of the model, finite, never rising. The length is the number of candidates. */
  readonly scores: Float32Array
  readonly similarities: Similarities
  /** Genre of each candidate; -1 where unknown. */
  readonly genres: Int32Array
  /** Genres of the listener's own artists as shares that sum to 1; all 0 where nothing is known. */
  readonly genreTarget: Float64Array
  /** Popularity bucket of each candidate; see `popularityBuckets`. */
  readonly buckets: Int32Array
  /** Popularity buckets of the listener's own artists as shares that sum to 1; all 0 for a listener without history. */
  readonly bucketTarget: Float64Array
}

/**
 * How far to go and how many to choose. All rerankers choose places of candidates one by one; equal ones go to the better
 * place, so the same candidates always give the same list.
 */
export type Choice = {
  /** 0: the model's order; 1: the reranker's own aim alone. */
  readonly strength: number
  /** Length of the list wanted; more than there are candidates gives all of them. */
  readonly k: number
}

/**
 * Scores as relevance in [0, 1]: 1 for the best candidate and 0 for the last, so that a strength means the same whatever the
 * unit of a model's scores. All equal: 1 for all.
 */
export function relevanceOf(scores: Float32Array): Float64Array {
  const best = scores[0] ?? 0
  const reach = best - (scores.at(-1) ?? 0)
  return Float64Array.from(scores, (score) => (reach > 0 ? 1 - (best - score) / reach : 1))
}

/** The places 0 to n - 1, less those taken: what is left to choose from, ascending. */
export type Left = {
  readonly places: () => Int32Array
  /** Takes out the place at this index of `places()`. */
  readonly take: (index: number) => void
}

/** All of n places. */
export function allLeft(n: number): Left {
  const places = Int32Array.from({ length: n }, (_, place) => place)
  let count = n
  return {
    places: () => places.subarray(0, count),
    take(index) {
      places.copyWithin(index, index + 1, count)
      count--
    },
  }
}
