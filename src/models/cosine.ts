// Item-item cosine: artists that share listeners with the ones you play.
import type { Algorithm } from './algorithm.ts'
import { fitWeights } from './cooccurrence.ts'
import { openItemWeights } from './item-weights.ts'
import { listenerShares } from './popularity.ts'

/**
 * W_ji = listeners of both / (sqrt(listeners of j * listeners of i) + shrink), the `neighbours` largest kept for each
 * artist i; the score of i is the sum of W_ji over the history (Sarwar et al. 2001, with shrinkage).
 * The pattern counts, not the values: on artists, play counts as weights gained nothing measurable.
 * Cost: see `fitWeights`.
 */
export const cosine: Algorithm = {
  async fit({ matrix, settings }, context) {
    const { neighbours, shrink } = settings.cosine
    const family = {
      listenerExponent: 0,
      sourceExponent: 0.5,
      targetExponent: 0.5,
      power: 1,
      normalize: false,
    }
    const weights = await fitWeights(matrix, { ...family, shrink, neighbours }, context)
    return {
      artistCount: matrix.columns,
      options: { neighbours, shrink },
      arrays: { ...weights, popularity: listenerShares(matrix) },
    }
  },
  open: openItemWeights,
}
