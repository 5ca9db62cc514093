// The states of the US on the map: which state, if any, a point lies in.
import type { MultiPolygon, Polygon, Position } from 'geojson'
import { feature } from 'topojson-client'
import type { GeometryCollection, Topology } from 'topojson-specification'
import { calmCells } from './us-states-grid.ts'

/** FIPS 5-2 number to two-letter code of the 50 states and the District of Columbia. */
const stateCodes: Readonly<Record<string, string>> = Object.fromEntries(
  (
    '01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD 25MA 26MI ' +
    '27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX 49UT 50VT ' +
    '51VA 53WA 54WV 55WI 56WY'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), entry.slice(2)]),
)

type Ring = readonly Position[]
type Area = {
  readonly state: string
  readonly west: number
  readonly south: number
  readonly east: number
  readonly north: number
  readonly outline: Ring
  readonly holes: readonly Ring[]
}

/** Returns the two-letter state that a point lies in, or undefined outside of all (abroad, at sea, in a territory). Degrees. */
export type StateOf = (latitude: number, longitude: number) => string | undefined

/** The five counties that are the boroughs of New York City. */
const newYorkCounties = new Set(['36005', '36047', '36061', '36081', '36085'])

/** Where states lie, and New York City, whose boroughs are cities of their own in every list of cities. Degrees. */
export type UsMap = {
  readonly stateOf: StateOf
  /** The states that lie at most so many degrees off (0.02 at most), looked for to the eight winds. */
  readonly statesAround: (latitude: number, longitude: number, degrees: number) => readonly string[]
  readonly inNewYorkCity: (latitude: number, longitude: number) => boolean
}

/** Loads the borders of states and counties (us-atlas 3, 1:10,000,000, from the US Census Bureau; public domain data). */
export async function loadUsMap(): Promise<UsMap> {
  const json = { with: { type: 'json' } } as const
  const [{ default: states }, { default: counties }] = await Promise.all([
    import('us-atlas/states-10m.json', json),
    import('us-atlas/counties-10m.json', json),
  ])
  const stateAreas = areasOf(states, 'states', (id) => stateCodes[id])
  const boroughs = areasOf(counties, 'counties', (id) => (newYorkCounties.has(id) ? 'NY' : undefined))
  const exactly: StateOf = (latitude, longitude) => find(stateAreas, latitude, longitude)?.state
  const rings = stateAreas.flatMap(({ outline, holes }) => [outline, ...holes])
  const calm = calmCells(rings, exactly)
  return {
    stateOf(latitude, longitude) {
      const cell = calm(latitude, longitude)
      return cell ? cell.state : exactly(latitude, longitude)
    },
    statesAround(latitude, longitude, degrees) {
      const cell = calm(latitude, longitude)
      if (cell) return cell.state === undefined ? [] : [cell.state]
      const winds = [-degrees, 0, degrees]
      const states = winds.flatMap((north) =>
        winds.map((east) => exactly(latitude + north, longitude + east)),
      )
      return [...new Set(states)].filter((state) => state !== undefined)
    },
    inNewYorkCity: (latitude, longitude) => find(boroughs, latitude, longitude) !== undefined,
  }
}

/** The areas of those shapes of an atlas that `stateOf` gives a state. */
function areasOf(
  atlas: unknown,
  layer: 'states' | 'counties',
  stateOf: (id: string) => string | undefined,
): readonly Area[] {
  const topology = atlas as Topology<Record<typeof layer, GeometryCollection>>
  const wanted = topology.objects[layer].geometries.filter(({ id }) => stateOf(String(id)) !== undefined)
  const shapes = feature(topology, { type: 'GeometryCollection', geometries: wanted }).features
  return shapes.flatMap(({ id, geometry }) =>
    polygonsOf(geometry as Polygon | MultiPolygon).map((rings) => areaOf(stateOf(String(id))!, rings)),
  )
}

const find = (areas: readonly Area[], latitude: number, longitude: number): Area | undefined =>
  areas.find((area) => inBox(area, latitude, longitude) && inArea(area, latitude, longitude))

const polygonsOf = (geometry: Polygon | MultiPolygon): Ring[][] =>
  geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates

function areaOf(state: string, rings: readonly Ring[]): Area {
  const [outline = [], ...holes] = rings
  const longitudes = outline.map((point) => point[0] ?? 0)
  const latitudes = outline.map((point) => point[1] ?? 0)
  return {
    state,
    west: Math.min(...longitudes),
    south: Math.min(...latitudes),
    east: Math.max(...longitudes),
    north: Math.max(...latitudes),
    outline,
    holes,
  }
}

const inBox = (area: Area, latitude: number, longitude: number): boolean =>
  longitude >= area.west && longitude <= area.east && latitude >= area.south && latitude <= area.north

const inArea = (area: Area, latitude: number, longitude: number): boolean =>
  inRing(area.outline, latitude, longitude) && !area.holes.some((hole) => inRing(hole, latitude, longitude))

/** Even-odd rule: a ray to the east crosses the ring an odd number of times exactly from inside. */
function inRing(ring: Ring, latitude: number, longitude: number): boolean {
  let inside = false
  let [previousX = 0, previousY = 0] = ring.at(-1) ?? []
  for (const [x = 0, y = 0] of ring) {
    const straddles = y > latitude !== previousY > latitude
    if (straddles && longitude < ((previousX - x) * (latitude - y)) / (previousY - y) + x) inside = !inside
    previousX = x
    previousY = y
  }
  return inside
}
