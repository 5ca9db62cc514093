// The loss of Hu, Koren and Volinsky (2008) over all cells, exactly: the same function for every library compared.
import { kernels } from '../../src/kernels/kernels.ts'
import type { ShapeArrays } from './lastfm-shape.ts'

/** Vectors of both sides, row-major, d numbers each. */
export type Factors = {
  readonly listeners: Float32Array
  readonly artists: Float32Array
  readonly d: number
}

/**
 * sum over all cells of c (p - x . y)^2 + regularization (sum |x|^2 + sum |y|^2), where a cell heard has p = 1 and its value
 * for c, any other p = 0 and c = 1. The sum of (x . y)^2 over all cells is that of the products of both Gram matrices, so only
 * the cells heard are visited. Float64.
 */
export function implicitLoss(matrix: ShapeArrays, factors: Factors, regularization: number): number {
  const { listeners, artists, d } = factors
  const [left, right] = [gramOf(listeners, d), gramOf(artists, d)]
  let loss = kernels.dot(left, right)
  for (let f = 0; f < d; f++) loss += regularization * (left[f * d + f]! + right[f * d + f]!)
  for (let user = 0; user + 1 < matrix.rowPtr.length; user++)
    for (let at = matrix.rowPtr[user]!; at < matrix.rowPtr[user + 1]!; at++) {
      const artist = matrix.colIndex[at]! * d
      let score = 0
      for (let f = 0; f < d; f++) score += listeners[user * d + f]! * artists[artist + f]!
      loss += matrix.values[at]! * (1 - score) ** 2 - score * score
    }
  return loss
}

const gramOf = (factors: Float32Array, d: number): Float64Array =>
  kernels.gram({ factors, d, from: 0, to: factors.length / d })
