// Correlation of two columns: Pearson, Spearman, and Cramer's V for categories.
import { TastemakerError } from '../errors.ts'

/**
 * Pearson's correlation, -1..1, over the places where both are numbers. NaN with fewer than two such places, or where one
 * column is constant on them.
 */
export function pearson(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const pairs = bothKnown(x, y)
  const [a, b] = [centred(pairs.x), centred(pairs.y)]
  let [xx, yy, xy] = [0, 0, 0]
  for (let at = 0; at < a.length; at++) {
    xx += a[at]! * a[at]!
    yy += b[at]! * b[at]!
    xy += a[at]! * b[at]!
  }
  return xx > 0 && yy > 0 ? Math.max(-1, Math.min(1, xy / Math.sqrt(xx * yy))) : Number.NaN
}

/** Spearman's rank correlation: Pearson's of the ranks, ties at their mean rank, over the places where both are numbers. */
export function spearman(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const pairs = bothKnown(x, y)
  return pearson(ranks(pairs.x), ranks(pairs.y))
}

/** Ranks from 1 on, ties at their mean: `[10, 30, 10]` -> `[1.5, 3, 1.5]`. */
export function ranks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, at) => at).sort(
    (a, b) => values[a]! - values[b]!,
  )
  const out = new Float64Array(values.length)
  for (let from = 0; from < order.length; ) {
    let to = from + 1
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++
    for (let at = from; at < to; at++) out[order[at]!] = (from + 1 + to) / 2
    from = to
  }
  return out
}

/**
 * Cramer's V of two columns of categories, 0..1: 1 when one tells the other (Cramer 1946, chapter 21). Codes are whole
 * numbers from 0 on, -1 for unknown; places with an unknown are left out. NaN where a column has fewer than two categories.
 */
export function cramersV(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const { cells, rows, columns, total } = contingency(a, b)
  const smaller = Math.min(rows.size, columns.size)
  if (smaller < 2) return Number.NaN
  // chi^2 / n = sum of (observed^2 / (row x column)) - 1
  let sum = 0
  for (const { row, column, count } of cells.values())
    sum += count ** 2 / (rows.get(row)! * columns.get(column)!)
  return total === 0 ? Number.NaN : Math.sqrt(Math.min(1, Math.max(0, sum - 1) / (smaller - 1)))
}

/** Counts of pairs of categories, and of each alone; only those that occur. */
export type Contingency = {
  readonly cells: ReadonlyMap<
    number,
    { readonly row: number; readonly column: number; readonly count: number }
  >
  readonly rows: ReadonlyMap<number, number>
  readonly columns: ReadonlyMap<number, number>
  /** Places where both are known. */
  readonly total: number
}

/** Counts two columns of codes against each other; -1 is unknown. Throws `bad-argument` for unequal lengths. */
export function contingency(a: ArrayLike<number>, b: ArrayLike<number>): Contingency {
  checkLengths(a, b)
  const [rows, columns] = [new Map<number, number>(), new Map<number, number>()]
  const cells = new Map<number, { row: number; column: number; count: number }>()
  let total = 0
  for (let at = 0; at < a.length; at++) {
    const [row, column] = [a[at]!, b[at]!]
    if (row < 0 || column < 0) continue
    total++
    rows.set(row, (rows.get(row) ?? 0) + 1)
    columns.set(column, (columns.get(column) ?? 0) + 1)
    const key = row * 2 ** 26 + column
    const cell = cells.get(key)
    if (cell) cell.count++
    else cells.set(key, { row, column, count: 1 })
  }
  return { cells, rows, columns, total }
}

function bothKnown(x: ArrayLike<number>, y: ArrayLike<number>): { x: Float64Array; y: Float64Array } {
  checkLengths(x, y)
  const known: number[] = []
  for (let at = 0; at < x.length; at++) if (!Number.isNaN(x[at]!) && !Number.isNaN(y[at]!)) known.push(at)
  return { x: Float64Array.from(known, (at) => x[at]!), y: Float64Array.from(known, (at) => y[at]!) }
}

function centred(values: Float64Array): Float64Array {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

function checkLengths(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length !== b.length)
    throw new TastemakerError(
      'bad-argument',
      `Two columns of ${a.length} and ${b.length} values do not go together.`,
    )
}
