// A grid over the borders of the states, which tells where none is near: there a state is known without asking the borders.
import type { Position } from 'geojson'

/** A state's two letters, or undefined outside of all. */
type StateAt = (latitude: number, longitude: number) => string | undefined

/** A cell that no border comes near, and the state it lies in. */
export type CalmCell = { readonly state: string | undefined }

/** Degrees from a point of a calm cell to the nearest border, at least. */
export const calmDegrees = 0.02
const cellsPerDegree = 10

const cellOf = (degrees: number): number => Math.floor(degrees * cellsPerDegree)
const keyOf = (row: number, column: number): number => row * 100_000 + column

/**
 * Returns the function from a point to its cell, if no border of `rings` lies within 0.02 degrees of the cell's points; else to undefined.
 * Cells are of 0.1 degrees; their state is asked for once.
 */
export function calmCells(
  rings: readonly (readonly Position[])[],
  stateAt: StateAt,
): (latitude: number, longitude: number) => CalmCell | undefined {
  const crossed = new Set<number>()
  for (const ring of rings) markRing(crossed, ring)
  const known = new Map<number, CalmCell>()
  return (latitude, longitude) => {
    const key = keyOf(cellOf(latitude), cellOf(longitude))
    if (crossed.has(key)) return undefined
    const cell = known.get(key) ?? { state: stateAt(latitude, longitude) }
    known.set(key, cell)
    return cell
  }
}

function markRing(crossed: Set<number>, ring: readonly Position[]): void {
  let previous = ring.at(-1)!
  for (const point of ring) {
    const rows = [
      cellOf(Math.min(previous[1]!, point[1]!) - calmDegrees),
      cellOf(Math.max(previous[1]!, point[1]!) + calmDegrees),
    ]
    const columns = [
      cellOf(Math.min(previous[0]!, point[0]!) - calmDegrees),
      cellOf(Math.max(previous[0]!, point[0]!) + calmDegrees),
    ]
    for (let row = rows[0]!; row <= rows[1]!; row++)
      for (let column = columns[0]!; column <= columns[1]!; column++) crossed.add(keyOf(row, column))
    previous = point
  }
}
