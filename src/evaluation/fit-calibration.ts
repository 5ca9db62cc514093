// Chooses a calibration: the sigmoid where data are few, else whichever of sigmoid and isotonic foretells better.
import { type Calibration, calibrated } from '../data/calibration.ts'
import { fitPlatt } from './calibration.ts'
import { measureCalibration } from './calibration-measures.ts'
import { fitIsotonic } from './isotonic.ts'

/** Positives below which an isotonic fit would follow chance. */
const enoughPositives = 1000

/**
 * Fits a Platt sigmoid below 1000 positives. From there on both kinds are fitted to the first four fifths of the cases,
 * the lower log-loss on the last fifth decides (a draw is for the sigmoid), and the kind chosen is fitted to all.
 * Hand the cases over listener by listener: then the deciding fifth are other listeners.
 * @param scores raw scores, finite
 * @param labels 1 where it was clicked, 0 where not; as many as scores, else `bad-argument`
 */
export function fitCalibration(scores: ArrayLike<number>, labels: ArrayLike<number>): Calibration {
  const [allScores, allLabels] = [Float64Array.from(scores), Uint8Array.from(labels)]
  const positives = allLabels.reduce((count, label) => count + (label > 0 ? 1 : 0), 0)
  if (positives < enoughPositives) return fitPlatt(allScores, allLabels)
  const cut = Math.floor(0.8 * allScores.length)
  const losses = [fitPlatt, fitIsotonic].map((fitKind) => {
    const fitted = fitKind(allScores.subarray(0, cut), allLabels.subarray(0, cut))
    const foretold = allScores.subarray(cut).map((score) => calibrated(fitted, score))
    return measureCalibration(foretold, allLabels.subarray(cut)).logLoss
  })
  return losses[1]! < losses[0]! ? fitIsotonic(allScores, allLabels) : fitPlatt(allScores, allLabels)
}
