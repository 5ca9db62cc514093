// Popularity buckets: head, middle and tail of a catalogue.

/** Shares of all interactions that the head holds, and that the head and the middle hold together. */
const borders = [0.2, 0.8] as const

/** How many buckets there are. */
export const bucketCount = 3

/**
 * Bucket of each artist: 0 for the most popular that hold a fifth of all interactions, 2 for the least popular that hold the
 * last fifth, 1 between them (Abdollahpouri et al. 2021). Equal artists go by index; without interactions all are 0.
 * @param listeners of each artist
 */
export function popularityBuckets(listeners: ArrayLike<number>): Int32Array {
  const order = Int32Array.from(listeners, (_, artist) => artist).sort(
    (a, b) => listeners[b]! - listeners[a]! || a - b,
  )
  const total = order.reduce((sum, artist) => sum + listeners[artist]!, 0)
  const buckets = new Int32Array(order.length)
  let before = 0
  for (const artist of order) {
    buckets[artist] = total > 0 ? borders.filter((border) => before >= border * total).length : 0
    before += listeners[artist]!
  }
  return buckets
}
