// Turns a model's raw scores into probabilities that never rise down a list.
import { type Calibration, calibrated } from '../data/calibration.ts'
import type { RankedArtist } from '../data/ranked-list.ts'

/**
 * The probabilities of one list, best first, rounded to 4 digits, each in 0..1 and none above the one before it.
 * Without a calibration nothing is known of absolute chances: the best artist is then put at even odds and the
 * others in proportion to their raw scores (0 below a raw score of 0), so that no list claims more than it knows.
 * @param rawScores best first; empty gives an empty array
 */
export function probabilities(rawScores: ArrayLike<number>, calibration?: Calibration): readonly number[] {
  const best = rawScores[0] ?? 0
  const chanceOf = calibration
    ? (raw: number) => calibrated(calibration, raw)
    : (raw: number) => (best > 0 && raw > 0 ? (0.5 * raw) / best : 0)
  const out: number[] = []
  let ceiling = 1
  for (let at = 0; at < rawScores.length; at++) {
    const chance = chanceOf(rawScores[at]!)
    ceiling = Math.min(ceiling, Number.isNaN(chance) ? 0 : rounded(chance))
    out.push(ceiling)
  }
  return out
}

/** The score of a probability: 2p - 1, in [-1, 1], rounded to 4 digits. */
export const scoreOf = (probability: number): number => rounded(2 * probability - 1)

/** The same artist with its probability, and with it its score, held at or below a ceiling. */
export function heldBelow(artist: RankedArtist, ceiling: number): RankedArtist {
  if (artist.probability <= ceiling) return artist
  return { ...artist, probability: ceiling, score: scoreOf(ceiling) }
}

const rounded = (value: number): number => Math.round(value * 10_000) / 10_000 + 0
