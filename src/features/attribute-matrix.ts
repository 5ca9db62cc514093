// Attributes as a sparse matrix: named facts about listeners or artists become weighted columns that a model can learn from.
import { emptyRows, type SparseRows } from '../data/interaction-matrix.ts'
import { TastemakerError } from '../errors.ts'

/** One fact about one row: `{ row: 7, name: 'genre:folk', weight: 2 }`. The weight is > 0; left out it is 1. */
export type Attribute = { readonly row: number; readonly name: string; readonly weight?: number }

/** Rows (listeners or artists) x features, and the name of each column. */
export type AttributeMatrix = {
  readonly features: SparseRows
  /** Column names; the first is `everyone`. Whoever wants to add rows later needs them: `layAttributes`. */
  readonly names: readonly string[]
}

/** Which attributes become columns. */
export type AttributeOptions = {
  /** Rows that an attribute must be known of; below it, it is left out. */
  readonly minRows: number
  /** Columns at most, `everyone` among them: those known of the most rows are kept; ties by name. Default 1000. */
  readonly mostFeatures?: number
}

/** Name of the first column, which every row has. */
export const everyone = 'everyone'

/**
 * Chooses the columns and lays the rows out over them. Columns are in the order of their names, `everyone` first.
 * @param rows number of rows; a row without attributes has `everyone` alone
 */
export function buildAttributes(
  rows: number,
  attributes: readonly Attribute[],
  options: AttributeOptions,
): AttributeMatrix {
  const names = [everyone, ...frequentNames(rows, attributes, options).sort()]
  return { features: layAttributes(rows, attributes, names), names }
}

function frequentNames(
  rows: number,
  attributes: readonly Attribute[],
  { minRows, mostFeatures = 1000 }: AttributeOptions,
): string[] {
  const support = new Map<string, Set<number>>()
  for (const { row, name } of attributes) {
    if (!(Number.isInteger(row) && row >= 0 && row < rows))
      throw new TastemakerError(
        'bad-argument',
        `Attribute ${name} was given for row ${row} of ${rows}; number rows from 0.`,
      )
    const known = support.get(name)
    if (known) known.add(row)
    else support.set(name, new Set([row]))
  }
  return [...support]
    .filter(([name, known]) => known.size >= minRows && name !== everyone)
    .sort(([a, some], [b, others]) => others.size - some.size || (a < b ? -1 : 1))
    .slice(0, Math.max(0, mostFeatures - 1))
    .map(([name]) => name)
}

/**
 * Rows over columns that are already chosen; attributes of other names are left out.
 *
 *                          everyone  genre:folk  tag:live
 *   folk (3), live (4)  ->     1         .6         .8
 *   nothing known       ->     1          .          .
 *
 * The weights of a row are scaled to length 1 beside `everyone`, so that a row with forty tags and one with a single genre
 * are pulled equally far. The same attribute of a row twice counts with the sum of its weights.
 * A weight that is not > 0 and a row outside throw `bad-argument`.
 * @param names columns in order, as `buildAttributes` gave them
 */
export function layAttributes(
  rows: number,
  attributes: Iterable<Attribute>,
  names: readonly string[],
): SparseRows {
  const columns = new Map(names.map((name, column) => [name, column]))
  const cells: Map<number, number>[] = Array.from({ length: rows }, () => new Map())
  for (const { row, name, weight = 1 } of attributes) {
    const known = cells[row]
    if (!(known && weight > 0 && Number.isFinite(weight)))
      throw new TastemakerError(
        'bad-argument',
        `Attribute ${name} of row ${row} with weight ${weight} does not fit ${rows} rows; weights are > 0.`,
      )
    const column = columns.get(name)
    if (column !== undefined && name !== everyone) known.set(column, (known.get(column) ?? 0) + weight)
  }
  return laidOut(cells, names)
}

function laidOut(cells: readonly Map<number, number>[], names: readonly string[]): SparseRows {
  const first = names.indexOf(everyone)
  const perRow = first >= 0 ? 1 : 0
  const entries = cells.reduce((sum, known) => sum + known.size + perRow, 0)
  const out = emptyRows(cells.length, names.length, entries)
  let to = 0
  for (const [row, known] of cells.entries()) {
    const length = Math.hypot(...known.values())
    const weighted = [...known].map(([column, weight]) => [column, weight / length] as const)
    if (perRow) weighted.push([first, 1])
    for (const [column, value] of weighted.sort(([a], [b]) => a - b)) {
      out.colIndex[to] = column
      out.values[to++] = value
    }
    out.rowPtr[row + 1] = to
  }
  return out
}
