// Answers which values features have online now: one column a key and a feature, one place an entity.
import { TastemakerError } from '../errors.ts'
import type { ListStore } from '../stores/lists/list-store.ts'
import { type EntityIds, type OnlineStatus, onlineValue, readOnlineRow } from './online-rows.ts'
import type { FeatureReference, RegisteredView } from './registry.ts'

/** One column of an answer; the places of all columns belong together. */
export type OnlineColumn = {
  readonly name: string
  readonly values: readonly unknown[]
  readonly statuses: readonly OnlineStatus[]
  /** ms UTC; 0 for keys and where nothing was found. */
  readonly eventTimestamps: readonly number[]
}

/** What is asked. */
export type OnlineQuestion = {
  readonly features: readonly FeatureReference[]
  /** Ids by join key, all columns equally long; null: nobody. */
  readonly entities: Readonly<Record<string, readonly (string | null)[]>>
  /** ms UTC. */
  readonly now: number
  /** `view__feature` instead of `feature` as names; needed where two views have a feature of one name. */
  readonly fullNames?: boolean
}

/**
 * The features asked for, in their order, read with one look-up per entity and view. Each row is judged by the time to
 * live of its view. Throws `bad-argument` for a view without online copies, join keys that are missing or unequally long,
 * and names that occur twice.
 */
export async function readOnlineFeatures(
  lists: ListStore,
  question: OnlineQuestion,
): Promise<readonly OnlineColumn[]> {
  const { features, entities, now } = question
  const views = new Map(features.map(({ view }) => [view.name, view]))
  const length = checkQuestion(question, [...views.values()])
  const rows = new Map<string, readonly Awaited<ReturnType<typeof readOnlineRow>>[]>()
  for (const view of views.values()) {
    const reads = Array.from({ length }, (_, at) => readOnlineRow(lists, view, idsAt(view, entities, at)))
    rows.set(view.name, await Promise.all(reads))
  }
  return features.map(({ view, feature }) => {
    const { ttlSeconds } = view
    const asked = { feature: feature.name, ttlSeconds, now }
    const found = rows.get(view.name)!.map((row) => onlineValue(row, asked))
    return {
      name: columnName({ view, feature }, question.fullNames),
      values: found.map(({ value }) => value),
      statuses: found.map(({ status }) => status),
      eventTimestamps: found.map(({ eventTimestamp }) => eventTimestamp),
    }
  })
}

const columnName = ({ view, feature }: FeatureReference, full = false): string =>
  full ? `${view.name}__${feature.name}` : feature.name

const idsAt = (view: RegisteredView, entities: OnlineQuestion['entities'], at: number): EntityIds =>
  view.entity.joinKeys.map((key) => entities[key]![at]!)

/** Number of entities asked for. */
function checkQuestion(question: OnlineQuestion, views: readonly RegisteredView[]): number {
  const { features, entities, fullNames } = question
  const complain = (problem: string): never => {
    throw new TastemakerError('bad-argument', problem)
  }
  const offline = views.find((view) => !view.online)
  if (offline) complain(`Feature view ${offline.name} has no online copies.`)
  const missing = views
    .flatMap((view) => view.entity.joinKeys.map((key) => [view, key] as const))
    .find(([, key]) => entities[key] === undefined)
  if (missing) complain(`Feature view ${missing[0].name} needs entities by ${missing[1]}.`)
  const lengths = [...new Set(Object.values(entities).map((ids) => ids.length))]
  if (lengths.length > 1)
    complain(`The entity columns have ${lengths.join(' and ')} places; they belong together.`)
  const names = features.map((reference) => columnName(reference, fullNames))
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined)
    complain(`Two features would be named ${twice}: ask for full feature names, or for each only once.`)
  return lengths[0] ?? 0
}
