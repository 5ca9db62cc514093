// Inverse of a large symmetric positive definite matrix, stored as half its tiles, by any number of threads at once.
import { type ArenaPart, float32, int32, scratch } from './arena.ts'
import { inverse } from './plain-inverse.ts'
import { simd, withScratch } from './simd.ts'

/** Floats in a row of a tile. */
export const tileSide = 120

const tileLength = tileSide * tileSide
const tileBytes = 4 * tileLength

/** Tiles along one side of an n x n matrix. */
export const tilesAcross = (n: number): number => Math.ceil(n / tileSide)

/** Tile (row, column), row >= column, counted along the rows of the lower triangle. */
export const tileIndex = (row: number, column: number): number => (row * (row + 1)) / 2 + column

/**
 * Where cell (i, j) or (j, i) lies among `cells`. Only tiles on and below the diagonal exist, each row-major, row of tiles
 * behind row of tiles:
 *
 *   0 . .
 *   1 2 .      half the memory of the full square: 1.8 GB for 30,000 rows
 *   3 4 5
 */
export function cellIndex(i: number, j: number): number {
  const [high, low] = i >= j ? [i, j] : [j, i]
  const tile = tileIndex(Math.floor(high / tileSide), Math.floor(low / tileSide))
  return tile * tileLength + (high % tileSide) * tileSide + (low % tileSide)
}

/** The parts of an arena that an inverse of n x n takes; `cells` is the matrix. 2 n^2 bytes, 2 KB n of panels, and scratch. */
export const inversePlan = (n: number, threads: number) => {
  const across = tilesAcross(n)
  return {
    cells: float32(tileIndex(across, 0) * tileLength),
    panels: float32(4 * across * tileLength),
    root: float32(tileLength),
    progress: int32(4 * across + 8),
    tileRoom: scratch(threads, 4 * tileBytes),
  }
}

type Made<plan> = { readonly [name in keyof plan]: plan[name] extends ArenaPart<infer made> ? made : never }

/** An inverse to make of `cells`, on memory that all its threads share. */
export type InverseJob = Made<ReturnType<typeof inversePlan>> & {
  readonly memory: WebAssembly.Memory | undefined
  readonly n: number
}

/** How an inverse ended: done, stopped by `stopInverse`, or not positive definite at a row (0-based). */
export type InverseEnd = { readonly kind: 'done' | 'stopped' } | { readonly kind: 'indefinite'; row: number }

const claims = 0
const ended = 1
const phasesFrom = 2
const stopMark = -1

/** Asks all threads of an inverse to end; its cells are then spoilt. */
export const stopInverse = ({ progress }: Pick<InverseJob, 'progress'>): void => {
  Atomics.store(progress, ended, stopMark)
}

/** How the inverse ended, once every thread that took part has returned. */
export function inverseEnd({ progress }: Pick<InverseJob, 'progress'>): InverseEnd {
  const mark = Atomics.load(progress, ended)
  if (mark === 0) return { kind: 'done' }
  return mark === stopMark ? { kind: 'stopped' } : { kind: 'indefinite', row: mark - 1 }
}

type Kernels = {
  subtractProduct(c: number, left: number, right: number, rows: number, columns: number, depth: number): void
  transposeTile(to: number, from: number, rows: number, columns: number): void
  pivotTile(tile: number, n: number, root: number, work: number): number
  negateTile(tile: number): void
  mirrorTile(tile: number, n: number): void
}

/**
 * Takes part in replacing `cells` by the inverse until nothing is left to begin; any number of threads may take part, at any
 * time, and one alone does it all. Only the lower triangle is read; afterwards both halves of the diagonal tiles hold.
 * About n^3 flops in float32, in whatever order the threads work the same bytes. The progress must be zero at first.
 *
 * Gauss-Jordan by tiles (the sweep operator), with a Cholesky factor in each pivot: it loses as little as LAPACK does. With the
 * pivot tile D = L L^T, the tiles R of its row and column, and V = L^-1 R^T:
 *
 *   A <- A - V^T V elsewhere,   R <- V^T L^-1,   D <- -D^-1;      after the last pivot, A holds minus the inverse.
 *
 * The next pivot's row and column are updated first, so that one thread inverts it while the others update the rest.
 */
