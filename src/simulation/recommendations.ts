// Recommendations as the simulated service shows them: a logging policy with known propensities, and a known click model.
import type { Random } from '../statistics/random.ts'
import { drawFrom, type Popularity, poolOf, pools } from './popularity.ts'

/** What a listener's click depends on: P(click) = examination[slot - 1] * (base + slope * affinity ^ 2), slots independent. */
export type ClickModel = {
  /** Probability that a slot is looked at, first slot first (position-based model, Richardson et al. 2007). */
  readonly examination: readonly number[]
  readonly base: number
  readonly slope: number
}

/** The click model of every simulated service. */
export const clickModel: ClickModel = {
  examination: Array.from({ length: pools }, (_, at) => (at + 1) ** -0.6),
  base: 0.02,
  slope: 0.45,
}

/** Probability of a click, 0..1, on a slot counted from 1 that shows an artist of this affinity. */
export function clickProbability(affinity: number, position: number): number {
  return (
    (clickModel.examination[position - 1] ?? 0) * (clickModel.base + clickModel.slope * affinity * affinity)
  )
}

/** Share of slots filled at random, whatever the variant. */
const exploration = 0.2
/** Share of slots filled from the listener's genre: none for `control`. */
const genreShare = { control: 0, treatment: 0.5 } as const
/** The model that each variant is shown. */
export const modelVersions = { control: 'popular-1', treatment: 'genre-1' } as const

/** A shown artist, and the probability with which the policy shows it in that slot to that listener on that day. */
export type Slot = { readonly artist: number; readonly propensity: number }

/**
 * Draws a list of 5..10 different artists, first slot first. Each slot gets a pool by a random rotation of all pools, and
 * draws from it alone: at random (20%), by popularity in the listener's genre (`treatment`, 50%), else by popularity.
 * An artist lies in one pool, so its propensity in any slot is exactly its share of the pool divided by the number of pools,
 * and the propensities of all artists for one slot sum to 1.
 */
export function drawSlots(
  popularity: Popularity,
  random: Random,
  who: { readonly variant: 'control' | 'treatment'; readonly genre: number },
): Slot[] {
  const rotation = random.below(pools)
  return Array.from({ length: 5 + random.below(6) }, (_, at) => {
    const pool = (rotation + at) % pools
    const inGenre = popularity.popularInGenre[pool]![who.genre]!
    const left = random.uniform() - exploration
    const genreDraws = inGenre.total > 0 ? genreShare[who.variant] : 0
    const outside = left < genreDraws ? inGenre : popularity.popular[pool]!
    const artist = drawFrom(left < 0 ? popularity.uniform[pool]! : outside, random)
    return { artist, propensity: propensityOf(popularity, artist, who) }
  })
}

/** Probability with which the policy shows an artist in any one slot; 0 before its debut. */
export function propensityOf(
  popularity: Popularity,
  artist: number,
  who: { readonly variant: 'control' | 'treatment'; readonly genre: number },
): number {
  const pool = poolOf(artist)
  const weight = popularity.weights[artist]!
  if (weight === 0) return 0
  const inGenre = popularity.popularInGenre[pool]![who.genre]!
  const genreDraws = inGenre.total > 0 ? genreShare[who.variant] : 0
  const fromGenre = popularity.genreOf[artist] === who.genre ? weight / inGenre.total : 0
  const share =
    exploration / popularity.uniform[pool]!.total +
    genreDraws * fromGenre +
    (1 - exploration - genreDraws) * (weight / popularity.popular[pool]!.total)
  return share / pools
}
