// Events -> the artist table as known at a time: card facts, plays, listeners, active days, trending rank.

/** Days of the recent stretch that trending compares with the stretch before it. */
const recentDays = 7
const beforeDays = 28
const day = 86_400_000

/**
 * SQL of the artist table as of a time (ms UTC), from `events` (a table or view of clean events).
 * Columns: artist_id, name, genre, followers (each as on the newest card that had it), plays, listeners,
 * active_days (distinct UTC days with a play), trending_rank.
 *
 * Trending: how far last week's plays r lie above what the four weeks before make one expect,
 * e = plays of those 28 days / 4, in standard deviations of a Poisson count: (r - e) / sqrt(e + 1).
 * Plays count there as far as they are believed (column weight). Rank 1 is the highest; artists without plays in these five weeks have none (null). Ties by artist id.
 */
export function artistsSql(events: string, asOf: number): string {
  const recent = asOf - recentDays * day
  const before = recent - beforeDays * day
  return `with seen as (select * from ${events} where occurred_at < ${asOf}),
  plays as (
    select artist_id,
      coalesce(sum(case kind when 'listen' then 1 when 'play_count' then value end), 0) as plays,
      count(distinct user_id) filter (where kind <> 'impression') as listeners,
      count(distinct occurred_at // ${day}) filter (where kind = 'listen') as active_days,
      coalesce(sum(weight) filter (where kind = 'listen' and occurred_at >= ${recent}), 0) as recent,
      coalesce(sum(weight) filter (where kind = 'listen' and occurred_at >= ${before} and occurred_at < ${recent}), 0) / ${beforeDays / recentDays}.0 as expected
    from seen group by artist_id
  ),
  cards as (
    select artist_id, max_by(artist_name, row(occurred_at, event_id)) as name,
      max_by(genre, row(occurred_at, event_id)) filter (where genre is not null) as genre,
      max_by(followers, row(occurred_at, event_id)) filter (where followers is not null) as followers
    from seen group by artist_id
  ),
  ranked as (
    select artist_id, row_number() over (order by (recent - expected) / sqrt(expected + 1) desc, artist_id) as trending_rank
    from plays where recent + expected > 0
  )
  select plays.artist_id, cards.name, cards.genre, cards.followers,
    cast(plays.plays as double) as plays, plays.listeners, plays.active_days, ranked.trending_rank
  from plays join cards using (artist_id) left join ranked using (artist_id)
  order by plays.artist_id`
}
