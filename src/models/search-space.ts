// The search space: for every model the settings worth searching, with the ranges in which published winners lie.
import type { SparseRows } from '../data/interaction-matrix.ts'
import type { ModelSettings } from './algorithm.ts'

/** A value of one setting. */
export type SettingValue = number | string | boolean

/** Settings of one model: its section of the model settings. */
export type SectionSettings = Readonly<Record<string, SettingValue>>

/** One setting to be searched: evenly on a logarithmic or a linear scale from `low` to `high`, or among a few values. */
export type SearchedSetting =
  | {
      readonly setting: string
      readonly kind: 'log' | 'linear'
      readonly low: number
      readonly high: number
      /** Whole numbers only. */
      readonly whole?: true
    }
  | { readonly setting: string; readonly kind: 'choice'; readonly choices: readonly SettingValue[] }

/** What is searched of one model. */
export type SearchSpace = {
  readonly model: string
  /** Its section of the model settings. */
  readonly section: string
  readonly settings: readonly SearchedSetting[]
  /** Candidates worth trying at most; default 9 for each setting. */
  readonly candidates?: number
  /** The setting that counts iterations: a measurement with part of the resource takes that part of them. */
  readonly iterations?: string
  /** A setting that is left alone in the search and grown afterwards, while another one is tuned again. */
  readonly growth?: Growth
  /** Artists above which the model cannot be fitted. */
  readonly mostArtists?: number
  /** Puts a drawn candidate right for the matrix. */
  readonly adjust?: (drawn: SectionSettings, matrix: SparseRows) => SectionSettings
}

/** How a setting grows: times the present value, one step after the other, as long as it helps. */
export type Growth = {
  readonly setting: string
  readonly steps: readonly number[]
  readonly atMost: number
  readonly retune: string
  readonly by: readonly number[]
}

const log = (setting: string, low: number, high: number): SearchedSetting => ({
  setting,
  kind: 'log',
  low,
  high,
})
const wholeLog = (setting: string, low: number, high: number): SearchedSetting => ({
  setting,
  kind: 'log',
  low,
  high,
  whole: true,
})
const linear = (setting: string, low: number, high: number): SearchedSetting => ({
  setting,
  kind: 'linear',
  low,
  high,
})
const choice = (setting: string, ...choices: readonly SettingValue[]): SearchedSetting => ({
  setting,
  kind: 'choice',
  choices,
})

/** Artists up to which a dense artists x artists matrix is made: 1.6 GB of 4-byte numbers. */
const mostDenseArtists = 20_000

/**
 * Each model's space. ALS follows the order of Rendle et al. (2021): few factors for the unobserved weight and the
 * regularization on logarithmic scales, then more factors with the regularization alone tuned again: as much or more of it.
 */
