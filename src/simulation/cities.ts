// The cities where simulated listeners live: real places with their coordinates, as plain facts.

/** A part of the world whose listeners lean to the same genres. */
export type Region = 'northeast' | 'south' | 'midwest' | 'west' | 'abroad'

/** A city: its centre in degrees, and how many of the listeners live there, as a weight. */
export type City = {
  readonly name: string
  /** Two-letter state of the US; the country elsewhere. */
  readonly state: string
  /** ISO 3166-1 alpha-2. */
  readonly country: string
  readonly region: Region
  readonly latitude: number
  readonly longitude: number
  readonly weight: number
}

type Row = readonly [name: string, state: string, latitude: number, longitude: number, weight: number]

const northeast: readonly Row[] = [
  ['New York City', 'NY', 40.7128, -74.006, 84],
  ['Philadelphia', 'PA', 39.9526, -75.1652, 16],
  ['Boston', 'MA', 42.3601, -71.0589, 14],
  ['Pittsburgh', 'PA', 40.4406, -79.9959, 6],
  ['Buffalo', 'NY', 42.8864, -78.8784, 5],
  ['Providence', 'RI', 41.824, -71.4128, 4],
  ['Newark', 'NJ', 40.7357, -74.1724, 6],
  ['Portland', 'ME', 43.6591, -70.2568, 3],
]

const south: readonly Row[] = [
  ['Houston', 'TX', 29.7604, -95.3698, 23],
  ['San Antonio', 'TX', 29.4241, -98.4936, 15],
  ['Dallas', 'TX', 32.7767, -96.797, 18],
  ['Austin', 'TX', 30.2672, -97.7431, 14],
  ['El Paso', 'TX', 31.7619, -106.485, 6],
  ['Jacksonville', 'FL', 30.3322, -81.6557, 8],
  ['Miami', 'FL', 25.7617, -80.1918, 13],
  ['Tampa', 'FL', 27.9506, -82.4572, 7],
  ['Atlanta', 'GA', 33.749, -84.388, 15],
  ['Charlotte', 'NC', 35.2271, -80.8431, 9],
  ['Nashville', 'TN', 36.1627, -86.7816, 10],
  ['Memphis', 'TN', 35.1495, -90.049, 7],
  ['New Orleans', 'LA', 29.9511, -90.0715, 7],
  ['Oklahoma City', 'OK', 35.4676, -97.5164, 6],
  ['Washington', 'DC', 38.9072, -77.0369, 11],
  ['Baltimore', 'MD', 39.2904, -76.6122, 7],
]

const midwest: readonly Row[] = [
  ['Chicago', 'IL', 41.8781, -87.6298, 27],
  ['Columbus', 'OH', 39.9612, -82.9988, 9],
  ['Cleveland', 'OH', 41.4993, -81.6944, 6],
  ['Indianapolis', 'IN', 39.7684, -86.1581, 8],
  ['Detroit', 'MI', 42.3314, -83.0458, 9],
  ['Milwaukee', 'WI', 43.0389, -87.9065, 6],
  ['Minneapolis', 'MN', 44.9778, -93.265, 9],
  ['Kansas City', 'MO', 39.0997, -94.5786, 6],
  ['St. Louis', 'MO', 38.627, -90.1994, 6],
  ['Omaha', 'NE', 41.2565, -95.9345, 4],
]

const west: readonly Row[] = [
  ['Los Angeles', 'CA', 34.0522, -118.2437, 39],
  ['San Diego', 'CA', 32.7157, -117.1611, 14],
  ['San Francisco', 'CA', 37.7749, -122.4194, 13],
  ['Sacramento', 'CA', 38.5816, -121.4944, 6],
  ['Phoenix', 'AZ', 33.4484, -112.074, 16],
  ['Denver', 'CO', 39.7392, -104.9903, 11],
  ['Seattle', 'WA', 47.6062, -122.3321, 13],
  ['Portland', 'OR', 45.5152, -122.6784, 9],
  ['Las Vegas', 'NV', 36.1699, -115.1398, 7],
  ['Salt Lake City', 'UT', 40.7608, -111.891, 5],
  ['Albuquerque', 'NM', 35.0844, -106.6504, 5],
  ['Honolulu', 'HI', 21.3069, -157.8583, 3],
]

const abroad: readonly (readonly [...Row, country: string])[] = [
  ['Toronto', 'CA', 43.6532, -79.3832, 12, 'CA'],
  ['London', 'GB', 51.5074, -0.1278, 14, 'GB'],
  ['Berlin', 'DE', 52.52, 13.405, 8, 'DE'],
  ['Mexico City', 'MX', 19.4326, -99.1332, 9, 'MX'],
  ['São Paulo', 'BR', -23.5505, -46.6333, 8, 'BR'],
  ['Tokyo', 'JP', 35.6762, 139.6503, 6, 'JP'],
]

const inUs =
  (region: Region) =>
  ([name, state, latitude, longitude, weight]: Row): City => ({
    name,
    state,
    country: 'US',
    region,
    latitude,
    longitude,
    weight,
  })

/** Every city, US regions first. */
export const cities: readonly City[] = [
  ...northeast.map(inUs('northeast')),
  ...south.map(inUs('south')),
  ...midwest.map(inUs('midwest')),
  ...west.map(inUs('west')),
  ...abroad.map(
    ([name, state, latitude, longitude, weight, country]): City => ({
      name,
      state,
      country,
      region: 'abroad',
      latitude,
      longitude,
      weight,
    }),
  ),
]
