// Turbo-CF: a low-pass filter on the graph of artists, without training.
import type { Algorithm } from './algorithm.ts'
import { fitWeights } from './cooccurrence.ts'
import { openItemWeights } from './item-weights.ts'
import { listenerShares } from './popularity.ts'

/**
 * W = (R^T R)^s, entry by entry, with R = D_listeners^-alpha X D_artists^(alpha - 1): the linear filter of Park et al. 2024,
 * W_ji = (sum over listeners u of both of n_u^(-2 alpha) / (n_j n_i)^(1 - alpha))^s. An artist's weight for itself is left
 * out: it would only speak for what is known. The `neighbours` largest j are kept for each i, or all. Cost: see `fitWeights`.
 */
export const turboCf: Algorithm = {
  async fit({ matrix, settings }, context) {
    const { neighbours, alpha, power } = settings.turboCf
    const exponents = { listenerExponent: 2 * alpha, sourceExponent: 1 - alpha, targetExponent: 1 - alpha }
    const family = { ...exponents, shrink: 0, power, neighbours, normalize: false }
    return {
      artistCount: matrix.columns,
      options: { neighbours, alpha, power },
      arrays: { ...(await fitWeights(matrix, family, context)), popularity: listenerShares(matrix) },
    }
  },
  open: openItemWeights,
}
