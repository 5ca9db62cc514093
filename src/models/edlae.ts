// EDLAE: EASE that learns to do without a share of each history, so that no artist leans on a few others alone.
import type { Algorithm, FitContext, FitInput } from './algorithm.ts'
import { fitDenseItems } from './dense-item-fit.ts'
import { openDenseItems } from './dense-item-model.ts'
import { listenerShares } from './popularity.ts'

/**
 * Steck (2020), full rank: dropout p of the input in expectation is a ridge that grows with an artist's listeners,
 * D_j = lambda + p / (1 - p) * listeners of j; the rest is EASE. Without dropout it is EASE.
 * Cost, memory and what is kept: `fitDenseItems`. For catalogues to about 20,000 artists; mrf goes beyond.
 */
export const edlae: Algorithm = { fit: fitEdlae, open: openDenseItems }

async function fitEdlae({ matrix, settings }: FitInput, context: FitContext) {
  const { regularization, dropout, neighbours } = settings.edlae
  const ridge = (listeners: number): number => regularization + (dropout / (1 - dropout)) * listeners
  const arrays = await fitDenseItems({ matrix, ridge, neighbours }, context)
  return {
    artistCount: matrix.columns,
    options: { regularization, dropout, neighbours },
    arrays: { ...arrays, popularity: listenerShares(matrix) },
  }
}
