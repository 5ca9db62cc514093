// The train job: fits every model on all interactions and keeps each as one file.
import type { Settings } from '../config.ts'
import { bareRows } from '../data/interaction-matrix.ts'
import type { Model } from '../data/model.ts'
import type { FitInput } from '../models/algorithm.ts'
import { modelLineUp } from '../models/line-up.ts'
import { encodeModel, openModel } from '../models/model-file.ts'
import { fitModel, type ModelName } from '../models/models.ts'
import { readAttributes } from './attributes.ts'
import type { Job, JobContext } from './context.ts'
import { readDocument, versionOf, writeDocument } from './documents.ts'
import { readFeatureVersion } from './feature-version.ts'
import { hasTime } from './rounds.ts'
import { readTrainingData, requireFeatures, type TrainingData } from './training-data.ts'
import { readValidation } from './validation-slice.ts'

/** The newest trained models: one version, one file each. */
export type ModelVersion = {
  readonly version: string
  readonly featureVersion: string
  readonly files: Readonly<Record<string, string>>
  /** Names of the listener features that the models were trained with. */
  readonly listenerFeatures: readonly string[]
}

const latestKey = 'models/latest.json'

/** Fits all models when the features or their settings changed. */
export const trainJob: Job = {
  name: 'train',
  inputVersion: async (context) => (await readFeatureVersion(context.objects))?.version ?? 'none',
  settingsOf: (settings) => [
    settings.models,
    settings.features.minSegmentListeners,
    settings.evaluation.holdoutDays,
  ],
  async run(context) {
    const features = await requireFeatures(context)
    context.progress('train', 0, 'reading interactions')
    const data = await readTrainingData(context, features)
    const attributes = await readAttributes(context, data, { matrix: data.matrix, asOf: features.asOf })
    const validation = hasTime(data, context.settings.evaluation.holdoutDays)
      ? await readValidation(context, data, { matrix: data.matrix, asOf: features.asOf })
      : undefined
    const fitted = new Map<string, Model>()
    const input = {
      ...data,
      listenerFeatures: attributes.listeners,
      artistFeatures: attributes.artists,
      ...(validation && { validation }),
      fitted,
    }
    const version = modelVersionOf(context.settings, features.version)
    const names = modelLineUp(context.settings.models, data.matrix.columns)
    const files: Record<string, string> = {}
    for (const [at, name] of names.entries()) {
      const model = await trainModel(context, name, input, (share) =>
        context.progress('train', (at + Math.min(share, 0.99)) / names.length, name),
      )
      fitted.set(name, model)
      files[name] = `models/${version}/${name}.model`
      await context.objects.put(files[name], encodeModel(model))
    }
    await writeDocument(context.objects, latestKey, {
      version,
      featureVersion: features.version,
      files,
      listenerFeatures: attributes.listenerNames,
    })
    context.progress(
      'train',
      1,
      `${names.length} models on ${data.matrix.values.length.toLocaleString('en')} interactions`,
    )
    return {
      inputs: [features.interactionsKey],
      outputs: Object.values(files),
      counts: {
        users: data.matrix.rows,
        artists: data.matrix.columns,
        interactions: data.matrix.values.length,
      },
    }
  },
}

/** The version of models fitted with these settings on these features: what is measured and what is published must agree on it. */
export const modelVersionOf = (settings: Settings, featureVersion: string): string =>
  versionOf([featureVersion, settings.models, settings.evaluation.holdoutDays, settings.seed])

/** The newest trained models, if there are any. */
export const readModelVersion = (context: JobContext): Promise<ModelVersion | undefined> =>
  readDocument<ModelVersion>(context.objects, latestKey)

/** Opens one trained model. Throws `not-found` for a name that was not trained. */
export async function openTrainedModel(
  context: JobContext,
  trained: ModelVersion,
  name: string,
): Promise<Model> {
  return openModel(await context.objects.get(trained.files[name] ?? `models/${name}`), {
    workers: context.workers,
  })
}

/** Fits one model by name on training data. */
export function trainModel(
  context: JobContext,
  name: ModelName,
  data: Pick<TrainingData, 'matrix' | 'segments'> &
    Pick<FitInput, 'listenerFeatures' | 'artistFeatures' | 'validation' | 'fitted'>,
  onProgress?: (share: number) => void,
): Promise<Model> {
  const { labels, ofUser, parent } = data.segments
  return fitModel(
    name,
    {
      matrix: bareRows(data.matrix),
      settings: context.settings.models,
      segments: { count: labels.length, ofUser, parent },
      ...(data.listenerFeatures && { listenerFeatures: data.listenerFeatures }),
      ...(data.artistFeatures && { artistFeatures: data.artistFeatures }),
      ...(data.validation && { validation: data.validation }),
      ...(data.fitted && { fitted: data.fitted }),
    },
    { workers: context.workers, seed: context.settings.seed, ...(onProgress && { onProgress }) },
  )
}
