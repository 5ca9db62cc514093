// Features at work in ALS: the priors of a training, and what a listener's features say when histories are folded in.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { Histories } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'
import { kernels } from '../kernels/kernels.ts'
import type { RowSystems } from '../kernels/plain-solve.ts'
import { type FitInput, floats, type ModelParts, numberOption } from './algorithm.ts'
import { createPrior, type FeaturePrior, fillPriorMeans, fitPrior, priorMeans } from './als-prior.ts'
import { type PriorOf, ridges } from './als-training.ts'

/** The prior of one side with how far it pulls, 0..1. */
export type PullingPrior = {
  readonly prior: FeaturePrior
  /** Offsets of the side's rows in the interaction matrix. */
  readonly rowPtr: Int32Array
  readonly pull: number
}

/** The priors of a training; a side without features, or whose features are not to pull, has none. */
export type PullingPriors = {
  readonly listeners?: PullingPrior | undefined
  readonly artists?: PullingPrior | undefined
}

/** Makes both sides' priors of the features given to a fit; see `createPrior` for what they cost and throw. */
export function pullingPriors({
  matrix,
  settings,
  listenerFeatures,
  artistFeatures,
}: FitInput): PullingPriors {
  const { listenerPrior, artistPrior } = settings.als
  const { rowPtr, rows, columns } = matrix
  const pulling = (
    features: SparseRows | undefined,
    offsets: Int32Array,
    side: Side,
  ): PullingPrior | undefined => {
    if (!features || side.pull === 0) return undefined
    const ridge = ridges(offsets, side.others, settings.als)
    const regularization = settings.als.priorRegularization
    const prior = createPrior({ features, rowPtr: offsets, ridge, regularization })
    return { prior, rowPtr: offsets, pull: side.pull }
  }
  return {
    listeners: pulling(listenerFeatures, rowPtr, { others: columns, pull: listenerPrior }),
    artists: pulling(artistFeatures, columnOffsets(matrix), { others: rows, pull: artistPrior }),
  }
}

type Side = { readonly others: number; readonly pull: number }

/** Offsets of the columns' entries, as in the transpose. */
function columnOffsets({ columns, colIndex }: SparseRows): Int32Array {
  const out = new Int32Array(columns + 1)
  for (const column of colIndex) out[column + 1]! += 1
  for (let column = 0; column < columns; column++) out[column + 1]! += out[column]!
  return out
}

/** Fits the map to the side's vectors and fills its means, before each of its half-steps; left out without a prior. */
export function priorOf(workers: Workers, pulling: PullingPrior | undefined): PriorOf | undefined {
  if (!pulling) return undefined
  const { prior, rowPtr, pull } = pulling
  return async ({ vectors, factors: d, stride, ridges: ridge, means, spectrum }) => {
    const map = await fitPrior(workers, prior, { vectors, d, stride })
    await fillPriorMeans(workers, { features: prior.features, map, d, scale: pull, means, stride })
    freeEmptyRows({ rowPtr, ridge, spectrum, d, stride, pull }, means)
  }
}

type Rows = {
  readonly rowPtr: Int32Array
  readonly ridge: ArrayLike<number>
  readonly spectrum: ArrayLike<number>
  readonly d: number
  readonly stride: number
  readonly pull: number
}

/**
 * Of a row without entries nothing was observed, its zeros included: its vector is to be A f itself. The solve of an empty
 * row is ridge mean / (spectrum + ridge), so its mean is laid out to make up for that.
 */
function freeEmptyRows({ rowPtr, ridge, spectrum, d, stride, pull }: Rows, means: Float32Array): void {
  for (let row = 0; row + 1 < rowPtr.length; row++) {
    if (rowPtr[row + 1]! > rowPtr[row]!) continue
    const at = row * stride
    for (let f = 0; f < d; f++) means[at + f]! *= (spectrum[f]! + ridge[row]!) / (ridge[row]! * pull)
  }
}

/** Further options and arrays of a model that was trained with features. */
export type FeatureParts = {
  readonly options: Readonly<Record<string, number>>
  readonly arrays: Readonly<Record<string, Float32Array>>
}

/**
 * What a model keeps of its priors: the listeners' map as of their last vectors (features x d), and the settings that were
 * at work. The artists' prior is in their vectors already. Nothing for a training without features.
 */
export async function featureParts(
  workers: Workers,
  { listeners, artists }: PullingPriors,
  of: { readonly listeners: () => Float32Array; readonly settings: FitInput['settings']['als'] },
): Promise<FeatureParts> {
  if (!listeners && !artists) return { options: {}, arrays: {} }
  const { priorRegularization, factors: d } = of.settings
  const shared = { priorRegularization, ...(artists && { artistPrior: artists.pull }) }
  if (!listeners) return { options: shared, arrays: {} }
  const { prior, pull } = listeners
  const listenerMap = await fitPrior(workers, prior, { vectors: of.listeners(), d })
  const options = { ...shared, listenerPrior: pull, listenerFeatures: prior.features.columns }
  return { options, arrays: { listenerMap } }
}

/** How to fold in histories whose listeners have features. */
export type ListenerPrior = {
  /** Means of the histories' rows (rows x d), with those of empty histories laid out for the solve; undefined without features. */
  means(
    histories: Histories,
    systems: { readonly ridge: ArrayLike<number>; readonly spectrum: ArrayLike<number> },
  ): Float32Array | undefined
}

/** The listeners' prior of a stored model; undefined where it was trained without. `corrupt` where its map is missing. */
export function openListenerPrior(parts: ModelParts, d: number): ListenerPrior | undefined {
  if (parts.options.listenerFeatures === undefined) return undefined
  const count = numberOption(parts, 'listenerFeatures')
  const pull = numberOption(parts, 'listenerPrior')
  const map = floats(parts, 'listenerMap', count * d)
  return {
    means({ interactions, features }, { ridge, spectrum }) {
      if (!features) return undefined
      if (features.columns !== count || features.rows !== interactions.rows)
        throw new TastemakerError(
          'bad-argument',
          `Features of ${features.rows} x ${features.columns} were given for ${interactions.rows} listeners to a model of ${count} features.`,
        )
      const means = priorMeans(features, { map, d, scale: pull })
      freeEmptyRows({ rowPtr: interactions.rowPtr, ridge, spectrum, d, stride: d, pull }, means)
      return means
    },
  }
}

/**
 * What the listener's features moved a score by: the product of the solved vector with the artist's, less the shares of
 * the history. 0 to rounding without a prior.
 */
export function priorShare(systems: RowSystems, artist: number, shares: Float64Array): number {
  const { d, factors } = systems
  const vector = new Float64Array(d)
  kernels.solveRows(systems, { from: 0, to: 1, out: vector })
  const score = kernels.dot(vector, factors.subarray(artist * d, (artist + 1) * d))
  return score - shares.reduce((sum, share) => sum + share, 0)
}
