// The rerankers by name: what turns one listener's candidates into the list that is shown.
import type { Settings } from '../../config.ts'
import { rerankCalibrated } from './calibrated.ts'
import { type Choice, type RerankCandidates, relevanceOf } from './candidates.ts'
import { rerankByDpp } from './dpp.ts'
import { capGenres } from './genre-caps.ts'
import { rerankByMmr } from './mmr.ts'

/** Which reranker, and how strong: the `serving.rerank` section of the configuration. */
export type RerankSettings = Settings['serving']['rerank']

/** A reranker's name; `none` keeps the model's order. */
export type RerankMethod = RerankSettings['method']

type Reranker = (
  candidates: RerankCandidates,
  choice: Choice & Pick<RerankSettings, 'mostPerGenre'>,
) => Int32Array

const rerankers: Readonly<Record<RerankMethod, Reranker>> = {
  none: ({ scores }, { k }) => Int32Array.from({ length: Math.min(k, scores.length) }, (_, place) => place),
  mmr: ({ scores, similarities }, choice) => rerankByMmr(relevanceOf(scores), similarities, choice),
  dpp: ({ scores, similarities }, choice) => rerankByDpp(relevanceOf(scores), similarities, choice),
  'calibrated-genres': ({ scores, genres, genreTarget }, choice) =>
    rerankCalibrated(relevanceOf(scores), { categories: genres, target: genreTarget }, choice),
  'calibrated-popularity': ({ scores, buckets, bucketTarget }, choice) =>
    rerankCalibrated(relevanceOf(scores), { categories: buckets, target: bucketTarget }, choice),
  'genre-caps': ({ genres }, choice) => capGenres(genres, choice),
}

/**
 * Chooses the list of one listener.
 * @param k length of the list
 * @returns places of candidates in the order shown, at most min(k, n) of them; `genre-caps` may give fewer, the others never
 */
export function rerank(candidates: RerankCandidates, settings: RerankSettings, k: number): Int32Array {
  const { method, strength, mostPerGenre } = settings
  return rerankers[method](candidates, { strength, mostPerGenre, k })
}
