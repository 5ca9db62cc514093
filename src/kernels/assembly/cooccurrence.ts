// Weighted co-occurrence of columns: every pair of columns that share a row, offered to the lists of both.
import { selectKeys, sortKeys } from './inline/key-heap'
import { fnma } from './inline/vector'

/*
 * Columns are numbered by falling size. A row lies as one word of weight and its columns ascending:
 *
 *   rows   | w | 0 | 3 | 17 | w | 1 | 3 | ...        lists of column 3: the addresses of both w
 *
 * so the columns before 3 in a row are the larger ones, and end where 3 itself stands. Each pair is met once, at its smaller
 * column; what a column adds to lies in few cache lines, for large columns are few and met often.
 *
 * A list takes 64-bit keys: score bits above, the column's own number inverted below. Scores are positive, so a higher key is
 * a higher score, then a lower column. A full list drops all but the best `kept`, and takes only better ones from then on. The
 * order is total, so what is kept in the end does not depend on who offers when.
 */

/** Words of the table that describes a job; see `jobWords` in simd-cooccurrence.ts. */
// @ts-ignore: decorator
@inline
function word(job: usize, at: i32): usize {
  return load<u32>(job + (<usize>at << 2))
}

// @ts-ignore: decorator
@inline
function at4(base: usize, index: i32): usize {
  return base + (<usize>index << 2)
}

// @ts-ignore: decorator
@inline
function at8(base: usize, index: i32): usize {
  return base + (<usize>index << 3)
}

/** Adds up, for each column from `from` to `to`, what it shares with every larger one, and offers each pair to both lists. */
export function countPairs(job: usize, from: i32, to: i32, scratch: usize): void {
  const listPtr = word(job, 0)
  const lists = word(job, 1)
  const work = word(job, 3)
  const columns = <i32>word(job, 11)
  const sums = scratch
  const touched = scratch + ((<usize>columns * 4 + 63) & ~63)
  let ahead: i32 = 0
  for (let column = from; column < to; column++) {
    const first = at4(lists, load<i32>(at4(listPtr, column)))
    const last = at4(lists, load<i32>(at4(listPtr, column + 1)))
    // With more additions than an eighth of the columns before it, passing over all of those is quicker than keeping a list.
    if (load<i32>(at4(work, column)) > column >> 3) {
      for (let entry = first; entry < last; entry += 4) {
        ahead ^= load<i32>(<usize>load<u32>(entry, 24))
        addRow(<usize>load<u32>(entry), column, sums)
      }
      offerAll(job, column, sums)
    } else {
      let count = 0
      for (let entry = first; entry < last; entry += 4) {
        ahead ^= load<i32>(<usize>load<u32>(entry, 24))
        count = addRowTouching(<usize>load<u32>(entry), column, sums, touched, count)
      }
      offerTouched(job, column, sums, touched, count)
    }
  }
  // Read so that the loads ahead are not left out as useless.
  store<i32>(touched, ahead)
}

// @ts-ignore: decorator
@inline
function addRow(row: usize, column: i32, sums: usize): void {
  const weight = load<f32>(row)
  let other = load<i32>(row, 4)
  while (other < column) {
    const sum = at4(sums, other)
    row += 4
    store<f32>(sum, load<f32>(sum) + weight)
    other = load<i32>(row, 4)
  }
}

// @ts-ignore: decorator
@inline
function addRowTouching(row: usize, column: i32, sums: usize, touched: usize, count: i32): i32 {
  const weight = load<f32>(row)
  let other = load<i32>(row, 4)
  while (other < column) {
    const sum = at4(sums, other)
    const before = load<f32>(sum)
    row += 4
    store<i32>(at4(touched, count), other)
    count += <i32>(before == 0)
    store<f32>(sum, before + weight)
    other = load<i32>(row, 4)
  }
  return count
}

/** A little less than 1: the quick test in float32 lets no pair fall that the exact score would keep. */
const almost: f32 = 0.999998

