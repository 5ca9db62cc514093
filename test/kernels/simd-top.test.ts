// The k best with SIMD: against a full sort of plain products, to the last bit.
import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { kernels } from '../../src/kernels/kernels.ts'
import { type PackedTop, packColumns, packedTop } from '../../src/kernels/simd-top.ts'
import { normals, oddSizes, randomRows } from './random-arrays.ts'

type Shape = { readonly r: number; readonly c: number; readonly d: number; readonly k: number }
type Job = Pick<PackedTop, 'left' | 'exclude'> & { readonly right: Float32Array }

/** Every product in order, sorted in full. */
function sorted({ left, right, exclude }: Job, { r, c, d, k }: Shape) {
  return Array.from({ length: r }, (_, row) => {
    const known = new Set(exclude?.colIndex.subarray(exclude.rowPtr[row]!, exclude.rowPtr[row + 1]!))
    const all = Array.from({ length: c }, (__, column) => {
      const x = left.subarray(row * d, (row + 1) * d)
      return [column, Math.fround(kernels.dot(x, right.subarray(column * d, (column + 1) * d))) + 0] as const
    })
    const best = all
      .filter(([column, score]) => !known.has(column) && !Number.isNaN(score))
      .toSorted((a, b) => b[1] - a[1] || a[0] - b[0])
    return Array.from({ length: k }, (__, at) => best[at] ?? ([-1, 0] as const))
  })
}

/** The same from the kernel. */
function ranked({ left, right, exclude }: Job, { r, c, d, k }: Shape) {
  const packed = packColumns('a test', right, { c, d, threads: 1 })
  const columns = new Int32Array(r * k).fill(7)
  const scores = new Float32Array(r * k).fill(7)
  packedTop(packed, { left, from: 0, to: r, k, exclude, columns, scores })
  return Array.from({ length: r }, (_, row) =>
    Array.from({ length: k }, (__, at) => [columns[row * k + at]!, scores[row * k + at]!] as const),
  )
}

/** Rows that leave out a share of the columns, the first ones all. */
const excluded = ({ r, c }: Shape, share: number, seed: number) =>
  randomRows(
    Array.from({ length: r }, (_, row) => (row === 0 ? c : Math.floor(c * share))),
    c,
    seed,
  )

function expectSorted(job: Job, shape: Shape): void {
  expect(ranked(job, shape)).toEqual(sorted(job, shape))
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.resetModules()
})

describe('packedTop', () => {
  it.each(oddSizes)('ranks columns of %i numbers as a full sort does', (d) => {
    for (const [r, c, k] of [
      [1, 1, 1],
      [3, 15, 4],
      [5, 16, 20],
      [45, 257, 10],
      [2, 600, 600],
    ] as const) {
      const left = Float32Array.from(normals(r * d, 1))
      const right = Float32Array.from(normals(c * d, 2), (value, at) => value * Math.exp(-3 * ((at % c) / c)))
      expectSorted({ left, right, exclude: excluded({ r, c, d, k }, 0.2, 3) }, { r, c, d, k })
    }
  })

  it('agrees with a full sort on any numbers, ties, zeros and NaN among them', () => {
    const value = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -2, max: 2 }) },
      { weight: 3, arbitrary: fc.float({ min: -1e6, max: 1e6, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1e-40, -1e-40, 1e-30, 1e15) },
    )
    const shapes = fc.record({
      r: fc.integer({ min: 1, max: 6 }),
      c: fc.integer({ min: 1, max: 40 }),
      d: fc.integer({ min: 1, max: 9 }),
      k: fc.nat(45),
    })
    const cases = shapes.chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        left: fc.array(value, { minLength: shape.r * shape.d, maxLength: shape.r * shape.d }),
        right: fc.array(value, { minLength: shape.c * shape.d, maxLength: shape.c * shape.d }),
        share: fc.double({ min: 0, max: 1, noNaN: true }),
        seed: fc.nat(),
      }),
    )
    fc.assert(
      fc.property(cases, ({ shape, left, right, share, seed }) => {
        const exclude = excluded(shape, share, seed)
        expectSorted({ left: Float32Array.from(left), right: Float32Array.from(right), exclude }, shape)
      }),
    )
  })

  it('gives the same bytes where a machine has no relaxed SIMD', async () => {
    const shape = { r: 30, c: 500, d: 70, k: 20 }
    const left = Float32Array.from(normals(shape.r * shape.d, 7))
    const right = Float32Array.from(normals(shape.c * shape.d, 8))
    vi.spyOn(WebAssembly, 'validate').mockReturnValueOnce(false)
    vi.resetModules()
    const strict = await import('../../src/kernels/simd-top.ts')
    const packed = strict.packColumns('a test', right, { ...shape, threads: 1 })
    const columns = new Int32Array(shape.r * shape.k)
    const scores = new Float32Array(shape.r * shape.k)
    strict.packedTop(packed, { left, from: 0, to: shape.r, k: shape.k, columns, scores })
    const expected = ranked({ left, right }, shape).flat()
    expect([...columns]).toEqual(expected.map(([column]) => column))
    expect([...scores]).toEqual(expected.map(([, score]) => score))
  })

  it('decides by exact scores where thousands of columns are alike', () => {
    const [c, d] = [3000, 4]
    const right = Float32Array.from({ length: c * d }, (_, at) => (at % d === 0 ? 1 + (at % 3) * 1e-7 : 0))
    const left = Float32Array.of(1, 0, 0, 0, -1, 2, 0, 0)
    expectSorted({ left, right }, { r: 2, c, d, k: 10 })
  })

  it('ranks rows in the middle of a whole as alone', () => {
    const [r, c, d, k] = [90, 400, 6, 9]
    const left = Float32Array.from(normals(r * d, 5))
    const right = Float32Array.from(normals(c * d, 6))
    const packed = packColumns('a test', right, { c, d, threads: 2 })
    const all = { columns: new Int32Array(r * k), scores: new Float32Array(r * k) }
    packedTop(packed, { left, from: 0, to: r, k, ...all })
    const part = { columns: new Int32Array(r * k), scores: new Float32Array(r * k) }
    packedTop(packed, { left, from: 41, to: 42, k, ...part })
    expect(part.columns.subarray(41 * k, 42 * k)).toEqual(all.columns.subarray(41 * k, 42 * k))
    expect(part.scores.subarray(41 * k, 42 * k)).toEqual(all.scores.subarray(41 * k, 42 * k))
    expect(part.columns.subarray(0, 41 * k).every((column) => column === 0)).toBe(true)
  })

  it('refuses what does not fit in four gibibytes', () => {
    const columns = () => packColumns('Ranking many', new Float32Array(0), { c: 2 ** 28, d: 8, threads: 1 })
    expect(columns).toThrow(expect.objectContaining({ code: 'too-large' }))
  })
})
