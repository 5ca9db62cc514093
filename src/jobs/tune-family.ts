// The search within one model: successive halving over drawn candidates, then growth of what the search left alone.
import type { SparseRows } from '../data/interaction-matrix.ts'
import { TastemakerError } from '../errors.ts'
import { drawCandidates, grownFrom, mostCandidates } from '../models/search-candidates.ts'
import type { SearchSpace, SectionSettings } from '../models/search-space.ts'
import { createRandom } from '../statistics/random.ts'
import {
  type HalvingShape,
  halvingRungs,
  hyperbandBrackets,
  leaders,
  measurementsOf,
  type Rung,
} from '../statistics/successive-halving.ts'
import type { Measure, Trial } from './tune-trial.ts'

/** How one model is searched. */
export type FamilyPlan = {
  readonly schedule: 'halving' | 'hyperband'
  readonly shape: HalvingShape
  /** Candidates at most, the present settings among them. */
  readonly candidates: number
  /** Trials at most; infinite: as many as the schedule takes. That of the present settings is always taken. */
  readonly trials: number
  readonly seed: number
}

/** What a family's search is handed. */
export type FamilySearch = {
  readonly plan: FamilyPlan
  /** The model's present settings: the first candidate. */
  readonly present: SectionSettings
  /** What models are fitted on. */
  readonly matrix: SparseRows
  readonly measure: Measure
  /** True once no time is left: the leader is then measured with everything and the search ends. */
  readonly outOfTime: () => boolean
  /** Told the share of the trials done and a few words: `als 0.1234 best, 12 of 46`. */
  readonly onProgress: (share: number, words: string) => void
}

/** What a search found. Every trial in order; of those with the whole resource the best, and that of the present settings. */
export type FamilyResult = {
  readonly space: SearchSpace
  readonly trials: readonly Trial[]
  readonly present: Trial
  readonly best: Trial
  /** Why the search ended before its schedule. */
  readonly ended?: string
}

/**
 * Searches one model. The present settings are measured with the whole resource before anything else, so the best is never
 * below them on the listeners searched on, whenever the search ends.
 */
export async function searchFamily(space: SearchSpace, search: FamilySearch): Promise<FamilyResult> {
  const { plan, matrix } = search
  const brackets = bracketsOf(space, plan)
  const planned = plannedTrials(space, brackets, search.present)
  const trials: Trial[] = []
  const take: Take = async (settings, resource) => {
    const trial = await search.measure(space, settings, resource)
    const before = trials.find((other) => other.resource === trial.resource && sameSettings(other, trial))
    if (before) return before
    trials.push(trial)
    const words = `${space.model} ${bestOf(trials).ndcg.toFixed(4)} best, ${trials.length} of ${planned}`
    search.onProgress(Math.min(0.99, trials.length / planned), words)
    return trial
  }
  const present = await take(search.present, 1)
  const random = createRandom(plan.seed).fork(`candidates of ${space.model}`)
  const sizes = brackets.map((rungs) => rungs[0]?.candidates ?? 0)
  const count = sizes.reduce((sum, size) => sum + size, 0)
  const drawn = drawCandidates(space, search.present, { count, random })
  const candidates = drawn.map((settings, at) =>
    at > 0 && space.adjust ? space.adjust(settings, matrix) : settings,
  )
  const ended = await untilUnfit(async () => {
    let from = 0
    for (const [at, rungs] of brackets.entries()) {
      const own = candidates.slice(from, from + sizes[at]!)
      if (!(await climb(rungs, own, { search, take }))) return timeUp
      from += sizes[at]!
    }
    return (await grow(space, trials, { search, take })) ? undefined : timeUp
  })
  return { space, trials, present, best: bestOf(trials), ...(ended !== undefined && { ended }) }
}

const timeUp = 'its share of the time was up'

/** Whether a fit failed for its own settings and data: too large for this machine, or not to be solved. Not the outside, nor Ctrl-C. */
export const isUnfit = (error: unknown): error is TastemakerError =>
  error instanceof TastemakerError && ['too-large', 'bad-input', 'bad-argument'].includes(error.code)

/** The work's answer, or what was said where a candidate could not be fitted. */
async function untilUnfit(work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work()
  } catch (error) {
    if (isUnfit(error)) return error.message
    throw error
  }
}

type Take = (settings: SectionSettings, resource: number) => Promise<Trial>

const sameSettings = (one: Trial, other: Trial): boolean =>
  JSON.stringify(one.settings) === JSON.stringify(other.settings)

type Climb = { readonly search: FamilySearch; readonly take: Take }

/** The brackets of a plan, no larger than the model and the budget are worth. */
export function bracketsOf(space: SearchSpace, plan: FamilyPlan): readonly (readonly Rung[])[] {
  const { schedule, shape, trials } = plan
  if (space.settings.length === 0) return []
  if (schedule === 'hyperband') {
    const brackets = hyperbandBrackets(shape)
    const within = brackets.filter(
      (_, at) => brackets.slice(0, at + 1).reduce((sum, rungs) => sum + measurementsOf(rungs), 1) <= trials,
    )
    if (within.length > 0) return within
  }
  for (let count = Math.min(plan.candidates, mostCandidates(space)); count > 1; count--) {
    const rungs = halvingRungs(count, shape)
    // One more for the present settings with everything.
    if (measurementsOf(rungs) + 1 <= trials) return [rungs]
  }
  return []
}

function plannedTrials(
  space: SearchSpace,
  brackets: readonly (readonly Rung[])[],
  present: SectionSettings,
): number {
  const grown = grownFrom(space, present).length * (space.growth?.by.length ?? 0)
  return 1 + grown + brackets.reduce((sum, rungs) => sum + measurementsOf(rungs), 0)
}

/** One bracket over its own candidates. Resolves to false when time ran out: the leader so far was then measured with everything. */
async function climb(
  rungs: readonly Rung[],
  candidates: readonly SectionSettings[],
  { search, take }: Climb,
): Promise<boolean> {
  let left = candidates
  for (const [at, rung] of rungs.entries()) {
    const values: number[] = []
    for (const settings of left) {
      if (search.outOfTime()) {
        const leader = left[leaders(values, 1)[0] ?? 0]
        if (leader && (at > 0 || values.length > 1)) await take(leader, 1)
        return false
      }
      values.push((await take(settings, rung.resource)).ndcg)
    }
    left = leaders(values, rungs[at + 1]?.candidates ?? 0).map((index) => left[index]!)
  }
  return true
}

/** Grows the best settings step by step, as long as a step helps and there are trials left; false when time ran out. */
async function grow(space: SearchSpace, trials: readonly Trial[], { search, take }: Climb): Promise<boolean> {
  const { plan, present } = search
  for (const step of grownFrom(space, present)) {
    const before = bestOf(trials)
    const candidates = step(before.settings)
    for (const settings of candidates) {
      if (trials.length >= plan.trials) return true
      if (search.outOfTime()) return false
      await take(settings, 1)
    }
    if (bestOf(trials) === before) return true
  }
  return true
}

/** The trial of highest NDCG among those with the whole resource; of equals the first. */
function bestOf(trials: readonly Trial[]): Trial {
  const whole = trials.filter(({ resource }) => resource >= 1)
  return whole[
    leaders(
      Float64Array.from(whole, ({ ndcg }) => ndcg),
      1,
    )[0]!
  ]!
}
