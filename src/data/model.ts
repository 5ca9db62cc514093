// The model: what every algorithm gives back, immutable, answering for histories rather than for user ids.
import type { SparseRows } from './interaction-matrix.ts'

/** What is known of the listeners asked for: their artists with confidence, and their segment where there is one. */
export type Histories = {
  /** listeners x artists, the model's own artist indices. An empty row is a listener without history. */
  readonly interactions: SparseRows
  /** Segment of each listener (index into the model's segments), -1 where unknown; left out: unknown for all. */
  readonly segments?: Int32Array
  /** listeners x listener features, as the model was trained with; used by models with a feature prior. */
  readonly features?: SparseRows
}

/** Ranked artists of each listener, row-major: row r is `[r * k, (r + 1) * k)`, best first; ties by ascending index. */
export type RankedRows = {
  readonly rows: number
  readonly k: number
  /** Artist indices; -1 where a listener has fewer than k candidates. */
  readonly artists: Int32Array
  /** Raw scores of the model, in its own unit; 0 behind a -1. */
  readonly scores: Float32Array
}

/** How to rank. */
export type RecommendOptions = {
  /** Leave out the artists in the listener's history; default true. */
  readonly excludeKnown?: boolean
  /** Called with the share done, 0..1. */
  readonly onProgress?: (share: number) => void
  /** Aborted: throws `cancelled`. */
  readonly signal?: AbortSignal | undefined
}

/** Artists to score for each listener, row-major with k places a row; -1 is an empty place. */
export type Candidates = { readonly k: number; readonly artists: Int32Array }

/** One artist with a score, in a short list. */
export type ScoredArtist = { readonly artistIndex: number; readonly score: number }

/** A trained model. Its arrays never change after training. */
export type Model = {
  readonly name: string
  /** Number of artists it ranks. */
  readonly artistCount: number
  /** The settings it was trained with. */
  readonly options: Readonly<Record<string, number | string | boolean>>
  /** The k best artists for each history. Unknown and cold listeners get the model's answer for an empty history. */
  recommend(histories: Histories, k: number, options?: RecommendOptions): Promise<RankedRows>
  /** The scores that `recommend` would give to these artists, place by place; 0 in an empty place. */
  score?(histories: Histories, candidates: Candidates): Promise<Float32Array>
  /** The k artists nearest to one, best first, never itself; absent where the model has no notion of it. */
  similar?(artistIndex: number, k: number): readonly ScoredArtist[]
  /**
   * How much each artist of the first history row moved the score of one artist; sums to the score. What the listener's
   * features moved is a share of its own, with artistIndex -1. Absent where not linear.
   */
  explain?(histories: Histories, artistIndex: number): readonly ScoredArtist[]
  /** Everything needed to open it again: written as one file by models/model-file.ts. */
  readonly arrays: ModelArrays
}

/** The typed arrays of a model, by name. */
export type ModelArrays = Readonly<Record<string, Float32Array | Int32Array>>
