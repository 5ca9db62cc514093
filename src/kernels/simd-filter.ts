// Products of dense panels and steps of a graph filter on WebAssembly, where the machine has SIMD.
import { type FilterStep, filterStep, type PanelProduct, panelProduct } from './plain-filter.ts'
import { simd } from './simd.ts'

type Functions = {
  product(
    a: number,
    rowStep: number,
    step: number,
    m: number,
    b: number,
    bStep: number,
    panelStep: number,
    n: number,
    k: number,
    out: number,
    outStep: number,
  ): void
  sumRows(
    rowPtr: number,
    colIndex: number,
    from: number,
    to: number,
    d: number,
    scale: number,
    columnScale: number,
    x: number,
    factor: number,
    y: number,
    own: number,
    z: number,
    older: number,
    out: number,
  ): void
}

/** `panelProduct`, on arrays in `memory`; by the plain kernel where there is none. */
export function multiplyPanels(memory: WebAssembly.Memory | undefined, job: PanelProduct): void {
  if (!memory) {
    panelProduct(job)
    return
  }
  const { a, rowStep, step, m, b, bStep, panelStep, n, k, out, outStep } = job
  const { product } = simd<Functions>('itemscores', memory)
  const [aAt, bAt, outAt] = [a.byteOffset, b.byteOffset, out.byteOffset]
  product(aAt, 4 * rowStep, 4 * step, m, bAt, 4 * bStep, 4 * panelStep, n, k, outAt, 4 * outStep)
}

/** `filterStep`, on arrays in `memory`; by the plain kernel where there is none. */
export function stepFilter(memory: WebAssembly.Memory | undefined, job: FilterStep): void {
  if (!memory) {
    filterStep(job)
    return
  }
  const { matrix, from, to, d, rowScale, columnScale, x, factor, own, older, out } = job
  simd<Functions>('itemscores', memory).sumRows(
    matrix.rowPtr.byteOffset,
    matrix.colIndex.byteOffset,
    from,
    to,
    d,
    rowScale.byteOffset,
    columnScale.byteOffset,
    x.byteOffset,
    factor,
    own?.rows.byteOffset ?? 0,
    own?.factor ?? 0,
    older?.rows.byteOffset ?? 0,
    older?.factor ?? 0,
    out.byteOffset,
  )
}
