// How good probabilities are: log-loss, Brier score and expected calibration error.
import { TastemakerError } from '../errors.ts'

/** All lower is better; NaN without cases. */
export type CalibrationMeasures = {
  /** Mean of -log(probability of what happened), natural logarithm. */
  readonly logLoss: number
  /** Mean squared difference to 0 or 1 (Brier 1950). */
  readonly brier: number
  /**
   * |mean probability - share of positives| over bins of equal width, weighted by their cases (Naeini et al. 2015);
   * the last bin holds probability 1.
   */
  readonly ece: number
}

const certainty = 1e-12

/**
 * Measures probabilities against what happened.
 * They speak of the cases measured only: the model's own first places look better before than after they are shown,
 * since a list is where estimates that are too high end up ("maximization bias"). Measure on lists, not on all pairs.
 * @param labels 1 where it happened, else 0; as many as probabilities, else `bad-argument`
 * @param bins of the calibration error; default 15
 */
export function measureCalibration(
  probabilities: ArrayLike<number>,
  labels: ArrayLike<number>,
  bins = 15,
): CalibrationMeasures {
  const count = probabilities.length
  if (count !== labels.length || !(Number.isInteger(bins) && bins >= 1))
    throw new TastemakerError(
      'bad-argument',
      `${count} probabilities came with ${labels.length} labels and ${bins} bins; there must be a label for each, and a bin.`,
    )
  const excess = new Float64Array(bins)
  let [logLoss, brier] = [0, 0]
  for (let at = 0; at < count; at++) {
    const probability = probabilities[at]!
    const label = labels[at]! > 0 ? 1 : 0
    const ofWhatHappened = label === 1 ? probability : 1 - probability
    logLoss -= Math.log(Math.max(certainty, ofWhatHappened))
    brier += (probability - label) ** 2
    excess[Math.min(bins - 1, Math.floor(probability * bins))]! += probability - label
  }
  const ece = excess.reduce((sum, value) => sum + Math.abs(value), 0)
  return { logLoss: logLoss / count, brier: brier / count, ece: ece / count }
}
