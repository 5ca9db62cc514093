// Calibration by isotonic regression: the never-falling function nearest to what happened, from plenty of data.
import type { Isotonic } from '../data/calibration.ts'
import { checkedScores } from './calibration.ts'

/**
 * Fits the non-decreasing function of least squared error by pooling adjacent violators (Ayer et al. 1955; Zadrozny and
 * Elkan 2002). Each pooled block is kept by its lowest and highest score. Probabilities stay within 1 / (n + 2) of 0 and 1
 * (the rule of succession): what was never seen in n cases is not impossible. O(n log n).
 * @param scores raw scores, finite
 * @param labels 1 where it was clicked, 0 where not; as many as scores, else `bad-argument`. No pairs give probability 1/2.
 */
export function fitIsotonic(scores: ArrayLike<number>, labels: ArrayLike<number>): Isotonic {
  const raw = checkedScores(scores, labels)
  if (raw.length === 0) return { scores: [0], probabilities: [0.5] }
  const least = 1 / (raw.length + 2)
  const points: { score: number; probability: number }[] = []
  for (const block of pooled(ties(raw, labels))) {
    const probability = Math.min(1 - least, Math.max(least, block.positives / block.count))
    points.push({ score: block.low, probability })
    if (block.high > block.low) points.push({ score: block.high, probability })
  }
  return {
    scores: points.map(({ score }) => score),
    probabilities: points.map(({ probability }) => probability),
  }
}

type Block = {
  readonly low: number
  readonly high: number
  readonly count: number
  readonly positives: number
}

/** One block for each score there is, ascending. */
function ties(scores: Float64Array, labels: ArrayLike<number>): Block[] {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a]! - scores[b]!)
  const blocks: Block[] = []
  for (const at of order) {
    const score = scores[at]!
    const positives = labels[at]! > 0 ? 1 : 0
    const last = blocks.at(-1)
    if (last?.high === score) blocks[blocks.length - 1] = joined(last, { ...last, count: 1, positives })
    else blocks.push({ low: score, high: score, count: 1, positives })
  }
  return blocks
}

/** Joins neighbours until no block has a smaller share of positives than the one before it. */
function pooled(blocks: readonly Block[]): Block[] {
  const kept: Block[] = []
  for (let block of blocks) {
    for (let before = kept.at(-1); before && shareOf(before) >= shareOf(block); before = kept.at(-1)) {
      block = joined(before, block)
      kept.pop()
    }
    kept.push(block)
  }
  return kept
}

const shareOf = ({ positives, count }: Block): number => positives / count

const joined = (before: Block, after: Block): Block => ({
  low: before.low,
  high: after.high,
  count: before.count + after.count,
  positives: before.positives + after.positives,
})
