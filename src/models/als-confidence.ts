// What ALS makes of the values of a matrix: weights of the cells heard.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { ModelSettings } from './algorithm.ts'

/** What ALS makes of the matrix values: nothing, their logarithm, or the values; the last two scaled to a mean of 1. */
export type Confidence = ModelSettings['als']['confidence']

const transforms: Readonly<Record<Confidence, (value: number) => number>> = {
  binary: () => 1,
  log: (value) => Math.log1p(value),
  linear: (value) => value,
}

/** What to multiply transformed values with so that their mean is 1; 1 for an empty matrix. */
export function confidenceScale(matrix: SparseRows, confidence: Confidence): number {
  if (confidence === 'binary') return 1
  const transform = transforms[confidence]
  let sum = 0
  for (const value of matrix.values) sum += transform(value)
  return sum > 0 ? matrix.values.length / sum : 1
}

/** The weight of a cell by its value. */
export function weightBy(confidence: Confidence, scale: number): (value: number) => number {
  const transform = transforms[confidence]
  return (value) => scale * transform(value)
}
