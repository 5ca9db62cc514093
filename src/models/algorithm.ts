// What each algorithm's file gives: a fit that makes a model's parts, and an open that puts them to work.
import type { Settings } from '../config.ts'
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { Histories, Model, ModelArrays, RankedRows } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'

/** The model settings: the `models` section of the configuration. An algorithm reads its own part. */
export type ModelSettings = Settings['models']

/** Segments of listeners as a forest: age x country below country, and so on. */
export type Segments = {
  readonly count: number
  /** Segment of each user (row of the matrix), -1 where unknown. */
  readonly ofUser: Int32Array
  /** Parent of each segment, -1 where the parent is all listeners. */
  readonly parent: Int32Array
}

/** What a model is fitted to. */
export type FitInput = {
  /** users x artists, confidence > 0. */
  readonly matrix: SparseRows
  readonly settings: ModelSettings
  /** Used by segment-popularity; left out: all listeners are one segment. */
  readonly segments?: Segments
  /** users x listener features, values > 0: age group, location. Used by als; left out: no prior. */
  readonly listenerFeatures?: SparseRows
  /** artists x artist features, values > 0: genre, country, followers. Used by als; left out: no prior. */
  readonly artistFeatures?: SparseRows
  /**
   * An earlier part of the matrix and what came after it, of the matrix's shape: what a blend learns its weights on. Left
   * out: it holds a part out at random.
   */
  readonly validation?: { readonly train: SparseRows; readonly heldOut: SparseRows }
  /** Models fitted to this very input already, by name: a blend takes them rather than fitting them again. */
  readonly fitted?: ReadonlyMap<string, Model>
}

/** Threads, chance, the ear for progress (0..1), and a way to stop: an aborted fit throws `cancelled`. */
export type FitContext = {
  readonly workers: Workers
  readonly seed: number
  readonly onProgress?: (share: number) => void
  readonly signal?: AbortSignal
}

/** All there is to a model but its functions. */
export type ModelParts = Pick<Model, 'name' | 'artistCount' | 'options' | 'arrays'>

/** One algorithm. `open(fit(...))` is the trained model; `open` throws `corrupt` where an array is missing or of a wrong length. */
export type Algorithm = {
  fit(input: FitInput, context: FitContext): Promise<Omit<ModelParts, 'name'>>
  open(parts: ModelParts, workers: Workers): Model
}

/** A float array of a model's parts; `corrupt` where it is missing or not of that length. */
export function floats(parts: ModelParts, name: string, length: number): Float32Array {
  const array = parts.arrays[name]
  if (array instanceof Float32Array && array.length === length) return array
  throw misfit(parts, name, length)
}

/** An integer array of a model's parts; `corrupt` where it is missing or not of that length. */
export function wholes(parts: ModelParts, name: string, length: number): Int32Array {
  const array = parts.arrays[name]
  if (array instanceof Int32Array && array.length === length) return array
  throw misfit(parts, name, length)
}

/** Length of an array of a model's parts, 0 where it is missing. */
export const lengthOf = (arrays: ModelArrays, name: string): number => arrays[name]?.length ?? 0

/** A number among a model's options; `corrupt` where it is missing. */
export function numberOption(parts: ModelParts, name: string): number {
  const value = parts.options[name]
  if (typeof value === 'number') return value
  throw new TastemakerError('corrupt', `Model ${parts.name} has no option ${name}; train it again.`)
}

const misfit = (parts: ModelParts, name: string, length: number) =>
  new TastemakerError(
    'corrupt',
    `Model ${parts.name} should hold an array ${name} of length ${length}, has ${lengthOf(parts.arrays, name)}; train it again.`,
  )

/** Room for the answer of `recommend`, on shared memory; `bad-argument` where histories or k do not fit the model. */
export function emptyRanking(artistCount: number, histories: Histories, k: number): RankedRows {
  const { rows, columns } = histories.interactions
  if (columns !== artistCount)
    throw new TastemakerError(
      'bad-argument',
      `Histories over ${columns} artists were given to a model of ${artistCount}.`,
    )
  if (!(Number.isInteger(k) && k >= 0))
    throw new TastemakerError('bad-argument', `k must be a whole number from 0 on; it is ${k}.`)
  return { rows, k, artists: sharedWholes(rows * k), scores: sharedFloats(rows * k) }
}

/** Zeros on memory that workers share. */
export const sharedFloats = (length: number): Float32Array =>
  new Float32Array(new SharedArrayBuffer(4 * length))

/** Zeros on memory that workers share. */
export const sharedWholes = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(4 * length))

/** Zeros on memory that workers share. */
export const sharedDoubles = (length: number): Float64Array =>
  new Float64Array(new SharedArrayBuffer(8 * length))
