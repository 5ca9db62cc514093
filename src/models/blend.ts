// The blend: a weighted sum of other models' scores, the weights learned on held-out parts of histories.
import type { Candidates, Histories, Model, RankedRows, ScoredArtist } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'
import { kernels } from '../kernels/kernels.ts'
import {
  type Algorithm,
  emptyRanking,
  type FitContext,
  type FitInput,
  type ModelParts,
  numberOption,
  sharedFloats,
} from './algorithm.ts'
import {
  type Component,
  type ComponentSpec,
  fitComponents,
  type KnownAlgorithms,
  packComponents,
  readComponents,
  unpackComponents,
} from './blend-components.ts'
import { holdOut, learnWeights } from './blend-learning.ts'
import {
  divisorOf,
  factorOf,
  fitScale,
  gatherCandidates,
  knownOf,
  scoreAll,
  sliceHistories,
} from './blend-scores.ts'

/**
 * score(artist) = sum over components of weight * s / (base * n^power) for a component's score s > 0, n known artists and
 * the component's own base and power; a score below 0, which says that the component knows nothing, counts s / 1000.
 * Ranked are all artists that any component has among its best `candidates`, each scored by every component.
 *
 * Fit: part of the histories is held out (or given as `validation`), the components are fitted to the rest, the weights (>= 0) are learned on the
 * held-out part (see learnWeights), and the components with a weight above 0 are fitted to everything. Time: twice the
 * components' own, and little else. Memory while ranking: about 40 bytes x candidates x components for each of 1024
 * listeners. Explanations are the components' own, weighted like their scores; there are none where a component has none.
 * @param known the algorithms there are to blend; a blend among them is never a component
 */
export const blendOf = (known: () => KnownAlgorithms): Algorithm => ({
  fit: (input, context) => fitBlend(input, { ...context, known: known() }),
  open: (parts, workers) => openBlend(parts, known(), workers),
})

type BlendContext = FitContext & { readonly known: KnownAlgorithms }

async function fitBlend(input: FitInput, context: BlendContext) {
  const { blend } = input.settings
  const specs = readComponents(input.settings, input.matrix.columns, context.known)
  const weights = await chooseWeights(specs, input, context)
  const kept = specs.flatMap((spec, at) => (weights[at]! > 0 ? [{ spec, weight: weights[at]! }] : []))
  const models = await fitComponents(
    kept.map(({ spec }) => spec),
    input,
    { ...context, onProgress: (share) => context.onProgress?.(0.5 + share / 2) },
  )
  return blendParts(models, {
    weights: kept.map(({ weight }) => weight),
    histories: {
      interactions: input.matrix,
      ...(input.segments && { segments: input.segments.ofUser }),
      ...(input.listenerFeatures && { features: input.listenerFeatures }),
    },
    candidates: blend.candidates,
  })
}

async function chooseWeights(
  specs: readonly ComponentSpec[],
  input: FitInput,
  context: BlendContext,
): Promise<readonly number[]> {
  const { weights, candidates } = input.settings.blend
  if (weights === 'equal') return specs.map(() => 1 / specs.length)
  if (weights !== 'learned') return readWeights(weights, specs.length)
  const slice = input.validation ?? holdOut(input.matrix, context.seed)
  const onProgress = (share: number) => context.onProgress?.(share / 2)
  const models = await fitComponents(
    specs,
    { ...input, matrix: slice.train, fitted: new Map() },
    { ...context, onProgress },
  )
  return learnWeights(models, {
    histories: {
      interactions: slice.train,
      ...(input.segments && { segments: input.segments.ofUser }),
      ...(input.listenerFeatures && { features: input.listenerFeatures }),
    },
    heldOut: slice.heldOut,
    candidates,
  })
}

function readWeights(text: string, count: number): readonly number[] {
  const weights = text.split(',').map(Number)
  if (
    weights.length === count &&
    weights.every((weight) => weight >= 0) &&
    weights.some((weight) => weight > 0)
  )
    return weights
  throw new TastemakerError(
    'bad-argument',
    `models.blend.weights is "${text}": give ${count} numbers from 0 on, one a component and not all 0, or learned, or equal.`,
  )
}

/** How fitted models are to be blended. */
export type BlendPlan = {
  /** One for each model, > 0. */
  readonly weights: readonly number[]
  /** What the models were fitted to, to find the unit of their scores. */
  readonly histories: Histories
  /** Artists that each model puts up for a listener. */
  readonly candidates: number
}

