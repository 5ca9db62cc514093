// The k best of dense products with SIMD: exact, and the same to the last bit as `productTop` of float32 rows.
import { float32, float64, int32, openArena, scratch } from './arena.ts'
import type { ColumnsByRow } from './plain-top.ts'
import { type Scratch, simd, withScratch } from './simd.ts'

/** The functions of assembly/top.ts. */
type TopFunctions = {
  pack(head: number, from: number, to: number, unit: number): void
  rank(
    head: number,
    listeners: number,
    knownPtr: number,
    known: number,
    count: number,
    k: number,
    capacity: number,
    unit: number,
    columns: number,
    scores: number,
    work: number,
  ): void
}

/** Columns packed for `packedTop`, in one block of memory that any thread can work in. */
export type PackedColumns = {
  readonly memory: WebAssembly.Memory
  readonly bytes: number
  /** Columns, and numbers of each; `width` is d up to a multiple of four. */
  readonly c: number
  readonly d: number
  readonly width: number
  /** Length of the longest. */
  readonly unit: number
  /** Address of the table that assembly/top.ts reads. */
  readonly head: number
  readonly scratch: Scratch
}

/** Which rows to rank the columns for. */
export type PackedTop = {
  /** r x d. */
  readonly left: Float32Array
  /** Rows `from` to `to` of it. */
  readonly from: number
  readonly to: number
  readonly k: number
  /** Left out: nothing is excluded. */
  readonly exclude?: ColumnsByRow | undefined
  /** r x k, row-major. */
  readonly columns: Int32Array
  readonly scores: Float32Array
}

const blockSize = 256
const tileSize = 16
/** Numbers that one 16-bit sum is made of. */
const partWidth = 32
/** Numbers that assembly/top.ts keeps of a block; from the fourth on: longest left, first place, place behind the last. */
const blockNumbers = 7
/** A block ends where lengths have fallen to this part of its longest, so that its 8 bits fit all of it. */
const fall = 0.9
const stateBytes = 128
/** Rows that share one pass over the columns: their candidates stay in the second cache. */
const mostRows = 40
const usualK = 128

/**
 * Packs c x d columns: a copy ordered by length for exact scores and one of 8 bits for the sweep, 5 bytes a number together,
 * and room for each thread. A column with a number that is not finite has no place and is never ranked.
 * @param purpose as for `openArena`, which throws `too-large` before anything is packed
 */
export function packColumns(
  purpose: string,
  right: Float32Array,
  { c, d, threads }: { readonly c: number; readonly d: number; readonly threads: number },
): PackedColumns {
  const width = 4 * Math.ceil(d / 4)
  const { memory, bytes, parts } = openArena(purpose, {
    head: int32(9),
    vectors: float32(c * width),
    tiles: int32(Math.ceil(c / tileSize) * (tileSize / 4) * (2 * Math.ceil(width / partWidth) + width)),
    blocks: float64(mostBlocks(c) * blockNumbers),
    order: int32(c),
    place: int32(c),
    scratch: scratch(threads, scratchBytes(c, width)),
  })
  const { lengths, longest } = lengthsOf(right, c, d)
  const n = orderByLength(lengths, parts.order)
  parts.place.fill(-1)
  for (let at = 0; at < n; at++) {
    const column = parts.order[at]!
    parts.place[column] = at
    parts.vectors.set(right.subarray(column * d, (column + 1) * d), at * width)
  }
  const { vectors, tiles, blocks, order, place } = parts
  const count = cutBlocks(lengths, order.subarray(0, n), blocks)
  const addresses = [tiles, blocks, vectors, order, place].map(({ byteOffset }) => byteOffset)
  parts.head.set([n, width, ...addresses, c, count])
  const head = parts.head.byteOffset
  simd<TopFunctions>('top', memory!).pack(head, 0, count, longest)
  fillLongestLeft(blocks, count)
  return { memory: memory!, bytes, c, d, width, unit: longest, head, scratch: parts.scratch }
}

/** Full blocks, and those cut short: lengths of float32 can fall that far no more often. */
const mostBlocks = (c: number): number => Math.min(Math.ceil(c / tileSize), Math.ceil(c / blockSize) + 2048)

/** Cuts the places into blocks of whole tiles; returns how many. */
function cutBlocks(lengths: Float32Array, order: Int32Array, blocks: Float64Array): number {
  let count = 0
  for (let first = 0; first < order.length; count++) {
    const least = fall * lengths[order[first]!]!
    let end = first + tileSize
    while (end < order.length && end < first + blockSize && lengths[order[end]!]! >= least) end += tileSize
    end = Math.min(end, order.length)
    blocks.set([first, end], count * blockNumbers + 4)
    first = end
  }
  return count
}

/** Lengths of the columns, and the longest that is finite (1 where all are zero). */
function lengthsOf(right: Float32Array, c: number, d: number) {
  const lengths = new Float32Array(c)
  let longest = 0
  for (let column = 0; column < c; column++) {
    let square = 0
    for (let at = column * d; at < (column + 1) * d; at++) square += right[at]! * right[at]!
    const length = Math.sqrt(square)
    lengths[column] = Number.isFinite(length) ? Math.min(length, largestFloat) : Number.NaN
    if (length > longest && length < Number.POSITIVE_INFINITY) longest = length
  }
  return { lengths, longest: longest || 1 }
}

const largestFloat = 2 ** 128 - 2 ** 104

