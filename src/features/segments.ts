// Segments of listeners: age group x country below country below everybody, merged upward where too few people are in one.
import type { Vocabulary } from '../data/vocabulary.ts'

/** What a segment is made of. */
export type SegmentPerson = { readonly userId: string; readonly ageGroup: string; readonly country: string }

/** A small tree of segments over listeners. Index 0 is everybody. */
export type Segments = {
  /** `everybody`, `US`, `25-34|US`, ... by index. */
  readonly labels: readonly string[]
  /** Parent of each segment; -1 for everybody. */
  readonly parent: Int32Array
  /** Segment of each listener in the vocabulary's order; 0 where nothing is known. */
  readonly ofUser: Int32Array
}

/**
 * Puts each listener of a vocabulary into the finest segment that has at least `minListeners` people.
 * The people counted are all of `people`; an unknown age group or country never forms a segment.
 */
export function buildSegments(
  people: Iterable<SegmentPerson>,
  users: Vocabulary,
  minListeners: number,
): Segments {
  const everyone = [...people]
  const sizes = new Map<string, number>()
  for (const person of everyone)
    for (const label of candidateLabels(person)) sizes.set(label, (sizes.get(label) ?? 0) + 1)
  const big = (label: string) => (sizes.get(label) ?? 0) >= minListeners
  const countries = [...sizes.keys()].filter((label) => !label.includes('|') && big(label)).sort()
  const fine = [...sizes.keys()].filter((label) => label.includes('|') && big(label)).sort()
  const labels = ['everybody', ...countries, ...fine]
  const index = new Map(labels.map((label, at) => [label, at]))
  const parent = Int32Array.from(labels, (label, at) =>
    at === 0 ? -1 : (index.get(label.split('|')[1] ?? '') ?? 0),
  )
  const ofUser = new Int32Array(users.size)
  for (const person of everyone) {
    const at = users.indexOf(person.userId)
    const label = candidateLabels(person).findLast((candidate) => index.has(candidate))
    if (at >= 0 && label !== undefined) ofUser[at] = index.get(label)!
  }
  return { labels, parent, ofUser }
}

/** The label of the segment somebody would fall into, coarse to fine. */
function candidateLabels(person: SegmentPerson): readonly string[] {
  if (person.country === 'unknown') return []
  return person.ageGroup === 'unknown'
    ? [person.country]
    : [person.country, `${person.ageGroup}|${person.country}`]
}
