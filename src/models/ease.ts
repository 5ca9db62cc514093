// EASE: the exact ridge regression of every artist on all others, in one inverse.
import type { Algorithm, FitContext, FitInput } from './algorithm.ts'
import { fitDenseItems } from './dense-item-fit.ts'
import { openDenseItems } from './dense-item-model.ts'
import { listenerShares } from './popularity.ts'

/**
 * Steck (2019): B minimizes |x - x B|^2 + lambda |B|^2 with a diagonal of zeros; score(u, i) = sum over the history of B[j][i].
 * Cost, memory and what is kept: `fitDenseItems`. For catalogues to about 20,000 artists; mrf goes beyond.
 */
export const ease: Algorithm = { fit: fitEase, open: openDenseItems }

async function fitEase({ matrix, settings }: FitInput, context: FitContext) {
  const { regularization, neighbours } = settings.ease
  const arrays = await fitDenseItems({ matrix, ridge: () => regularization, neighbours }, context)
  return {
    artistCount: matrix.columns,
    options: { regularization, neighbours },
    arrays: { ...arrays, popularity: listenerShares(matrix) },
  }
}