export function takePartInInverse(job: InverseJob, onProgress?: (share: number) => void): void {
  const { progress, n, memory } = job
  if (memory === undefined) {
    invertPlainly(job)
    return
  }
  const phases = schedule(tilesAcross(n))
  let at = 0
  for (;;) {
    const unit = Atomics.add(progress, claims, 1)
    while (at < phases.length && unit >= phases[at]!.from + phases[at]!.units) at++
    const phase = phases[at]
    if (phase === undefined || !phase.needs.every((need) => waitFor(job, need, phases[need]!.units))) return
    if (phase.kind === 'rest' && unit === phase.from) onProgress?.(phase.step / tilesAcross(n))
    work(job, memory, { phase, index: unit - phase.from })
    Atomics.add(progress, phasesFrom + at, 1)
    Atomics.notify(progress, phasesFrom + at)
  }
}

/** Units of work that may run at once; a unit begins when all of the phases that it needs have ended. */
type Phase = {
  readonly kind: 'pivot' | 'panel' | 'next' | 'rest' | 'finish'
  /** Pivot tile. */
  readonly step: number
  readonly units: number
  /** Number of the first unit, counted through all phases. */
  readonly from: number
  /** Earlier phases, by index: whoever claimed their units is at work on them, so waiting always ends. */
  readonly needs: readonly number[]
}

function schedule(across: number): readonly Phase[] {
  const phases: Phase[] = []
  const add = (kind: Phase['kind'], step: number, units: number, needs: readonly number[]): number => {
    const last = phases.at(-1)
    phases.push({ kind, step, units, needs, from: last ? last.from + last.units : 0 })
    return phases.length - 1
  }
  let pivot = add('pivot', 0, 1, [])
  let rest: number[] = []
  for (let step = 0; step < across; step++) {
    const panel = add('panel', step, across - 1, [pivot])
    const ready = [panel, ...rest]
    const hasNext = step + 1 < across
    if (hasNext) pivot = add('pivot', step + 1, 1, [add('next', step, across - 1, ready)])
    rest = [add('rest', step, across - (hasNext ? 2 : 1), ready)]
  }
  add('finish', across, across, [...rest, pivot])
  return phases
}

const spins = 2000

/** Waits until `count` units of a phase are done; false where the inverse has ended before. */
function waitFor({ progress }: InverseJob, phase: number, count: number): boolean {
  for (let spin = 0; ; spin++) {
    if (Atomics.load(progress, ended) !== 0) return false
    const done = Atomics.load(progress, phasesFrom + phase)
    if (done >= count) return true
    if (spin > spins) Atomics.wait(progress, phasesFrom + phase, done, 1)
  }
}

type Unit = { readonly phase: Phase; readonly index: number }

function work(job: InverseJob, memory: WebAssembly.Memory, { phase, index }: Unit): void {
  const kernels = simd<Kernels>('inverse', memory)
  const { step } = phase
  const { cells, n, tileRoom } = job
  const across = tilesAcross(n)
  if (phase.kind === 'pivot') pivot(job, kernels, step)
  else if (phase.kind === 'panel')
    withScratch(tileRoom, (room) => panel(job, kernels, { step, other: skip(index, step), room }))
  else if (phase.kind === 'next') {
    const other = skip(index, step)
    update(job, kernels, { step, row: Math.max(other, step + 1), column: Math.min(other, step + 1) })
  } else if (phase.kind === 'rest') {
    const row = restRow(across, step, index)
    for (let column = 0; column <= row; column++)
      if (column !== step && column !== step + 1) update(job, kernels, { step, row, column })
  } else {
    for (let column = 0; column <= index; column++) kernels.negateTile(tileAt(cells, index, column))
    kernels.mirrorTile(tileAt(cells, index, index), used(n, index))
  }
}

