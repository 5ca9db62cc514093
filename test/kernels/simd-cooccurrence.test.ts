// Co-occurrence on WebAssembly equals the plain kernel, on any shape and however the work is cut.
import { describe, expect, it } from 'vitest'
import { type SparseRows, sparseRows, type Triple, transpose } from '../../src/data/interaction-matrix.ts'
import { kernels } from '../../src/kernels/kernels.ts'
import type { Cooccurrence } from '../../src/kernels/plain-neighbours.ts'
import { simdSupported } from '../../src/kernels/simd.ts'
import { countPieces, layPairs, settleLists } from '../../src/kernels/simd-cooccurrence.ts'
import { createRandom } from '../../src/statistics/random.ts'

/** Popular columns first, then few and few cells; some rows empty, some columns untouched. */
function skewed(rows: number, columns: number, seed: number): SparseRows {
  const random = createRandom(seed)
  const triples: Triple[] = []
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      if (row % 7 !== 3 && random.uniform() < 4 / (column + 5))
        triples.push([row, (column * 11) % columns, 1])
  return sparseRows(rows, columns, triples)
}

function inputOf(
  matrix: SparseRows,
  { p, a, b, shrink }: { p: number; a: number; b: number; shrink: number },
) {
  const { rows, columns, rowPtr } = matrix
  const sizes = new Float64Array(columns)
  for (const column of matrix.colIndex) sizes[column]! += 1
  const length = (row: number): number => Math.max(1, rowPtr[row + 1]! - rowPtr[row]!)
  return {
    byRow: matrix,
    c: columns,
    rowWeights: Float64Array.from({ length: rows }, (_, row) => length(row) ** -p),
    sourceScale: sizes.map((size) => Math.max(1, size) ** a),
    targetScale: sizes.map((size) => Math.max(1, size) ** b),
    shrink,
  }
}

function plain(input: Cooccurrence, matrix: SparseRows, keep: number): [number, number][][] {
  const ends = kernels.listEnds(input, keep)
  const [columns, scores] = [new Int32Array(ends[input.c]!), new Float32Array(ends[input.c]!)]
  const lists = { ends, sizes: new Int32Array(input.c), columns, scores }
  kernels.cooccurrenceTop({ ...input, byColumn: transpose(matrix), from: 0, to: input.c, lists })
  return listed(lists)
}

type Lists = Parameters<typeof kernels.cooccurrenceTop>[0]['lists']

const listed = ({ ends, sizes, columns, scores }: Lists): [number, number][][] =>
  [...sizes].map((size, i) =>
    Array.from({ length: size }, (_, at) => [columns[ends[i]! + at]!, scores[ends[i]! + at]!]),
  )

function quick(input: Cooccurrence, keep: number): [number, number][][] {
  const { job, lists } = layPairs(input, keep, 1)!
  const pieces = job.pieces.length - 1
  for (let piece = 0; piece < pieces; piece += 3) countPieces(job, piece, Math.min(pieces, piece + 3))
  settleLists(job, 0, input.c)
  return listed(lists())
}

describe.skipIf(!simdSupported())('co-occurrence on WebAssembly', () => {
  it.each([0, 1, 3, 4, 5, 64, 127])(
    'counts as the plain kernel does over %i columns, to the bit',
    (columns) => {
      const matrix = skewed(90, columns, columns)
      const input = inputOf(matrix, { p: 0, a: 0.5, b: 0.5, shrink: 3 })
      for (const keep of [1, 2, 20, 500]) expect(quick(input, keep)).toEqual(plain(input, matrix, keep))
    },
  )

  it.each([
    { name: 'P3alpha', p: 0.7, a: 0.7, b: 0, shrink: 0 },
    { name: 'RP3beta', p: 0.7, a: 0.7, b: 0.4, shrink: 0 },
    { name: 'Turbo-CF', p: 1.2, a: 0.4, b: 0.4, shrink: 0 },
  ])('weighs listeners as the plain kernel does, to rounding: $name', (family) => {
    const matrix = skewed(120, 70, 4)
    const input = inputOf(matrix, family)
    const [fast, slow] = [quick(input, 12), plain(input, matrix, 12)]
    for (const [i, list] of slow.entries()) {
      expect(fast[i]).toHaveLength(list.length)
      for (const [at, [, score]] of list.entries()) expect(fast[i]![at]![1] / score).toBeCloseTo(1, 5)
    }
  })

  it('counts long rows', () => {
    const matrix = sparseRows(
      3,
      600,
      [0, 1, 2].flatMap((row) => Array.from({ length: 600 - row }, (_, at): Triple => [row, at, 1])),
    )
    const input = inputOf(matrix, { p: 0, a: 0.5, b: 0.5, shrink: 0 })
    expect(quick(input, 7)).toEqual(plain(input, matrix, 7))
  })
})
