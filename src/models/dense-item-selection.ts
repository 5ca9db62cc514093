// Which weights of an exact item-item model are kept: all, or the largest of the whole catalogue.
import { type ArenaPart, float32, int32 } from '../kernels/arena.ts'

/**
 * Parts for the weights of `artists` artists: all of them for `full`, else the `artists * neighbours` of largest magnitude among
 * all. One threshold for the catalogue, not so many for each artist: popular artists need many weights, most need few. On HetRec
 * Last.fm-2k (17,632 artists, EDLAE) 200 an artist by one threshold lose nothing (R@10 .2100 of .2101); the 1,000 largest of
 * each artist lose 4 % (.2021).
 */
export const selectionPlan = (artists: number, neighbours: number, full: boolean) => ({
  /** Row i the weights for artist i, or the kept ones in no order. */
  values: float32(full ? artists ** 2 : artists * neighbours),
  /** Of kept weights, the artist that speaks. */
  columns: int32(full ? 0 : artists * neighbours),
  /** Where the kept weights for each artist begin, and how many they are. */
  starts: int32(full ? 0 : artists),
  counts: int32(full ? 0 : artists),
  /** How many weights there are of each magnitude, and how many are kept so far. */
  bins: int32(full ? 0 : binCount),
  filled: int32(1),
})

type Made<plan> = { readonly [name in keyof plan]: plan[name] extends ArenaPart<infer made> ? made : never }

/** Weights being selected; the arrays are shared by all threads. */
export type Selection = Made<ReturnType<typeof selectionPlan>>

/** What to do with a row of weights: keep it whole, count it by magnitude, or keep what is at least in a bin. */
export type Selecting = 'whole' | 'count' | number

// A magnitude is a float32 without its sign; its first 16 bits make bins of which each is less than 1 % wide.
const binShift = 15
const binCount = 2 ** 16
const magnitudeBits = 2 ** 31 - 1

/** Takes rows of weights, float32, one artist at a time; `end` when a range of them is through. */
export function rowTaker(selection: Selection, selecting: Selecting) {
  if (selecting === 'whole') return wholeTaker(selection)
  return selecting === 'count' ? countTaker(selection) : keepTaker(selection, selecting)
}

const wholeTaker = ({ values }: Selection) => ({
  take: (artist: number, row: Float32Array): void => values.set(row, artist * row.length),
  end: (): void => {},
})

function countTaker({ bins }: Selection) {
  const own = new Int32Array(binCount)
  return {
    take(_: number, row: Float32Array): void {
      const bits = new Int32Array(row.buffer, row.byteOffset, row.length)
      for (const value of bits) own[(value & magnitudeBits) >>> binShift]! += 1
    },
    end(): void {
      for (const [bin, count] of own.entries()) if (count > 0) Atomics.add(bins, bin, count)
    },
  }
}

function keepTaker({ values, columns, starts, counts, filled }: Selection, least: number) {
  const found = new Int32Array(counts.length)
  return {
    take(artist: number, row: Float32Array): void {
      const bits = new Int32Array(row.buffer, row.byteOffset, row.length)
      let count = 0
      for (let j = 0; j < bits.length; j++)
        if ((bits[j]! & magnitudeBits) >>> binShift >= least) found[count++] = j
      const at = Atomics.add(filled, 0, count)
      starts[artist] = at
      counts[artist] = count
      for (let place = 0; place < count; place++) {
        columns[at + place] = found[place]!
        values[at + place] = row[found[place]!]!
      }
    },
    end: (): void => {},
  }
}

/** The lowest bin from which on all counted weights fit; zeros are never kept. */
export function leastBin({ bins, values }: Selection): number {
  let [bin, count] = [binCount, 0]
  while (bin > 1 && count + bins[bin - 1]! <= values.length) count += bins[--bin]!
  return bin
}
