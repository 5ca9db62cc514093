// The smoothest signals on the graph of artists: leading eigenvectors of the normalized co-occurrence.
import { type SparseRows, transpose } from '../data/interaction-matrix.ts'
import { type Arena, type ArenaPart, float32, int32, openArena } from '../kernels/arena.ts'
import { kernels } from '../kernels/kernels.ts'
import { createRandom } from '../statistics/random.ts'
import { type FitContext, sharedFloats } from './algorithm.ts'
import { filterTasks, overlap, step, turn } from './graph-filter-tasks.ts'
import { overRows } from './row-work.ts'

/** Leading eigenvectors: row i (of `factors`) belongs to artist i; `values` in (0, 1], largest first, 0 behind the last. */
export type Spectrum = { readonly vectors: Float32Array; readonly values: Float32Array }

/** Vectors iterated beyond those asked for: the last few converge slowest and are dropped. */
const extraVectors = 64
const rounds = 3
/** Degree of the polynomial between two orthogonalizations. */
const degree = 8
const pieces = 16

/**
 * Eigenvectors of P = R^T R, R = D_listeners^-1/2 X D_artists^-1/2, by subspace iteration from random vectors, accelerated by
 * Chebyshev polynomials that damp all below the smallest value found so far (Zhou et al. 2006), with Rayleigh-Ritz between.
 * l = factors + 64 vectors: 34 entries l + 10 artists l^2 multiply-adds, 5 l^3 in double precision; bytes: 4 l (3 artists +
 * listeners) + 128 l^2. Sums are in float32 and in a fixed order: the same bytes for any number of threads.
 */
export async function leadingVectors(
  matrix: SparseRows,
  factors: number,
  context: FitContext,
): Promise<Spectrum> {
  const wanted = Math.min(factors, matrix.rows, matrix.columns)
  const l = 8 * Math.ceil(Math.min(wanted + extraVectors, Math.max(matrix.rows, matrix.columns)) / 8)
  const graph = openGraph(matrix, l, context)
  const random = createRandom(context.seed)
  const { blocks } = graph
  for (let at = 0; at < blocks[0].length; at++) blocks[0][at] = random.normal()
  let values = new Float64Array(l)
  for (let round = 0; round < rounds; round++) {
    await smooth(graph, round === 0 ? 0 : values[l - 1]!)
    values = await settle(graph)
    context.onProgress?.((round + 1) / rounds)
  }
  return cut(graph, values, { wanted, factors })
}

type Block = Float32Array
type Graph = {
  readonly context: FitContext
  readonly l: number
  readonly artists: number
  readonly memory: WebAssembly.Memory | undefined
  readonly parts: Parts
  /** artists x l each: the vectors, and two to work in. Rotated, not copied. */
  readonly blocks: [Block, Block, Block]
}

type Parts = Arena<{
  rowPtr: ArenaPart<Int32Array>
  colIndex: ArenaPart<Int32Array>
  colPtr: ArenaPart<Int32Array>
  rowIndex: ArenaPart<Int32Array>
  perUser: ArenaPart<Float32Array>
  ones: ArenaPart<Float32Array>
  perArtist: ArenaPart<Float32Array>
  users: ArenaPart<Float32Array>
  overlaps: ArenaPart<Float32Array>
  by: ArenaPart<Float32Array>
}>['parts']

function openGraph(matrix: SparseRows, l: number, context: FitContext): Graph {
  const { rows, columns } = matrix
  const entries = matrix.colIndex.length
  const block = float32(columns * l)
  const { memory, parts } = openArena(`A graph filter of ${l} vectors over ${columns} artists`, {
    rowPtr: int32(rows + 1),
    colIndex: int32(entries),
    colPtr: int32(columns + 1),
    rowIndex: int32(entries),
    perUser: float32(rows),
    ones: float32(rows),
    perArtist: float32(columns),
    users: float32(rows * l),
    first: block,
    second: block,
    third: block,
    overlaps: float32(pieces * l * l),
    by: float32(l * l),
  })
  const turned = transpose(matrix)
  parts.rowPtr.set(matrix.rowPtr)
  parts.colIndex.set(matrix.colIndex)
  parts.colPtr.set(turned.rowPtr)
  parts.rowIndex.set(turned.colIndex)
  parts.ones.fill(1)
  const size = (ends: Int32Array, at: number): number => Math.max(1, ends[at + 1]! - ends[at]!)
  for (let user = 0; user < rows; user++) parts.perUser[user] = 1 / size(matrix.rowPtr, user)
  for (let artist = 0; artist < columns; artist++)
    parts.perArtist[artist] = 1 / Math.sqrt(size(turned.rowPtr, artist))
  return { context, l, artists: columns, memory, parts, blocks: [parts.first, parts.second, parts.third] }
}

/** blocks[0] := p(P) blocks[0]: P^2 at first, then a Chebyshev polynomial that is small between 0 and `below`. */
async function smooth(graph: Graph, below: number): Promise<void> {
  const { blocks } = graph
  if (below <= 0) {
    await apply(graph, { factor: 1, own: 0, older: 0 })
    rotate(blocks)
    await apply(graph, { factor: 1, own: 0, older: 0 })
    rotate(blocks)
    return
  }
  // t(P) = (2 P - below) / below maps [0, below] to [-1, 1]; T_1 = t, T_(n+1) = 2 t T_n - T_(n-1).
  await apply(graph, { factor: 2 / below, own: -1, older: 0 })
  rotate(blocks)
  for (let n = 1; n < degree; n++) {
    await apply(graph, { factor: 4 / below, own: -2, older: -1 })
    rotate(blocks)
  }
}

/** The vectors become what was made last, and those before them follow: newest, one before, two before. */
const rotate = (blocks: Graph['blocks']): void => {
  const [newest, before, made] = blocks
  blocks.splice(0, 3, made, newest, before)
}

