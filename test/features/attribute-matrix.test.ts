import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Attribute, buildAttributes, layAttributes } from '../../src/features/attribute-matrix.ts'
import { dense } from '../models/sample.ts'

describe('attributes as a matrix', () => {
  it('has everyone first, then names in order, each row at length 1 beside it', () => {
    const { features, names } = buildAttributes(
      3,
      [
        { row: 0, name: 'tag:live', weight: 4 },
        { row: 0, name: 'genre:folk', weight: 3 },
        { row: 2, name: 'genre:folk' },
        { row: 2, name: 'genre:folk', weight: 2 },
      ],
      { minRows: 1 },
    )
    expect(names).toEqual(['everyone', 'genre:folk', 'tag:live'])
    expect(dense(features)).toEqual([
      [1, Math.fround(0.6), Math.fround(0.8)],
      [1, 0, 0],
      [1, 1, 0],
    ])
  })

  it('leaves out what too few rows share, however often one row repeats it', () => {
    const attributes = [
      ...[0, 1, 2].map((row) => ({ row, name: 'many' })),
      ...[0, 0, 0, 0].map((row) => ({ row, name: 'loud' })),
    ]
    expect(buildAttributes(3, attributes, { minRows: 2 }).names).toEqual(['everyone', 'many'])
    expect(buildAttributes(3, attributes, { minRows: 4 }).names).toEqual(['everyone'])
  })

  it('keeps the most frequent names under a cap, ties by name', () => {
    const attributes = [
      ...[0, 1].map((row) => ({ row, name: 'b' })),
      ...[0, 1].map((row) => ({ row, name: 'a' })),
      ...[0, 1, 2].map((row) => ({ row, name: 'z' })),
    ]
    expect(buildAttributes(3, attributes, { minRows: 1, mostFeatures: 3 }).names).toEqual([
      'everyone',
      'a',
      'z',
    ])
  })

  it('lays new rows over chosen columns, and leaves other names out', () => {
    const rows = layAttributes(
      2,
      [
        { row: 1, name: 'genre:folk', weight: 7 },
        { row: 1, name: 'genre:unheard' },
      ],
      ['everyone', 'genre:folk'],
    )
    expect(dense(rows)).toEqual([
      [1, 0],
      [1, 1],
    ])
  })

  it('refuses rows outside and weights that are not above 0', () => {
    for (const bad of [
      { row: 2, name: 'a' },
      { row: -1, name: 'a' },
      { row: 0, name: 'a', weight: 0 },
      { row: 0, name: 'a', weight: Number.NaN },
    ])
      expect(() => buildAttributes(2, [bad], { minRows: 1 })).toThrow(
        expect.objectContaining({ code: 'bad-argument' }),
      )
  })

  it('does not mind the order of the attributes', () => {
    const attribute = fc.record({
      row: fc.nat(4),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      weight: fc.constantFrom(1, 2, 4),
    })
    fc.assert(
      fc.property(fc.array(attribute), fc.integer({ min: 1, max: 3 }), (attributes: Attribute[], minRows) => {
        const built = buildAttributes(5, attributes, { minRows, mostFeatures: 4 })
        const turned = buildAttributes(5, attributes.toReversed(), { minRows, mostFeatures: 4 })
        expect(turned).toEqual(built)
        expect(layAttributes(5, attributes, built.names)).toEqual(built.features)
        for (const row of dense(built.features)) {
          const length = Math.hypot(...row.slice(1))
          expect(length === 0 || Math.abs(length - 1) < 1e-6).toBe(true)
        }
      }),
    )
  })
})
