// The k best of dense products, exactly: a sweep in 8-bit whole numbers finds candidates, sums in float64 decide among them.
//
// Artists lie in blocks of up to 256, longest vectors first. Every number of a block is sigma * q + r with q of 8 bits, and
// every listener is s * (q + rho) with q of 7 bits, so that a score, in units of s, lies within
//   error = |rho| * longest + |q| * largest |r|        (Cauchy-Schwarz)
// of sigma * (q . q). Each part of 32 coordinates is summed exactly in 16 bits: |q . q| <= 180 * 180 there; parts are added in
// fewer bits, which `lean` makes up for. Candidates carry both ends of that interval. The k-th best lower end is a threshold:
// what cannot reach it is dropped, and when |listener| * |longest left| cannot, the sweep ends.
// Letters: d coordinates, padded to a multiple of four; n artists that have a place; k best.
export { pack } from './inline/top-wholes'
import {
  blockSize,
  tileSize,
  group,
  headArtists,
  headWidth,
  headTiles,
  headBlocks,
  headPlace,
  headTotal,
  headCount,
  blockBytes,
  blockSigma,
  blockLean,
  blockLongestLeft,
  tileBytesOf,
  blockFirst,
  blockEnd,
  stateBytes,
  statePairs,
  stateCount,
  stateLowers,
  stateLeast,
  stateKnown,
  stateKnownEnd,
  stateSettled,
  stateTrigger,
  stateThreshold,
  stateLength,
  stateSlack,
  stateUnit,
  stateVector,
  stateStride,
  roundings,
  batchBytes,
  batchHead,
  batchK,
  batchCapacity,
  batchWide,
  batchSums,
  batchKeys,
  errorOf,
} from './inline/top-layout'
import { mergeSort } from './inline/merge-sort'
import { keyOf, numberOf, settle, reachedBy, keepFrom, surest } from './inline/top-candidates'
import { widen, exactScores, kthScore, sortBest } from './inline/top-exact'
import { sweep } from './inline/top-sweep'
import { quantise } from './inline/top-wholes'

/**
 * Ranks `count` listeners (f32, count x d, padded with zeros). Their known artists are `known[knownPtr[i]..knownPtr[i + 1])`,
 * ascending indices; they are replaced by places. Writes count x k columns and scores; -1 and 0 behind the last.
 * `capacity` candidates are kept of each listener; `work` is laid out by `batchBytes` in simd-top.ts.
 */
export function rank(
  head: usize,
  listeners: usize,
  knownPtr: usize,
  known: usize,
  count: i32,
  k: i32,
  capacity: i32,
  unit: f64,
  columns: usize,
  scores: usize,
  work: usize,
): void {
  const d = load<i32>(head, headWidth)
  const batch = work
  const states = batch + batchBytes
  const active = states + <usize>(count + 1) * stateBytes
  const pairs = active + (<usize>(count + group) << 2)
  const wide = (pairs + (<usize>(count + 1) * <usize>d << 1) + 15) & ~15
  const sums = wide + (<usize>d << 3)
  const keys = (sums + (<usize>capacity << 2) + 15) & ~15
  const base = keys + max(<usize>capacity << 4, <usize>load<i32>(head, headTotal) << 2)
  store<u32>(batch, <u32>head, batchHead)
  store<i32>(batch, k, batchK)
  store<i32>(batch, capacity, batchCapacity)
  store<u32>(batch, <u32>wide, batchWide)
  store<u32>(batch, <u32>sums, batchSums)
  store<u32>(batch, <u32>keys, batchKeys)

  const idle = states + <usize>count * stateBytes
  store<u32>(idle, <u32>(pairs + (<usize>count * <usize>d << 1)), statePairs)
  store<i32>(idle, 0x7fff, stateLeast)
  memory.fill(load<u32>(idle, statePairs), 0, <usize>d << 1)

  let actives = 0
  for (let i = 0; i < count; i++) {
    const state = states + <usize>i * stateBytes
    store<u32>(state, <u32>(pairs + (<usize>i * <usize>d << 1)), statePairs)
    store<u32>(state, <u32>(base + <usize>i * <usize>capacity * 12), stateLowers)
    store<u32>(state, <u32>capacity << 2, stateStride)
    store<u32>(state, <u32>(listeners + (<usize>i * <usize>d << 2)), stateVector)
    store<i32>(state, 0, stateCount)
    store<i32>(state, k + (k >> 1), stateTrigger)
    store<f64>(state, -Infinity, stateThreshold)
    const from = known + (<usize>load<u32>(knownPtr + (<usize>i << 2)) << 2)
    const to = known + (<usize>load<u32>(knownPtr + (<usize>i << 2), 4) << 2)
    const out = <usize>i * <usize>k << 2
    fillEmpty(columns + out, scores + out, k)
    const length = quantise(state, d, unit)
    if (length == 0) {
      firstUnknown(head, from, to, k, columns + out)
      continue
    }
    if (!(length < Infinity)) continue
    places(head, from, to, keys)
    store<u32>(state, <u32>from, stateKnown)
    store<u32>(state, <u32>to, stateKnownEnd)
    store<u32>(active + (<usize>actives << 2), <u32>state)
    actives++
  }
  sweepAll(batch, active, actives, idle)
  for (let i = 0; i < count; i++) {
    const state = states + <usize>i * stateBytes
    const out = <usize>i * <usize>k << 2
    if (load<i32>(state, stateCount) > 0) finish(batch, state, columns + out, scores + out)
  }
}

