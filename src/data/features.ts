// The features of listeners and artists: the two arrays of the brief with all their fields.

/** One of a listener's 100 most recent favourite artists. */
export type FavouriteArtist = {
  readonly artistId: string
  readonly name: string
  /** Distinct UTC days on which the listener played the artist. */
  readonly activeDays: number
  /** 1 is the artist whose plays grew most in the last week; see features/artists-sql.ts. */
  readonly trendingRank: number | null
  readonly genre: string | null
  readonly followers: number | null
  readonly plays: number
  /** Last time the listener played or liked the artist, ms UTC. */
  readonly lastAt: number
}

/** One of a listener's last 100 songs. */
export type LastSong = {
  readonly trackId: string
  readonly title: string
  readonly artistId: string
  readonly artistName: string
  /** Distinct UTC days on which the listener played the song. */
  readonly activeDays: number
  readonly trendingRank: number | null
  readonly genre: string | null
  readonly followers: number | null
  readonly likes: number | null
  /** Mean listening time of this listener for this song, ms. */
  readonly meanPlayedMs: number
  /** Standard deviation of it, ms (population form; 0 for one play). */
  readonly sdPlayedMs: number
  readonly fullPlays: number
  readonly partialPlays: number
  readonly skippedPlays: number
  readonly lastAt: number
}

/** A listener as the models and the first page know them. */
export type ListenerFeatures = {
  readonly userId: string
  readonly ageGroup: string
  readonly city: string
  readonly state: string
  readonly country: string
  readonly favouriteArtists: readonly FavouriteArtist[]
  readonly lastSongs: readonly LastSong[]
}

/** An artist as of a point in time. */
export type ArtistFeatures = {
  readonly artistId: string
  readonly name: string
  readonly genre: string | null
  readonly followers: number | null
  readonly plays: number
  readonly listeners: number
  /** Distinct UTC days with at least one play. */
  readonly activeDays: number
  readonly trendingRank: number | null
}