/** Listeners that a scale is fitted to, at most. */
const scaleListeners = 2000

/** The parts of a blend of fitted models over the same artists; open them under the name `blend`. */
export async function blendParts(
  models: readonly Model[],
  { weights, histories, candidates }: BlendPlan,
): Promise<Omit<ModelParts, 'name'>> {
  const sample = sliceHistories(histories, 0, Math.min(scaleListeners, histories.interactions.rows))
  const components: Component[] = []
  for (const [at, model] of models.entries())
    components.push({ model, weight: weights[at]!, scale: await fitScale(model, sample, candidates) })
  const { options, arrays } = packComponents(components)
  return { artistCount: histories.interactions.columns, options: { ...options, candidates }, arrays }
}

const batch = 1024

function openBlend(parts: ModelParts, known: KnownAlgorithms, workers: Workers): Model {
  const { artistCount } = parts
  const candidates = numberOption(parts, 'candidates')
  const components = unpackComponents(parts, known, workers)
  const models = components.map(({ model }) => model)
  const nearest = byWeight(components).find(({ model }) => model.similar)?.model
  const explains = components.every(({ model }) => model.explain)
  return {
    ...parts,
    async recommend(histories, k, { onProgress, ...options } = {}) {
      const ranking = emptyRanking(artistCount, histories, k)
      for (let from = 0; from < ranking.rows; from += batch) {
        const to = Math.min(ranking.rows, from + batch)
        const some = sliceHistories(histories, from, to)
        const length = Math.min(artistCount, Math.max(k, candidates))
        const pool = await gatherCandidates(models, some, { ...options, length })
        const scores = await blended(components, some, pool)
        rankInto(ranking, from, { pool, scores })
        onProgress?.(to / ranking.rows)
      }
      return ranking
    },
    score: (histories, wanted) => blended(components, histories, wanted),
    ...(nearest && { similar: (artist: number, k: number) => nearest.similar!(artist, k) }),
    ...(explains && {
      explain: (histories: Histories, artist: number) => shares(components, histories, artist),
    }),
  }
}

const byWeight = (components: readonly Component[]) => components.toSorted((a, b) => b.weight - a.weight)

/** The blend's score of each candidate. */
async function blended(
  components: readonly Component[],
  histories: Histories,
  { k, artists }: Candidates,
): Promise<Float32Array> {
  const models = components.map(({ model }) => model)
  const own = await scoreAll(models, histories, { k, artists })
  const sums = new Float64Array(artists.length)
  for (const [at, { scale, weight }] of components.entries()) {
    const scores = own[at]!
    for (let row = 0; row < histories.interactions.rows; row++) {
      const divisor = divisorOf(scale, knownOf(histories.interactions, row))
      for (let place = row * k; place < (row + 1) * k; place++)
        sums[place]! += weight * scores[place]! * factorOf(scores[place]!, divisor)
    }
  }
  const out = sharedFloats(artists.length)
  for (let place = 0; place < out.length; place++) if (artists[place]! >= 0) out[place] = sums[place]!
  return out
}

function rankInto(
  ranking: RankedRows,
  from: number,
  { pool, scores }: { readonly pool: Candidates; readonly scores: Float32Array },
): void {
  const top = kernels.createTop(ranking.k)
  const rows = pool.k === 0 ? 0 : scores.length / pool.k
  for (let row = 0; row < rows; row++) {
    for (let place = row * pool.k; place < (row + 1) * pool.k; place++)
      if (pool.artists[place]! >= 0) top.offer(pool.artists[place]!, scores[place]!)
    top.drain(ranking.artists, ranking.scores, (from + row) * ranking.k)
  }
}

function shares(
  components: readonly Component[],
  histories: Histories,
  artist: number,
): readonly ScoredArtist[] {
  const known = histories.interactions.rowPtr[1] ?? 0
  const sums = new Map<number, number>()
  for (const { model, scale, weight } of components) {
    const parts = model.explain!(histories, artist)
    const score = parts.reduce((sum, part) => sum + part.score, 0)
    const factor = weight * factorOf(score, divisorOf(scale, known))
    for (const part of parts)
      sums.set(part.artistIndex, (sums.get(part.artistIndex) ?? 0) + factor * part.score)
  }
  return [...sums]
    .map(([artistIndex, score]) => ({ artistIndex, score }))
    .sort((a, b) => b.score - a.score || a.artistIndex - b.artistIndex)
}
