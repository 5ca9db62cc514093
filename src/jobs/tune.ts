// The tune job: picks the model family and its settings on a validation part that no evaluation tests on.
import { TastemakerError } from '../errors.ts'
import { type ModelName, modelNames } from '../models/models.ts'
import { type SearchSpace, sectionOf, spaceOf, unsuitable } from '../models/search-space.ts'
import { writeReport } from '../reports/reports.ts'
import type { JobContext } from './context.ts'
import { writeDocument } from './documents.ts'
import type { TrainingData } from './training-data.ts'
import { type FamilyResult, isUnfit, searchFamily } from './tune-family.ts'
import { reportOf, type Skipped, type Tuning, tuningOf } from './tune-report.ts'
import { prepareTuning, shareListeners } from './tune-round.ts'
import { type Measure, removeTrials, trialsOf } from './tune-trial.ts'

/** What to search, and how long. */
export type TuneOptions = {
  /** Models to search by name; left out: all that have something to search. Popularity is always measured. */
  readonly models?: readonly string[]
  /** Trials at most, divided among the models; left out: as many as the schedule of the settings takes. */
  readonly trials?: number
  /** Minutes after which a search only brings its leader home, divided among the models. Other minutes, other results. */
  readonly minutes?: number
  /** Seed of the candidates and of who is measured; left out: that of the settings. */
  readonly seed?: number
  /** Forget the trials kept so far. */
  readonly fresh?: boolean
  /** Aborted: `cancelled`, with every finished trial kept. */
  readonly signal?: AbortSignal
}

/** Where the newest result lies. */
const latestKey = 'tuning/latest.json'

/**
 * Searches every model's settings by successive halving and ranks the models by what they reached. Trials are kept one by
 * one as they finish, so a tuning that was killed goes on where it was and ends with the same answer.
 * Throws `bad-argument` for a model that is not known, `not-ready` where no listener can be measured, `cancelled`.
 */
export async function tune(
  context: JobContext,
  data: TrainingData,
  options: TuneOptions = {},
): Promise<Tuning> {
  const named = chosenModels(options.models)
  context.progress('tune', 0, 'carving out a validation part')
  const { tuning: settings } = context.settings
  const seed = options.seed ?? context.settings.seed
  const round = shareListeners(await prepareTuning(context, data), {
    seed,
    most: settings.listeners,
    checkShare: settings.checkShare,
  })
  if (round.searched.length === 0)
    throw new TastemakerError(
      'not-ready',
      'No listener has enough artists for one to be held out; there is nothing to tune on yet.',
    )
  await removeTrials(context, options.fresh ? undefined : data.features.version)
  const { spaces, skipped } = searchable(named, round.round.matrix.columns)
  const measure = trialsOf(context, {
    round,
    featureVersion: data.features.version,
    signal: options.signal,
  })
  const found = await searchAll(context, spaces, { options, seed, measure, matrix: round.round.matrix })
  const tuning = tuningOf({
    ...found,
    context,
    round,
    skipped: [...skipped, ...found.skipped],
    featureVersion: data.features.version,
    seed,
  })
  await writeDocument(context.objects, latestKey, tuning)
  await writeReport(context.objects, reportOf(context, tuning))
  context.progress('tune', 1, `${tuning.trials.length} trials, ${tuning.families[0]!.model} leads`)
  return tuning
}

function chosenModels(names: readonly string[] = modelNames): readonly ModelName[] {
  const unknown = names.find((name) => !modelNames.includes(name as ModelName))
  if (unknown !== undefined)
    throw new TastemakerError(
      'bad-argument',
      `There is no model "${unknown}"; known are ${modelNames.join(', ')}.`,
    )
  return modelNames.filter((name) => name === 'popularity' || names.includes(name))
}

/** The spaces to search in a catalogue of so many artists, and the models left out with the reason. */
export function searchable(
  names: readonly string[],
  artists: number,
): { readonly spaces: readonly SearchSpace[]; readonly skipped: readonly Skipped[] } {
  const spaces: SearchSpace[] = []
  const skipped: Skipped[] = []
  for (const model of names) {
    const space = spaceOf(model)
    const reason = space ? unsuitable(space, artists) : 'it has no settings to search by itself'
    if (space && reason === undefined) spaces.push(space)
    else skipped.push({ model, reason: reason! })
  }
  return { spaces, skipped }
}

type Search = {
  readonly options: TuneOptions
  readonly seed: number
  readonly measure: Measure
  readonly matrix: TrainingData['matrix']
}

/** Searches family by family; one whose present settings cannot be fitted is left out with the reason. */
async function searchAll(
  context: JobContext,
  spaces: readonly SearchSpace[],
  { options, seed, measure, matrix }: Search,
): Promise<{ readonly found: readonly FamilyResult[]; readonly skipped: readonly Skipped[] }> {
  const found: FamilyResult[] = []
  const skipped: Skipped[] = []
  const { schedule, candidates, reduction, rungs } = context.settings.tuning
  const { trials = Number.POSITIVE_INFINITY, minutes = Number.POSITIVE_INFINITY } = options
  const deadline = context.now() + minutes * 60_000
  let taken = 0
  for (const [at, space] of spaces.entries()) {
    // What a family leaves goes to those after it.
    const families = spaces.length - at
    const endAt = context.now() + (deadline - context.now()) / families
    const ownTrials = Math.floor((trials - taken) / families)
    const search = searchFamily(space, {
      plan: { schedule, candidates, shape: { reduction, rungs }, trials: ownTrials, seed },
      present: sectionOf(context.settings.models, space),
      matrix,
      measure,
      outOfTime: () => context.now() >= endAt,
      onProgress: (share, words) => context.progress('tune', (at + share) / spaces.length, words),
    })
    try {
      const result = await search
      found.push(result)
      taken += result.trials.length
    } catch (error) {
      if (!isUnfit(error)) throw error
      skipped.push({ model: space.model, reason: error.message })
    }
  }
  return { found, skipped }
}
