// The models a blend is made of: read from a setting, fitted one after the other, and packed into the parts of one model.
import { readSettings } from '../config.ts'
import type { Model } from '../data/model.ts'
import type { Workers } from '../engine/workers.ts'
import { TastemakerError } from '../errors.ts'
import type { Algorithm, FitContext, FitInput, ModelParts, ModelSettings } from './algorithm.ts'

/** One model to blend: an algorithm with settings of its own, and what is added to the seed. */
export type ComponentSpec = {
  readonly name: string
  readonly settings: ModelSettings
  readonly seedOffset: number
}

/** The algorithms there are to blend, by name. */
export type KnownAlgorithms = Readonly<Record<string, Algorithm>>

/**
 * Artists above which models of all pairs of artists are left to be named by hand: they take the square of the catalogue in
 * memory, and the dense regression its cube in time.
 */
const mostDenseArtists = 12_000

/** One of each family that suits a catalogue of this many artists: what a blend is made of unless it is told otherwise. */
export const automaticComponents = (artists: number): readonly string[] => [
  'als',
  'rp3beta',
  ...(artists <= mostDenseArtists ? ['turbo-cf', 'edlae'] : ['mrf']),
]

/**
 * Reads `models.blend.components`: names with commas between, each with settings of its own behind it where they differ,
 * so that one family can be there twice: `als, als factors=32 seed=1, rp3beta`. `auto` takes ALS, two graph models and an
 * item-item regression that suits the size of the catalogue.
 * Throws `bad-argument` for what is no model, is a blend itself, or is no setting of the model.
 */
export function readComponents(
  settings: ModelSettings,
  artists: number,
  known: KnownAlgorithms,
): ComponentSpec[] {
  const text = settings.blend.components.trim()
  if (text === 'auto')
    return automaticComponents(artists)
      .filter((name) => Object.hasOwn(known, name))
      .map((name) => ({ name, settings, seedOffset: 0 }))
  return text.split(',').map((part) => readComponent(part.trim(), settings, known))
}

function readComponent(text: string, settings: ModelSettings, known: KnownAlgorithms): ComponentSpec {
  const [name = '', ...pairs] = text.split(/\s+/)
  if (!Object.hasOwn(known, name) || name === 'blend')
    throw new TastemakerError(
      'bad-argument',
      `models.blend.components names "${name}"; known are ${Object.keys(known).join(', ')}, and a blend is not made of blends.`,
    )
  const section = name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
  const own: Record<string, unknown> = {}
  let seedOffset = 0
  for (const pair of pairs) {
    const [key = '', value = ''] = pair.split('=')
    if (key === 'seed') seedOffset = Number(value)
    else own[key] = value
  }
  if (!Number.isInteger(seedOffset) || (Object.keys(own).length > 0 && !Object.hasOwn(settings, section)))
    throw new TastemakerError(
      'bad-argument',
      `models.blend.components has "${text}": not settings of ${name}.`,
    )
  if (Object.keys(own).length === 0) return { name, settings, seedOffset }
  return {
    name,
    settings: readSettings({ file: { models: settings }, flags: { models: { [section]: own } } }).models,
    seedOffset,
  }
}

/** Fits the components to a matrix, one after the other; those fitted already are taken as they are. */
export async function fitComponents(
  specs: readonly ComponentSpec[],
  input: FitInput,
  context: FitContext & { readonly known: KnownAlgorithms },
): Promise<Model[]> {
  const { known, workers, seed, onProgress, signal } = context
  const models: Model[] = []
  for (const [at, { name, settings, seedOffset }] of specs.entries()) {
    const fitted = settings === input.settings && seedOffset === 0 ? input.fitted?.get(name) : undefined
    if (fitted) {
      models.push(fitted)
      continue
    }
    const parts = await known[name]!.fit(
      { ...input, settings },
      {
        workers,
        seed: seed + seedOffset,
        onProgress: (share) => onProgress?.((at + share) / specs.length),
        ...(signal && { signal }),
      },
    )
    models.push(known[name]!.open({ name, ...parts }, workers))
  }
  return models
}

/** A component of a blend: a model, what its scores are divided by, and how much it counts. */
export type Component = {
  readonly model: Model
  readonly scale: Scale
  /** > 0 */
  readonly weight: number
}

/**
 * What scores of a model are divided by for a listener with n known artists: base * max(1, n)^power. Scores of different
 * models then have one unit.
 */
export type Scale = { readonly base: number; readonly power: number }

/** Components as the options and arrays of one model: those of component 0 are named `0.name`, and so on. */
export function packComponents(components: readonly Component[]): Pick<ModelParts, 'options' | 'arrays'> {
  const options: Record<string, number | string | boolean> = { components: components.length }
  const arrays: Record<string, Float32Array | Int32Array> = {}
  for (const [at, { model, scale, weight }] of components.entries()) {
    Object.assign(options, {
      [`${at}.model`]: model.name,
      [`${at}.weight`]: weight,
      [`${at}.scaleBase`]: scale.base,
      [`${at}.scalePower`]: scale.power,
    })
    for (const [name, value] of Object.entries(model.options)) options[`${at}.of.${name}`] = value
    for (const [name, array] of Object.entries(model.arrays)) arrays[`${at}.${name}`] = array
  }
  return { options, arrays }
}

/** The components of stored parts; `corrupt` where one is missing or unknown. */
export function unpackComponents(parts: ModelParts, known: KnownAlgorithms, workers: Workers): Component[] {
  const count = parts.options.components
  if (typeof count !== 'number') throw damaged(parts, 'components')
  return Array.from({ length: count }, (_, at) => {
    const [name, weight, base, power] = ['model', 'weight', 'scaleBase', 'scalePower'].map(
      (option) => parts.options[`${at}.${option}`],
    )
    if (typeof name !== 'string' || !Object.hasOwn(known, name)) throw damaged(parts, `${at}.model`)
    if (typeof weight !== 'number' || typeof base !== 'number' || typeof power !== 'number')
      throw damaged(parts, `${at}.weight`)
    const model = known[name]!.open(
      {
        name,
        artistCount: parts.artistCount,
        options: below(parts.options, `${at}.of.`),
        arrays: below(parts.arrays, `${at}.`),
      },
      workers,
    )
    return { model, weight, scale: { base, power } }
  })
}

const damaged = (parts: ModelParts, option: string) =>
  new TastemakerError('corrupt', `Model ${parts.name} has no usable option ${option}; train it again.`)

/** The entries whose name begins with a prefix, without it. */
const below = <value>(all: Readonly<Record<string, value>>, prefix: string): Record<string, value> =>
  Object.fromEntries(
    Object.entries(all)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  )
