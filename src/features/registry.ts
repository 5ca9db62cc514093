// The registry: every feature view and feature service there is, checked, with versions.
import type { Settings } from '../config.ts'
import { TastemakerError } from '../errors.ts'
import { artistPopularity } from './definitions/artist-popularity.ts'
import { listenerActivity } from './definitions/listener-activity.ts'
import { listenerArtist } from './definitions/listener-artist.ts'
import { listenerProfile } from './definitions/listener-profile.ts'
import { listenerSessions } from './definitions/listener-sessions.ts'
import { listenerTaste } from './definitions/listener-taste.ts'
import { checkView, type Feature, type FeatureView, viewVersion } from './feature-view.ts'

/** A view with its version under the settings in force. */
export type RegisteredView = FeatureView & { readonly version: string }

/** One feature of one view. */
export type FeatureReference = { readonly view: RegisteredView; readonly feature: Feature }

/** All definitions. `find` and `resolve` throw `not-found` with the names there are. */
export type FeatureRegistry = {
  readonly views: readonly RegisteredView[]
  readonly services: readonly FeatureService[]
  find(name: string): RegisteredView
  /** `view:feature` of each reference, or all of a feature service. */
  resolve(
    asked: { readonly features: readonly string[] } | { readonly service: string },
  ): readonly FeatureReference[]
}

/** Features that are read together, under a name. An entry is `view:feature` or a whole `view`. */
export type FeatureService = {
  readonly name: string
  readonly description: string
  readonly features: readonly string[]
}

/** The definitions, in the order of their listing. A new one is one file of `definitions/` and one line here. */
const definitions: readonly FeatureView[] = [
  listenerProfile,
  listenerActivity,
  listenerSessions,
  listenerTaste,
  artistPopularity,
  listenerArtist,
]

const featureServices: readonly FeatureService[] = [
  {
    name: 'listener',
    description: 'Everything known of a listener.',
    features: ['listener_profile', 'listener_activity', 'listener_sessions', 'listener_taste'],
  },
  { name: 'artist', description: 'Everything known of an artist.', features: ['artist_popularity'] },
]

/**
 * Checks the definitions and gives each its version. Throws `bad-argument` for names that occur twice and for what
 * `checkView` refuses.
 */
export function openRegistry(
  settings: Settings['features'],
  views: readonly FeatureView[] = definitions,
  services: readonly FeatureService[] = views === definitions ? featureServices : [],
): FeatureRegistry {
  for (const view of views) checkView(view)
  const names = [...views, ...services].map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined)
    throw new TastemakerError('bad-argument', `Two feature views or services are named ${twice}.`)
  const registered = views.map((view) => ({ ...view, version: viewVersion(view, settings) }))
  const find = (name: string) => found(registered, name, 'feature view')
  const references = (text: string) => referencesOf(text, find)
  for (const service of services) service.features.forEach(references)
  return {
    views: registered,
    services,
    find,
    resolve: (asked) =>
      ('service' in asked
        ? found(services, asked.service, 'feature service').features
        : asked.features
      ).flatMap(references),
  }
}

function found<T extends { readonly name: string }>(all: readonly T[], name: string, what: string): T {
  const one = all.find((candidate) => candidate.name === name)
  if (one) return one
  const known = all.map((candidate) => candidate.name).join(', ')
  throw new TastemakerError('not-found', `There is no ${what} ${JSON.stringify(name)}. Known: ${known}.`)
}

/** `view` or `view:feature` -> its features. A version behind the view, `view@v2:feature`, is not part of a name here. */
function referencesOf(text: string, find: FeatureRegistry['find']): readonly FeatureReference[] {
  const [viewName = '', featureName, ...more] = text.split(':')
  const view = find(viewName)
  if (featureName === undefined) return view.features.map((feature) => ({ view, feature }))
  if (more.length > 0)
    throw new TastemakerError(
      'bad-argument',
      `A feature is named view:feature; it is ${JSON.stringify(text)}.`,
    )
  return [{ view, feature: found(view.features, featureName, `feature of ${viewName}`) }]
}
