// The feature view: what a definition says of its features, and its version.
import { createHash } from 'node:crypto'
import type { Settings } from '../config.ts'
import { TastemakerError } from '../errors.ts'

/** Types of features: `timestamp` is ms since the epoch, UTC; `list` is a list of structs, computed only. */
export type FeatureType = 'string' | 'int64' | 'double' | 'timestamp' | 'list'

/** What features describe. `joinKeys` are the columns that name one, in order. */
export type Entity = {
  readonly name: string
  readonly joinKeys: readonly string[]
  readonly description: string
}

/** One feature of a view. */
export type Feature = {
  readonly name: string
  readonly dtype: FeatureType
  readonly description: string
}

/** Relations that a definition may read: names of tables or views. */
export type FeatureSources = {
  /** Clean events, already cut to what had happened and was known: a definition cannot see the future. */
  readonly events: string
  /** Masked accounts as of now: user_id, age_group, city, state, country. */
  readonly accounts: string
}

/** As of when (ms UTC, exclusive), and the settings that shape features. */
export type FeatureTime = { readonly asOf: number; readonly settings: Settings['features'] }

/** A feature view as code: one file of `definitions/` each. */
export type FeatureView = {
  readonly name: string
  readonly entity: Entity
  readonly features: readonly Feature[]
  readonly description: string
  readonly owner: string
  /** What it is computed from, in words. */
  readonly source: string
  /** Age from which a value no longer counts, offline and online; null: it never expires. 0 is refused. */
  readonly ttlSeconds: number | null
  /** Whether the newest rows are copied to the list store. */
  readonly online: boolean
  /** Whether the source says when each row of it got known; without, rows count as known from when they were computed. */
  readonly recorded: boolean
  /** Query with the join keys and the features as columns, one row an entity. */
  readonly sql: (sources: FeatureSources, time: FeatureTime) => string
}

/**
 * Version of a definition: hash of what decides its values and their shape. Descriptions and the owner are not in it, so
 * that better words cost no history.
 */
export function viewVersion(view: FeatureView, settings: Settings['features']): string {
  const { name, entity, features, ttlSeconds, recorded } = view
  const sql = view.sql({ events: 'events', accounts: 'accounts' }, { asOf: 0, settings })
  const shape = features.map((feature) => [feature.name, feature.dtype])
  const parts = JSON.stringify([name, entity.joinKeys, shape, ttlSeconds, recorded, sql])
  return createHash('sha256').update(parts).digest('hex').slice(0, 12)
}

/** Throws `bad-argument` for a definition that cannot be used, saying what is wrong with it. */
export function checkView(view: FeatureView): void {
  const problem = problemOf(view)
  if (problem !== undefined)
    throw new TastemakerError('bad-argument', `Feature view ${JSON.stringify(view.name)}: ${problem}.`)
}

function problemOf(view: FeatureView): string | undefined {
  const { name, entity, features, ttlSeconds: ttl } = view
  const columns = [...entity.joinKeys, ...features.map((feature) => feature.name)]
  const unfit = [name, entity.name, ...columns].find((one) => !isName(one))
  if (unfit !== undefined) return `${JSON.stringify(unfit)} is no name of small letters, digits and single _`
  const twice = columns.find((column, at) => columns.indexOf(column) < at)
  if (twice !== undefined) return `two columns are named ${twice}`
  const reserved = columns.find((column) => reservedColumns.includes(column))
  if (reserved !== undefined) return `the column name ${reserved} is taken`
  if (features.length === 0 || entity.joinKeys.length === 0) return 'it needs a key and a feature'
  if (ttl !== null && !(Number.isSafeInteger(ttl) && ttl > 0))
    return `ttlSeconds is ${ttl}; it must be a whole number above 0, or null for values that never expire`
  const bare = [view, entity, ...features].find((one) => one.description.trim().length < 10)
  if (bare) return `${bare.name} needs a description`
  return view.owner === '' || view.source === '' ? 'it needs an owner and a source' : undefined
}

const isName = (text: string): boolean => /^[a-z][a-z0-9_]{0,62}$/.test(text) && !text.includes('__')

/** Columns of every feature row besides keys and features. */
export const reservedColumns: readonly string[] = ['event_timestamp', 'created_timestamp', 'sequence']