/** All blocks, as long as any listener's threshold can still be reached. */
function sweepAll(batch: usize, active: usize, count: i32, idle: usize): void {
  const head = <usize>load<u32>(batch, batchHead)
  const n = load<i32>(head, headArtists)
  const d = load<i32>(head, headWidth)
  const tileBytes = tileBytesOf(d)
  let left = count
  for (let block = 0; block < load<i32>(head, headCount); block++) {
    const stats = <usize>load<u32>(head, headBlocks) + <usize>block * blockBytes
    left = thresholds(active, left, stats)
    if (left == 0) return
    for (let pad = left; pad % group != 0; pad++) store<u32>(active + (<usize>pad << 2), <u32>idle)
    const first = <i32>load<f64>(stats, blockFirst)
    const tiles = (<i32>load<f64>(stats, blockEnd) - first + tileSize - 1) / tileSize
    const tile = <usize>load<u32>(head, headTiles) + <usize>(first / tileSize) * tileBytes
    for (let at = 0; at < left; at += group) sweep(tile, tiles, d, active + (<usize>at << 2), first)
    for (let at = 0; at < left; at++) {
      const state = <usize>load<u32>(active + (<usize>at << 2))
      settle(state, stats, n)
      if (load<i32>(state, stateCount) >= load<i32>(state, stateTrigger))
        compress(batch, state)
    }
  }
}

/** Sets each listener's least sum for a block; listeners that are done leave the list. Returns how many are left. */
function thresholds(active: usize, count: i32, stats: usize): i32 {
  const sigma = load<f64>(stats, blockSigma)
  const longestLeft = load<f64>(stats, blockLongestLeft)
  let left = 0
  for (let at = 0; at < count; at++) {
    const state = <usize>load<u32>(active + (<usize>at << 2))
    const threshold = load<f64>(state, stateThreshold)
    const reach = load<f64>(state, stateLength) * longestLeft * (1 + roundings) + load<f64>(state, stateSlack)
    if (reach < threshold) continue
    const least = ceil((threshold - errorOf(state, stats) - load<f64>(stats, blockLean)) / sigma) - 1
    store<i32>(state, <i32>max(-32768.0, min(32767.0, least)), stateLeast)
    store<i32>(state, load<i32>(state, stateCount), stateSettled)
    store<u32>(active + (<usize>left << 2), <u32>state)
    left++
  }
  return left
}

/** Raises the threshold and drops what cannot reach it; where too many are left, exact scores decide. */
function compress(batch: usize, state: usize): void {
  const head = <usize>load<u32>(batch, batchHead)
  const k = load<i32>(batch, batchK)
  const capacity = load<i32>(batch, batchCapacity)
  const least = reachedBy(<usize>load<u32>(state, stateLowers), load<i32>(state, stateCount), k)
  store<f64>(state, max(load<f64>(state, stateThreshold), <f64>numberOf(least)), stateThreshold)
  let kept = keepFrom(state, 0, least)
  const room = (k >> 1) + 64
  if (kept + room + blockSize > capacity && capacity < load<i32>(head, headArtists) + blockSize) {
    resolve(batch, state)
    kept = load<i32>(state, stateCount)
  }
  store<i32>(state, kept + room, stateTrigger)
}

