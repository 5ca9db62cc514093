// What a tuning found: each model's chosen settings, the models ranked, a settings document and a report.
import type { Figure, Report } from '../data/report.ts'
import { modelLineUp } from '../models/line-up.ts'
import {
  type SearchSpace,
  type SectionSettings,
  type SettingValue,
  searchedNames,
} from '../models/search-space.ts'
import {
  bootstrapMean,
  comparePaired,
  type Interval,
  type PairedComparison,
} from '../statistics/bootstrap.ts'
import type { JobContext } from './context.ts'
import type { FamilyResult } from './tune-family.ts'
import type { TuningRound } from './tune-round.ts'
import type { Trial } from './tune-trial.ts'

/** A model that was not searched. */
export type Skipped = { readonly model: string; readonly reason: string }

/** What was found for one model. NDCG throughout, means over listeners. */
export type TunedFamily = {
  readonly model: string
  readonly trials: number
  readonly seconds: number
  /** The searched settings of the winner, or the present ones where the winner lost on the check listeners. */
  readonly settings: SectionSettings
  /** Whether they differ from the present ones. */
  readonly changed: boolean
  /** The chosen settings on the listeners searched on: the best of many, so on the high side. */
  readonly searched: number
  /** The present settings on the same listeners. */
  readonly present: number
  /** The chosen settings on listeners that the search never saw; absent where there are none. */
  readonly checked?: Interval
  /** There, chosen minus present, listener by listener. */
  readonly gain?: PairedComparison
  /** What the leading model has above this one there, listener by listener; absent for the leader. */
  readonly behind?: PairedComparison
  readonly note?: string
}

/** A trial without its listeners, with the searched settings alone. */
export type TrialLine = Omit<Trial, 'perListener'>

/** The result of a tuning. */
export type Tuning = {
  readonly createdAt: number
  readonly featureVersion: string
  readonly seed: number
  readonly split: string
  readonly k: number
  readonly artists: number
  /** Listeners searched on, and listeners checked on. */
  readonly listeners: { readonly searched: number; readonly checked: number }
  /** By their NDCG on the listeners searched on, best first; ties in the order of the models. */
  readonly families: readonly TunedFamily[]
  readonly skipped: readonly Skipped[]
  /** A settings file: every setting that should differ from the present ones; `names` where the leader was not trained so far. */
  readonly settings: { readonly models: Readonly<Record<string, SectionSettings | string>> }
  readonly trials: readonly TrialLine[]
}

/** What a result is made of. */
export type Found = {
  readonly context: JobContext
  readonly round: TuningRound
  readonly featureVersion: string
  readonly seed: number
  readonly found: readonly FamilyResult[]
  readonly skipped: readonly Skipped[]
}

type Chosen = { readonly result: FamilyResult; readonly trial: Trial; readonly note?: string }

/** Puts a result together. Resampling is seeded: the same trials give the same bytes, but for `createdAt` and seconds. */
export function tuningOf({ context, round, featureVersion, seed, found, skipped }: Found): Tuning {
  const { bootstrapRounds, k } = context.settings.evaluation
  const options = { rounds: bootstrapRounds, seed }
  const chosen = found.map(choose).sort((a, b) => b.trial.ndcg - a.trial.ndcg)
  const leader = chosen[0]!.trial
  const families = chosen.map((one, place) => familyOf(one, place === 0 ? undefined : leader, options))
  const artists = round.round.matrix.columns
  const sections: readonly (readonly [string, SectionSettings | string])[] = chosen
    .filter(({ result, trial }) => trial !== result.present)
    .map(({ result, trial }) => [result.space.section, differing(result, trial)] as const)
  return {
    createdAt: context.now(),
    featureVersion,
    seed,
    split: round.round.split,
    k,
    artists,
    listeners: { searched: round.searched.length, checked: round.checked.length },
    families,
    skipped,
    settings: {
      models: { ...namesWith(leader.model, context, artists), ...Object.fromEntries(sections) },
    },
    trials: found.flatMap(({ space, trials }) =>
      trials.map(({ perListener: _, ...line }) => ({ ...line, settings: searchedOf(space, line.settings) })),
    ),
  }
}

/** `models.names` with the leader added, where the present line-up leaves it out. */
function namesWith(leader: string, { settings }: JobContext, artists: number): { readonly names?: string } {
  const lineUp: readonly string[] = modelLineUp(settings.models, artists)
  return lineUp.includes(leader) ? {} : { names: [...lineUp, leader].join(',') }
}

/**
 * The winner, unless it does worse than the present settings on the check listeners: the best of many measurements is partly
 * luck, and what luck won does not win twice.
 */
function choose(result: FamilyResult): Chosen {
  const { best, present } = result
  const lost = best !== present && gainOf(best, present) < 0
  const notes = [
    ...(lost
      ? ['the winner of the search lost on the listeners of the check, so the present settings stay']
      : []),
    ...(result.ended === undefined ? [] : [`the search ended early: ${result.ended}`]),
  ]
  return {
    result,
    trial: lost ? present : best,
    ...(notes.length > 0 && { note: notes.join('; ') }),
  }
}

