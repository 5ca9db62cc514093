// Which models are trained and measured: by name, or all that suit the size of the catalogue.
import type { Settings } from '../config.ts'
import { TastemakerError } from '../errors.ts'
import { isModelName, type ModelName, modelNames } from './models.ts'

/**
 * Artists up to which models of all pairs of artists are in the automatic line-up: the dense regression, and the uncapped
 * graph filter. They go further when they are named; below this they take seconds and no more memory than the rest.
 */
const mostDenseArtists = 12_000

/** The baselines that every answer falls back on: always trained, whatever is named. */
const always: readonly ModelName[] = ['popularity', 'segment-popularity', 'cosine']

/**
 * Reads `models.names`: names with commas between, or `auto` for a line-up by the number of artists: the baselines, ALS,
 * one graph model of each kind, the dense regression for small catalogues or the sparse one for large, and the blend.
 * Popularity, segment popularity and cosine are always among them: fallback lists and similar artists come from them.
 * Throws `bad-argument` for an unknown name.
 */
export function modelLineUp({ names }: Settings['models'], artists: number): readonly ModelName[] {
  if (names.trim() === 'auto') return automatic(artists)
  const wanted = names.split(',').map((name) => name.trim())
  const unknown = wanted.find((name) => !isModelName(name))
  if (unknown !== undefined)
    throw new TastemakerError(
      'bad-argument',
      `models.names has "${unknown}"; known are ${modelNames.join(', ')}, and auto.`,
    )
  return modelNames.filter((name) => wanted.includes(name) || always.includes(name))
}

function automatic(artists: number): readonly ModelName[] {
  const byPairs = artists <= mostDenseArtists ? ['turbo-cf', 'edlae'] : ['mrf']
  const wanted: readonly string[] = [...always, 'score-model', 'rp3beta', ...byPairs, 'als', 'blend']
  return modelNames.filter((name) => wanted.includes(name))
}
