// One trial of a tuning: a model fitted with some settings and measured on validation listeners, kept as it finishes.
import { TastemakerError } from '../errors.ts'
import { evaluateModel } from '../evaluation/evaluate.ts'
import type { ModelName } from '../models/models.ts'
import { shortened } from '../models/search-candidates.ts'
import { type SearchSpace, type SectionSettings, withSection } from '../models/search-space.ts'
import { meanOf } from '../statistics/bootstrap.ts'
import type { JobContext } from './context.ts'
import { readDocument, versionOf, writeDocument } from './documents.ts'
import type { Round } from './rounds.ts'
import { codeVersion } from './run.ts'
import { trainModel } from './train.ts'
import { onlyRows, type TuningRound } from './tune-round.ts'

/** One measurement. */
export type Trial = {
  readonly model: string
  /** What it was asked for; fewer iterations were made where `resource` is below 1. */
  readonly settings: SectionSettings
  /** Share of the whole resource, (0, 1]. */
  readonly resource: number
  /** Listeners measured of those that the search sees. */
  readonly listeners: number
  /** Their mean NDCG. */
  readonly ndcg: number
  /** NDCG of each listener where the resource was whole. */
  readonly perListener?: { readonly searched: Float64Array; readonly checked: Float64Array }
  readonly seconds: number
}

/** Measures a candidate, or reads what an earlier tuning measured. */
export type Measure = (space: SearchSpace, settings: SectionSettings, resource: number) => Promise<Trial>

/** What all trials of a tuning share. */
export type TrialSetup = {
  readonly round: TuningRound
  readonly featureVersion: string
  /** Aborted: the trial under way throws `cancelled` and is not kept. */
  readonly signal?: AbortSignal | undefined
}

/** Listeners below which no share of them is taken: fewer say nothing. */
const fewestListeners = 100

/** Where all trials lie; below it a folder for each feature version. */
export const trialsPrefix = 'tuning/trials/'

/**
 * Trials of one round: each is one document in the object store, keyed by everything that its result depends on. A part of the
 * resource that comes to the same as the whole, on few listeners, is the whole.
 */
export function trialsOf(context: JobContext, setup: TrialSetup): Measure {
  const all = setup.round.searched.length
  return async (space, settings, resource) => {
    const fitted = shortened(space, settings, resource)
    const listeners = Math.min(all, Math.max(fewestListeners, Math.ceil(resource * all)))
    const whole = listeners === all && versionOf(fitted) === versionOf(settings)
    const asked = { space, settings, fitted, listeners, resource: whole ? 1 : resource }
    const key = `${trialsPrefix}${setup.featureVersion}/${versionOf(dependencies(context, setup, asked))}.json`
    const kept = await readDocument<KeptTrial>(context.objects, key)
    if (kept) return opened(kept)
    stopIfAborted(setup.signal)
    const trial = await measure(context, setup, asked).catch((error: unknown) => {
      stopIfAborted(setup.signal)
      throw error
    })
    await writeDocument(context.objects, key, packed(trial))
    return trial
  }
}

/** Removes kept trials: all of them, or those of other feature versions than the one named. */
export async function removeTrials({ objects }: JobContext, exceptVersion?: string): Promise<void> {
  const old: string[] = []
  for await (const { key } of objects.list(trialsPrefix))
    if (exceptVersion === undefined || !key.startsWith(`${trialsPrefix}${exceptVersion}/`)) old.push(key)
  for (const key of old) await objects.delete(key)
}

type Asked = {
  readonly space: SearchSpace
  readonly settings: SectionSettings
  /** The settings with as many iterations as the resource allows. */
  readonly fitted: SectionSettings
  /** Listeners to measure, of those that the search sees. */
  readonly listeners: number
  readonly resource: number
}

/** The version of the code is among them: another one may fit or measure otherwise. */
function dependencies({ settings: all }: JobContext, { round }: TrialSetup, asked: Asked): unknown {
  const { space, settings, resource } = asked
  const { k, holdoutDays } = all.evaluation
  const { split } = round.round
  const listeners = [[...round.searched], [...round.checked]]
  const sorted = Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1))
  return [codeVersion, split, holdoutDays, k, all.seed, listeners, space.model, sorted, resource]
}

async function measure(context: JobContext, setup: TrialSetup, asked: Asked): Promise<Trial> {
  const { space, settings, fitted, resource } = asked
  const { round, searched, checked } = setup.round
  const startedAt = context.now()
  const models = withSection(context.settings.models, space, fitted)
  const model = await trainModel(
    { ...context, settings: { ...context.settings, models } },
    space.model as ModelName,
    round,
    // A fit tells how far it is all the time: thrown there, `cancelled` ends it.
    () => stopIfAborted(setup.signal),
  )
  stopIfAborted(setup.signal)
  const whole = resource >= 1
  const listeners = searched.subarray(0, asked.listeners)
  const rows = whole ? [...searched, ...checked] : listeners
  const evaluation = await evaluateModel(model, {
    histories: {
      interactions: round.histories,
      segments: round.historySegments,
      features: round.historyFeatures,
    },
    heldOut: onlyRows(round.heldOut, rows),
    k: context.settings.evaluation.k,
    popularity: listenersOf(round),
  })
  stopIfAborted(setup.signal)
  const found = new Map([...evaluation.users].map((user, at) => [user, evaluation.perUser.ndcg[at]!]))
  const valuesOf = (users: Int32Array) => Float64Array.from(users, (user) => found.get(user)!)
  return {
    model: space.model,
    settings,
    resource,
    listeners: listeners.length,
    ndcg: meanOf(valuesOf(listeners)),
    ...(whole && { perListener: { searched: valuesOf(searched), checked: valuesOf(checked) } }),
    seconds: (context.now() - startedAt) / 1000,
  }
}

function listenersOf({ matrix }: Round): Float64Array {
  const counts = new Float64Array(matrix.columns)
  for (const artist of matrix.colIndex) counts[artist]! += 1
  return counts
}

function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted)
    throw new TastemakerError(
      'cancelled',
      'Tuning was stopped. Finished trials are kept: the same command goes on from there.',
    )
}

/** A trial as JSON: the values of listeners as base64 of little-endian doubles, so that none of their digits is lost. */
type KeptTrial = Omit<Trial, 'perListener'> & {
  readonly perListener?: { readonly searched: string; readonly checked: string }
}

function packed({ perListener, ...trial }: Trial): KeptTrial {
  if (!perListener) return trial
  const pack = (values: Float64Array) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
  return {
    ...trial,
    perListener: { searched: pack(perListener.searched), checked: pack(perListener.checked) },
  }
}

function opened({ perListener, ...trial }: KeptTrial): Trial {
  if (!perListener) return trial
  const open = (text: string) => new Float64Array(Uint8Array.from(Buffer.from(text, 'base64')).buffer)
  return {
    ...trial,
    perListener: { searched: open(perListener.searched), checked: open(perListener.checked) },
  }
}
