// Every route of the API, in the order of its documentation.
import type { Route } from '../route.ts'
import { getArtist, getSimilarArtists } from './artists.ts'
import { postEvents } from './events.ts'
import {
  getOnlineFeatures,
  listFeatures,
  materializeIncremental,
  materializeRange,
  pushFeatures,
  writeToOnlineStore,
} from './feature-store.ts'
import { getHealth } from './health.ts'
import { getLastfm, postLastfm } from './lastfm.ts'
import { recordingFeedback, submitListens, validateToken } from './listenbrainz.ts'
import { getMetrics } from './metrics.ts'
import { getRecommendations } from './recommendations.ts'
import { getReport } from './report.ts'
import { subsonicRoutes } from './subsonic.ts'
import { getListener, listListeners } from './users.ts'

/** The routes. A new one is one file and one line here. */
export const routes: readonly Route[] = [
  getRecommendations,
  listListeners,
  getListener,
  getArtist,
  getSimilarArtists,
  postEvents,
  submitListens,
  validateToken,
  recordingFeedback,
  postLastfm,
  getLastfm,
  ...subsonicRoutes,
  listFeatures,
  getOnlineFeatures,
  pushFeatures,
  writeToOnlineStore,
  materializeRange,
  materializeIncremental,
  getReport,
  getHealth,
  getMetrics,
]
