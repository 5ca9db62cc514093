// Calibrates a model on what its own lists met: raw score -> probability that the listener takes to the artist.
import type { Calibration } from '../data/calibration.ts'
import { type SparseRows, selectRows } from '../data/interaction-matrix.ts'
import type { Histories, Model } from '../data/model.ts'
import { fitCalibration } from './fit-calibration.ts'

/** What to calibrate on: histories, and the artists their listeners took to afterwards, row by row. */
export type CalibrationInput = {
  readonly histories: Histories
  readonly heldOut: SparseRows
  /** Length of the lists whose scores count; the calibration holds for lists of about this length. */
  readonly k: number
}

/**
 * Fits a calibration to the model's recommendations: 1 where the artist was taken to in the held-out part, else 0.
 * Only recommended artists count, since only they are ever shown; listeners without anything held out count too:
 * their recommendations were all in vain. Fitted to what the model itself picked, as it must be: artists are picked for
 * scores that came out high, so probabilities fitted to any other pairs would promise lists too much.
 */
export async function calibrateModel(model: Model, input: CalibrationInput): Promise<Calibration> {
  const { histories, heldOut, k } = input
  const ranked = await model.recommend(histories, k, { excludeKnown: true })
  const scores: number[] = []
  const labels: number[] = []
  for (let row = 0; row < ranked.rows; row++) {
    const taken = new Set(selectRows(heldOut, [row]).colIndex)
    for (let at = row * k; at < (row + 1) * k; at++) {
      const artist = ranked.artists[at]!
      if (artist < 0) break
      scores.push(ranked.scores[at]!)
      labels.push(taken.has(artist) ? 1 : 0)
    }
  }
  return fitCalibration(scores, labels)
}
