// Weights from choices: which non-negative mix of features makes the chosen of each list stand out.

/** Lists of alternatives, one behind the other. */
export type ChoiceLists = {
  /** Features of an alternative. */
  readonly width: number
  /** Alternatives x width, row-major. */
  readonly features: Float32Array
  /** 1 where an alternative was chosen; a list may have several, and counts for nothing without any. */
  readonly chosen: Uint8Array
  /** Where each list ends. */
  readonly ends: Int32Array
}

const ridge = 1e-4
const mostSteps = 50
const settled = 1e-8

/**
 * Minimizes the mean over lists of -log softmax(w . x)[chosen], several chosen of a list weighing equally, plus
 * ridge |w|^2 / 2, over w >= 0: the conditional logit (McFadden 1974; as a ranking loss ListNet, Cao et al. 2007). Its
 * gradient is the difference between the mean features of what is likely and of what was chosen. Convex; projected
 * Newton steps, each two passes over the features. All 0 without any choice.
 */
export function fitChoiceWeights(lists: ChoiceLists): number[] {
  let weights = new Float64Array(lists.width)
  let here = measure(lists, weights)
  if (here.lists === 0) return [...weights]
  for (let step = 0; step < mostSteps; step++) {
    const target = boxedMinimum(here, weights)
    const next = stepTowards(lists, { from: weights, to: target, loss: here.loss })
    if (!next) break
    const gained = here.loss - next.loss
    weights = next.weights
    if (gained < settled) break
    here = measure(lists, weights)
  }
  return [...weights]
}

type Measured = {
  readonly lists: number
  readonly loss: number
  readonly gradient: Float64Array
  /** width x width */
  readonly curvature: Float64Array
}

/** Loss, gradient and second derivatives at these weights. */
function measure(lists: ChoiceLists, weights: Float64Array): Measured {
  const { width, ends } = lists
  const sums = { gradient: new Float64Array(width), curvature: new Float64Array(width * width) }
  let [loss, count] = [0, 0]
  for (const [list, end] of ends.entries()) {
    const from = ends[list - 1] ?? 0
    const likely = softmax(lists, weights, from, end)
    if (!likely) continue
    loss += likely.loss
    count++
    addList(sums, lists, { from, ...likely })
  }
  return finished({ lists: count, loss, ...sums }, weights)
}

/** Adds one list: likely less chosen features to the gradient, the features' covariance to the curvature's lower triangle. */
function addList(
  { gradient, curvature }: Pick<Measured, 'gradient' | 'curvature'>,
  { width, features, chosen }: ChoiceLists,
  { from, probabilities, chosen: count }: Likely & { readonly from: number },
): void {
  const mean = new Float64Array(width)
  for (const [place, probability] of probabilities.entries()) {
    const excess = probability - (chosen[from + place] === 1 ? 1 / count : 0)
    const x = features.subarray((from + place) * width, (from + place + 1) * width)
    for (let a = 0; a < width; a++) {
      gradient[a]! += excess * x[a]!
      mean[a]! += probability * x[a]!
      for (let b = 0; b <= a; b++) curvature[a * width + b]! += probability * x[a]! * x[b]!
    }
  }
  for (let a = 0; a < width; a++)
    for (let b = 0; b <= a; b++) curvature[a * width + b]! -= mean[a]! * mean[b]!
}

/** Sums made means, the ridge added, the lower triangle mirrored. */
function finished({ lists, loss, gradient, curvature }: Measured, weights: Float64Array): Measured {
  const width = weights.length
  const n = Math.max(1, lists)
  for (let a = 0; a < width; a++) {
    gradient[a] = gradient[a]! / n + ridge * weights[a]!
    for (let b = 0; b <= a; b++) {
      const value = curvature[a * width + b]! / n + (a === b ? ridge : 0)
      curvature[a * width + b] = value
      curvature[b * width + a] = value
    }
  }
  return { lists, loss: loss / n + penalty(weights), gradient, curvature }
}

const penalty = (weights: Float64Array): number =>
  (ridge / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0)

type Likely = { readonly probabilities: Float64Array; readonly chosen: number; readonly loss: number }

/** Probabilities of the alternatives of one list; nothing where none was chosen. */
function softmax(lists: ChoiceLists, weights: Float64Array, from: number, end: number): Likely | undefined {
  const { width, features, chosen } = lists
  const probabilities = new Float64Array(end - from)
  let [highest, count, ofChosen] = [-Infinity, 0, 0]
  for (let at = from; at < end; at++) {
    let score = 0
    for (let a = 0; a < width; a++) score += weights[a]! * features[at * width + a]!
    probabilities[at - from] = score
    if (score > highest) highest = score
    if (chosen[at] === 1) {
      count++
      ofChosen += score
    }
  }
  if (count === 0) return undefined
  let sum = 0
  for (let at = 0; at < probabilities.length; at++) {
    probabilities[at] = Math.exp(probabilities[at]! - highest)
    sum += probabilities[at]!
  }
  for (let at = 0; at < probabilities.length; at++) probabilities[at]! /= sum
  return { probabilities, chosen: count, loss: highest + Math.log(sum) - ofChosen / count }
}

function lossAt(lists: ChoiceLists, weights: Float64Array): number {
  let [loss, count] = [0, 0]
  for (const [list, end] of lists.ends.entries()) {
    const likely = softmax(lists, weights, lists.ends[list - 1] ?? 0, end)
    if (!likely) continue
    loss += likely.loss
    count++
  }
  return loss / Math.max(1, count) + penalty(weights)
}

const sweeps = 200

/** Where the quadratic model of the loss is least over weights >= 0: coordinates in turn. */
function boxedMinimum({ gradient, curvature }: Measured, weights: Float64Array): Float64Array {
  const width = weights.length
  const to = weights.slice()
  for (let sweep = 0; sweep < sweeps; sweep++)
    for (let a = 0; a < width; a++) {
      let slope = gradient[a]!
      for (let b = 0; b < width; b++) slope += curvature[a * width + b]! * (to[b]! - weights[b]!)
      to[a] = Math.max(0, to[a]! - slope / curvature[a * width + a]!)
    }
  return to
}

type Step = { readonly from: Float64Array; readonly to: Float64Array; readonly loss: number }

/** The longest of the halved steps that lowers the loss; nothing where none does. */
function stepTowards(
  lists: ChoiceLists,
  { from, to, loss }: Step,
): { readonly weights: Float64Array<ArrayBuffer>; readonly loss: number } | undefined {
  for (let size = 1; size > 1e-6; size /= 2) {
    const weights = Float64Array.from(from, (weight, a) => weight + size * (to[a]! - weight))
    const next = lossAt(lists, weights)
    if (next < loss) return { weights, loss: next }
  }
  return undefined
}
