// Products of dense panels and steps of a graph filter, in plain TypeScript: what simd-filter.ts does faster.
import type { ColumnsByRow } from './plain-top.ts'

/** Steps are in floats: a_rk lies at `a[r * rowStep + k * step]`, b_kj at
 * `b[(j >> 3) * panelStep + k * bStep + (j & 7)]`, out_rj at `out[r * outStep + j]`. */
export type PanelProduct = {
  readonly a: Float32Array
  readonly rowStep: number
  readonly step: number
  readonly m: number
  readonly b: Float32Array
  readonly bStep: number
  /** 8 where the rows of b are whole. */
  readonly panelStep: number
  /** A multiple of 8. */
  readonly n: number
  readonly k: number
  readonly out: Float32Array
  readonly outStep: number
}

/** out (m x n) = a (m x k) b (k x n). Each value adds up in order of k. */
export function panelProduct(job: PanelProduct): void {
  const { a, rowStep, step, m, b, bStep, panelStep, n, k, out, outStep } = job
  for (let r = 0; r < m; r++)
    for (let j = 0; j < n; j++) {
      const right = (j >> 3) * panelStep + (j & 7)
      let sum = 0
      for (let at = 0; at < k; at++) sum += a[r * rowStep + at * step]! * b[right + at * bStep]!
      out[r * outStep + j] = sum
    }
}

/** One step of a filter on a graph, on rows of `d` numbers. */
export type FilterStep = {
  /** r x c pattern. */
  readonly matrix: ColumnsByRow
  readonly from: number
  readonly to: number
  /** A multiple of 8. */
  readonly d: number
  /** r */
  readonly rowScale: Float32Array
  /** c */
  readonly columnScale: Float32Array
  /** c x d */
  readonly x: Float32Array
  readonly factor: number
  /** Terms of the row itself (r x d each): its value in this step and in the one before. */
  readonly own?: { readonly rows: Float32Array; readonly factor: number }
  readonly older?: { readonly rows: Float32Array; readonly factor: number }
  /** r x d; none of the inputs. */
  readonly out: Float32Array
}

/** out_r = factor rowScale_r (sum over entries c of row r of columnScale_c x_c) + own + older, for rows `from` to `to`. */
export function filterStep(job: FilterStep): void {
  const { matrix, d, x, out } = job
  for (let row = job.from; row < job.to; row++) {
    const to = row * d
    for (let f = 0; f < d; f++) {
      const own = job.own ? job.own.factor * job.own.rows[to + f]! : 0
      out[to + f] = own + (job.older ? job.older.factor * job.older.rows[to + f]! : 0)
    }
    for (let entry = matrix.rowPtr[row]!; entry < matrix.rowPtr[row + 1]!; entry++) {
      const column = matrix.colIndex[entry]!
      const weight = job.factor * job.rowScale[row]! * job.columnScale[column]!
      for (let f = 0; f < d; f++) out[to + f]! += weight * x[column * d + f]!
    }
  }
}
