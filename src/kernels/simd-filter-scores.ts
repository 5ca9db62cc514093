// Scores of a graph filter for whole rows: sums of sparse rows plus a product of factors, and the best columns of them.
import { type Arena, type ArenaPart, float32, int32, openArena, scratch } from './arena.ts'
import { type ColumnsByRow, createTop } from './plain-top.ts'
import { type Scratch, simd, withScratch } from './simd.ts'
import { multiplyPanels } from './simd-filter.ts'

/** score(row, i) = sum over j of the row of weights_ji + lift_i heard_i . (sum over j of heard_j), for c columns. */
export type FilterWeights = {
  readonly c: number
  /** c x c by j. */
  readonly weights: ColumnsByRow & { readonly values: Float32Array }
  readonly d: number
  /** c x d */
  readonly heard: Float32Array
  /** c */
  readonly lift: Float32Array
}

/** A filter laid out for threads: plain data and shared memory. */
export type FilterScores = {
  readonly memory: WebAssembly.Memory | undefined
  readonly table: number
  readonly parts: Arena<{
    offsets: ArenaPart<Int32Array>
    columns: ArenaPart<Int32Array>
    values: ArenaPart<Float32Array>
    panels: ArenaPart<Float32Array>
  }>['parts']
  readonly scratch: Scratch
  readonly heard: Float32Array
  readonly c: number
  readonly d: number
}

/** Rows scored together: they share each read of the factors. */
const blockRows = 16
const panelColumns = 8
const padded = (c: number): number => panelColumns * Math.ceil(c / panelColumns)

/** Bytes: 8 a weight, 4 d a column, and 64 + 20 a column and thread. Over 4 GiB throws `too-large`. */
export function layFilterScores(
  { c, weights, d, heard, lift }: FilterWeights,
  threads: number,
): FilterScores {
  const entries = weights.colIndex.length
  const arena = openArena(`A graph filter of ${d} factors over ${c} artists`, {
    table: int32(16),
    offsets: int32(c + 1),
    columns: int32(entries),
    values: float32(entries),
    panels: float32(padded(c) * d),
    rooms: scratch(threads, roomAt(c, d).bytes),
  })
  const { table, offsets, columns, values, panels, rooms } = arena.parts
  offsets.set(weights.rowPtr)
  columns.set(weights.colIndex)
  values.set(weights.values)
  table.set([offsets.byteOffset, columns.byteOffset, values.byteOffset])
  for (let i = 0; i < c; i++) {
    const to = Math.floor(i / panelColumns) * panelColumns * d + (i % panelColumns)
    for (let f = 0; f < d; f++) panels[to + f * panelColumns] = lift[i]! * heard[i * d + f]!
  }
  const parts = { offsets, columns, values, panels }
  return { memory: arena.memory, table: table.byteOffset, parts, scratch: rooms, heard, c, d }
}

/** Bytes from the start of a thread's scratch. */
function roomAt(c: number, d: number) {
  const wide = padded(c)
  const left = 4 * blockRows * wide
  const words = left + 4 * blockRows * padded(d)
  const each = 4 * wide
  return {
    sums: 0,
    left,
    heap: words,
    known: words + 2 * each,
    columns: words + 3 * each,
    scores: words + 4 * each,
    bytes: words + 5 * each,
  }
}

/** Which rows to work on. */
export type FilterRows = { readonly rows: ColumnsByRow; readonly from: number; readonly to: number }

/** Where the best columns of each row go: r x k, best first, ties ascending; -1 and 0 behind the last. */
export type FilterTop = FilterRows & {
  readonly exclude?: ColumnsByRow | undefined
  readonly k: number
  readonly columns: Int32Array
  readonly scores: Float32Array
}

/** Ranks all columns for each row. The answer for a row does not depend on the rows beside it. */
export function rankFiltered(model: FilterScores, job: FilterTop): void {
  overBlocks(model, job, (row, room) => {
    const known = job.exclude
      ? job.exclude.colIndex.subarray(job.exclude.rowPtr[row]!, job.exclude.rowPtr[row + 1]!)
      : none
    const out = { columns: job.columns, scores: job.scores, at: row * job.k, k: job.k }
    if (model.memory) bestBySimd(model, { ...room, known, memory: model.memory }, out)
    else bestByHeap(room.sums.subarray(0, model.c), known, out)
  })
}

/** Columns to score for each row: r x k, -1 is an empty place and scores 0. */
export type FilterAt = FilterRows & {
  readonly k: number
  readonly candidates: Int32Array
  readonly out: Float32Array
}

