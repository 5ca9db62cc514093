// Random shapes and numbers for kernel tests, and the obvious way to multiply.
import { sparseRows } from '../../src/data/interaction-matrix.ts'
import type { WeightedRows } from '../../src/kernels/plain-solve.ts'
import { createRandom } from '../../src/statistics/random.ts'

/** Shapes that meet every corner of an unrolled loop. */
export const oddSizes = [1, 2, 3, 4, 5, 8, 127] as const

/** Normal draws. */
export function normals(length: number, seed: number): Float64Array {
  const random = createRandom(seed)
  return Float64Array.from({ length }, () => random.normal())
}

/** a (m x d) times the transpose of b (n x d). */
export function productOf(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  { m, n, d }: { readonly m: number; readonly n: number; readonly d: number },
): number[][] {
  return Array.from({ length: m }, (_, i) =>
    Array.from({ length: n }, (__, j) => {
      let sum = 0
      for (let c = 0; c < d; c++) sum += a[i * d + c]! * b[j * d + c]!
      return sum
    }),
  )
}

/** Rows with the given numbers of entries, random columns and weights in (0, 2). */
export function randomRows(lengths: readonly number[], columns: number, seed: number): WeightedRows {
  const random = createRandom(seed)
  const all = Array.from({ length: columns }, (_, column) => column)
  const matrix = sparseRows(
    lengths.length,
    columns,
    lengths.flatMap((length, row) =>
      random
        .shuffle(all)
        .slice(0, length)
        .map((column) => [row, column, 0.1 + 1.9 * random.uniform()] as const),
    ),
  )
  return { ...matrix, weights: matrix.values }
}
