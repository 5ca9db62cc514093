// Feature view: who a listener is, as far as masked accounts say.
import type { FeatureView } from '../feature-view.ts'
import { listener } from './entities.ts'

/** Age group and place of everybody with an account or an event; `unknown` where there is no account. */
export const listenerProfile: FeatureView = {
  name: 'listener_profile',
  entity: listener,
  description: 'Age group and place from the masked account.',
  owner: 'data platform',
  source: 'masked accounts, clean events',
  ttlSeconds: null,
  online: true,
  recorded: false,
  features: [
    { name: 'age_group', dtype: 'string', description: 'Age in bands of ten years, or unknown.' },
    { name: 'city', dtype: 'string', description: 'Nearest city, or unknown.' },
    { name: 'state', dtype: 'string', description: 'State of the city, or unknown.' },
    { name: 'country', dtype: 'string', description: 'Country code of two letters, or unknown.' },
  ],
  sql: ({ events, accounts }) => `select user_id, coalesce(age_group, 'unknown') as age_group,
    coalesce(city, 'unknown') as city, coalesce(state, 'unknown') as state, coalesce(country, 'unknown') as country
  from (select user_id from ${accounts} union select user_id from ${events}) everybody
    left join ${accounts} accounts using (user_id)`,
}