function gainOf(best: Trial, present: Trial): number {
  const [first, second] = [present.perListener!.checked, best.perListener!.checked]
  return second.reduce((sum, value, at) => sum + value - first[at]!, 0)
}

type Resampling = { readonly rounds: number; readonly seed: number }

function familyOf(
  { result, trial, note }: Chosen,
  leader: Trial | undefined,
  options: Resampling,
): TunedFamily {
  const { space, trials, present } = result
  const checked = trial.perListener!.checked
  return {
    model: space.model,
    trials: trials.length,
    seconds: trials.reduce((sum, { seconds }) => sum + seconds, 0),
    settings: searchedOf(space, trial.settings),
    changed: trial !== present,
    searched: trial.ndcg,
    present: present.ndcg,
    ...(checked.length > 0 && {
      checked: bootstrapMean(checked, options),
      gain: comparePaired(present.perListener!.checked, checked, options),
      ...(leader && { behind: comparePaired(checked, leader.perListener!.checked, options) }),
    }),
    ...(note !== undefined && { note }),
  }
}

const searchedOf = (space: SearchSpace, settings: SectionSettings): SectionSettings =>
  Object.fromEntries(
    searchedNames(space).flatMap((name): [string, SettingValue][] =>
      settings[name] === undefined ? [] : [[name, settings[name]]],
    ),
  )

/** The searched settings that differ from the present ones. */
function differing({ space, present }: FamilyResult, trial: Trial): SectionSettings {
  const all = Object.entries(searchedOf(space, trial.settings))
  return Object.fromEntries(all.filter(([name, value]) => value !== present.settings[name]))
}

/** The result as a report: figures for each model, and one for each trial. */
export function reportOf(context: JobContext, tuning: Tuning): Report {
  const { listeners, split, k, artists } = tuning
  return {
    name: 'tune',
    createdAt: tuning.createdAt,
    summary: `Settings of ${tuning.families.length} models searched in ${tuning.trials.length} trials on a validation part of the ${split} split, all ${artists.toLocaleString('en')} artists ranked, lists of ${k}; ${listeners.searched} listeners searched on, ${listeners.checked} others for the check; intervals are 95% bootstrap over those, ${context.settings.evaluation.bootstrapRounds} rounds.`,
    figures: [
      ...tuning.families.flatMap((family) => figuresOf(family, k)),
      ...tuning.trials.map((trial, at) => ({
        metric: `trial ${at + 1}, ${Math.round(1000 * trial.resource) / 10}% of the resource/ndcg@${k}`,
        of: `${trial.model} ${settingsText(trial.settings)}`.trim(),
        value: trial.ndcg,
        unit: 'share',
      })),
    ],
    notes: notesOf(tuning),
  }
}

function figuresOf({ model, searched, present, checked, gain, behind, seconds }: TunedFamily, k: number) {
  const figure = (part: string, value: number, unit = 'share', ends: Partial<Interval> = {}): Figure => ({
    metric: `${part}/ndcg@${k}`,
    of: model,
    value,
    ...(ends.low !== undefined && { low: ends.low, high: ends.high! }),
    unit,
  })
  return [
    figure('searched', searched),
    figure('searched, present settings', present),
    ...(checked ? [figure('checked', checked.value, 'share', checked)] : []),
    ...(gain ? [figure('checked, chosen minus present', gain.difference, 'share', gain)] : []),
    ...(behind ? [figure('checked, leader minus this', behind.difference, 'share', behind)] : []),
    { metric: 'seconds', of: model, value: seconds, unit: 's' },
  ]
}

/** Settings as words: `regularization=0.008 factors=128`. */
export const settingsText = (settings: SectionSettings): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

/** What a reader of the table should know, in sentences. */
export function notesOf({ families, skipped, listeners }: Tuning): readonly string[] {
  const [leader, second] = families
  const versus = second?.behind
  return [
    ...(listeners.checked === 0
      ? ['Too few listeners to check the winners on others than they won on.']
      : []),
    ...(leader && second && versus ? [rankingNote(leader.model, second.model, versus)] : []),
    ...families.flatMap(({ model, note }) => (note === undefined ? [] : [`${model}: ${note}.`])),
    ...skipped.map(({ model, reason }) => `${model} was left out: ${reason}.`),
  ]
}

function rankingNote(leader: string, second: string, { difference, low, high }: PairedComparison): string {
  const numbers = `${difference.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`
  const verdict = verdictOf(low, high)
  return `${leader} leads; minus ${second} on the listeners of the check, NDCG per listener: ${numbers}${verdict}.`
}

function verdictOf(low: number, high: number): string {
  if (low > 0) return ''
  return high < 0 ? ': there the order is the other way round' : ': these listeners cannot tell them apart'
}