export const searchSpaces: readonly SearchSpace[] = [
  { model: 'popularity', section: '', settings: [] },
  { model: 'segment-popularity', section: 'segmentPopularity', settings: [log('shrinkage', 10, 2000)] },
  { model: 'score-model', section: 'scoreModel', settings: [linear('threshold', -0.9, 0.5)] },
  {
    model: 'cosine',
    section: 'cosine',
    settings: [wholeLog('neighbours', 50, 500), log('shrink', 1, 1000)],
  },
  {
    model: 'p3alpha',
    section: 'p3alpha',
    settings: [wholeLog('neighbours', 50, 500), linear('alpha', 0.3, 1.5), choice('normalize', true, false)],
  },
  {
    model: 'rp3beta',
    section: 'rp3beta',
    settings: [
      wholeLog('neighbours', 50, 500),
      linear('alpha', 0.3, 1.5),
      linear('beta', 0, 0.8),
      choice('normalize', true, false),
    ],
  },
  {
    model: 'turbo-cf',
    section: 'turboCf',
    settings: [linear('alpha', 0.3, 0.7), linear('power', 0.4, 1.6)],
  },
  {
    model: 'graph-filter',
    section: 'graphFilter',
    settings: [log('lowPass', 0.03, 3), linear('degreeExponent', 0, 0.7), choice('factors', 128, 256, 512)],
    candidates: 12,
  },
  {
    model: 'ease',
    section: 'ease',
    settings: [log('regularization', 5, 2000)],
    mostArtists: mostDenseArtists,
  },
  {
    model: 'edlae',
    section: 'edlae',
    settings: [log('regularization', 5, 1000), linear('dropout', 0.2, 0.8)],
    candidates: 12,
    mostArtists: mostDenseArtists,
  },
  {
    model: 'mrf',
    section: 'mrf',
    settings: [
      choice('neighbours', 100, 200, 400),
      log('regularization', 0.5, 25),
      choice('alpha', 0.5, 0.75),
    ],
    candidates: 12,
  },
  {
    model: 'als',
    section: 'als',
    settings: [
      log('regularization', 5e-4, 4e-2),
      choice('unobservedWeight', 0.003, 0.01, 0.03, 0.1, 0.3, 1),
      choice('frequencyScaling', 1, 1, 0.5),
    ],
    iterations: 'iterations',
    growth: {
      setting: 'factors',
      steps: [2, 4],
      atMost: 512,
      retune: 'regularization',
      by: [1, 1.5, 2.25],
    },
    adjust: sameStrength,
  },
]

/** The space of a model; undefined where none is written. */
export const spaceOf = (model: string): SearchSpace | undefined =>
  searchSpaces.find((space) => space.model === model)

/** Why a model cannot be fitted to a catalogue of so many artists; undefined where it can. */
export function unsuitable(space: SearchSpace, artists: number): string | undefined {
  const { mostArtists } = space
  if (mostArtists === undefined || artists <= mostArtists) return undefined
  const count = (value: number) => value.toLocaleString('en')
  return `a dense matrix of ${count(artists)} artists is too large; it takes up to ${count(mostArtists)}`
}

/** A model's present settings: its section, empty where it has none. */
export const sectionOf = (models: ModelSettings, space: SearchSpace): SectionSettings =>
  (models as unknown as Record<string, SectionSettings>)[space.section] ?? {}

/** All model settings with one model's section replaced. */
export const withSection = (
  models: ModelSettings,
  space: SearchSpace,
  settings: SectionSettings,
): ModelSettings => (space.section === '' ? models : { ...models, [space.section]: settings })

/** Names of the settings that a search may change. */
export const searchedNames = (space: SearchSpace): readonly string[] => [
  ...space.settings.map(({ setting }) => setting),
  ...(space.growth ? [space.growth.setting] : []),
]

/**
 * Regularization is drawn for a frequency scaling of 1. With another exponent nu the same strength needs another value:
 * lambda * sum (n + a0 N) / sum (n + a0 N)^nu over users (N artists) and artists (N users) keeps the sum of all ridges.
 */
function sameStrength(drawn: SectionSettings, matrix: SparseRows): SectionSettings {
  const nu = Number(drawn.frequencyScaling)
  if (nu === 1) return drawn
  const a0 = Number(drawn.unobservedWeight)
  const listeners = new Float64Array(matrix.columns)
  for (const artist of matrix.colIndex) listeners[artist]! += 1
  let [plain, scaled] = [0, 0]
  const add = (frequency: number) => {
    plain += frequency
    scaled += frequency ** nu
  }
  for (let row = 0; row < matrix.rows; row++)
    add(matrix.rowPtr[row + 1]! - matrix.rowPtr[row]! + a0 * matrix.columns)
  for (const count of listeners) add(count + a0 * matrix.rows)
  const strength = scaled > 0 ? plain / scaled : 1
  return { ...drawn, regularization: threeDigits(Number(drawn.regularization) * strength) }
}

/** A number as it is tried and printed: three digits say all that a search knows. */
export const threeDigits = (value: number): number => Number(value.toPrecision(3))