type Terms = { readonly factor: number; readonly own: number; readonly older: number }

/** blocks[2] := factor P blocks[0] + own blocks[0] + older blocks[1]; what was in blocks[2] is gone. */
async function apply({ context, memory, parts, blocks, l, artists }: Graph, terms: Terms): Promise<void> {
  const { workers, signal } = context
  const common = { module: filterTasks, task: step, signal }
  const down = { matrix: { rowPtr: parts.rowPtr, colIndex: parts.colIndex }, columnScale: parts.perArtist }
  const up = { matrix: { rowPtr: parts.colPtr, colIndex: parts.rowIndex }, columnScale: parts.ones }
  const toUsers = {
    memory,
    ...down,
    rowScale: parts.perUser,
    d: l,
    x: blocks[0],
    factor: 1,
    out: parts.users,
  }
  await overRows(workers, { ...common, rows: parts.perUser.length, args: toUsers })
  const back = { memory, ...up, rowScale: parts.perArtist, d: l, x: parts.users, factor: terms.factor }
  const own = { rows: blocks[0], factor: terms.own }
  const older = { rows: blocks[1], factor: terms.older }
  const args = { ...back, out: blocks[2], ...(terms.own && { own }), ...(terms.older && { older }) }
  await overRows(workers, { ...common, rows: artists, args })
}

/** Rayleigh-Ritz: blocks[0] become the best eigenvectors within their span, and their values are returned, largest first. */
async function settle(graph: Graph): Promise<Float64Array<ArrayBuffer>> {
  const { blocks, l, memory, parts, context, artists } = graph
  await apply(graph, { factor: 1, own: 0, older: 0 })
  const gram = await overlapOf(graph, blocks[0])
  const shifted = await overlapOf(graph, blocks[2])
  const { by, values } = ritz(gram, shifted, l)
  parts.by.set(by)
  const args = { memory, block: blocks[0], l, by: parts.by, n: l, out: blocks[1] }
  const { workers, signal } = context
  await overRows(workers, { module: filterTasks, task: turn, rows: artists, args, signal })
  blocks.splice(0, 2, blocks[1], blocks[0])
  return values
}

/** blocks[0]^T right, l x l. */
async function overlapOf({ context, memory, parts, blocks, l, artists }: Graph, right: Block) {
  const args = { memory, left: blocks[0], right, rows: artists, l, pieces, out: parts.overlaps }
  const { workers, signal } = context
  await overRows(workers, { module: filterTasks, task: overlap, rows: pieces, args, signal, fewestRows: 1 })
  const sum = new Float64Array(l * l)
  for (let at = 0; at < parts.overlaps.length; at++) sum[at % sum.length]! += parts.overlaps[at]!
  return sum
}

/** A direction this much shorter than the others, in squares, is rounding. */
const ridge = 1e-6

/**
 * Solves the pencil shifted x = value gram x: columns at length 1, gram = L L^T, then the eigenvectors of
 * L^-1 shifted L^-T, brought back. What must multiply the block comes as l x l, column j for value j.
 */
function ritz(gram: Float64Array, shifted: Float64Array, l: number) {
  const scale = Float64Array.from({ length: l }, (_, i) => 1 / Math.sqrt(Math.max(gram[i * l + i]!, 1e-30)))
  const lower = gram.map((value, at) => value * scale[Math.floor(at / l)]! * scale[at % l]!)
  for (let i = 0; i < l; i++) lower[i * l + i] = 1 + ridge
  kernels.potrf(lower, l)
  const inner = shifted.map((_, at) => {
    const [i, j] = [Math.floor(at / l), at % l]
    return 0.5 * (shifted[at]! + shifted[j * l + i]!) * scale[i]! * scale[j]!
  })
  // L^-1 from the left of each column is L^-1 from the left of each row of a symmetric matrix: twice, turned between.
  forward(lower, inner, l)
  const turned = inner.map((_, at) => inner[(at % l) * l + Math.floor(at / l)]!)
  forward(lower, turned, l)
  const { values, vectors } = kernels.symmetricEigen(turned, l)
  const by = new Float64Array(l * l)
  for (let j = 0; j < l; j++) {
    const x = vectors.slice(j * l, (j + 1) * l)
    for (let i = l - 1; i >= 0; i--) {
      x[i]! /= lower[i * l + i]!
      for (let k = 0; k < i; k++) x[k]! -= lower[i * l + k]! * x[i]!
    }
    for (let i = 0; i < l; i++) by[i * l + j] = x[i]! * scale[i]!
  }
  return { by, values: values.slice() }
}

/** Each row x of `rows` becomes L^-1 x. */
function forward(lower: Float64Array, rows: Float64Array, l: number): void {
  for (let row = 0; row < l; row++) {
    const x = rows.subarray(row * l, (row + 1) * l)
    for (let i = 0; i < l; i++) {
      let rest = x[i]!
      for (let k = 0; k < i; k++) rest -= lower[i * l + k]! * x[k]!
      x[i] = rest / lower[i * l + i]!
    }
  }
}

/** Values below this share of the largest are noise: their vectors are left out. */
const leastValue = 1e-5

function cut(
  graph: Graph,
  values: Float64Array,
  { wanted, factors }: { wanted: number; factors: number },
): Spectrum {
  const { blocks, l, artists } = graph
  const vectors = sharedFloats(artists * factors)
  const kept = sharedFloats(factors)
  for (let f = 0; f < wanted; f++) {
    if (!(values[f]! > leastValue)) break
    kept[f] = values[f]!
    for (let artist = 0; artist < artists; artist++)
      vectors[artist * factors + f] = blocks[0][artist * l + f]!
  }
  return { vectors, values: kept }
}
