// Who listeners are -> sparse features: age group, country, state and city, alone and together, as far as enough people share them.
import type { Vocabulary } from '../data/vocabulary.ts'
import { type Attribute, type AttributeMatrix, buildAttributes, layAttributes } from './attribute-matrix.ts'

/** What is known of a listener besides the history; each field may be `unknown`. Without state and city: fewer features. */
export type ListenerPerson = {
  readonly userId: string
  readonly ageGroup: string
  readonly country: string
  readonly state?: string
  readonly city?: string
}

/** When an attribute becomes a feature. */
export type ListenerAttributeOptions = {
  /** Listeners of the vocabulary that must share it: `features.minSegmentListeners`. */
  readonly minListeners: number
  /** Features at most; default 1000. */
  readonly mostFeatures?: number
}

/**
 * Features of the listeners of a vocabulary, row by row in its order. People outside it do not count; a listener whom nobody
 * describes, or of whom nothing is known, has the feature `everyone` alone.
 */
export function listenerAttributes(
  people: Iterable<ListenerPerson>,
  users: Vocabulary,
  { minListeners, mostFeatures }: ListenerAttributeOptions,
): AttributeMatrix {
  const attributes = attributesOf(people, users)
  return buildAttributes(users.size, attributes, {
    minRows: minListeners,
    ...(mostFeatures !== undefined && { mostFeatures }),
  })
}

/** Features of other listeners over the columns that a model was trained with. */
export const listenerAttributesOver = (
  names: readonly string[],
  people: Iterable<ListenerPerson>,
  users: Vocabulary,
): AttributeMatrix => ({ names, features: layAttributes(users.size, attributesOf(people, users), names) })

function attributesOf(people: Iterable<ListenerPerson>, users: Vocabulary): Attribute[] {
  const out: Attribute[] = []
  const seen = new Set<number>()
  for (const person of people) {
    const row = users.indexOf(person.userId)
    if (row < 0 || seen.has(row)) continue
    seen.add(row)
    for (const name of attributeNames(person)) out.push({ row, name })
  }
  return out
}

const known = (value: string | undefined): value is string => value !== undefined && value !== 'unknown'

/**
 * `age:25-34`, `country:US`, `state:US|OH`, `city:US|OH|Akron`: a state or city is named below what it lies in. An age group
 * counts in its country and state too, `age:25-34|US`: what the young like differs from place to place.
 */
function attributeNames({ ageGroup, country, state, city }: ListenerPerson): readonly string[] {
  const places = known(country) ? [country] : []
  if (known(country) && known(state)) places.push(`${country}|${state}`)
  const kinds = ['country', 'state']
  const names = places.map((place, at) => `${kinds[at]}:${place}`)
  if (known(country) && known(city)) names.push(`city:${country}|${state ?? 'unknown'}|${city}`)
  if (!known(ageGroup)) return names
  return [...names, `age:${ageGroup}`, ...places.map((place) => `age:${ageGroup}|${place}`)]
}
