// Feature view: how much, how widely and how attentively a listener listens.
import type { FeatureView } from '../feature-view.ts'
import { listener } from './entities.ts'

const day = 86_400_000

/**
 * Listening of one person. The windows of plays do not overlap, so that each says something that the others do not.
 * Shares and listening times are null without a listen that has them; the deviation is the population form.
 */
export const listenerActivity: FeatureView = {
  name: 'listener_activity',
  entity: listener,
  description: 'Volume, breadth and attention of listening.',
  owner: 'data platform',
  source: 'clean events',
  ttlSeconds: 28 * 86_400,
  online: true,
  recorded: true,
  features: [
    { name: 'plays_7d', dtype: 'int64', description: 'Listens of the last 7 days.' },
    { name: 'plays_8_to_28d', dtype: 'int64', description: 'Listens of the 21 days before those.' },
    { name: 'plays_29_to_90d', dtype: 'int64', description: 'Listens of the 62 days before those.' },
    { name: 'active_days', dtype: 'int64', description: 'Distinct UTC days with a listen, ever.' },
    { name: 'full_share', dtype: 'double', description: 'Share of listens that were full, 0..1.' },
    { name: 'skip_rate', dtype: 'double', description: 'Share of listens that were skipped, 0..1.' },
    {
      name: 'distinct_artists',
      dtype: 'int64',
      description: 'Artists listened to, liked, followed or saved.',
    },
    { name: 'top_genre', dtype: 'string', description: 'Genre of most listens; ties by name.' },
    { name: 'mean_played_ms', dtype: 'double', description: 'Mean listening time per listen, ms.' },
    { name: 'sd_played_ms', dtype: 'double', description: 'Standard deviation of the listening time, ms.' },
    { name: 'last_at', dtype: 'timestamp', description: 'Time of the last event that the listener caused.' },
  ],
  sql: ({ events }, { asOf }) => `with listens as (select * from ${events} where kind = 'listen'),
  genres as (
    select user_id, genre, row_number() over (partition by user_id order by count(*) desc, genre) as place
    from listens where genre is not null group by user_id, genre
  ),
  played as (
    select user_id, count(*) as n, sum(cast(played_ms as hugeint)) as total,
      sum(cast(played_ms as hugeint) * played_ms) as squares
    from listens where played_ms is not null group by user_id
  ),
  counts as (
    select user_id,
      count(*) filter (where kind = 'listen' and occurred_at >= ${asOf - 7 * day}) as plays_7d,
      count(*) filter (where kind = 'listen' and occurred_at < ${asOf - 7 * day} and occurred_at >= ${asOf - 28 * day}) as plays_8_to_28d,
      count(*) filter (where kind = 'listen' and occurred_at < ${asOf - 28 * day} and occurred_at >= ${asOf - 90 * day}) as plays_29_to_90d,
      count(distinct occurred_at // ${day}) filter (where kind = 'listen') as active_days,
      count(*) filter (where outcome = 'full') / nullif(count(outcome), 0) as full_share,
      count(*) filter (where outcome = 'skipped') / nullif(count(outcome), 0) as skip_rate,
      count(distinct artist_id) filter (where kind <> 'impression') as distinct_artists,
      max(occurred_at) filter (where kind <> 'impression') as last_at
    from ${events} group by user_id
  )
  select counts.*, genres.genre as top_genre, cast(played.total as double) / played.n as mean_played_ms,
    sqrt(cast(played.n * played.squares - played.total * played.total as double)) / played.n as sd_played_ms
  from counts left join genres on genres.user_id = counts.user_id and genres.place = 1
    left join played on played.user_id = counts.user_id`,
}
