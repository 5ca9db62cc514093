// Every route of the API, in the order of its documentation.
import type { Route } from '../route.ts'
import { getArtist, getSimilarArtists } from './artists.ts'
import { postEvents } from './events.ts'
import { getHealth } from './health.ts'
import { getMetrics } from './metrics.ts'
import { getRecommendations } from './recommendations.ts'
import { getReport } from './report.ts'
import { getListener, listListeners } from './users.ts'

/** The routes. A new one is one file and one line here. */
export const routes: readonly Route[] = [
  getRecommendations,
  listListeners,
  getListener,
  getArtist,
  getSimilarArtists,
  postEvents,
  getReport,
  getHealth,
  getMetrics,
]
