// The normal distribution against tabulated values and, where it lies at hand, a table of 40-digit ones.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normalCumulative, normalQuantile } from '../../src/statistics/normal.ts'

const table = join(process.env.TASTEMAKER_SHARED ?? '../shared', 'vectors', 'distribution_reference.json')

const relative = (found: number, expected: number) => Math.abs(found / expected - 1)

describe('the normal distribution', () => {
  it('has the values everybody knows', () => {
    expect(normalCumulative(0)).toBe(0.5)
    expect(normalCumulative(1.959963984540054)).toBeCloseTo(0.975, 14)
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12)
    expect(normalQuantile(0.5)).toBeCloseTo(0, 15)
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([
      Number.NEGATIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ])
    expect([normalQuantile(-1), normalQuantile(2), normalCumulative(Number.NaN)]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ])
  })

  it('comes back from a probability', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 5, noNaN: true }), (x) => {
        expect(normalQuantile(normalCumulative(x))).toBeCloseTo(x, 8)
      }),
    )
  })

  it.skipIf(!existsSync(table))('agrees with the reference table (skipped where it is absent)', () => {
    type Case = { readonly fn: string; readonly args: readonly [number]; readonly val: string }
    const { cases } = JSON.parse(readFileSync(table, 'utf8')) as { cases: readonly Case[] }
    for (const { fn, args, val } of cases) {
      if (fn === 'normal.cdf') expect(relative(normalCumulative(args[0]), Number(val))).toBeLessThan(1e-12)
      if (fn === 'normal.quantile')
        expect(Math.abs(normalQuantile(args[0]) - Number(val))).toBeLessThan(1e-11)
    }
  })
})