/** The scores that `rankFiltered` gives to the candidates. */
export function scoreFiltered(model: FilterScores, job: FilterAt): void {
  overBlocks(model, job, (row, { sums }) => {
    for (let at = row * job.k; at < (row + 1) * job.k; at++) {
      const column = job.candidates[at]!
      job.out[at] = column < 0 ? 0 : sums[column]!
    }
  })
}

const none = new Int32Array(0)

type Room = { readonly sums: Float32Array; readonly address: number }

/** Scores blocks of rows, and hands each row's sums on. */
function overBlocks(
  model: FilterScores,
  { rows, from, to }: FilterRows,
  use: (row: number, room: Room) => void,
): void {
  const { c, d, parts, memory } = model
  const { buffer } = parts.panels
  const at = roomAt(c, d)
  withScratch(model.scratch, (address) => {
    const left = new Float32Array(buffer, address + at.left, blockRows * d)
    const sums = new Float32Array(buffer, address, blockRows * padded(c))
    for (let first = from; first < to; first += blockRows) {
      const m = Math.min(blockRows, to - first)
      for (let r = 0; r < m; r++) sumHeard(model, rows, first + r, left.subarray(r * d, (r + 1) * d))
      const factors = { a: left, rowStep: d, step: 1, m, k: d }
      const right = { b: parts.panels, bStep: panelColumns, panelStep: panelColumns * d, n: padded(c) }
      multiplyPanels(memory, { ...factors, ...right, out: sums, outStep: padded(c) })
      for (let r = 0; r < m; r++) {
        const own = sums.subarray(r * padded(c), (r + 1) * padded(c))
        addHistory(model, rows.colIndex.subarray(rows.rowPtr[first + r]!, rows.rowPtr[first + r + 1]!), {
          sums: own,
          address,
        })
        use(first + r, { sums: own, address })
      }
    }
  })
}

/** The sum of the factors heard, in double precision. */
function sumHeard({ heard, d }: FilterScores, rows: ColumnsByRow, row: number, out: Float32Array): void {
  const sum = new Float64Array(d)
  for (let at = rows.rowPtr[row]!; at < rows.rowPtr[row + 1]!; at++)
    for (let f = 0, from = rows.colIndex[at]! * d; f < d; f++) sum[f]! += heard[from + f]!
  out.set(sum)
}

type Functions = {
  addHistory(table: number, history: number, length: number, sums: number): void
  bestOf(
    sums: number,
    columns: number,
    known: number,
    knownLength: number,
    room: number,
    heap: number,
    outColumns: number,
    outScores: number,
  ): number
}

function addHistory(
  { memory, table, parts, c, d }: FilterScores,
  history: Int32Array,
  { sums, address }: Room,
): void {
  if (memory) {
    const place = address + roomAt(c, d).known
    new Int32Array(memory.buffer, place, history.length).set(history)
    simd<Functions>('itemscores', memory).addHistory(table, place, history.length, sums.byteOffset)
    return
  }
  for (const source of history)
    for (let entry = parts.offsets[source]!; entry < parts.offsets[source + 1]!; entry++)
      sums[parts.columns[entry]!]! += parts.values[entry]!
}

type Out = {
  readonly columns: Int32Array
  readonly scores: Float32Array
  readonly at: number
  readonly k: number
}

function bestBySimd(
  { c, d }: FilterScores,
  {
    sums,
    address,
    known,
    memory,
  }: Room & { readonly known: Int32Array; readonly memory: WebAssembly.Memory },
  { columns, scores, at: to, k }: Out,
): void {
  const at = roomAt(c, d)
  const room = Math.min(k, c)
  new Int32Array(memory.buffer, address + at.known, known.length).set(known)
  const { bestOf } = simd<Functions>('itemscores', memory)
  const [outColumns, outScores] = [address + at.columns, address + at.scores]
  const found =
    room === 0
      ? 0
      : bestOf(
          sums.byteOffset,
          c,
          address + at.known,
          known.length,
          room,
          address + at.heap,
          outColumns,
          outScores,
        )
  columns.set(new Int32Array(memory.buffer, outColumns, found), to)
  scores.set(new Float32Array(memory.buffer, outScores, found), to)
  columns.fill(-1, to + found, to + k)
  scores.fill(0, to + found, to + k)
}

function bestByHeap(sums: Float32Array, known: Int32Array, { columns, scores, at, k }: Out): void {
  for (const column of known) sums[column] = Number.NaN
  const top = createTop(k)
  for (let column = 0; column < sums.length; column++) top.offer(column, sums[column]!)
  top.drain(columns, scores, at)
}
