// Feature view: what a listener has done with an artist, and how strongly it speaks.
import type { FeatureView } from '../feature-view.ts'
import { interactionsSql } from '../interactions.ts'
import { listenerArtist as entity } from './entities.ts'

/** Pairs with evidence. Far more rows than the other views: kept offline only. */
export const listenerArtist: FeatureView = {
  name: 'listener_artist',
  entity,
  description: 'Evidence between a listener and an artist.',
  owner: 'data platform',
  source: 'clean events',
  ttlSeconds: 365 * 86_400,
  online: false,
  recorded: true,
  features: [
    { name: 'affinity', dtype: 'double', description: 'Confidence, ln(1 + evidence), decayed; above 0.' },
    { name: 'plays', dtype: 'double', description: 'Plays of the artist by the listener, ever.' },
    { name: 'active_days', dtype: 'int64', description: 'Distinct UTC days with a listen of the pair.' },
    { name: 'last_at', dtype: 'timestamp', description: 'Last time there was evidence.' },
  ],
  sql: ({ events }, { asOf, settings }) => `with counts as (
    select user_id, artist_id,
      coalesce(sum(case kind when 'listen' then 1 when 'play_count' then value end), 0) as plays,
      count(distinct occurred_at // 86400000) filter (where kind = 'listen') as active_days
    from ${events} group by user_id, artist_id
  )
  select user_id, artist_id, pairs.value as affinity, counts.plays, counts.active_days, pairs.last_at
  from (${interactionsSql(events, { asOf, halfLifeDays: settings.halfLifeDays })}) pairs
    join counts using (user_id, artist_id)`,
}
