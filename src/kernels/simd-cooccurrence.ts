// Weighted co-occurrence on WebAssembly: lays a matrix out for assembly/cooccurrence.ts, and reads the lists back.
// Letters: r rows, c columns.
import { type Arena, type ArenaPart, float32, float64, int32, openArena, scratch } from './arena.ts'
import { type Cooccurrence, listEnds, type NearLists } from './plain-neighbours.ts'
import { type Scratch, simd, simdSupported, withScratch } from './simd.ts'

/** What a thread needs to work on a range of a co-occurrence: plain data, and memory that all threads share. */
export type PairsJob = {
  readonly memory: WebAssembly.Memory
  /** Byte address of the table that describes the job. */
  readonly table: number
  readonly scratch: Scratch
  /** Columns of each piece of work, pieces + 1 ends: about equally many additions in each. */
  readonly pieces: Int32Array
  /** Additions in all. */
  readonly additions: number
}

/** A job, and what is needed to read its answer. */
export type Pairs = { readonly job: PairsJob; readonly lists: () => NearLists }

type Functions = {
  countPairs(table: number, from: number, to: number, scratch: number): void
  settleLists(table: number, from: number, to: number): void
}

/**
 * Counts the pairs of pieces `from` to `to`. All pieces must be counted before any list is settled. Piece 0 holds the smallest
 * columns: they have the highest scores with others, and lists that see those first take in few that they drop again.
 */
export function countPieces(
  { memory, table, scratch: rooms, pieces }: PairsJob,
  from: number,
  to: number,
): void {
  const { countPairs } = simd<Functions>('cooccurrence', memory)
  const last = pieces.length - 1
  withScratch(rooms, (address) => {
    for (let piece = from; piece < to; piece++)
      countPairs(table, pieces[last - piece - 1]!, pieces[last - piece]!, address)
  })
}

/** Sorts the lists of columns `from` to `to`. */
export function settleLists({ memory, table }: PairsJob, from: number, to: number): void {
  simd<Functions>('cooccurrence', memory).settleLists(table, from, to)
}

/** Places a list has, so that it need not drop the worst each time a better one comes. */
const roomToKeep = (keep: number): number => Math.ceil(1.5 * keep) + 16

const mostPieces = 512
/** Zeros behind an array that is read four at a time, or ahead. */
const padding = 16

/**
 * Lays the job of `cooccurrenceTop` out for `threads` threads. O(entries + c) time; bytes: 8 an entry, 8 for each place in
 * a list, 56 a column, 8 a column and thread.
 * The answer is that of the plain kernel to the bit where all row weights are 1; else sums are rounded to float32.
 * Undefined where the machine has no SIMD; over 4 GiB throws `too-large`.
 */
export function layPairs(input: Cooccurrence, keep: number, threads: number): Pairs | undefined {
  if (!simdSupported()) return undefined
  const { byRow, c } = input
  const ends = listEnds(input, roomToKeep(keep))
  const r = byRow.rowPtr.length - 1
  const entries = byRow.colIndex.length
  const arena = openArena(`Co-occurrence of ${c} columns with ${ends[c]} places for neighbours`, {
    table: int32(16),
    listPtr: int32(c + 1),
    lists: int32(entries + padding),
    rows: int32(entries + r + padding),
    keys: int32(2 * ends[c]!),
    work: int32(c),
    source: float32(c + padding),
    target: float32(c + padding),
    least: float32(c + padding),
    scales: float64(2 * c),
    numbers: int32(c),
    ends: int32(c + 1),
    states: int32(2 * c),
    rooms: scratch(threads, 8 * (c + 2 * padding)),
  })
  const { memory, parts } = arena
  if (!memory) return undefined
  const order = bySize(input)
  layRows(input, order, parts)
  layColumns(input, { order, ends, keep }, parts)
  const pieces = equalPieces(parts.work, parts.listPtr)
  const additions = parts.work.reduce((sum, work) => sum + work, 0)
  return {
    job: { memory, table: parts.table.byteOffset, scratch: parts.rooms, pieces, additions },
    lists: () => readLists(parts, order),
  }
}

type Parts = Arena<{
  table: ArenaPart<Int32Array>
  listPtr: ArenaPart<Int32Array>
  lists: ArenaPart<Int32Array>
  rows: ArenaPart<Int32Array>
  keys: ArenaPart<Int32Array>
  work: ArenaPart<Int32Array>
  source: ArenaPart<Float32Array>
  target: ArenaPart<Float32Array>
  least: ArenaPart<Float32Array>
  scales: ArenaPart<Float64Array>
  numbers: ArenaPart<Int32Array>
  ends: ArenaPart<Int32Array>
  states: ArenaPart<Int32Array>
}>['parts']

