// Exact scores of candidates, and their order.
import {
  headWidth,
  headVectors,
  headOrder,
  stateLowers,
  stateVector,
  stateStride,
  batchHead,
  batchK,
  batchWide,
  batchSums,
  batchKeys,
} from './top-layout'
import { keyOf, reachedBy } from './top-candidates'
import { mergeSort } from './merge-sort'

/** The listener's vector in float64. */
export function widen(batch: usize, state: usize): void {
  const head = <usize>load<u32>(batch, batchHead)
  const wide = <usize>load<u32>(batch, batchWide)
  const vector = <usize>load<u32>(state, stateVector)
  for (let c: usize = 0, d = <usize>load<i32>(head, headWidth); c < d; c++)
    store<f64>(wide + (c << 3), <f64>load<f32>(vector + (c << 2)))
}

/**
 * Scores of candidates `from` to `to`: products added in float64 in the order of coordinates, then rounded to float32. So a
 * score depends on the two vectors alone, on every machine. Eight at a time, two in a register: sums wait for each other.
 */
export function exactScores(batch: usize, state: usize, from: i32, to: i32): void {
  const head = <usize>load<u32>(batch, batchHead)
  const wide = <usize>load<u32>(batch, batchWide)
  const sums = <usize>load<u32>(batch, batchSums)
  const bytes = <usize>load<i32>(head, headWidth) << 2
  const vectors = <usize>load<u32>(head, headVectors)
  const list = <usize>load<u32>(state, stateLowers) + (<usize>load<u32>(state, stateStride) << 1)
  const last = to - 1
  for (let at = from; at < to; at += 8) {
    const p0 = vectors + <usize>load<i32>(list + (<usize>at << 2)) * bytes
    const p1 = vectors + <usize>load<i32>(list + (<usize>min(at + 1, last) << 2)) * bytes
    const p2 = vectors + <usize>load<i32>(list + (<usize>min(at + 2, last) << 2)) * bytes
    const p3 = vectors + <usize>load<i32>(list + (<usize>min(at + 3, last) << 2)) * bytes
    const p4 = vectors + <usize>load<i32>(list + (<usize>min(at + 4, last) << 2)) * bytes
    const p5 = vectors + <usize>load<i32>(list + (<usize>min(at + 5, last) << 2)) * bytes
    const p6 = vectors + <usize>load<i32>(list + (<usize>min(at + 6, last) << 2)) * bytes
    const p7 = vectors + <usize>load<i32>(list + (<usize>min(at + 7, last) << 2)) * bytes
    let a = f64x2.splat(0)
    let b = f64x2.splat(0)
    let c = f64x2.splat(0)
    let e = f64x2.splat(0)
    for (let o: usize = 0; o < bytes; o += 16) {
      const u0 = v128.load64_splat(wide + (o << 1))
      const u1 = v128.load64_splat(wide + (o << 1), 8)
      const u2 = v128.load64_splat(wide + (o << 1), 16)
      const u3 = v128.load64_splat(wide + (o << 1), 24)
      a = four(a, v128.load(p0 + o), v128.load(p1 + o), u0, u1, u2, u3)
      b = four(b, v128.load(p2 + o), v128.load(p3 + o), u0, u1, u2, u3)
      c = four(c, v128.load(p4 + o), v128.load(p5 + o), u0, u1, u2, u3)
      e = four(e, v128.load(p6 + o), v128.load(p7 + o), u0, u1, u2, u3)
    }
    put(sums, at, last, a)
    put(sums, at + 2, last, b)
    put(sums, at + 4, last, c)
    put(sums, at + 6, last, e)
  }
}

/** Adds four coordinates of two artists to their two sums. */
// @ts-ignore: decorator
@inline
function four(sum: v128, x: v128, y: v128, u0: v128, u1: v128, u2: v128, u3: v128): v128 {
  const low = v128.shuffle<i32>(x, y, 0, 4, 1, 5)
  const high = v128.shuffle<i32>(x, y, 2, 6, 3, 7)
  let s = f64x2.add(sum, f64x2.mul(u0, f64x2.promote_low_f32x4(low)))
  s = f64x2.add(s, f64x2.mul(u1, f64x2.promote_low_f32x4(v128.shuffle<i64>(low, low, 1, 1))))
  s = f64x2.add(s, f64x2.mul(u2, f64x2.promote_low_f32x4(high)))
  return f64x2.add(s, f64x2.mul(u3, f64x2.promote_low_f32x4(v128.shuffle<i64>(high, high, 1, 1))))
}

/** Writes two scores, as far as there are so many; adding 0 makes zeros of both signs equal. */
// @ts-ignore: decorator
@inline
function put(sums: usize, at: i32, last: i32, pair: v128): void {
  if (at <= last) store<f32>(sums + (<usize>at << 2), <f32>f64x2.extract_lane(pair, 0) + 0)
  if (at < last) store<f32>(sums + (<usize>at << 2), <f32>f64x2.extract_lane(pair, 1) + 0, 4)
}

/** Key of a score that at least k of `count` exact scores reach. */
export function kthScore(batch: usize, count: i32): i32 {
  const scores = <usize>load<u32>(batch, batchSums)
  const keys = <usize>load<u32>(batch, batchKeys)
  for (let at: usize = 0, end = <usize>count << 2; at < end; at += 4)
    store<i32>(keys + at, keyOf(load<f32>(scores + at)))
  return reachedBy(keys, count, load<i32>(batch, batchK))
}

/** Sorts the candidates whose exact score has a key of at least `least`, best first, into the batch's keys: score, then artist. Returns how many they are. */
export function sortBest(batch: usize, state: usize, count: i32, least: i32): i32 {
  const head = <usize>load<u32>(batch, batchHead)
  const sums = <usize>load<u32>(batch, batchSums)
  const keys = <usize>load<u32>(batch, batchKeys)
  const order = <usize>load<u32>(head, headOrder)
  const placeAt = <usize>load<u32>(state, stateLowers) + (<usize>load<u32>(state, stateStride) << 1)
  let to = keys
  for (let at = 0; at < count; at++) {
    const key = keyOf(load<f32>(sums + (<usize>at << 2)))
    const artist = load<u32>(order + (<usize>load<i32>(placeAt + (<usize>at << 2)) << 2))
    store<u64>(to, (<u64>(<u32>(~key ^ i32.MIN_VALUE)) << 32) | <u64>artist)
    to += <usize>i32(key >= least) << 3
  }
  const kept = <i32>((to - keys) >> 3)
  mergeSort<u64>(keys, kept, keys + (<usize>kept << 3))
  return kept
}
