// The pieces of exact item-item models that run on worker threads: rows of the system, and rows of weights from its inverse.
import { type Scratch, simd, withScratch } from '../kernels/simd.ts'
import { cellIndex, type InverseJob, tileIndex, tileSide, tilesAcross } from '../kernels/simd-inverse.ts'
import { rowTaker, type Selecting, type Selection } from './dense-item-selection.ts'
import type { RowRange } from './row-work.ts'

/** Where these tasks can be imported from, for a worker's task. */
export const denseItemTasks = import.meta.url

/** Sparse rows with ones for values, on the memory of a job. */
export type SharedPattern = { readonly rowPtr: Int32Array; readonly colIndex: Int32Array }

/** A fit under way; all arrays lie in one arena. */
export type DenseItemJob = InverseJob & {
  readonly memory: WebAssembly.Memory
  readonly byUser: SharedPattern
  readonly byArtist: SharedPattern
  /** Whether the system is listeners x listeners (dual), else artists x artists. */
  readonly dual: boolean
  /** D_j of each artist. */
  readonly ridge: Float32Array
  /** Weights of the Gram matrix: 1 of each listener, or 1 / D_j of each artist in the dual. */
  readonly gramWeights: Float32Array
  readonly room: Scratch
  readonly selection: Selection
}

type Rows = RowRange & { readonly job: DenseItemJob }
type WeightRows = Rows & { readonly selecting: Selecting }

/** Artists whose rows of the dual are made together by one thread. */
export const dualBlock = 1024

type Kernels = {
  gramRow(
    row: number,
    rowPtr: number,
    colIndex: number,
    turnedPtr: number,
    turnedIndex: number,
    weights: number,
    sums: number,
  ): void
  transposeTile(to: number, from: number, rows: number, columns: number): void
  sumPanelRows(panel: number, indices: number, count: number, out: number): void
  sumEights(rows: number, rowPtr: number, colIndex: number, eights: number, out: number): void
}

const paddedSide = (n: number): number => tilesAcross(n) * tileSide

/** Scratch bytes that a thread needs. */
export function roomBytes(shape: { readonly n: number; readonly artists: number; readonly dual: boolean }) {
  const { n, artists, dual } = shape
  const padded = paddedSide(n)
  const floats = dual ? padded * (dualBlock + tileSide + 8) + 8 * artists : padded * tileSide + tileSide ** 2
  return 4 * (floats + artists)
}

/** Lays rows `from` to `to` of the system into its tiles: x^T x + D, or I + x D^-1 x^T in the dual. */
export function gramRows({ job, from, to }: Rows): void {
  const { gramRow } = simd<Kernels>('inverse', job.memory)
  const [rows, turned] = job.dual ? [job.byUser, job.byArtist] : [job.byArtist, job.byUser]
  const pointers = [rows.rowPtr, rows.colIndex, turned.rowPtr, turned.colIndex, job.gramWeights] as const
  const [a, b, c, d, e] = pointers.map(({ byteOffset }) => byteOffset) as [
    number,
    number,
    number,
    number,
    number,
  ]
  withScratch(job.room, (address) => {
    const sums = new Float32Array(job.memory.buffer, address, paddedSide(job.n))
    for (let row = from; row < to; row++) {
      gramRow(row, a, b, c, d, e, address)
      sums[row]! += job.dual ? 1 : job.ridge[row]!
      for (let column = 0; column <= row; column += tileSide)
        job.cells.set(sums.subarray(column, Math.min(column + tileSide, row + 1)), cellIndex(row, column))
    }
  })
}

/** Weights of the artists in tile rows `from` to `to` of P: -P[j][i] / P[i][i]. */
export function primalWeights({ job, selecting, from, to }: WeightRows): void {
  const padded = paddedSide(job.n)
  withScratch(job.room, (address) => {
    const panel = new Float32Array(job.memory.buffer, address, padded * tileSide)
    const row = new Float32Array(
      job.memory.buffer,
      address + 4 * padded * tileSide + 4 * tileSide ** 2,
      job.n,
    )
    const taker = rowTaker(job.selection, selecting)
    for (let tile = from; tile < to; tile++) {
      layRows(job, tile, panel)
      for (let artist = tile * tileSide; artist < Math.min(job.n, (tile + 1) * tileSide); artist++) {
        const p = panel.subarray((artist % tileSide) * padded, (artist % tileSide) * padded + job.n)
        const scale = -1 / p[artist]!
        for (let j = 0; j < job.n; j++) row[j] = p[j]! * scale
        row[artist] = 0
        taker.take(artist, row)
      }
    }
    taker.end()
  })
}

