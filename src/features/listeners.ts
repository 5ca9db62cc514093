// Events and accounts -> the listener table: the brief's two arrays with all their fields, and who the listener is.
import { evidenceSql } from './confidence.ts'

/** Names of the tables a listener query reads. */
export type ListenerTables = {
  /** Clean events. */
  readonly events: string
  /** Masked accounts: user_id, age_group, city, state, country. */
  readonly accounts: string
  /** The artist table of the same time. */
  readonly artists: string
}

/** How long the two arrays are, and as of when (ms UTC). */
export type ListenerOptions = {
  readonly asOf: number
  readonly favouriteArtists: number
  readonly lastSongs: number
}

/** Plays to at least the middle, or one like, follow or playlist entry, that make an artist a favourite. */
const favouriteEvidence = 1.5

/**
 * SQL of each listener's favourite artists.
 * A favourite is an artist with evidence of at least 1.5 (two full plays, a like, a follow, a playlist entry);
 * the most recent ones are kept, newest first. Columns: user_id, favourite_artists (list of structs).
 */
export function favouriteArtistsSql(tables: ListenerTables, options: ListenerOptions): string {
  return `select user_id, max_by({
      'artistId': artist_id, 'name': name, 'activeDays': active_days, 'trendingRank': trending_rank,
      'genre': genre, 'followers': followers, 'plays': plays, 'lastAt': last_at
    }, row(last_at, artist_id), ${options.favouriteArtists}) as favourite_artists
  from (
    select e.user_id, e.artist_id, max(a.name) as name, max(a.trending_rank) as trending_rank, max(a.genre) as genre,
      max(a.followers) as followers,
      count(distinct e.occurred_at // 86400000) filter (where e.kind = 'listen') as active_days,
      cast(coalesce(sum(case e.kind when 'listen' then 1 when 'play_count' then e.value end), 0) as double) as plays,
      max(e.occurred_at) as last_at
    from ${tables.events} e join ${tables.artists} a using (artist_id)
    where e.occurred_at < ${options.asOf} and e.kind not in ('impression', 'click')
    group by e.user_id, e.artist_id
    having sum(${evidenceSql} * e.weight) >= ${favouriteEvidence}
  ) group by user_id`
}

/**
 * Deviation of whole numbers, population form, 0 of none: from exact sums, so that the order of the rows does not show in the last bit,
 * as it does in DuckDB's own stddev_pop.
 */
const deviationSql = (value: string): string =>
  `coalesce(sqrt(cast(count(${value}) * sum(cast(${value} as hugeint) * ${value}) - sum(${value}) * sum(${value}) as double))
    / nullif(count(${value}), 0), 0)`

/**
 * SQL of each listener's last songs, newest first.
 * Listening times count plays whose length is known; the deviation is the population form, 0 for one play.
 * Columns: user_id, last_songs (list of structs).
 */
export function lastSongsSql(tables: ListenerTables, options: ListenerOptions): string {
  return `select user_id, max_by({
      'trackId': track_id, 'title': title, 'artistId': artist_id, 'artistName': name, 'activeDays': active_days,
      'trendingRank': trending_rank, 'genre': genre, 'followers': followers, 'likes': likes,
      'meanPlayedMs': mean_played_ms, 'sdPlayedMs': sd_played_ms,
      'fullPlays': full_plays, 'partialPlays': partial_plays, 'skippedPlays': skipped_plays, 'lastAt': last_at
    }, row(last_at, track_id, artist_id), ${options.lastSongs}) as last_songs
  from (
    select e.user_id, e.track_id, e.artist_id, max_by(e.track_title, row(e.occurred_at, e.event_id)) as title, max(a.name) as name,
      max(a.trending_rank) as trending_rank, max(a.genre) as genre, max(a.followers) as followers,
      max_by(e.track_likes, row(e.occurred_at, e.event_id)) as likes,
      count(distinct e.occurred_at // 86400000) as active_days,
      coalesce(avg(e.played_ms), 0) as mean_played_ms, ${deviationSql('e.played_ms')} as sd_played_ms,
      count(*) filter (where e.outcome = 'full') as full_plays,
      count(*) filter (where e.outcome = 'partial') as partial_plays,
      count(*) filter (where e.outcome = 'skipped') as skipped_plays,
      max(e.occurred_at) as last_at
    from ${tables.events} e join ${tables.artists} a using (artist_id)
    where e.occurred_at < ${options.asOf} and e.kind = 'listen'
    group by e.user_id, e.track_id, e.artist_id
  ) group by user_id`
}

/**
 * SQL of the listener table: everybody with an account or an event.
 * Columns: user_id, age_group, city, state, country (`unknown` where there is no account), favourite_artists, last_songs (empty lists where none).
 */
export function listenersSql(tables: ListenerTables, options: ListenerOptions): string {
  return `with everybody as (
    select user_id from ${tables.accounts} union select user_id from ${tables.events} where occurred_at < ${options.asOf}
  ),
  favourites as (${favouriteArtistsSql(tables, options)}),
  songs as (${lastSongsSql(tables, options)})
  select user_id, coalesce(age_group, 'unknown') as age_group, coalesce(city, 'unknown') as city,
    coalesce(state, 'unknown') as state, coalesce(country, 'unknown') as country,
    coalesce(favourite_artists, []) as favourite_artists, coalesce(last_songs, []) as last_songs
  from everybody left join ${tables.accounts} using (user_id)
    left join favourites using (user_id) left join songs using (user_id)
  order by user_id`
}
