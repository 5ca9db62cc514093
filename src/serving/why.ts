// Why an artist is on a list: one sentence that says only what is so.
import type { Histories, Model, ScoredArtist } from '../data/model.ts'
import type { Nearest } from './similar-artists.ts'

/** Longest artist name inside a sentence; a longer one is cut. */
const longestName = 60

/** What a personal reason is looked for in. */
export type Reasons = {
  readonly model: Model
  /** One row: the listener's own. One object for all artists of a listener, so that a model can keep what it worked out. */
  readonly history: Histories
  /** The artists in that row. */
  readonly own: ReadonlySet<number>
  /** Name of an artist by index. */
  readonly nameOf: (artistIndex: number) => string
  readonly nearest?: Nearest | undefined
}

/**
 * "Because you play X and Y.": up to two of the listener's own artists that moved the model's score of this artist most, and
 * only upward. Exact: the parts are the model's own and sum to its score. Undefined where the model cannot tell or none did.
 */
export function becauseWhy({ model, history, nameOf }: Reasons, artistIndex: number): string | undefined {
  const parts = model.explain?.(history, artistIndex) ?? []
  const names = topTwo(parts.filter((part) => part.artistIndex >= 0 && part.artistIndex !== artistIndex)).map(
    nameOf,
  )
  return names.length === 0 ? undefined : `Because you play ${names.map(shortened).join(' and ')}.`
}

/**
 * "Close to X and Y, which you play.": up to two of the listener's own artists among the nearest of this artist, nearest
 * first. Much cheaper than `becauseWhy`, and says less: that they are alike, not what moved the score.
 */
export function closeWhy({ own, nearest, nameOf }: Reasons, artistIndex: number): string | undefined {
  if (!nearest) return undefined
  const names = topTwo(nearest(artistIndex).filter((near) => own.has(near.artistIndex))).map(nameOf)
  return names.length === 0 ? undefined : `Close to ${names.map(shortened).join(' and ')}, which you play.`
}

/** What is true of each personal recommendation, where no single artist can be named. */
export const modelWhy = 'Chosen by the model from everything you play.'

/** The sentence of the popular list. */
export const popularWhy = 'Popular on this service right now.'

/** The sentence of a segment's list, from its label: `25-34|US`, `US`, or `everybody`. */
export function segmentWhy(label: string): string {
  if (label === everybody) return popularWhy
  const [ageGroup, country] = label.split('|')
  if (country === undefined) return `Popular with listeners in ${ageGroup}.`
  return `Popular with listeners ${ageWords(ageGroup!)} in ${country}.`
}

/** Label of the segment that holds all listeners. */
export const everybody = 'everybody'

function ageWords(ageGroup: string): string {
  if (ageGroup === 'under-18') return 'under 18'
  if (ageGroup === '65-plus') return 'aged 65 and over'
  return `aged ${ageGroup}`
}

function topTwo(parts: readonly ScoredArtist[]): readonly number[] {
  let first: ScoredArtist | undefined
  let second: ScoredArtist | undefined
  for (const part of parts) {
    if (!(part.score > 0)) continue
    if (!first || part.score > first.score) [first, second] = [part, first]
    else if (!second || part.score > second.score) second = part
  }
  return [first, second].flatMap((part) => (part ? [part.artistIndex] : []))
}

const shortened = (name: string): string =>
  name.length <= longestName ? name : `${name.slice(0, longestName - 1).trimEnd()}…`
