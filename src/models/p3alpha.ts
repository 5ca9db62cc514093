// P3alpha: a walk of three steps over the graph of listeners and artists.
import type { Algorithm } from './algorithm.ts'
import { fitWeights } from './cooccurrence.ts'
import { openItemWeights } from './item-weights.ts'
import { listenerShares } from './popularity.ts'

/**
 * W_ji = sum over listeners u of both of (1 / n_j)^alpha (1 / n_u)^alpha: the chance to walk from artist j over a listener
 * to artist i, each step raised to alpha (Cooper et al. 2014). The `neighbours` largest j are kept for each i; then all
 * kept weights of each j are scaled to sum to 1 where `normalize` is set. Cost: see `fitWeights`.
 */
export const p3alpha: Algorithm = {
  async fit({ matrix, settings }, context) {
    const { neighbours, alpha, normalize } = settings.p3alpha
    const exponents = { listenerExponent: alpha, sourceExponent: alpha, targetExponent: 0 }
    const family = { ...exponents, shrink: 0, power: 1, neighbours, normalize }
    return {
      artistCount: matrix.columns,
      options: { neighbours, alpha, normalize },
      arrays: { ...(await fitWeights(matrix, family, context)), popularity: listenerShares(matrix) },
    }
  },
  open: openItemWeights,
}
