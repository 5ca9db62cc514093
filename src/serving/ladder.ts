// The ladder: personal, else segment, else popular; each rung fills what the one above left open.
import type { RankedArtist, RankedList } from '../data/ranked-list.ts'
import { heldBelow } from './calibrate.ts'

/** How to come down the ladder. */
export type LadderOptions = {
  /** Longest list wanted. */
  readonly k: number
  /** Artist ids that must not appear: known ones, or those the caller excludes. Default none. */
  readonly without?: ReadonlySet<string>
}

/**
 * One list out of several rungs, best rung first: no artist twice, none of `without`, and nothing from a lower rung with a
 * higher probability than what stands above it. The first rung keeps its order and probabilities, reranked or not.
 *
 *   personal  [ a b ]         k = 4, without { d }
 *   segment   [ b c d ]   ->  [ a b c e ], source personal
 *   popular   [ d e f ]
 *
 * Source, model and time are those of the first rung that gave an artist, or of the first rung where none did.
 * @param first the best rung; whose list it is stays, also when it is empty
 * @param lower the rungs below it; the last is the popular list, which is what keeps the result from being empty
 */
export function descend(first: RankedList, lower: readonly RankedList[], options: LadderOptions): RankedList {
  const seen = new Set(options.without)
  const artists: RankedArtist[] = []
  let origin: RankedList | undefined
  let ceiling = 1
  for (const rung of [first, ...lower]) {
    for (const artist of rung.artists) {
      if (artists.length >= options.k) break
      if (seen.has(artist.artistId)) continue
      seen.add(artist.artistId)
      const placed = rung === first ? artist : heldBelow(artist, ceiling)
      ceiling = Math.min(ceiling, placed.probability)
      artists.push(placed)
      origin ??= rung
    }
  }
  return { ...(origin ?? first), userId: first.userId, artists }
}