/** Four larger columns at a time, in order; those whose sum cannot enter either list are passed over together. */
function offerAll(job: usize, column: i32, sums: usize): void {
  const source = word(job, 4)
  const target = word(job, 5)
  const least = word(job, 6)
  const shrink = f32x4.splat(load<f32>(job, 48))
  const ownSource = v128.load32_splat(at4(source, column))
  const ownTarget = v128.load32_splat(at4(target, column))
  const zeros = f32x4.splat(0)
  const slack = f32x4.splat(almost)
  let ownLeast = f32x4.mul(v128.load32_splat(at4(least, column)), slack)
  const end = (column + 3) & ~3
  for (let other = 0; other < end; other += 4) {
    const place = at4(sums, other)
    const sum = v128.load(place)
    if (!v128.any_true(sum)) continue
    v128.store(place, zeros)
    const otherSource = v128.load(at4(source, other))
    const otherTarget = v128.load(at4(target, other))
    const otherLeast = f32x4.mul(v128.load(at4(least, other)), slack)
    const enters = v128.or(
      f32x4.gt(fnma(ownLeast, f32x4.add(f32x4.mul(otherSource, ownTarget), shrink), sum), zeros),
      f32x4.gt(fnma(otherLeast, f32x4.add(f32x4.mul(ownSource, otherTarget), shrink), sum), zeros),
    )
    let mask = i32x4.bitmask(enters)
    while (mask) {
      const lane = ctz(mask)
      mask &= mask - 1
      offerPair(job, column, other + lane, laneOf(sum, lane))
      ownLeast = f32x4.mul(v128.load32_splat(at4(least, column)), slack)
    }
  }
}

// @ts-ignore: decorator
@inline
function laneOf(v: v128, lane: i32): f32 {
  if (lane == 0) return f32x4.extract_lane(v, 0)
  if (lane == 1) return f32x4.extract_lane(v, 1)
  return lane == 2 ? f32x4.extract_lane(v, 2) : f32x4.extract_lane(v, 3)
}

function offerTouched(job: usize, column: i32, sums: usize, touched: usize, count: i32): void {
  const source = word(job, 4)
  const target = word(job, 5)
  const least = word(job, 6)
  const shrink = load<f32>(job, 48)
  const ownSource = load<f32>(at4(source, column))
  const ownTarget = load<f32>(at4(target, column))
  let ownLeast = load<f32>(at4(least, column)) * almost
  for (let entry = 0; entry < count; entry++) {
    const other = load<i32>(at4(touched, entry))
    const place = at4(sums, other)
    const sum = load<f32>(place)
    store<f32>(place, 0)
    if (
      sum > ownLeast * (load<f32>(at4(source, other)) * ownTarget + shrink) ||
      sum > load<f32>(at4(least, other)) * almost * (ownSource * load<f32>(at4(target, other)) + shrink)
    ) {
      offerPair(job, column, other, sum)
      ownLeast = load<f32>(at4(least, column)) * almost
    }
  }
}

/** Both directions of a pair: each column is a neighbour of the other. */
function offerPair(job: usize, one: i32, other: i32, sum: f32): void {
  offer(job, one, other, sum)
  offer(job, other, one, sum)
}

/** Offers column `from` to the list of column `to`, with the score in double precision, rounded once. */
function offer(job: usize, to: i32, from: i32, sum: f32): void {
  const scales = word(job, 7)
  const columns = <usize>word(job, 11)
  const source = load<f64>(at8(scales, from))
  const target = load<f64>(at8(scales + (columns << 3), to))
  const score = <f32>(<f64>sum / (source * target + load<f64>(job, 56)))
  const number: u32 = ~load<u32>(at4(word(job, 8), from))
  const key = (<u64>reinterpret<u32>(score) << 32) | <u64>number
  const least = at4(word(job, 6), to)
  if (score < load<f32>(least)) return
  const ends = at4(word(job, 9), to)
  const list = at8(word(job, 2), load<i32>(ends))
  const room = load<i32>(ends, 4) - load<i32>(ends)
  const state = at8(word(job, 10), to)
  while (atomic.cmpxchg<i32>(state, 0, 1) != 0) {}
  let size = load<i32>(state, 4)
  if (size == room) {
    size = <i32>word(job, 13)
    selectKeys(list, room, size)
    store<f32>(least, reinterpret<f32>(<u32>(load<u64>(at8(list, size - 1)) >> 32)))
  }
  store<u64>(at8(list, size), key)
  store<i32>(state, size + 1, 4)
  atomic.store<i32>(state, 0)
}

/** Sorts the lists of columns `from` to `to`, best first, in place, and cuts them to the best `kept`. */
export function settleLists(job: usize, from: i32, to: i32): void {
  const kept = <i32>word(job, 13)
  for (let column = from; column < to; column++) {
    const list = at8(word(job, 2), load<i32>(at4(word(job, 9), column)))
    const state = at8(word(job, 10), column)
    let size = load<i32>(state, 4)
    if (size > kept) {
      selectKeys(list, size, kept)
      size = kept
      store<i32>(state, size, 4)
    }
    sortKeys(list, size)
  }
}
