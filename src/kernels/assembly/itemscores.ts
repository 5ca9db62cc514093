// Sums of sparse rows, and the best columns of a sum.
import { heapifyKeys, sinkKey, sortKeys } from './inline/key-heap'

export { product, sumRows } from './inline/panels'

/*
 * The table of a job holds addresses: 0 offsets, 1 columns and 2 values of the rows to sum, 3 the score of a silent column,
 * 4 columns by that score, best first; 5 is the number of columns. Sums are in double precision, in the order of the history,
 * as the plain kernel adds them.
 *
 * Scratch: a sum a column, `untouched` between calls; then room for the columns touched.
 */

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

/** -0: adding to it changes nothing, and no sum of a column ever is it. */
const untouched: u64 = 0x8000000000000000

/** Fills new scratch. */
export function clearSums(sums: usize, columns: i32): void {
  for (let column = 0; column < columns; column++) store<u64>(at8(sums, column), untouched)
}

/** Adds up the rows of a history; returns how many columns were touched. */
function addRows(job: usize, history: usize, length: i32, sums: usize, touched: usize): i32 {
  const offsets = word(job, 0)
  const columns = word(job, 1)
  const values = word(job, 2)
  let count = 0
  for (let at = 0; at < length; at++) {
    const source = load<i32>(at4(history, at))
    const end = load<i32>(at4(offsets, source), 4)
    for (let entry = load<i32>(at4(offsets, source)); entry < end; entry++) {
      const column = load<i32>(at4(columns, entry))
      const place = at8(sums, column)
      store<i32>(at4(touched, count), column)
      count += <i32>(load<u64>(place) == untouched)
      store<f64>(place, load<f64>(place) + <f64>load<f32>(at4(values, entry)))
    }
  }
  return count
}

/** A key that orders as the score does, then by falling column. -0 counts as 0. */
// @ts-ignore: decorator
@inline
function keyOf(score: f32, column: i32): u64 {
  const bits = reinterpret<u32>(score + <f32>0)
  const ordered: u32 = bits ^ (<u32>(<i32>bits >> 31) | 0x80000000)
  const number: u32 = ~column
  return (<u64>ordered << 32) | <u64>number
}

// @ts-ignore: decorator
@inline
function scoreOf(key: u64): f32 {
  const ordered = <u32>(key >> 32)
  return reinterpret<f32>(ordered & 0x80000000 ? ordered ^ 0x80000000 : ~ordered)
}

/** Keeps the `room` best keys at `heap`; returns how many there are now. */
// @ts-ignore: decorator
@inline
function keep(heap: usize, size: i32, room: i32, key: u64): i32 {
  if (size < room) {
    store<u64>(at8(heap, size), key)
    if (size + 1 == room) heapifyKeys(heap, room)
    return size + 1
  }
  if (key > load<u64>(heap)) sinkKey(heap, room, 0, key)
  return room
}

/**
 * The `room` best columns of one history, none of `known` among them, at `outColumns` and `outScores`; returns how many.
 * Silent columns stand behind by their own score: the first `room` of them are enough. Needs room > 0.
 */
export function rankRow(
  job: usize,
  history: usize,
  length: i32,
  known: usize,
  knownLength: i32,
  room: i32,
  sums: usize,
  touched: usize,
  heap: usize,
  outColumns: usize,
  outScores: usize,
): i32 {
  const count = addRows(job, history, length, sums, touched)
  // A known column's sum is no number: such are never kept, and are not silent either.
  for (let at = 0; at < knownLength; at++) store<f64>(at8(sums, load<i32>(at4(known, at))), NaN)
  let size = 0
  for (let at = 0; at < count; at++) {
    const column = load<i32>(at4(touched, at))
    const score = <f32>load<f64>(at8(sums, column))
    if (score == score) size = keep(heap, size, room, keyOf(score, column))
  }
  size = keepSilent(job, sums, heap, size, room)
  sortKeys(heap, size)
  for (let at = 0; at < size; at++) {
    const key = load<u64>(at8(heap, at))
    store<i32>(at4(outColumns, at), ~(<i32>key))
    store<f32>(at4(outScores, at), scoreOf(key))
  }
  forget(sums, touched, count)
  forget(sums, known, knownLength)
  return size
}

function keepSilent(job: usize, sums: usize, heap: usize, before: i32, room: i32): i32 {
  const silent = word(job, 3)
  const order = word(job, 4)
  const columns = <i32>word(job, 5)
  let size = before
  let offered = 0
  for (let at = 0; at < columns && offered < room; at++) {
    const column = load<i32>(at4(order, at))
    if (load<u64>(at8(sums, column)) != untouched) continue
    const key = keyOf(load<f32>(at4(silent, column)), column)
    // The rest is no better.
    if (size == room && key < load<u64>(heap)) break
    size = keep(heap, size, room, key)
    offered++
  }
  return size
}

function forget(sums: usize, columns: usize, count: i32): void {
  for (let at = 0; at < count; at++) store<u64>(at8(sums, load<i32>(at4(columns, at))), untouched)
}

/** The score of each of `candidates` for one history: its sum, or its score as a silent column; 0 for -1. */
export function scoreRow(
  job: usize,
  history: usize,
  length: i32,
  candidates: usize,
  candidateCount: i32,
  sums: usize,
  touched: usize,
  out: usize,
): void {
  const count = addRows(job, history, length, sums, touched)
  const silent = word(job, 3)
  for (let at = 0; at < candidateCount; at++) {
    const column = load<i32>(at4(candidates, at))
    let score: f32 = 0
    if (column >= 0) {
      const heard = load<u64>(at8(sums, column)) != untouched
      score = heard ? <f32>load<f64>(at8(sums, column)) : load<f32>(at4(silent, column))
    }
    store<f32>(at4(out, at), score)
  }
  forget(sums, touched, count)
}

/** Adds the sparse rows of a history to dense sums. */
export function addHistory(job: usize, history: usize, length: i32, sums: usize): void {
  const offsets = word(job, 0)
  const columns = word(job, 1)
  const values = word(job, 2)
  for (let at = 0; at < length; at++) {
    const source = load<i32>(at4(history, at))
    const end = load<i32>(at4(offsets, source), 4)
    for (let entry = load<i32>(at4(offsets, source)); entry < end; entry++) {
      const place = at4(sums, load<i32>(at4(columns, entry)))
      store<f32>(place, load<f32>(place) + load<f32>(at4(values, entry)))
    }
  }
}

/** The `room` best of `columns` dense sums but the known; returns how many. Overwrites the sums of the known. */
export function bestOf(
  sums: usize,
  columns: i32,
  known: usize,
  knownLength: i32,
  room: i32,
  heap: usize,
  outColumns: usize,
  outScores: usize,
): i32 {
  for (let at = 0; at < knownLength; at++) store<f32>(at4(sums, load<i32>(at4(known, at))), NaN)
  let size = 0
  let least = -Infinity
  for (let column = 0; column < columns; column++) {
    const score = load<f32>(at4(sums, column))
    // A known column is no number, and fails every test.
    if (!(score >= <f32>least)) continue
    size = keep(heap, size, room, keyOf(score, column))
    if (size == room) least = scoreOf(load<u64>(heap))
  }
  sortKeys(heap, size)
  for (let at = 0; at < size; at++) {
    const key = load<u64>(at8(heap, at))
    store<i32>(at4(outColumns, at), ~(<i32>key))
    store<f32>(at4(outScores, at), scoreOf(key))
  }
  return size
}