/** Lays the rows of one tile row of a symmetric matrix side by side: tileSide x padded side. */
function layRows({ cells, n, memory }: DenseItemJob, tile: number, panel: Float32Array): void {
  const padded = paddedSide(n)
  const turned = new Float32Array(memory.buffer, panel.byteOffset + panel.byteLength, tileSide ** 2)
  for (let other = 0; other < tilesAcross(n); other++) {
    const from = tileSide ** 2 * tileIndex(Math.max(tile, other), Math.min(tile, other))
    let source = cells.subarray(from, from + tileSide ** 2)
    if (other > tile) {
      simd<Kernels>('inverse', memory).transposeTile(turned.byteOffset, source.byteOffset, tileSide, tileSide)
      source = turned
    }
    for (let r = 0; r < tileSide; r++)
      panel.set(source.subarray(r * tileSide, (r + 1) * tileSide), r * padded + other * tileSide)
  }
}

/**
 * Weights of artists `from` to `to` by the dual: with M = (I + x D^-1 x^T)^-1 and s = x^T M x_i, the weight of artist j in the
 * regression of i is (s_j / D_j) / (1 - s_i / D_i). The matrix of artists x artists is never made.
 */
export function dualWeights({ job, selecting, from, to }: WeightRows): void {
  const { take, end } = rowTaker(job.selection, selecting)
  withScratch(job.room, (address) => {
    for (let start = from; start < to; start += dualBlock) {
      const block = { from: start, to: Math.min(to, start + dualBlock) }
      sumListeners(job, address, block)
      sumArtists(job, address, { ...block, take })
    }
  })
  end()
}

/** M x_i for each artist i of a block, one row of padded side each, at `address`; one tile row of M at a time. */
function sumListeners(job: DenseItemJob, address: number, { from, to }: RowRange): void {
  const { n, memory, byArtist } = job
  const { sumPanelRows } = simd<Kernels>('inverse', memory)
  const padded = paddedSide(n)
  const panel = address + 4 * padded * dualBlock
  for (let tile = 0; tile < tilesAcross(n); tile++) {
    layColumns(job, tile, panel)
    for (let artist = from; artist < to; artist++) {
      const start = byArtist.rowPtr[artist]!
      const out = address + 4 * ((artist - from) * padded + tile * tileSide)
      sumPanelRows(panel, byArtist.colIndex.byteOffset + 4 * start, byArtist.rowPtr[artist + 1]! - start, out)
    }
  }
}

/** Lays the columns of one tile column of a symmetric matrix one below the other: padded side x tileSide. */
function layColumns({ cells, n, memory }: DenseItemJob, tile: number, panel: number): void {
  const { transposeTile } = simd<Kernels>('inverse', memory)
  const bytes = new Uint8Array(memory.buffer)
  const tileBytes = 4 * tileSide ** 2
  for (let other = 0; other < tilesAcross(n); other++) {
    const from = cells.byteOffset + tileBytes * tileIndex(Math.max(tile, other), Math.min(tile, other))
    const to = panel + tileBytes * other
    if (other < tile) transposeTile(to, from, tileSide, tileSide)
    else bytes.copyWithin(to, from, from + tileBytes)
  }
}

type Taking = RowRange & { readonly take: (artist: number, row: Float32Array) => void }

/** From M x_i of a block to weights, eight artists at a time. */
function sumArtists(job: DenseItemJob, address: number, { from, to, take }: Taking): void {
  const { n, memory, byArtist, ridge } = job
  const { sumEights } = simd<Kernels>('inverse', memory)
  const artists = ridge.length
  const padded = paddedSide(n)
  const eights = new Float32Array(memory.buffer, address + 4 * padded * (dualBlock + tileSide), 8 * padded)
  const sums = new Float32Array(memory.buffer, eights.byteOffset + eights.byteLength, 8 * artists)
  const row = new Float32Array(memory.buffer, sums.byteOffset + sums.byteLength, artists)
  for (let first = from; first < to; first += 8) {
    const count = Math.min(8, to - first)
    for (let lane = 0; lane < count; lane++) {
      const answer = new Float32Array(memory.buffer, address + 4 * (first - from + lane) * padded, n)
      for (let u = 0; u < n; u++) eights[8 * u + lane] = answer[u]!
    }
    const [ptr, index] = [byArtist.rowPtr.byteOffset, byArtist.colIndex.byteOffset]
    sumEights(artists, ptr, index, eights.byteOffset, sums.byteOffset)
    for (let lane = 0; lane < count; lane++) {
      const artist = first + lane
      const scale = 1 / (1 - sums[8 * artist + lane]! / ridge[artist]!)
      for (let j = 0; j < artists; j++) row[j] = (sums[8 * j + lane]! / ridge[j]!) * scale
      row[artist] = 0
      take(artist, row)
    }
  }
}
