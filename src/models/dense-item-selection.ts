// Which weights of an exact item-item model are kept: all, or those of the whole catalogue that matter most.
import { sharedFloats, sharedWholes } from './algorithm.ts'

/** Weights being selected; the arrays are shared by all threads, and no memory of WebAssembly limits them. */
export type Selection = {
  /** Row i the weights for artist i, or the kept ones in no order. */
  readonly values: Float32Array
  /** Of kept weights, the artist that speaks. */
  readonly columns: Int32Array
  /** Where the kept weights for each artist begin, and how many they are. */
  readonly starts: Int32Array
  readonly counts: Int32Array
  /** How many weights there are of each magnitude, and how many are kept so far. */
  readonly bins: Int32Array
  readonly filled: Int32Array
  /** How much the weights of each artist that speaks matter: the root of its listeners. */
  readonly reach: Float32Array
}

/**
 * Room for the weights of `artists` artists: all of them for `full`, else `neighbours` an artist on average. Kept are those with the
 * largest |weight| * sqrt(listeners of the artist that speaks): what leaving one out adds to the scores of all listeners, in the root of
 * the mean square. One threshold for the catalogue, not so many for each artist: popular artists need many weights, most need few.
 * On HetRec Last.fm-2k (17,632 artists, EDLAE) 200 an artist by one threshold lose nothing (R@10 .2100 of .2101); the 1,000 largest of
 * each artist lose 4 % (.2021). On Gowalla (40,981 places, EASE 80) 5,600 a place keep R@20/N@20 .17646/.14663 of .17649/.14666; by
 * |weight| alone .17639/.14660.
 * @param listeners of each artist
 */
export function openSelection(
  listeners: Int32Array,
  { neighbours, full }: { readonly neighbours: number; readonly full: boolean },
): Selection {
  const artists = listeners.length
  const reach = sharedFloats(artists)
  for (let artist = 0; artist < artists; artist++) reach[artist] = Math.sqrt(listeners[artist]!)
  return {
    values: sharedFloats(full ? artists ** 2 : artists * neighbours),
    columns: sharedWholes(full ? 0 : artists * neighbours),
    starts: sharedWholes(full ? 0 : artists),
    counts: sharedWholes(full ? 0 : artists),
    bins: sharedWholes(full ? 0 : binCount),
    filled: sharedWholes(1),
    reach,
  }
}

/** What to do with a row of weights: keep it whole, count it by what it adds, or keep what is at least in a bin. */
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

function countTaker({ bins, reach }: Selection) {
  const own = new Int32Array(binCount)
  const bitsOf = addedBits(reach)
  return {
    take(_: number, row: Float32Array): void {
      for (const value of bitsOf(row)) own[(value & magnitudeBits) >>> binShift]! += 1
    },
    end(): void {
      for (const [bin, count] of own.entries()) if (count > 0) Atomics.add(bins, bin, count)
    },
  }
}

/** The bits of what each weight of a row adds, valid until the next row. */
function addedBits(reach: Float32Array): (row: Float32Array) => Int32Array {
  const added = new Float32Array(reach.length)
  const bits = new Int32Array(added.buffer)
  return (row) => {
    for (let j = 0; j < row.length; j++) added[j] = row[j]! * reach[j]!
    return bits
  }
}

function keepTaker({ values, columns, starts, counts, filled, reach }: Selection, least: number) {
  const found = new Int32Array(counts.length)
  const bitsOf = addedBits(reach)
  return {
    take(artist: number, row: Float32Array): void {
      const bits = bitsOf(row)
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
