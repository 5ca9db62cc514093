// The library: the artists that each listener knows and comes back to, with how strongly; flat arrays for all listeners.
import type { Random } from '../statistics/random.ts'

/** Artists that a listener can hold; a new one then takes the weakest one's place. */
const capacity = 72

/** Libraries of all listeners. */
export type Library = {
  /** Whether the listener knows the artist. */
  knows(listener: number, artist: number): boolean
  /** Adds a known or new artist's strength, > 0. */
  strengthen(listener: number, artist: number, by: number): void
  /** Multiplies a known artist's strength; nothing happens for an unknown one. */
  weaken(listener: number, artist: number, factor: number): void
  /** A known artist in proportion to its strength, or -1 from an empty library. */
  draw(listener: number, random: Random): number
}

/** Empty libraries; about 580 bytes a listener. */
export function createLibrary(listeners: number): Library {
  const artists = new Int32Array(listeners * capacity)
  const strengths = new Float32Array(listeners * capacity)
  const sizes = new Uint8Array(listeners)

  const find = (listener: number, artist: number): number => {
    const from = listener * capacity
    for (let at = from; at < from + sizes[listener]!; at++) if (artists[at] === artist) return at
    return -1
  }
  const weakest = (listener: number): number => {
    let least = listener * capacity
    for (let at = least + 1; at < (listener + 1) * capacity; at++)
      if (strengths[at]! < strengths[least]!) least = at
    return least
  }
  return {
    knows: (listener, artist) => find(listener, artist) >= 0,
    strengthen(listener, artist, by) {
      const known = find(listener, artist)
      if (known >= 0) {
        strengths[known]! += by
        return
      }
      const full = sizes[listener] === capacity
      const at = full ? weakest(listener) : listener * capacity + sizes[listener]!++
      artists[at] = artist
      strengths[at] = by
    },
    weaken(listener, artist, factor) {
      const at = find(listener, artist)
      if (at >= 0) strengths[at]! *= factor
    },
    draw(listener, random) {
      const from = listener * capacity
      const end = from + sizes[listener]!
      let total = 0
      for (let at = from; at < end; at++) total += strengths[at]!
      let left = random.uniform() * total
      for (let at = from; at < end; at++) {
        left -= strengths[at]!
        if (left < 0) return artists[at]!
      }
      return end > from ? artists[end - 1]! : -1
    },
  }
}
