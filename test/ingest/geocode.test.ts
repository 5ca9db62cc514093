// Points fall into the state whose border holds them, and into no place where there is none.
import { beforeAll, expect, test } from 'vitest'
import { createGeocoder, type Geocoder, unknownPlace } from '../../src/ingest/geocode.ts'

let geocode: Geocoder
beforeAll(async () => {
  geocode = await createGeocoder()
})

test.each([
  [40.758, -73.9855, 'New York City', 'NY'],
  [34.0522, -118.2437, 'Los Angeles', 'CA'],
  [39.1141, -94.6275, 'Kansas City', 'KS'],
  [39.0997, -94.5786, 'Kansas City', 'MO'],
  [33.4418, -94.0377, 'Texarkana', 'AR'],
  [33.4251, -94.0577, 'Texarkana', 'TX'],
  [36.605, -82.1883, 'Bristol', 'VA'],
  [45.6387, -122.6615, 'Vancouver', 'WA'],
  [38.9072, -77.0369, 'Washington', 'DC'],
  [58.3019, -134.4197, 'Juneau', 'AK'],
  [38.9399, -119.9772, 'South Lake Tahoe', 'CA'],
  [21.3069, -157.8583, 'Honolulu', 'HI'],
  [40.579, -74.1512, 'New York City', 'NY'],
  [40.9312, -73.8988, 'Yonkers', 'NY'],
  [42.3467, -71.0972, 'Boston', 'MA'],
  [34.1341, -118.3215, 'Los Angeles', 'CA'],
  [34.0083, -118.4988, 'Santa Monica', 'CA'],
  [37.8199, -122.4783, 'San Francisco', 'CA'],
  [38.6247, -90.1848, 'St. Louis', 'MO'],
  [38.6245, -90.1506, 'East Saint Louis', 'IL'],
  [42.3314, -83.0458, 'Detroit', 'MI'],
])('%d %d is %s, %s', (latitude, longitude, city, state) => {
  expect(geocode(latitude, longitude)).toEqual({ city, state, country: 'US' })
})

test.each([
  [52.4995, 13.418, 'Berlin', 'State of Berlin', 'DE'],
  [48.8867, 2.3431, 'Paris', 'Île-de-France', 'FR'],
  [42.3149, -83.0364, 'Windsor', 'Ontario', 'CA'],
  [27.4779, -99.5496, 'Nuevo Laredo', 'Tamaulipas', 'MX'],
  [-33.8568, 151.2153, 'Sydney', 'New South Wales', 'AU'],
  [35.6595, 139.7005, 'Tokyo', 'Tokyo', 'JP'],
  [18.4655, -66.1057, 'San Juan', 'San Juan', 'PR'],
])('%d %d is %s, %s, %s', (latitude, longitude, city, state, country) => {
  expect(geocode(latitude, longitude)).toEqual({ city, state, country })
})

test.each([
  ['the open sea', 0, -150],
  ['null island', 0, 0],
  ['the pole', 90, 180],
  ['no number', Number.NaN, 10],
  ['off the globe', 91, 0],
  ['infinite', 10, Number.POSITIVE_INFINITY],
])('%s is nowhere', (_where, latitude, longitude) => {
  expect(geocode(latitude, longitude)).toEqual(unknownPlace)
})

test('the answer does not depend on what was asked before', async () => {
  const other = await createGeocoder()
  const points = [
    [33.4418, -94.0431],
    [33.4418, -94.0439],
    [33.4418, -94.0361],
  ] as const
  const forth = points.map(([latitude, longitude]) => geocode(latitude, longitude))
  const back = [...points].reverse().map(([latitude, longitude]) => other(latitude, longitude))
  expect(back.reverse()).toEqual(forth)
})
