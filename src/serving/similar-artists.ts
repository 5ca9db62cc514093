// The artists nearest to each artist, with name and genre, as the cache keeps them.
import type { ArtistFeatures } from '../data/features.ts'
import type { Model, ScoredArtist } from '../data/model.ts'

/** One artist near another. */
export type SimilarArtist = {
  readonly artistId: string
  readonly name: string
  readonly genre: string | null
  /** The model's own nearness, higher is nearer; rounded to 4 digits. */
  readonly score: number
}

/** The artists nearest to one, by index, best first. */
export type Nearest = (artistIndex: number) => readonly ScoredArtist[]

/** The k nearest artists as the model sees them, each worked out once; undefined for a model without a notion of nearness. */
export function rememberNearest(model: Model, k: number): Nearest | undefined {
  if (!model.similar) return undefined
  const known = new Map<number, readonly ScoredArtist[]>()
  return (artistIndex) => {
    let nearest = known.get(artistIndex)
    if (!nearest) {
      nearest = model.similar!(artistIndex, k)
      known.set(artistIndex, nearest)
    }
    return nearest
  }
}

/**
 * The nearest artists of each artist, in index order, to be put into the cache.
 * @param nearest undefined gives nothing
 * @param artists by the model's artist index
 */
export function* listSimilar(
  nearest: Nearest | undefined,
  artists: readonly ArtistFeatures[],
): Generator<readonly [artistId: string, similar: readonly SimilarArtist[]]> {
  if (!nearest) return
  for (const [index, { artistId }] of artists.entries()) {
    const near = nearest(index).map(({ artistIndex, score }): SimilarArtist => {
      const { artistId, name, genre } = artists[artistIndex]!
      return { artistId, name, genre, score: Math.round(score * 10_000) / 10_000 }
    })
    yield [artistId, near]
  }
}
