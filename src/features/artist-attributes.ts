// What artists are -> sparse features: genre, country, followers, trend and tags, as far as enough artists share them.
import type { ArtistFeatures } from '../data/features.ts'
import type { Vocabulary } from '../data/vocabulary.ts'
import { type Attribute, type AttributeMatrix, buildAttributes, layAttributes } from './attribute-matrix.ts'

/** What is known of an artist that does not come from its listeners' histories. */
export type ArtistFacts = Pick<ArtistFeatures, 'artistId' | 'genre' | 'followers' | 'trendingRank'> & {
  readonly country?: string | null
  /** Tags with weights > 0, such as how many people gave each. */
  readonly tags?: ReadonlyMap<string, number>
}

/** When an attribute becomes a feature. */
export type ArtistAttributeOptions = {
  /** Artists of the vocabulary that must share it; default 5. */
  readonly minArtists?: number
  /** Features at most; default 1000. */
  readonly mostFeatures?: number
}

/**
 * Features of the artists of a vocabulary, row by row in its order. Artists outside it do not count; one of which nothing is
 * known has the feature `everyone` alone.
 */
export function artistAttributes(
  artists: Iterable<ArtistFacts>,
  vocabulary: Vocabulary,
  { minArtists = 5, mostFeatures }: ArtistAttributeOptions = {},
): AttributeMatrix {
  return buildAttributes(vocabulary.size, attributesOf(artists, vocabulary), {
    minRows: minArtists,
    ...(mostFeatures !== undefined && { mostFeatures }),
  })
}

/** Features of other artists over the columns that a model was trained with. */
export const artistAttributesOver = (
  names: readonly string[],
  artists: Iterable<ArtistFacts>,
  vocabulary: Vocabulary,
): AttributeMatrix => ({
  names,
  features: layAttributes(vocabulary.size, attributesOf(artists, vocabulary), names),
})

function attributesOf(artists: Iterable<ArtistFacts>, vocabulary: Vocabulary): Attribute[] {
  const out: Attribute[] = []
  const seen = new Set<number>()
  for (const artist of artists) {
    const row = vocabulary.indexOf(artist.artistId)
    if (row < 0 || seen.has(row)) continue
    seen.add(row)
    for (const name of plainNames(artist)) out.push({ row, name })
    for (const [tag, weight] of tagWeights(artist.tags)) out.push({ row, name: `tag:${tag}`, weight })
  }
  return out
}

function plainNames({ genre, country, followers, trendingRank }: ArtistFacts): readonly string[] {
  const names: string[] = []
  if (genre) names.push(`genre:${genre.toLowerCase()}`)
  if (country) names.push(`country:${country}`)
  if (followers !== null) names.push(`followers:${followersBucket(followers)}`)
  if (trendingRank !== null) names.push(`trending:${trendingBucket(trendingRank)}`)
  return names
}

/** Powers of ten: `0`, `1+`, `10+`, `100+`, ... */
const followersBucket = (followers: number): string =>
  followers < 1 ? '0' : `1${'0'.repeat(Math.floor(Math.log10(followers) + 1e-9))}+`

/** The first ten, hundred and thousand of the week, and the rest. */
const trendingBucket = (rank: number): string =>
  ['top 10', 'top 100', 'top 1000'][Math.max(0, Math.ceil(Math.log10(rank) - 1e-9) - 1)] ?? 'others'

/** Square roots, scaled so that all tags together weigh as much as one genre; none without tags. */
function* tagWeights(tags: ArtistFacts['tags']): Generator<readonly [tag: string, weight: number]> {
  if (!tags) return
  let sum = 0
  for (const weight of tags.values()) sum += weight
  for (const [tag, weight] of tags) yield [tag, Math.sqrt(weight / sum)]
}
