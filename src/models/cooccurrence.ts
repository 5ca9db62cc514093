// One family of item-item weights: co-occurrence, normalized by how much listeners and artists are heard.
import { type SparseRows, transpose } from '../data/interaction-matrix.ts'
import { kernels } from '../kernels/kernels.ts'
import type { Cooccurrence, NearLists } from '../kernels/plain-neighbours.ts'
import { layPairs, type Pairs } from '../kernels/simd-cooccurrence.ts'
import { type FitContext, sharedDoubles, sharedFloats, sharedWholes } from './algorithm.ts'
import { countPairs, itemTasks, plainNeighbours, sortLists } from './item-tasks.ts'
import { overRows } from './row-work.ts'

/**
 * The four exponents of the family, with n_u artists of a listener and n_i listeners of an artist:
 *
 *   C_ji = sum over listeners u of both of n_u^-p        W_ji = (C_ji / (n_j^a n_i^b + shrink))^s
 *
 *   cosine        p 0      a 1/2      b 1/2      s 1     Sarwar et al. 2001
 *   P3alpha       p alpha  a alpha    b 0        s 1     Cooper et al. 2014
 *   RP3beta       p alpha  a alpha    b beta     s 1     Paudel et al. 2017
 *   Turbo-CF      p 2t     a 1 - t    b 1 - t    s       Park et al. 2024
 */
export type Family = {
  /** p */
  readonly listenerExponent: number
  /** a, of the artist heard. */
  readonly sourceExponent: number
  /** b, of the artist recommended. */
  readonly targetExponent: number
  readonly shrink: number
  /** s, > 0 */
  readonly power: number
  /** The largest weights kept for each artist recommended; 0: all. */
  readonly neighbours: number
  /** Scale all kept weights of each artist heard to sum to 1. */
  readonly normalize: boolean
}

/** The arrays of an item-item model: for each artist recommended, the artists that speak for it, largest weight first. */
export type WeightLists = {
  /** artists + 1 offsets. */
  readonly neighbourPtr: Int32Array
  readonly neighbours: Int32Array
  readonly weights: Float32Array
}

/**
 * Computes the weights by one pass over all pairs of artists that share a listener (Gustavson 1978): about sum n_u^2 / 2
 * additions; bytes: see `layPairs`. Ties by ascending artist index. The same bytes for any number of threads.
 */
export async function fitWeights(
  matrix: SparseRows,
  family: Family,
  context: Omit<FitContext, 'seed'>,
): Promise<WeightLists> {
  const input = cooccurrenceOf(matrix, family)
  const keep = family.neighbours === 0 ? matrix.columns : family.neighbours
  const pairs = layPairs(input, keep, context.workers.threads)
  const lists = pairs
    ? await quickLists(pairs, matrix.columns, context)
    : await plainLists({ input, matrix, keep }, context)
  return packed(lists, family)
}

function cooccurrenceOf(matrix: SparseRows, family: Family): Cooccurrence {
  const { rows, columns, rowPtr } = matrix
  const rowWeights = sharedDoubles(rows)
  for (let user = 0; user < rows; user++)
    rowWeights[user] = Math.max(1, rowPtr[user + 1]! - rowPtr[user]!) ** -family.listenerExponent
  const sourceScale = sharedDoubles(columns)
  const targetScale = sharedDoubles(columns)
  for (const artist of matrix.colIndex) sourceScale[artist]! += 1
  for (let artist = 0; artist < columns; artist++) {
    const listeners = Math.max(1, sourceScale[artist]!)
    sourceScale[artist] = listeners ** family.sourceExponent
    targetScale[artist] = listeners ** family.targetExponent
  }
  const byRow = { rowPtr, colIndex: matrix.colIndex }
  return { byRow, c: columns, rowWeights, sourceScale, targetScale, shrink: family.shrink }
}

type Context = Omit<FitContext, 'seed'>

async function quickLists(
  { job, lists }: Pairs,
  columns: number,
  { workers, onProgress, signal }: Context,
): Promise<NearLists> {
  const pieces = job.pieces.length - 1
  const common = { module: itemTasks, args: { job }, signal }
  await overRows(workers, {
    ...common,
    task: countPairs,
    rows: pieces,
    // Pieces hold about the same work: each is a range of its own, unless there is next to nothing to do.
    fewestRows: job.additions < fewestAdditions ? pieces : 1,
    mostRanges: pieces,
    onProgress,
  })
  await overRows(workers, { ...common, task: sortLists, rows: columns, fewestRows: 4096 })
  return lists()
}

/** Additions up to which the calling thread does the work alone. */
const fewestAdditions = 100_000

type PlainWork = { readonly input: Cooccurrence; readonly matrix: SparseRows; readonly keep: number }

async function plainLists({ input, matrix, keep }: PlainWork, context: Context): Promise<NearLists> {
  const { workers, onProgress, signal } = context
  const columns = input.c
  const ends = kernels.listEnds(input, keep)
  const lists = {
    ends,
    sizes: sharedWholes(columns),
    columns: sharedWholes(ends[columns]!),
    scores: sharedFloats(ends[columns]!),
  }
  const args = { ...input, byColumn: transpose(matrix), lists }
  await overRows(workers, {
    module: itemTasks,
    task: plainNeighbours,
    rows: columns,
    args,
    onProgress,
    signal,
  })
  return lists
}

/** The lists behind one another without gaps, raised to the power and scaled. */
function packed({ ends, sizes, columns, scores }: NearLists, family: Family): WeightLists {
  const neighbourPtr = sharedWholes(sizes.length + 1)
  for (let artist = 0; artist < sizes.length; artist++)
    neighbourPtr[artist + 1] = neighbourPtr[artist]! + sizes[artist]!
  const neighbours = sharedWholes(neighbourPtr[sizes.length]!)
  const weights = sharedFloats(neighbours.length)
  for (let artist = 0; artist < sizes.length; artist++) {
    const [from, to] = [ends[artist]!, neighbourPtr[artist]!]
    neighbours.set(columns.subarray(from, from + sizes[artist]!), to)
    weights.set(scores.subarray(from, from + sizes[artist]!), to)
  }
  if (family.power !== 1)
    for (let at = 0; at < weights.length; at++) weights[at] = weights[at]! ** family.power
  const lists = { neighbourPtr, neighbours, weights }
  if (family.normalize) normalize(lists)
  return lists
}

/** Divides each weight by all that its source says, and sorts the lists again. */
function normalize({ neighbourPtr, neighbours, weights }: WeightLists): void {
  const said = new Float64Array(neighbourPtr.length - 1)
  for (let at = 0; at < weights.length; at++) said[neighbours[at]!]! += weights[at]!
  for (let at = 0; at < weights.length; at++) weights[at]! /= said[neighbours[at]!]!
  for (let artist = 0; artist + 1 < neighbourPtr.length; artist++) {
    const [from, to] = [neighbourPtr[artist]!, neighbourPtr[artist + 1]!]
    const [columns, scores] = [neighbours.slice(from, to), weights.slice(from, to)]
    const order = [...columns.keys()].sort((a, b) => scores[b]! - scores[a]! || columns[a]! - columns[b]!)
    for (const [at, place] of order.entries()) {
      neighbours[from + at] = columns[place]!
      weights[from + at] = scores[place]!
    }
  }
}
