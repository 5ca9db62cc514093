// Sums of sparse rows on WebAssembly: lays an item-item model out for assembly/itemscores.ts and ranks or scores rows with it.
import { float32, int32, openArena, scratch } from './arena.ts'
import type { SparseSumAt, SparseSumTop } from './plain-neighbours.ts'
import { type Scratch, simd, simdSupported, withScratch } from './simd.ts'

/** An item-item model as `rankRows` and `scoreRows` take it, on memory that all threads share. */
export type ItemScores = {
  readonly memory: WebAssembly.Memory
  /** Byte address of the table that describes it. */
  readonly table: number
  readonly scratch: Scratch
  readonly c: number
}

/** What rows are summed: see `SparseSumTop`. */
export type ItemWeights = Pick<SparseSumTop, 'weights' | 'c' | 'silent' | 'silentOrder'>

type Functions = {
  clearSums(sums: number, columns: number): void
  rankRow(
    table: number,
    history: number,
    length: number,
    known: number,
    knownLength: number,
    room: number,
    sums: number,
    touched: number,
    heap: number,
    outColumns: number,
    outScores: number,
  ): number
  scoreRow(
    table: number,
    history: number,
    length: number,
    candidates: number,
    candidateCount: number,
    sums: number,
    touched: number,
    out: number,
  ): void
}

/** The parts of one thread's scratch, in arrays of c: a double, then words. */
const partBytes = { sums: 8, heap: 8, touched: 4, history: 4, known: 4, columns: 4, scores: 4 } as const

/**
 * Copies the weights into memory of their own: 8 bytes a weight, 12 a column, and 36 a column and thread.
 * Undefined where the machine has no SIMD; over 4 GiB throws `too-large`.
 */
export function layItemScores(
  { weights, c, silent, silentOrder }: ItemWeights,
  threads: number,
): ItemScores | undefined {
  if (!simdSupported()) return undefined
  const { memory, parts } = openArena(`${weights.colIndex.length} weights of ${c} artists`, {
    table: int32(16),
    offsets: int32(c + 1),
    columns: int32(weights.colIndex.length),
    values: float32(weights.colIndex.length),
    silent: float32(c),
    order: int32(c),
    rooms: scratch(threads, roomAt(c).bytes),
  })
  if (!memory) return undefined
  parts.offsets.set(weights.rowPtr)
  parts.columns.set(weights.colIndex)
  // -0 marks an untouched column; as a weight it becomes 0.
  for (let entry = 0; entry < weights.values.length; entry++) parts.values[entry] = weights.values[entry]! + 0
  parts.silent.set(silent)
  parts.order.set(silentOrder)
  const arrays = [parts.offsets, parts.columns, parts.values, parts.silent, parts.order]
  parts.table.set([...arrays.map(({ byteOffset }) => byteOffset), c])
  const { clearSums } = simd<Functions>('itemscores', memory)
  for (let thread = 0; thread < threads; thread++)
    clearSums(parts.rooms.at + thread * parts.rooms.bytesEach, c)
  return { memory, table: parts.table.byteOffset, scratch: parts.rooms, c }
}

/** Byte offset of each part of the scratch, and the whole. One place more than c: the next touched column is written ahead. */
function roomAt(c: number): Record<keyof typeof partBytes | 'bytes', number> {
  let bytes = 0
  const offsets = Object.entries(partBytes).map(([name, each]) => {
    const at = bytes
    bytes += 8 * Math.ceil((each * (c + 1)) / 8)
    return [name, at]
  })
  return { ...Object.fromEntries(offsets), bytes }
}

/** `sparseSumTop` on a model laid out, to the bit: rows `from` to `to`. */
export function rankRows(
  model: ItemScores,
  job: Pick<SparseSumTop, 'rows' | 'exclude' | 'k' | 'from' | 'to' | 'columns' | 'scores'>,
): void {
  const { rows, exclude, k } = job
  const room = Math.min(k, model.c)
  inRoom(model, ({ kernel, at, words, floats }) => {
    for (let row = job.from; row < job.to; row++) {
      const history = rows.colIndex.subarray(rows.rowPtr[row]!, rows.rowPtr[row + 1]!)
      const known = exclude?.colIndex.subarray(exclude.rowPtr[row]!, exclude.rowPtr[row + 1]!) ?? none
      words.set(history, at.history >>> 2)
      words.set(known, at.known >>> 2)
      const found =
        room === 0
          ? 0
          : kernel.rankRow(
              model.table,
              at.history,
              history.length,
              at.known,
              known.length,
              room,
              at.sums,
              at.touched,
              at.heap,
              at.columns,
              at.scores,
            )
      const to = row * k
      job.columns.set(words.subarray(at.columns >>> 2, (at.columns >>> 2) + found), to)
      job.scores.set(floats.subarray(at.scores >>> 2, (at.scores >>> 2) + found), to)
      job.columns.fill(-1, to + found, to + k)
      job.scores.fill(0, to + found, to + k)
    }
  })
}

/** `sparseSumAt` on a model laid out, to the bit: rows `from` to `to`. At most c candidates a row are taken at once. */
export function scoreRows(
  model: ItemScores,
  {
    rows,
    k,
    candidates,
    out,
    from,
    to,
  }: Pick<SparseSumAt, 'rows' | 'k' | 'candidates' | 'out' | 'from' | 'to'>,
): void {
  inRoom(model, ({ kernel, at, words, floats }) => {
    for (let row = from; row < to; row++) {
      const history = rows.colIndex.subarray(rows.rowPtr[row]!, rows.rowPtr[row + 1]!)
      words.set(history, at.history >>> 2)
      for (let first = row * k; first < (row + 1) * k; first += model.c) {
        const asked = candidates.subarray(first, Math.min(first + model.c, (row + 1) * k))
        words.set(asked, at.known >>> 2)
        const { table } = model
        kernel.scoreRow(
          table,
          at.history,
          history.length,
          at.known,
          asked.length,
          at.sums,
          at.touched,
          at.scores,
        )
        out.set(floats.subarray(at.scores >>> 2, (at.scores >>> 2) + asked.length), first)
      }
    }
  })
}

const none = new Int32Array(0)

type Room = {
  readonly kernel: Functions
  /** Byte addresses. */
  readonly at: Readonly<Record<keyof typeof partBytes, number>>
  /** The whole memory. */
  readonly words: Int32Array
  readonly floats: Float32Array
}

function inRoom({ memory, scratch: rooms, c }: ItemScores, work: (room: Room) => void): void {
  const kernel = simd<Functions>('itemscores', memory)
  const words = new Int32Array(memory.buffer)
  const floats = new Float32Array(memory.buffer)
  withScratch(rooms, (address) => {
    const offsets = Object.entries(roomAt(c)).map(([name, offset]) => [name, address + offset])
    work({ kernel, at: Object.fromEntries(offsets), words, floats })
  })
}
