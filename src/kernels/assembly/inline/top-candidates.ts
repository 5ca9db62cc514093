// The candidates of a listener: intervals their scores lie in, as whole numbers of the same order, and what is kept of them.
import {
  blockLean,
  blockSigma,
  stateCount,
  stateLowers,
  stateKnown,
  stateKnownEnd,
  stateSettled,
  stateStride,
  errorOf,
} from './top-layout'

/** A number as a whole one of the same order. */
// @ts-ignore: decorator
@inline
export function keyOf(x: f32): i32 {
  const bits = reinterpret<i32>(x)
  return bits ^ ((bits >> 31) & 0x7fffffff)
}

// @ts-ignore: decorator
@inline
export function numberOf(key: i32): f32 {
  return reinterpret<f32>(key ^ ((key >> 31) & 0x7fffffff))
}

/** Turns what the last block noted into candidates: known artists and places behind the last go, sums become intervals. */
export function settle(state: usize, stats: usize, n: i32): void {
  const count = load<i32>(state, stateCount)
  let at = load<i32>(state, stateSettled)
  if (at == count) return
  const sigma = load<f64>(stats, blockSigma)
  const lean = load<f64>(stats, blockLean)
  const error = errorOf(state, stats)
  const lowers = <usize>load<u32>(state, stateLowers)
  const stride = <usize>load<u32>(state, stateStride)
  const end = <usize>load<u32>(state, stateKnownEnd)
  let known = <usize>load<u32>(state, stateKnown)
  let to = lowers + (<usize>at << 2)
  for (; at < count; at++) {
    const from = lowers + (<usize>at << 2)
    const place = load<i32>(from + (stride << 1))
    while (known < end && load<i32>(known) < place) known += 4
    if (place >= n || (known < end && load<i32>(known) == place)) continue
    const middle = sigma * <f64>load<i32>(from) + lean
    store<i32>(to, keyOf(<f32>(middle - error)))
    store<i32>(to + stride, keyOf(<f32>(middle + error)))
    store<i32>(to + (stride << 1), place)
    to += 4
  }
  store<u32>(state, <u32>known, stateKnown)
  store<i32>(state, <i32>((to - lowers) >> 2), stateCount)
}

/** How many of `count` keys are at least `least`. */
function countFrom(keys: usize, count: i32, least: i32): i32 {
  const bound = i32x4.splat(least)
  let sums = i32x4.splat(0)
  let at = 0
  for (; at + 4 <= count; at += 4)
    sums = i32x4.sub(sums, i32x4.ge_s(v128.load(keys + (<usize>at << 2)), bound))
  let sum =
    i32x4.extract_lane(sums, 0) +
    i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) +
    i32x4.extract_lane(sums, 3)
  for (; at < count; at++) sum += i32(load<i32>(keys + (<usize>at << 2)) >= least)
  return sum
}

/** A key that at least k of `count` keys reach, and hardly more where keys differ. */
export function reachedBy(keys: usize, count: i32, k: i32): i32 {
  let lows = i32x4.splat(i32.MAX_VALUE)
  let highs = i32x4.splat(i32.MIN_VALUE)
  let at = 0
  for (; at + 4 <= count; at += 4) {
    const four = v128.load(keys + (<usize>at << 2))
    lows = i32x4.min_s(lows, four)
    highs = i32x4.max_s(highs, four)
  }
  for (; at < count; at++) {
    const one = v128.load32_splat(keys + (<usize>at << 2))
    lows = i32x4.min_s(lows, one)
    highs = i32x4.max_s(highs, one)
  }
  let low: i64 = min(
    min(i32x4.extract_lane(lows, 0), i32x4.extract_lane(lows, 1)),
    min(i32x4.extract_lane(lows, 2), i32x4.extract_lane(lows, 3)),
  )
  let high: i64 = max(
    max(i32x4.extract_lane(highs, 0), i32x4.extract_lane(highs, 1)),
    max(i32x4.extract_lane(highs, 2), i32x4.extract_lane(highs, 3)),
  )
  const enough = k + (k >> 5)
  high++
  while (high - low > 1) {
    const middle = (low + high) >> 1
    const reached = countFrom(keys, count, <i32>middle)
    if (reached < k) high = middle
    else {
      low = middle
      if (reached <= enough) break
    }
  }
  return <i32>low
}

/** Keeps the candidates whose upper end reaches `least`, in their order. Returns how many of those from `from` on are left. */
export function keepFrom(state: usize, from: i32, least: i32): i32 {
  const count = load<i32>(state, stateCount)
  const lowers = <usize>load<u32>(state, stateLowers)
  const stride = <usize>load<u32>(state, stateStride)
  let to = lowers + (<usize>from << 2)
  for (let at = to, end = lowers + (<usize>count << 2); at < end; at += 4) {
    const upper = load<i32>(at + stride)
    store<i32>(to, load<i32>(at))
    store<i32>(to + stride, upper)
    store<i32>(to + (stride << 1), load<i32>(at + (stride << 1)))
    to += <usize>i32(upper >= least) << 2
  }
  const kept = <i32>((to - lowers) >> 2)
  store<i32>(state, kept, stateCount)
  return kept
}

/** Moves the candidates whose lower end reaches `least` to the front. Returns how many they are. */
export function surest(state: usize, least: i32): i32 {
  const count = load<i32>(state, stateCount)
  const lowers = <usize>load<u32>(state, stateLowers)
  const stride = <usize>load<u32>(state, stateStride)
  let to = lowers
  for (let at = lowers, end = lowers + (<usize>count << 2); at < end; at += 4) {
    const reaches = load<i32>(at) >= least
    swap(to, at)
    swap(to + stride, at + stride)
    swap(to + (stride << 1), at + (stride << 1))
    to += <usize>i32(reaches) << 2
  }
  return <i32>((to - lowers) >> 2)
}

// @ts-ignore: decorator
@inline
function swap(a: usize, b: usize): void {
  const x = load<i32>(a)
  store<i32>(a, load<i32>(b))
  store<i32>(b, x)
}
