// Offline reverse geocoding: coordinates to city, state and country, the only form in which a place leaves ingest.
import { type CityIndex, loadCities } from './geocode-cities.ts'
import { loadUsMap, type UsMap } from './us-states.ts'

/** A place, coarse enough to be no address. Each part may be `unknown`. `state`: two letters in the US, the region's name elsewhere. */
export type Place = { readonly city: string; readonly state: string; readonly country: string }

/** Degrees to a place; anything that is no pair of coordinates, or too far from every city, gives `unknown`. */
export type Geocoder = (latitude: number, longitude: number) => Place

/** The place of nowhere. */
export const unknownPlace: Place = { city: 'unknown', state: 'unknown', country: 'unknown' }

/** Kilometres to the city beyond which a point outside the US counts as nowhere. */
const reachKm = 100
/** Cells per degree: answers are computed for the middle of a cell of 0.01 degrees, about a kilometre, and remembered. */
const cellsPerDegree = 100
const memoSize = 200_000
/** Degrees by which the borders of the map may be off: rivers and shores are drawn coarsely. About 500 m, and 2 km to the sea. */
const riverError = 0.005
const shoreError = 0.02

type Maps = { readonly cities: CityIndex; readonly us: UsMap }

/**
 * Loads cities and borders (about half a second, once) and returns the geocoder. A point belongs to the city that is near for its size: the
 * distance is divided by the radius that its population would fill. In the US it is a city of the state whose polygon holds the point, and within 500 m
 * of a border also one of the other state whose own ground the point is on. Elsewhere the city, within 100 km, gives region and country.
 * Answers depend on the 0.01 degree cell only, so they are the same in any order.
 */
export async function createGeocoder(): Promise<Geocoder> {
  const [cities, us] = await Promise.all([loadCities(), loadUsMap()])
  const memo = new Map<number, Place>()
  return (latitude, longitude) => {
    if (!isPoint(latitude, longitude)) return unknownPlace
    const row = Math.round(latitude * cellsPerDegree)
    const column = Math.round(longitude * cellsPerDegree)
    const cell = (row + 90 * cellsPerDegree) * 360 * cellsPerDegree * 2 + column + 180 * cellsPerDegree
    const known = memo.get(cell)
    if (known) return known
    const place = placeOf(row / cellsPerDegree, column / cellsPerDegree, { cities, us })
    if (memo.size >= memoSize) memo.clear()
    memo.set(cell, place)
    return place
  }
}

function isPoint(latitude: number, longitude: number): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
}

function placeOf(latitude: number, longitude: number, maps: Maps): Place {
  const { cities, us } = maps
  const state = us.stateOf(latitude, longitude)
  if (state === undefined) return placeAbroad(latitude, longitude, maps)
  if (state === 'DC') return { city: 'Washington', state, country: 'US' }
  if (us.inNewYorkCity(latitude, longitude)) return { city: 'New York City', state, country: 'US' }
  const home = cities.nearest(latitude, longitude, (city) => city.country === 'US' && city.region === state)
  const beyond = us.statesAround(latitude, longitude, riverError).filter((other) => other !== state)
  const twin =
    beyond.length === 0
      ? undefined
      : cities.nearest(latitude, longitude, (city) => city.country === 'US' && beyond.includes(city.region))
  const isTwins =
    twin !== undefined && twin.ratio < 1 && twin.ratio < (home?.ratio ?? Number.POSITIVE_INFINITY)
  const found = isTwins ? twin : home
  return { city: found?.city.name ?? 'unknown', state: found?.city.region ?? state, country: 'US' }
}

/** Outside every state: abroad, in a territory, or off a shore of the US; on the ground of a city abroad it is abroad. */
function placeAbroad(latitude: number, longitude: number, maps: Maps): Place {
  const { cities, us } = maps
  const abroad = cities.nearest(latitude, longitude, (city) => city.country !== 'US')
  const isShore = us.statesAround(latitude, longitude, shoreError).length > 0
  const isAbroad = abroad !== undefined && (abroad.ratio < 1 || (!isShore && abroad.km <= reachKm))
  const found = isAbroad ? abroad : cities.nearest(latitude, longitude, () => true)
  if (!found || found.km > reachKm) return unknownPlace
  const { name, region, country } = found.city
  return { city: country === 'US' && region === 'DC' ? 'Washington' : name, state: region, country }
}
