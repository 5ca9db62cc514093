// Variance inflation: how far each of several columns of numbers follows from all the others together.
import { TastemakerError } from '../errors.ts'
import { pearson } from './correlation.ts'

/** Of a column's variance, what is left after the others are taken out; below it, the column follows from them. */
const tolerance = 1e-9

/**
 * The variance inflation factor of each column, 1 / (1 - R^2) with R^2 of the least-squares fit of it by all others
 * (Marquardt 1970): 1 for a column that stands alone, infinite for one that follows from the others, NaN for a constant
 * column, which the others are judged without.
 *
 * Solved on the correlation matrix, the other columns taken out one by one, the one with most variance left first; a
 * column that has none left is passed over, so that collinear ones need no ridge.
 * @param columns equally long, without NaN; throws `bad-argument` otherwise
 */
export function varianceInflation(columns: readonly ArrayLike<number>[]): readonly number[] {
  for (const column of columns)
    if (column.length !== columns[0]!.length || Array.from(column).some(Number.isNaN))
      throw new TastemakerError(
        'bad-argument',
        'Variance inflation needs columns of one length without gaps.',
      )
  const varying = columns.flatMap((column, at) => (isConstant(column) ? [] : [at]))
  const correlations = varying.map((a) =>
    varying.map((b) => (a === b ? 1 : pearson(columns[a]!, columns[b]!))),
  )
  const factors = columns.map(() => Number.NaN)
  for (const [place, at] of varying.entries()) {
    const left = unexplained(correlations, place)
    factors[at] = left <= tolerance ? Number.POSITIVE_INFINITY : 1 / left
  }
  return factors
}

const isConstant = (column: ArrayLike<number>): boolean =>
  Array.from(column).every((value) => value === column[0])

/** 1 - R^2 of column `target`: its variance after all others were taken out of the matrix. */
function unexplained(correlations: readonly (readonly number[])[], target: number): number {
  const rest = correlations.map((row) => Float64Array.from(row))
  const others = new Set(rest.keys())
  others.delete(target)
  while (others.size > 0) {
    let pivot = -1
    for (const at of others) if (pivot < 0 || rest[at]![at]! > rest[pivot]![pivot]!) pivot = at
    others.delete(pivot)
    if (rest[pivot]![pivot]! <= tolerance) break
    takeOut(rest, pivot, [...others, target])
  }
  return rest[target]![target]!
}

/** One step of elimination: what is left of `rows` and columns once `pivot` is known. */
function takeOut(rest: readonly Float64Array[], pivot: number, rows: readonly number[]): void {
  const known = rest[pivot]!
  const scale = known[pivot]!
  const shares = rows.map((row) => rest[row]![pivot]! / scale)
  for (const [place, row] of rows.entries())
    for (const column of rows) rest[row]![column]! -= shares[place]! * known[column]!
}
