// Which models are trained and measured: by name, or all that suit the size of the catalogue.
import type { Settings } from '../config.ts'
import { TastemakerError } from '../errors.ts'
import { automaticComponents } from './blend-components.ts'
import { isModelName, type ModelName, modelNames } from './models.ts'

/** The baselines that every answer falls back on: always trained, whatever is named. */
const always: readonly ModelName[] = ['popularity', 'segment-popularity', 'cosine']

/**
 * Reads `models.names`: names with commas between, or `auto`: the baselines, the blend, and each model that it is made
 * of in a catalogue of this many artists.
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
  const wanted = [...always, 'score-model', ...automaticComponents(artists), 'blend']
  return modelNames.filter((name) => wanted.includes(name))
}