/** Writes the columns of finite length by falling length, to one part in 128; returns how many they are. */
function orderByLength(lengths: Float32Array, order: Int32Array): number {
  const bits = new Uint32Array(lengths.buffer)
  const starts = new Int32Array(2 ** 16 + 1)
  const bucketOf = (column: number): number => 0xffff - (bits[column]! >>> 16)
  let n = 0
  for (let column = 0; column < lengths.length; column++) {
    if (Number.isNaN(lengths[column]!)) continue
    starts[bucketOf(column) + 1]! += 1
    n++
  }
  for (let bucket = 0; bucket < 2 ** 16; bucket++) starts[bucket + 1]! += starts[bucket]!
  for (let column = 0; column < lengths.length; column++)
    if (!Number.isNaN(lengths[column]!)) order[starts[bucketOf(column)]!++] = column
  return n
}

/** Fills in, for each block, the longest of it and all behind it. */
function fillLongestLeft(blocks: Float64Array, count: number): void {
  let longest = 0
  for (let at = (count - 1) * blockNumbers; at >= 0; at -= blockNumbers) {
    longest = Math.max(longest, blocks[at + 1]!)
    blocks[at + 3] = longest
  }
}

/** Writes the k best columns of rows `from` to `to`, best first; -1 and 0 where fewer than k are left. */
export function packedTop(packed: PackedColumns, job: PackedTop): void {
  const k = Math.min(job.k, packed.c)
  job.columns.fill(-1, job.from * job.k, job.to * job.k)
  job.scores.fill(0, job.from * job.k, job.to * job.k)
  if (k === 0) return
  withScratch(packed.scratch, (address) => {
    const room = layOut(packed, address, k)
    for (let from = job.from; from < job.to; ) {
      const to = takeRows(packed, job, from, room)
      rankBatch(packed, room, to - from)
      for (let row = from; row < to; row++) {
        const at = (row - from) * k
        job.columns.set(room.columns.subarray(at, at + k), row * job.k)
        job.scores.set(room.scores.subarray(at, at + k), row * job.k)
      }
      from = to
    }
  })
}

/** One batch in a thread's scratch. */
type Room = ReturnType<typeof layOut>

function layOut({ memory, c, width, scratch }: PackedColumns, address: number, k: number) {
  const { buffer } = memory
  const rows = rowsOf(scratch.bytesEach, { k, c, width })
  let at = address
  const next = (words: number): number => {
    const begin = at
    at += 4 * words
    return begin
  }
  return {
    k,
    rows,
    left: new Float32Array(buffer, next(rows * width), rows * width),
    knownPtr: new Int32Array(buffer, next(rows + 1), rows + 1),
    known: new Int32Array(buffer, next(knownRoom(c)), knownRoom(c)),
    columns: new Int32Array(buffer, next(rows * k), rows * k),
    scores: new Float32Array(buffer, next(rows * k), rows * k),
    work: Math.ceil(at / 16) * 16,
  }
}

/** Copies rows and what they exclude into the room, as many as fit; returns the row behind the last. */
function takeRows({ d, width }: PackedColumns, job: PackedTop, from: number, room: Room): number {
  const { left, knownPtr, known, rows } = room
  let used = 0
  let row = from
  for (; row < job.to && row < from + rows; row++) {
    const begin = job.exclude ? job.exclude.rowPtr[row]! : 0
    const end = job.exclude ? job.exclude.rowPtr[row + 1]! : 0
    if (used + end - begin > known.length) break
    if (job.exclude) known.set(job.exclude.colIndex.subarray(begin, end), used)
    knownPtr[row - from] = used
    used += end - begin
    const at = (row - from) * width
    left.set(job.left.subarray(row * d, (row + 1) * d), at)
    left.fill(0, at + d, at + width)
  }
  knownPtr[row - from] = used
  return row
}

function rankBatch({ memory, head, unit, c }: PackedColumns, room: Room, count: number): void {
  const { left, knownPtr, known, columns, scores, work, k } = room
  simd<TopFunctions>('top', memory).rank(
    head,
    left.byteOffset,
    knownPtr.byteOffset,
    known.byteOffset,
    count,
    k,
    capacityOf(k, c),
    unit,
    columns.byteOffset,
    scores.byteOffset,
    work,
  )
}

/** Columns that a batch may exclude: any row fits. */
const knownRoom = (c: number): number => c + 4096

/** Candidates kept of a row: those in doubt, and a block more. */
const capacityOf = (k: number, c: number): number => Math.min(4 * k + 512, c + blockSize)

type Shape = { readonly k: number; readonly c: number; readonly width: number }

/** Bytes of a batch: what goes in and comes out, and what assembly/top.ts lays out in `work`. */
function batchBytes(rows: number, { k, c, width }: Shape): number {
  const capacity = capacityOf(k, c)
  const inAndOut = 4 * (rows * width + rows + 1 + knownRoom(c) + 2 * rows * k)
  const states = (rows + 1) * stateBytes + 4 * (rows + 5) + 2 * (rows + 1) * width
  const shared = 8 * width + 4 * capacity + Math.max(16 * capacity, 4 * c)
  return inAndOut + states + shared + 12 * rows * capacity + 128
}

/** Enough for one row of any k, and for full batches of a usual k. */
const scratchBytes = (c: number, width: number): number =>
  Math.max(batchBytes(1, { k: c, c, width }), batchBytes(mostRows, { k: Math.min(c, usualK), c, width }))

/** How many rows a batch of this k may have. */
function rowsOf(bytes: number, shape: Shape): number {
  const first = batchBytes(1, shape)
  const each = batchBytes(2, shape) - first
  return Math.min(mostRows, 1 + Math.floor((bytes - first) / each))
}
