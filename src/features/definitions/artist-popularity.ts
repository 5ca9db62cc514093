// Feature view: how known, how heard and how much on the rise an artist is.
import { artistsSql } from '../artists.ts'
import type { FeatureView } from '../feature-view.ts'
import { artist } from './entities.ts'

/** Everything of `artistsSql`, with how listens of the artist end. */
export const artistPopularity: FeatureView = {
  name: 'artist_popularity',
  entity: artist,
  description: 'Reach, trend and reception of an artist.',
  owner: 'data platform',
  source: 'clean events',
  ttlSeconds: 28 * 86_400,
  online: true,
  recorded: true,
  features: [
    { name: 'name', dtype: 'string', description: 'Name on the newest card.' },
    { name: 'genre', dtype: 'string', description: 'Genre on the newest card that had one.' },
    { name: 'followers', dtype: 'int64', description: 'Followers on the newest card that had them.' },
    { name: 'plays', dtype: 'double', description: 'Plays by all listeners, ever.' },
    { name: 'listeners', dtype: 'int64', description: 'Listeners with anything but an impression.' },
    { name: 'active_days', dtype: 'int64', description: 'Distinct UTC days with a listen.' },
    {
      name: 'trending_rank',
      dtype: 'int64',
      description: '1 is the artist whose listens grew most in a week.',
    },
    { name: 'full_share', dtype: 'double', description: 'Share of listens that were full, 0..1.' },
    { name: 'skip_rate', dtype: 'double', description: 'Share of listens that were skipped, 0..1.' },
  ],
  sql: ({ events }, { asOf }) => `with outcomes as (
    select artist_id, count(*) filter (where outcome = 'full') / count(*) as full_share,
      count(*) filter (where outcome = 'skipped') / count(*) as skip_rate
    from ${events} where outcome is not null group by artist_id
  )
  select artists.*, outcomes.full_share, outcomes.skip_rate
  from (${artistsSql(events, asOf)}) artists left join outcomes using (artist_id)`,
}
