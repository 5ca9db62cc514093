// Groups of artists that are one, with the guards: no two ids that vouch for different artists, no chain of bold guesses, a person's word first.
import type { CatalogueArtist, IdentityDecision, IdentityRule } from '../data/artist-identity.ts'
import { type Candidate, muchMore, type Vouches } from './identity-rules.ts'

/** A group of two or more; places are those in the list of artists. */
export type Cluster = {
  /** The member that stands for it: the one a person chose, else one that vouches, else the one heard most. */
  readonly head: number
  /** Whether a person chose it. */
  readonly chosen: boolean
  readonly members: readonly Readonly<Member>[]
}

/** A member, and by which rule it came; the first did not come: the others came to it. */
type Member = { at: number; rule: IdentityRule; score: number; isFirst: boolean }

/** Groups under construction. */
export type Clusters = {
  /** Joins two groups for good, if no guard forbids it. */
  join(candidate: Candidate): void
  /** Hangs the group of `from` on that of `to`, if that is heard far more and the first carries none itself. */
  hang(candidate: Candidate): void
  all(): readonly Cluster[]
}

/** Who vouches for itself, and what a person decided. */
export type ClusterGuards = {
  readonly vouches: Vouches
  readonly decisions: readonly IdentityDecision[]
}

type Group = {
  members: Member[]
  /** Place of the member whose id vouches; -1: none. */
  voucher: number
  /** Place of the member that a person merged others into; -1: none. */
  chosen: number
  /** Has groups hanging on it. */
  carries: boolean
}

/** Starts with a group for each artist, heard most first, and a person's merges done; who was merged by hand is linked by its own name no more. */
export function createClusters(artists: readonly CatalogueArtist[], guards: ClusterGuards): Clusters {
  const { alone, merges } = read(guards.decisions)
  const groups: Group[] = artists.map((artist, at) => ({
    members: [{ at, rule: 'same-name', score: 1, isFirst: true }],
    voucher: guards.vouches(artist) ? at : -1,
    chosen: -1,
    carries: false,
  }))
  const places = new Map(artists.map(({ artistId }, at) => [artistId, at]))
  const isAlone = (group: Group) =>
    group.members.length === 1 && alone.has(artists[group.members[0]!.at]!.artistId)
  const unite = (into: Group, from: Group, why: { rule: IdentityRule; score: number }) => {
    for (const member of from.members) {
      const score = Math.min(why.score, member.score)
      into.members.push({ at: member.at, rule: why.rule, score, isFirst: false })
      groups[member.at] = into
    }
    if (into.voucher < 0) into.voucher = from.voucher
    if (into.chosen < 0) into.chosen = from.chosen
  }
  const moved = new Set(merges.map(([from]) => from))
  for (const [from, to] of merges) {
    const [a, b] = [groups[places.get(from) ?? -1], groups[places.get(to) ?? -1]]
    if (!a || !b || a === b) continue
    unite(b, a, { rule: 'decided', score: 1 })
    b.chosen = places.get(to)!
  }
  const free = (a: Group, b: Group) =>
    a !== b && !(a.voucher >= 0 && b.voucher >= 0) && !isAlone(a) && !isAlone(b)
  return {
    join({ from, to, rule, score }) {
      const [a, b] = [groups[from]!, groups[to]!]
      if (moved.has(artists[from]!.artistId) || !free(a, b)) return
      const [into, other] = headOf(a) <= headOf(b) ? [a, b] : [b, a]
      unite(into, other, { rule, score })
    },
    hang({ from, to, rule, score }) {
      const [a, b] = [groups[from]!, groups[to]!]
      if (
        moved.has(artists[from]!.artistId) ||
        !free(a, b) ||
        a.carries ||
        a.voucher >= 0 ||
        !muchMore(artists, headOf(a), headOf(b))
      )
        return
      unite(b, a, { rule, score })
      b.carries = true
    },
    all: () => [...new Set(groups)].filter(({ members }) => members.length > 1).map(clusterOf),
  }
}

function clusterOf(group: Group): Cluster {
  const { members, chosen, voucher } = group
  if (chosen >= 0) return { head: chosen, chosen: true, members }
  return { head: voucher >= 0 ? voucher : headOf(group), chosen: false, members }
}

/** The member heard most: artists lie in that order. */
const headOf = (group: Group): number => Math.min(...group.members.map(({ at }) => at))

/** The decisions that still hold: who stays alone, and who is merged into whom, in the order of time. */
function read(decisions: readonly IdentityDecision[]): {
  readonly alone: ReadonlySet<string>
  readonly merges: readonly (readonly [string, string])[]
} {
  const alone = new Set<string>()
  let merges: (readonly [string, string])[] = []
  for (const decision of [...decisions].sort((a, b) => a.at - b.at)) {
    if (decision.kind === 'split') {
      alone.add(decision.artistId)
      merges = merges.filter((pair) => !pair.includes(decision.artistId))
    } else {
      alone.delete(decision.artistId)
      merges.push([decision.artistId, decision.into])
    }
  }
  return { alone, merges }
}
