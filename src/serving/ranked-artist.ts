// One row of a ranked list, from the artist's features and a probability.
import type { ArtistFeatures } from '../data/features.ts'
import type { RankedArtist } from '../data/ranked-list.ts'
import { scoreOf } from './calibrate.ts'

/** The artist as a list shows it. */
export function rankedArtist(artist: ArtistFeatures, probability: number, why: string): RankedArtist {
  const { artistId, name, genre } = artist
  return { artistId, name, genre, score: scoreOf(probability), probability, why }
}
