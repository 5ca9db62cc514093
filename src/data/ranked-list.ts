// The ranked list: one listener's artists as the cache keeps them and the API answers them.

/** Where a list came from, down the ladder. */
export type ListSource = 'personal' | 'segment' | 'popular'

/** One recommended artist. */
export type RankedArtist = {
  readonly artistId: string
  readonly name: string
  readonly genre: string | null
  /** 2 * probability - 1, in [-1, 1]. */
  readonly score: number
  /** Calibrated probability that the listener takes to the artist, 0..1. */
  readonly probability: number
  /** One sentence of why. */
  readonly why: string
}

/** The artists recommended to one listener, best first. */
export type RankedList = {
  /** Listener's pseudonym; empty for a list that serves many (segment, popular). */
  readonly userId: string
  readonly source: ListSource
  readonly model: string
  readonly modelVersion: string
  /** When it was made, ms UTC. */
  readonly generatedAt: number
  readonly artists: readonly RankedArtist[]
}
