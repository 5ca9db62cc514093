// A calibration: how a model's raw score becomes the probability that a listener takes to an artist.

/**
 * probability = 1 / (1 + exp(-(slope * score + intercept))), slope >= 0.
 * Source: J. Platt, "Probabilistic outputs for support vector machines", 1999, equation (2) with the sign turned.
 */
export type Platt = { readonly slope: number; readonly intercept: number }

/** Points of a function that never falls: scores ascending, a probability for each; as many of one as of the other, at least one. */
export type Isotonic = { readonly scores: readonly number[]; readonly probabilities: readonly number[] }

/** Either of the two; plain numbers, so that it can be kept as JSON. */
export type Calibration = Platt | Isotonic

/**
 * The probability of a raw score, 0..1, never falling as the score rises. Isotonic points are joined by straight lines,
 * and the first and last hold beyond them. A score that is no number gives NaN.
 */
export function calibrated(calibration: Calibration, score: number): number {
  if ('scores' in calibration) return interpolated(calibration, score)
  const logit = calibration.slope * score + calibration.intercept
  return logit >= 0 ? 1 / (1 + Math.exp(-logit)) : Math.exp(logit) / (1 + Math.exp(logit))
}

function interpolated({ scores, probabilities }: Isotonic, score: number): number {
  if (Number.isNaN(score)) return Number.NaN
  const last = scores.length - 1
  if (score <= scores[0]!) return probabilities[0]!
  if (score >= scores[last]!) return probabilities[last]!
  let [low, high] = [0, last]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (scores[middle]! <= score) low = middle
    else high = middle
  }
  const share = (score - scores[low]!) / (scores[high]! - scores[low]!)
  return probabilities[low]! + share * (probabilities[high]! - probabilities[low]!)
}
