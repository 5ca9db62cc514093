// Candidates: settings drawn from a search space, shortened for a cheap measurement, grown from a winner.
import type { Random } from '../statistics/random.ts'
import {
  type SearchedSetting,
  type SearchSpace,
  type SectionSettings,
  type SettingValue,
  threeDigits,
} from './search-space.ts'

/**
 * Up to `count` different candidates: the present settings first, then a Latin hypercube (McKay, Beckman and Conover 1979):
 * each setting's range is cut into as many strata as there are draws, and every stratum is drawn from once.
 * Numbers are kept to three digits.
 */
export function drawCandidates(
  space: SearchSpace,
  present: SectionSettings,
  options: { readonly count: number; readonly random: Random },
): readonly SectionSettings[] {
  const { count, random } = options
  const draws = space.settings.length === 0 ? 0 : Math.max(0, count - 1)
  const strata = space.settings.map(() => random.shuffle(Array.from({ length: draws }, (_, at) => at)))
  const drawn = Array.from({ length: draws }, (_, draw) => {
    const values = space.settings.map((searched, at) => [
      searched.setting,
      valueAt(searched, (strata[at]![draw]! + random.uniform()) / draws),
    ])
    return { ...present, ...Object.fromEntries(values) } as SectionSettings
  })
  const unique = new Map([present, ...drawn].map((settings) => [JSON.stringify(settings), settings]))
  return [...unique.values()]
}

/** Candidates that a space is worth at most. */
export const mostCandidates = (space: SearchSpace): number =>
  space.candidates ?? Math.max(1, 9 * space.settings.length)

/** The value of a setting at a place 0..1 of its range. */
export function valueAt(searched: SearchedSetting, place: number): SettingValue {
  if (searched.kind === 'choice')
    return searched.choices[
      Math.min(searched.choices.length - 1, Math.floor(place * searched.choices.length))
    ]!
  const { kind, low, high } = searched
  const value = kind === 'log' ? low * (high / low) ** place : low + (high - low) * place
  return searched.whole ? Math.round(value) : threeDigits(value)
}

/** The settings with which a candidate is measured on part of the resource: that part of its iterations, 3 at least. */
export function shortened(space: SearchSpace, settings: SectionSettings, resource: number): SectionSettings {
  if (space.iterations === undefined || resource >= 1) return settings
  const all = Number(settings[space.iterations])
  return { ...settings, [space.iterations]: Math.min(all, Math.max(3, Math.ceil(resource * all))) }
}

/** The candidates of each growth step from settings that won at the present size; the second setting is tuned around `best`. */
export function grownFrom(
  space: SearchSpace,
  present: SectionSettings,
): readonly ((best: SectionSettings) => readonly SectionSettings[])[] {
  const { growth } = space
  if (!growth) return []
  const { setting, steps, atMost, retune, by } = growth
  return steps
    .map((times) => times * Number(present[setting]))
    .filter((size) => size <= atMost)
    .map(
      (size) => (best) =>
        by.map((times) => ({
          ...best,
          [setting]: size,
          [retune]: threeDigits(Number(best[retune]) * times),
        })),
    )
}
