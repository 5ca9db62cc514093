// The rounds of an evaluation: what each split trains on, and what it holds out.
import { bareRows, type InteractionMatrix, type SparseRows, selectRows } from '../data/interaction-matrix.ts'
import { createVocabulary } from '../data/vocabulary.ts'
import { randomSplit, strongGeneralization, temporalSplit } from '../evaluation/splits.ts'
import { interactionsSql, readInteractionMatrix } from '../features/interactions.ts'
import { buildSegments, type Segments } from '../features/segments.ts'
import { type Attributes, readAttributes } from './attributes.ts'
import type { JobContext } from './context.ts'
import { openFeatureEvents } from './feature-events.ts'
import { readPeople, type TrainingData } from './training-data.ts'
import { cellsOf, readValidation, type ValidationSlice } from './validation-slice.ts'

/** The ways to hold out. */
export const splitNames = ['temporal', 'random', 'strong-generalization'] as const

/** One of the ways to hold out. */
export type SplitName = (typeof splitNames)[number]

/** One split, ready to be measured on. */
export type Round = {
  readonly split: SplitName
  readonly seed: number
  /** What models are fitted on. */
  readonly matrix: InteractionMatrix
  readonly segments: Segments
  /** Histories that models answer for, and what those listeners are held to, row by row. */
  readonly histories: SparseRows
  readonly historySegments: Int32Array
  /** Features of the listeners and artists of `matrix`, and of the listeners of `histories`. */
  readonly listenerFeatures: SparseRows
  readonly artistFeatures: SparseRows
  readonly historyFeatures: SparseRows
  readonly heldOut: SparseRows
  /** The last stretch of what models are fitted on, where it has times: what they may choose by. */
  readonly validation?: ValidationSlice
  /** Artists left out of the ranking besides the histories (a validation part). */
  readonly mask?: SparseRows
}

const day = 86_400_000

/** Whether the events reach over at least three hold-out stretches, so that a split by time means something. */
export function hasTime(data: TrainingData, holdoutDays: number): boolean {
  const { firstTimedAt, asOf } = data.features
  return firstTimedAt !== undefined && asOf - firstTimedAt >= 3 * holdoutDays * day
}

/** Prepares one round. `seed` moves the random splits; the temporal one has no chance in it. */
export function prepareRound(
  context: JobContext,
  data: TrainingData,
  choice: { readonly split: SplitName; readonly seed: number },
): Promise<Round> {
  if (choice.split === 'temporal') return temporalRound(context, data, choice.seed)
  return choice.split === 'random'
    ? randomRound(context, data, choice.seed)
    : strongRound(context, data, choice.seed)
}

/** Trains on what was known `holdoutDays` before the end, holds out the artists that listeners took to afterwards. */
async function temporalRound(context: JobContext, data: TrainingData, seed: number): Promise<Round> {
  const { features, evaluation } = context.settings
  const engine = await context.engine()
  await openFeatureEvents(context, data.features)
  const cutoff = data.features.asOf - evaluation.holdoutDays * day
  const { halfLifeDays } = features
  const before = interactionsSql('credited', { asOf: cutoff, halfLifeDays })
  const after = interactionsSql('credited', { asOf: data.features.asOf, from: cutoff, halfLifeDays })
  const matrix = await readInteractionMatrix(engine, `(${before})`)
  const later = await readInteractionMatrix(engine, `(${after})`, matrix)
  const segments = await segmentsOf(context, data, matrix)
  const attributes = await readAttributes(context, data, { matrix, asOf: cutoff })
  const validation = await readValidation(context, data, { matrix, asOf: cutoff })
  return {
    split: 'temporal',
    seed,
    matrix,
    segments,
    histories: bareRows(matrix),
    historySegments: segments.ofUser,
    ...featuresOf(attributes),
    heldOut: temporalSplit(matrix, cellsOf(later)).heldOut,
    ...(validation && { validation }),
  }
}

/** Each listener's artists at random: 8 parts to train, 1 to validate (left out of everything), 1 to test. */
async function randomRound(context: JobContext, data: TrainingData, seed: number): Promise<Round> {
  const { train, validation, test } = randomSplit(data.matrix, {
    seed,
    train: 0.8,
    validation: 0.1,
    test: 0.1,
  })
  const { users, artists } = data.matrix
  const matrix = { ...train, users, artists }
  const segments = await segmentsOf(context, data, matrix)
  const attributes = await readAttributes(context, data, { matrix, asOf: data.features.asOf })
  return {
    split: 'random',
    seed,
    matrix,
    segments,
    histories: train,
    historySegments: segments.ofUser,
    ...featuresOf(attributes),
    heldOut: test,
    mask: validation,
  }
}

/** A tenth of the listeners never trained on: 80% of their artists are shown to the model, the rest is held out. */
async function strongRound(context: JobContext, data: TrainingData, seed: number): Promise<Round> {
  const { users, artists } = data.matrix
  const split = strongGeneralization(data.matrix, {
    seed,
    heldOutUsers: Math.max(1, Math.floor(users.size / 10)),
    foldInShare: 0.8,
  })
  const segments = await segmentsOf(context, data, data.matrix)
  const { asOf } = data.features
  const attributes = await readAttributes(context, data, { matrix: data.matrix, asOf })
  const ofRows = (rows: ArrayLike<number>) => Int32Array.from(rows, (row) => segments.ofUser[row]!)
  return {
    split: 'strong-generalization',
    seed,
    matrix: {
      ...split.train,
      users: createVocabulary(Array.from(split.trainUsers, (row) => users.idOf(row))),
      artists,
    },
    segments: { ...segments, ofUser: ofRows(split.trainUsers) },
    histories: split.foldIn,
    historySegments: ofRows(split.heldOutUsers),
    listenerFeatures: selectRows(attributes.listeners, split.trainUsers),
    artistFeatures: attributes.artists,
    historyFeatures: selectRows(attributes.listeners, split.heldOutUsers),
    heldOut: split.heldOut,
  }
}

const featuresOf = ({ listeners, artists }: Attributes) => ({
  listenerFeatures: listeners,
  artistFeatures: artists,
  historyFeatures: listeners,
})

async function segmentsOf(
  context: JobContext,
  data: TrainingData,
  matrix: InteractionMatrix,
): Promise<Segments> {
  const people = await readPeople(context, data.features)
  return buildSegments(people, matrix.users, context.settings.features.minSegmentListeners)
}
