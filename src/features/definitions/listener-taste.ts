// Feature view: the two arrays of a listener, favourite artists and last songs, with all their fields.
import { artistsSql } from '../artists.ts'
import type { FeatureView } from '../feature-view.ts'
import { favouriteArtistsSql, lastSongsSql } from '../listeners.ts'
import { listener } from './entities.ts'

/** The arrays of everybody with an event; an empty list where there is nothing. */
export const listenerTaste: FeatureView = {
  name: 'listener_taste',
  entity: listener,
  description: 'Most recent favourite artists and last songs.',
  owner: 'data platform',
  source: 'clean events',
  ttlSeconds: 365 * 86_400,
  online: true,
  recorded: true,
  features: [
    {
      name: 'favourite_artists',
      dtype: 'list',
      description:
        'Newest first: artistId, name, activeDays, trendingRank, genre, followers, plays, lastAt of each.',
    },
    {
      name: 'last_songs',
      dtype: 'list',
      description:
        'Newest first: trackId, title, artist, activeDays, trendingRank, genre, followers, likes, listening times and outcomes of each.',
    },
  ],
  sql({ events, accounts }, { asOf, settings }) {
    const tables = { events, accounts, artists: 'artists' }
    const options = { asOf, favouriteArtists: settings.favouriteArtists, lastSongs: settings.lastSongs }
    return `with artists as materialized (${artistsSql(events, asOf)}),
    favourites as (${favouriteArtistsSql(tables, options)}),
    songs as (${lastSongsSql(tables, options)})
    select user_id, coalesce(favourite_artists, []) as favourite_artists, coalesce(last_songs, []) as last_songs
    from (select distinct user_id from ${events}) everybody
      left join favourites using (user_id) left join songs using (user_id)`
  },
}
