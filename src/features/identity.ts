// Which artist ids of the catalogue mean the same artist: candidates by shared keys, rules with scores, one canonical id for each.
import type { CatalogueArtist, Identity, IdentityDecision } from '../data/artist-identity.ts'
import { type Cluster, createClusters } from './identity-clusters.ts'
import { boldCandidates, sameNameCandidates } from './identity-rules.ts'

/** How identities are resolved. */
export type IdentityOptions = {
  /**
   * `names`: ids that a service gave vouch for different artists; only artists known by name alone (`name:...`) are merged, with each other and into
   * one of those. `all`: ids of the service too; only MusicBrainz ids vouch. `off`: a person's decisions alone.
   */
  readonly merge: 'names' | 'all' | 'off'
  /** Candidates below this score are left apart. */
  readonly minScore: number
  readonly decisions: readonly IdentityDecision[]
  /** The table before this one: its rows keep their time and, while they fit, their canonical ids. */
  readonly earlier: readonly Identity[]
  /** The time of new rows, ms UTC. */
  readonly now: number
}

/** An earlier canonical id gives way only to one with this many times its plays. */
const overtakes = 2
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * Resolves the catalogue. Rules in the order of IdentityRule: exact ones join groups of any size; the bold ones (`known-part`, `alike`) hang a whole
 * group on one that is heard more, never a chain. No group holds two ids that vouch for different artists, and what a person split stays apart.
 * Artists in any order give the same rows, in ascending order of artist id; canonical artists and those that are alone have none.
 */
export function resolveIdentities(
  catalogue: readonly CatalogueArtist[],
  options: IdentityOptions,
): readonly Identity[] {
  const artists = [...catalogue].sort(byPlays)
  const vouches = (artist: CatalogueArtist) => isVoucher(artist.artistId, options.merge)
  const clusters = createClusters(artists, { vouches, decisions: options.decisions })
  if (options.merge !== 'off') {
    for (const candidate of sameNameCandidates(artists, vouches))
      if (candidate.score >= options.minScore) clusters.join(candidate)
    for (const candidate of boldCandidates(artists, options.minScore)) clusters.hang(candidate)
  }
  return rowsOf(clusters.all(), artists, options)
}

/** Whether an id says by itself that its artist is another than those of other such ids. */
function isVoucher(artistId: string, merge: IdentityOptions['merge']): boolean {
  return uuid.test(artistId) || (merge !== 'all' && !artistId.startsWith('name:'))
}

function rowsOf(
  clusters: readonly Cluster[],
  artists: readonly CatalogueArtist[],
  { earlier, now }: IdentityOptions,
): readonly Identity[] {
  const before = new Map(earlier.map((row) => [row.artistId, row]))
  const rows = clusters.flatMap((cluster) => {
    const canonical = canonicalOf(cluster, artists, before)
    const standing = cluster.members.find(({ at }) => at === canonical)!
    return cluster.members
      .filter(({ at }) => at !== canonical)
      .map((member): Identity => {
        const { artistId } = artists[member.at]!
        const { rule, score } = member.isFirst ? standing : member
        const canonicalId = artists[canonical]!.artistId
        const old = before.get(artistId)
        const same = old?.canonicalId === canonicalId && old.rule === rule
        return { artistId, canonicalId, rule, score, decidedAt: same ? old.decidedAt : now }
      })
  })
  return rows.sort((a, b) => (a.artistId < b.artistId ? -1 : 1))
}

/** The head of the group; but one that was canonical before stays until it is overtaken clearly. */
function canonicalOf(
  { members, head, chosen }: Cluster,
  artists: readonly CatalogueArtist[],
  before: ReadonlyMap<string, Identity>,
): number {
  if (chosen) return head
  const earlier = new Set(members.map(({ at }) => before.get(artists[at]!.artistId)?.canonicalId))
  const kept = members.find(({ at }) => earlier.has(artists[at]!.artistId))
  if (!kept || head === kept.at) return head
  return artists[head]!.plays >= overtakes * artists[kept.at]!.plays ? head : kept.at
}

/** Most plays first; ties by id. */
function byPlays(a: CatalogueArtist, b: CatalogueArtist): number {
  return b.plays - a.plays || (a.artistId < b.artistId ? -1 : 1)
}
