// The models: every algorithm by name, fitted to a matrix or opened from stored parts.
import type { Model } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'
import type { Algorithm, FitContext, FitInput, ModelParts } from './algorithm.ts'
import { als } from './als.ts'
import { blendOf } from './blend.ts'
import { cosine } from './cosine.ts'
import { ease } from './ease.ts'
import { edlae } from './edlae.ts'
import { graphFilter } from './graph-filter.ts'
import { mrf } from './mrf.ts'
import { p3alpha } from './p3alpha.ts'
import { popularity } from './popularity.ts'
import { rp3beta } from './rp3beta.ts'
import { scoreModel } from './score-model.ts'
import { segmentPopularity } from './segment-popularity.ts'
import { turboCf } from './turbo-cf.ts'

/** The names of all models: plain baselines first, then the learned ones. */
export const modelNames = [
  'popularity',
  'segment-popularity',
  'score-model',
  'cosine',
  'p3alpha',
  'rp3beta',
  'turbo-cf',
  'graph-filter',
  'ease',
  'edlae',
  'mrf',
  'als',
  'blend',
] as const

/** One of `modelNames`. */
export type ModelName = (typeof modelNames)[number]

const algorithms: Readonly<Record<ModelName, Algorithm>> = {
  popularity,
  'segment-popularity': segmentPopularity,
  'score-model': scoreModel,
  cosine,
  p3alpha,
  rp3beta,
  'turbo-cf': turboCf,
  'graph-filter': graphFilter,
  ease,
  edlae,
  mrf,
  als,
  blend: blendOf(() => algorithms),
}

/** Whether a text names a model. */
export const isModelName = (name: string): name is ModelName => Object.hasOwn(algorithms, name)

/**
 * Trains a model. The same input and seed give the same bytes for any number of threads.
 * A matrix without users or cells is fine: the model then answers by index order.
 */
export async function fitModel(name: ModelName, input: FitInput, context: FitContext): Promise<Model> {
  const parts = await algorithms[name].fit(input, context)
  return openParts({ name, ...parts }, context.workers)
}

/** Puts stored parts to work; `corrupt` for a name this version does not know, or arrays that do not fit together. */
export function openParts(parts: ModelParts, workers: Workers): Model {
  if (!isModelName(parts.name))
    throw new TastemakerError(
      'corrupt',
      `There is no model ${parts.name}; known are ${modelNames.join(', ')}.`,
    )
  return algorithms[parts.name].open(parts, workers)
}
