// Calibration by a sigmoid: raw scores to probabilities by what happened, from few data.
import { calibrated, type Platt } from '../data/calibration.ts'
import { TastemakerError } from '../errors.ts'

/**
 * Fits the sigmoid by maximum likelihood (Platt 1999, smoothed targets) with the damped Newton steps of Lin, Lin and
 * Weng (2007). Scores that speak against the labels give slope 0: calibration never turns a ranking round.
 * @param scores raw scores, finite
 * @param labels 1 where it was clicked, 0 where not; as many as scores, else `bad-argument`. No pairs give probability 1/2.
 */
export function fitPlatt(scores: ArrayLike<number>, labels: ArrayLike<number>): Platt {
  const data = prepared(scores, labels)
  let at = { slope: 0, intercept: Math.log((data.positives + 1) / (data.negatives + 1)) }
  for (let step = 0; step < mostSteps; step++) {
    const next = newtonStep(data, at)
    if (!next) break
    at = next
  }
  if (at.slope < 0) return { slope: 0, intercept: Math.log((data.positives + 1) / (data.negatives + 1)) }
  return { slope: at.slope / data.scale, intercept: at.intercept - (at.slope * data.centre) / data.scale }
}

const mostSteps = 100

type Data = {
  /** Scores less `centre`, over `scale`: Newton's steps then do not care for their unit. */
  readonly standard: Float64Array
  readonly targets: Float64Array
  readonly positives: number
  readonly negatives: number
  readonly centre: number
  readonly scale: number
}

/** The scores as doubles; `bad-argument` where one is not finite or the labels are not as many. */
export function checkedScores(scores: ArrayLike<number>, labels: ArrayLike<number>): Float64Array {
  const raw = Float64Array.from(scores)
  const odd = raw.find((score) => !Number.isFinite(score))
  if (raw.length === labels.length && odd === undefined) return raw
  throw new TastemakerError(
    'bad-argument',
    `Calibration got ${raw.length} scores (${odd ?? 'all finite'}) for ${labels.length} labels.`,
  )
}

function prepared(scores: ArrayLike<number>, labels: ArrayLike<number>): Data {
  const raw = checkedScores(scores, labels)
  const centre = raw.reduce((sum, score) => sum + score, 0) / Math.max(1, raw.length)
  const spread = Math.sqrt(
    raw.reduce((sum, score) => sum + (score - centre) ** 2, 0) / Math.max(1, raw.length),
  )
  const scale = spread > 0 ? spread : 1
  const positives = Float64Array.from(labels).reduce((count, label) => count + (label > 0 ? 1 : 0), 0)
  const negatives = raw.length - positives
  const yes = (positives + 1) / (positives + 2)
  const no = 1 / (negatives + 2)
  return {
    standard: raw.map((score) => (score - centre) / scale),
    targets: raw.map((_, at) => (labels[at]! > 0 ? yes : no)),
    positives,
    negatives,
    centre,
    scale,
  }
}

/** Cross-entropy of the targets, written so that no exponential overflows. */
function loss({ standard, targets }: Data, { slope, intercept }: Platt): number {
  let sum = 0
  for (let at = 0; at < standard.length; at++) {
    const logit = slope * standard[at]! + intercept
    sum += Math.log1p(Math.exp(-Math.abs(logit))) + Math.max(logit, 0) - targets[at]! * logit
  }
  return sum
}

/** A Newton step, halved until the loss falls enough; nothing where the gradient is zero or no step helps. */
function newtonStep(data: Data, at: Platt): Platt | undefined {
  const { standard, targets } = data
  let [gSlope, gIntercept, hSlope, hCross, hIntercept] = [0, 0, 1e-12, 0, 1e-12]
  for (let row = 0; row < standard.length; row++) {
    const score = standard[row]!
    const probability = calibrated(at, score)
    const error = probability - targets[row]!
    const curve = probability * (1 - probability)
    gSlope += error * score
    gIntercept += error
    hSlope += curve * score * score
    hCross += curve * score
    hIntercept += curve
  }
  if (Math.abs(gSlope) < 1e-9 && Math.abs(gIntercept) < 1e-9) return undefined
  const determinant = hSlope * hIntercept - hCross * hCross
  const bySlope = -(hIntercept * gSlope - hCross * gIntercept) / determinant
  const byIntercept = -(hSlope * gIntercept - hCross * gSlope) / determinant
  const falls = gSlope * bySlope + gIntercept * byIntercept
  const before = loss(data, at)
  for (let size = 1; size >= 1e-10; size /= 2) {
    const next = { slope: at.slope + size * bySlope, intercept: at.intercept + size * byIntercept }
    if (loss(data, next) < before + 1e-4 * size * falls) return next
  }
  return undefined
}