/** Columns by falling number of rows, ties ascending. */
function bySize({ byRow, c }: Cooccurrence): Int32Array {
  const sizes = new Int32Array(c)
  for (let entry = 0; entry < byRow.colIndex.length; entry++) sizes[byRow.colIndex[entry]!]! += 1
  const most = sizes.reduce((a, b) => Math.max(a, b), 0)
  const starts = new Int32Array(most + 2)
  for (const size of sizes) starts[most - size + 1]! += 1
  for (let size = 0; size <= most; size++) starts[size + 1]! += starts[size]!
  const order = new Int32Array(c)
  for (let column = 0; column < c; column++) order[starts[most - sizes[column]!]!++] = column
  return order
}

/** Rows with their columns renumbered and ascending, and the list of rows of each column: two passes of counting sort. */
function layRows({ byRow, rowWeights }: Cooccurrence, order: Int32Array, parts: Parts): void {
  const { listPtr, lists, rows, work } = parts
  const { rowPtr, colIndex } = byRow
  const r = rowPtr.length - 1
  const numberOf = new Int32Array(order.length)
  for (let number = 0; number < order.length; number++) numberOf[order[number]!] = number
  for (let entry = 0; entry < colIndex.length; entry++) listPtr[numberOf[colIndex[entry]!]! + 1]! += 1
  for (let number = 0; number < order.length; number++) listPtr[number + 1]! += listPtr[number]!
  const next = listPtr.slice()
  for (let row = 0; row < r; row++)
    for (let entry = rowPtr[row]!; entry < rowPtr[row + 1]!; entry++)
      lists[next[numberOf[colIndex[entry]!]!]!++] = row
  const weights = new Float32Array(rows.buffer, rows.byteOffset, rows.length)
  const filled = new Int32Array(r)
  for (let row = 0; row < r; row++) {
    weights[rowPtr[row]! + row] = rowWeights[row]!
    filled[row] = rowPtr[row]! + row + 1
  }
  for (let number = 0; number < order.length; number++) {
    let before = 0
    for (let entry = listPtr[number]!; entry < listPtr[number + 1]!; entry++) {
      const row = lists[entry]!
      const start = rowPtr[row]! + row
      const at = filled[row]!++
      before += at - start - 1
      rows[at] = number
      lists[entry] = rows.byteOffset + 4 * start
    }
    work[number] = Math.min(before, 2 ** 31 - 1)
  }
  lists.fill(rows.byteOffset, colIndex.length)
}

type Numbering = { readonly order: Int32Array; readonly ends: Int32Array; readonly keep: number }

function layColumns(input: Cooccurrence, { order, ends, keep }: Numbering, parts: Parts): void {
  const { sourceScale, targetScale, shrink, c } = input
  const { table, source, target, scales, numbers } = parts
  for (let number = 0; number < c; number++) {
    const column = order[number]!
    source[number] = scales[number] = sourceScale[column]!
    target[number] = scales[c + number] = targetScale[column]!
    numbers[number] = column
    parts.ends[number + 1] = parts.ends[number]! + ends[column + 1]! - ends[column]!
  }
  const { listPtr, lists, keys: places, work, least, states } = parts
  const arrays = [listPtr, lists, places, work, source, target, least, scales, numbers, parts.ends, states]
  table.set(arrays.map(({ byteOffset }) => byteOffset))
  table[11] = c
  table[13] = Math.min(keep, c)
  new Float32Array(table.buffer, table.byteOffset, 16)[12] = shrink
  new Float64Array(table.buffer, table.byteOffset, 8)[7] = shrink
}

/** Ends of pieces with about equal work: an addition counts 1, and so does a row read. */
function equalPieces(work: Int32Array, listPtr: Int32Array): Int32Array {
  const cost = (column: number): number => 1 + work[column]! + listPtr[column + 1]! - listPtr[column]!
  let whole = 0
  for (let column = 0; column < work.length; column++) whole += cost(column)
  const ends = [0]
  for (let column = 0, done = 0; column < work.length; column++) {
    done += cost(column)
    if (done * mostPieces >= whole * ends.length) ends.push(column + 1)
  }
  return Int32Array.from(ends)
}

function readLists({ keys, states, ends: starts }: Parts, order: Int32Array): NearLists {
  const c = order.length
  const sizes = new Int32Array(c)
  for (let number = 0; number < c; number++) sizes[order[number]!] = states[2 * number + 1]!
  const ends = new Int32Array(c + 1)
  for (let column = 0; column < c; column++) ends[column + 1] = ends[column]! + sizes[column]!
  const columns = new Int32Array(ends[c]!)
  const scores = new Float32Array(ends[c]!)
  const bits = new Float32Array(keys.buffer, keys.byteOffset, keys.length)
  for (let number = 0; number < c; number++) {
    const [from, to] = [2 * starts[number]!, ends[order[number]!]!]
    for (let at = 0; at < states[2 * number + 1]!; at++) {
      columns[to + at] = ~keys[from + 2 * at]!
      scores[to + at] = bits[from + 2 * at + 1]!
    }
  }
  return { ends, sizes, columns, scores }
}