/** The index-th of 0, 1, ... without `left`. */
const skip = (index: number, left: number): number => (index < left ? index : index + 1)

/** The index-th tile row from the last, without the pivot's and the next one's: the longest first. */
function restRow(across: number, step: number, index: number): number {
  const hasNext = step + 1 < across
  const ascending = across - (hasNext ? 2 : 1) - 1 - index
  return ascending < step ? ascending : ascending + (hasNext ? 2 : 1)
}

const tileAt = (cells: Float32Array, row: number, column: number): number =>
  cells.byteOffset + tileBytes * tileIndex(row, column)

/** Rows of a tile in use: all, but for the last one, where they are rounded up to what blocks of 6 x 8 fill. */
const used = (n: number, tile: number): number =>
  Math.min(tileSide, 24 * Math.ceil((n - tile * tileSide) / 24))

function pivot({ cells, progress, n, root, tileRoom }: InverseJob, kernels: Kernels, step: number): void {
  const size = used(n, step)
  if (step === tilesAcross(n) - 1) for (let i = n; i < step * tileSide + size; i++) cells[cellIndex(i, i)] = 1
  const tile = tileAt(cells, step, step)
  const positive = withScratch(tileRoom, (room) => kernels.pivotTile(tile, size, root.byteOffset, room))
  if (positive < size) Atomics.store(progress, ended, step * tileSide + positive + 1)
}

/** Byte addresses of V^T (used rows x depth) and V (depth x used rows) of one tile row, in one of two sets by turns. */
function panelAt({ panels, n }: InverseJob, step: number, tile: number) {
  const at = panels.byteOffset + tileBytes * 2 * ((step % 2) * tilesAcross(n) + tile)
  return { left: at, right: at + tileBytes }
}

type PanelUnit = { readonly step: number; readonly other: number; readonly room: number }

/** Lays V and V^T of another row into the panels, and replaces its tile R by V^T L^-1; `root` holds -L^-1. */
function panel(job: InverseJob, kernels: Kernels, { step, other, room }: PanelUnit): void {
  const { cells, n, root } = job
  const { subtractProduct, transposeTile } = kernels
  const [depth, size] = [used(n, step), used(n, other)]
  const { left, right } = panelAt(job, step, other)
  const bytes = new Uint8Array(cells.buffer)
  const clear = (tile: number): Uint8Array => bytes.fill(0, tile, tile + tileBytes)
  const turned = other < step
  const tile = turned ? tileAt(cells, step, other) : tileAt(cells, other, step)
  if (!turned) transposeTile(room, tile, size, depth)
  clear(right)
  subtractProduct(right, root.byteOffset, turned ? tile : room, depth, size, depth)
  transposeTile(left, right, depth, size)
  const product = turned ? room : tile
  clear(product)
  subtractProduct(product, left, root.byteOffset, size, depth, depth)
  if (turned) transposeTile(tile, room, size, depth)
}

type Tile = { readonly step: number; readonly row: number; readonly column: number }

function update(job: InverseJob, kernels: Kernels, { step, row, column }: Tile): void {
  const { cells, n } = job
  const { left } = panelAt(job, step, row)
  const { right } = panelAt(job, step, column)
  const c = tileAt(cells, row, column)
  kernels.subtractProduct(c, left, right, used(n, row), used(n, column), used(n, step))
}

/** Without SIMD: the first thread to come makes the inverse alone, in float64. */
function invertPlainly({ progress, cells, n }: InverseJob): void {
  if (Atomics.add(progress, claims, 1) > 0) return
  const full = new Float64Array(n * n)
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) full[i * n + j] = cells[cellIndex(i, j)]!
  const positive = inverse(full, n)
  if (positive < n) Atomics.store(progress, ended, positive + 1)
  else for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) cells[cellIndex(i, j)] = full[i * n + j]!
}
