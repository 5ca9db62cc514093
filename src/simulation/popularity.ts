// Popularity on one day: tables to draw an artist from, at large, by genre, and by pool of the recommendation policy.
import type { Random } from '../statistics/random.ts'
import type { Catalogue } from './catalogue.ts'
import { genres } from './genres.ts'

/** Artists with cumulative weights, to draw from in proportion. */
export type Draw = { readonly artists: Int32Array; readonly cumulative: Float64Array; readonly total: number }

/** Pools that split the artists between the slots of a recommendation. */
export const pools = 10

/** The popularity of one day. */
export type Popularity = {
  /** Weight by artist, 0 before the debut. */
  readonly weights: Float64Array
  readonly genreOf: Uint8Array
  /** 1 is the most popular. */
  readonly rankOf: Int32Array
  readonly overall: Draw
  readonly byGenre: readonly Draw[]
  /** By pool: each artist that has debuted alike, by popularity, and by popularity within a genre. */
  readonly uniform: readonly Draw[]
  readonly popular: readonly Draw[]
  readonly popularInGenre: readonly (readonly Draw[])[]
}

/** The pool of an artist: neighbours in popularity fall into different pools. */
export const poolOf = (artist: number): number => artist % pools

/** Makes the tables of each day, counted from 0; memory and time in proportion to the artists. */
export function createPopularity(catalogue: Catalogue): (day: number) => Popularity {
  const { genreOf } = catalogue
  const all = Int32Array.from(genreOf.keys())
  const ofGenre = genres.map((_, genre) => all.filter((artist) => genreOf[artist] === genre))
  const ofPool = Array.from({ length: pools }, (_, pool) => all.filter((artist) => poolOf(artist) === pool))
  const ofBoth = ofPool.map((pool) =>
    genres.map((_, genre) => pool.filter((artist) => genreOf[artist] === genre)),
  )
  return (day) => {
    const weights = Float64Array.from(all, (artist) => catalogue.popularity(artist, day))
    const here = weights.map((weight) => (weight > 0 ? 1 : 0))
    return {
      weights,
      genreOf,
      rankOf: ranks(all, weights),
      overall: createDraw(all, weights),
      byGenre: ofGenre.map((artists) => createDraw(artists, weights)),
      uniform: ofPool.map((artists) => createDraw(artists, here)),
      popular: ofPool.map((artists) => createDraw(artists, weights)),
      popularInGenre: ofBoth.map((pool) => pool.map((artists) => createDraw(artists, weights))),
    }
  }
}

/** Draws an artist; the total must be over 0. */
export function drawFrom(draw: Draw, random: Random): number {
  const { artists, cumulative } = draw
  const target = random.uniform() * draw.total
  let low = 0
  let high = artists.length - 1
  while (low < high) {
    const middle = (low + high) >> 1
    if (cumulative[middle]! > target) high = middle
    else low = middle + 1
  }
  return artists[low]!
}

function createDraw(artists: Int32Array, weights: Float64Array): Draw {
  const cumulative = new Float64Array(artists.length)
  let total = 0
  for (const [at, artist] of artists.entries()) {
    total += weights[artist]!
    cumulative[at] = total
  }
  return { artists, cumulative, total }
}

function ranks(all: Int32Array, weights: Float64Array): Int32Array {
  const order = all.slice().sort((a, b) => weights[b]! - weights[a]! || a - b)
  const rankOf = new Int32Array(all.length)
  for (const [at, artist] of order.entries()) rankOf[artist] = at + 1
  return rankOf
}