/** Leaves the k best by exact score, with intervals as narrow as a rounding. */
function resolve(batch: usize, state: usize): void {
  const head = <usize>load<u32>(batch, batchHead)
  const k = load<i32>(batch, batchK)
  const keys = <usize>load<u32>(batch, batchKeys)
  const count = load<i32>(state, stateCount)
  const lowers = <usize>load<u32>(state, stateLowers)
  const stride = <usize>load<u32>(state, stateStride)
  const place = <usize>load<u32>(head, headPlace)
  widen(batch, state)
  exactScores(batch, state, 0, count)
  const kept = min(k, sortBest(batch, state, count, i32.MIN_VALUE))
  for (let at = 0; at < kept; at++) {
    const key = load<u64>(keys + (<usize>at << 3))
    const score = <f64>numberOf(~(<i32>(key >> 32) ^ i32.MIN_VALUE)) / load<f64>(state, stateUnit)
    const error = abs(score) * roundings + load<f64>(state, stateSlack)
    const to = lowers + (<usize>at << 2)
    store<i32>(to, keyOf(<f32>(score - error)))
    store<i32>(to + stride, keyOf(<f32>(score + error)))
    store<i32>(to + (stride << 1), load<i32>(place + (<usize>(<u32>key) << 2)))
  }
  store<i32>(state, kept, stateCount)
  if (kept < k) return
  const least = <f64>numberOf(load<i32>(lowers + (<usize>(k - 1) << 2)))
  store<f64>(state, max(load<f64>(state, stateThreshold), least), stateThreshold)
}

/** The k best by exact score, written out. */
function finish(batch: usize, state: usize, columns: usize, scores: usize): void {
  const k = load<i32>(batch, batchK)
  const keys = <usize>load<u32>(batch, batchKeys)
  widen(batch, state)
  let count = load<i32>(state, stateCount)
  let least = i32.MIN_VALUE
  if (count > k) {
    const reached = reachedBy(<usize>load<u32>(state, stateLowers), count, k)
    keepFrom(state, 0, reached)
    const sure = surest(state, reached)
    exactScores(batch, state, 0, sure)
    least = kthScore(batch, sure)
    const threshold = <f64>numberOf(least) / load<f64>(state, stateUnit)
    const bound = threshold - abs(threshold) * roundings - load<f64>(state, stateSlack)
    count = keepFrom(state, sure, keyOf(<f32>bound))
    exactScores(batch, state, sure, count)
  } else exactScores(batch, state, 0, count)
  const kept = min(k, sortBest(batch, state, count, least))
  for (let at = 0; at < kept; at++) {
    const key = load<u64>(keys + (<usize>at << 3))
    store<u32>(columns + (<usize>at << 2), <u32>key)
    store<f32>(scores + (<usize>at << 2), numberOf(~(<i32>(key >> 32) ^ i32.MIN_VALUE)))
  }
}

/** Known artists become known places, ascending. */
function places(head: usize, from: usize, to: usize, spare: usize): void {
  const place = <usize>load<u32>(head, headPlace)
  for (let at = from; at < to; at += 4) store<u32>(at, load<u32>(place + (<usize>load<u32>(at) << 2)))
  mergeSort<u32>(from, <i32>((to - from) >> 2), spare)
}

function fillEmpty(columns: usize, scores: usize, k: i32): void {
  memory.fill(columns, 0xff, <usize>k << 2)
  memory.fill(scores, 0, <usize>k << 2)
}

/** A zero vector likes all equally: the first artists that are not known. */
function firstUnknown(head: usize, from: usize, to: usize, k: i32, columns: usize): void {
  const total = load<i32>(head, headTotal)
  const place = <usize>load<u32>(head, headPlace)
  let cursor = from
  let taken = 0
  for (let artist = 0; artist < total && taken < k; artist++) {
    while (cursor < to && load<i32>(cursor) < artist) cursor += 4
    if (cursor < to && load<i32>(cursor) == artist) continue
    if (load<i32>(place + (<usize>artist << 2)) < 0) continue
    store<i32>(columns + (<usize>taken << 2), artist)
    taken++
  }
}
