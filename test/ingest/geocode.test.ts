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
])('%d %d is %s, %s', (latitude, longitude, city, state) => {
  expect(geocode(latitude, longitude)).toEqual({ city, state, country: 'US' })
})

test('abroad the nearest city gives the country', () => {
  expect(geocode(52.52, 13.405)).toMatchObject({ city: 'Berlin', country: 'DE' })
  expect(geocode(49.2827, -123.1207)).toMatchObject({ country: 'CA' })
  expect(geocode(18.4655, -66.1057)).toMatchObject({ city: 'San Juan', country: 'PR' })
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
