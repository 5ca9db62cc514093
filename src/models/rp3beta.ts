// RP3beta: a walk of three steps over the graph of listeners and artists, with popular artists held back.
import type { Algorithm } from './algorithm.ts'
import { fitWeights } from './cooccurrence.ts'
import { openItemWeights } from './item-weights.ts'
import { listenerShares } from './popularity.ts'

/**
 * W_ji = sum over listeners u of both of (1 / n_j)^alpha (1 / n_u)^alpha / n_i^beta: the chance to walk from artist j over
 * a listener to artist i, each step raised to alpha, divided by the popularity of i to the beta (Paudel et al. 2017).
 * The `neighbours` largest j are kept for each i; then all kept weights of each j are scaled to sum to 1 where `normalize`
 * is set. Cost: see `fitWeights`.
 */
export const rp3beta: Algorithm = {
  async fit({ matrix, settings }, context) {
    const { neighbours, alpha, beta, normalize } = settings.rp3beta
    const exponents = { listenerExponent: alpha, sourceExponent: alpha, targetExponent: beta }
    const family = { ...exponents, shrink: 0, power: 1, neighbours, normalize }
    return {
      artistCount: matrix.columns,
      options: { neighbours, alpha, beta, normalize },
      arrays: { ...(await fitWeights(matrix, family, context)), popularity: listenerShares(matrix) },
    }
  },
  open: openItemWeights,
}
