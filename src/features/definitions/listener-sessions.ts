// Feature view: how a listener's listening falls into sessions.
import type { FeatureView } from '../feature-view.ts'
import { sessionSummariesSql } from '../sessions.ts'
import { listener } from './entities.ts'

const windowMs = 28 * 86_400_000

/** Sessions of the last 28 days; nobody without an event in them is in it. */
export const listenerSessions: FeatureView = {
  name: 'listener_sessions',
  entity: listener,
  description: 'Number, length and restlessness of sessions.',
  owner: 'data platform',
  source: 'clean events',
  ttlSeconds: 28 * 86_400,
  online: true,
  recorded: true,
  features: [
    { name: 'sessions_28d', dtype: 'int64', description: 'Sessions of the last 28 days.' },
    { name: 'plays_per_session', dtype: 'double', description: 'Mean number of listens in a session.' },
    { name: 'minutes_per_session', dtype: 'double', description: 'Mean length of a session, minutes.' },
    {
      name: 'skips_per_session',
      dtype: 'double',
      description: 'Mean number of skipped listens in a session.',
    },
  ],
  sql({ events }, { asOf, settings }) {
    const recent = `(select * from ${events} where occurred_at >= ${asOf - windowMs})`
    const sessions = sessionSummariesSql(recent, { gapMinutes: settings.sessionGapMinutes })
    return `select user_id, count(*) as sessions_28d, sum(plays) / count(*) as plays_per_session,
      sum(end_at - start_at) / (count(*) * 60000.0) as minutes_per_session, sum(skips) / count(*) as skips_per_session
    from (${sessions}) sessions group by user_id`
  },
}
