// Splits: the parts are the whole, in the sizes promised, and no leak goes unseen.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SparseRows, sparseRows, type Triple } from '../../src/data/interaction-matrix.ts'
import {
  assertNoLeak,
  randomSplit,
  splitCounts,
  strongGeneralization,
  temporalSplit,
} from '../../src/evaluation/splits.ts'

/** One user for each length, artists 0.. with value row + 1. */
const rowsOf = (lengths: readonly number[], columns = 60): SparseRows =>
  sparseRows(
    lengths.length,
    columns,
    lengths.flatMap((length, row) => Array.from({ length }, (_, column): Triple => [row, column, row + 1])),
  )

const cellsOf = (matrix: SparseRows): string[] =>
  Array.from({ length: matrix.rows }, (_, row) =>
    [...matrix.colIndex.subarray(matrix.rowPtr[row]!, matrix.rowPtr[row + 1]!)].map(
      (column) => `${row},${column}`,
    ),
  ).flat()

const lengthsOf = (matrix: SparseRows) =>
  Array.from({ length: matrix.rows }, (_, row) => matrix.rowPtr[row + 1]! - matrix.rowPtr[row]!)

describe('randomSplit', () => {
  it.each([
    [0, [0, 0, 0]],
    [1, [1, 0, 0]],
    [2, [1, 0, 1]],
    [3, [1, 1, 1]],
    [4, [2, 1, 1]],
    [9, [7, 1, 1]],
    [10, [8, 1, 1]],
    [19, [17, 1, 1]],
    [30, [24, 3, 3]],
    [49, [41, 4, 4]],
    [50, [40, 5, 5]],
  ] as const)('shares out %i artists as RecBole does at 8:1:1', (total, counts) => {
    expect(splitCounts(total, [0.8, 0.1, 0.1])).toEqual(counts)
  })

  it('gives every cell to exactly one part, values kept', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 12 }), fc.nat(), (lengths, seed) => {
        const whole = rowsOf(lengths)
        const { train, validation, test } = randomSplit(whole, { seed, train: 8, validation: 1, test: 1 })
        expect([train, validation, test].flatMap(cellsOf).sort()).toEqual(cellsOf(whole).sort())
        expect(lengthsOf(test)).toEqual(lengths.map((length) => splitCounts(length, [0.8, 0.1, 0.1])[2]))
        assertNoLeak(train, test)
        assertNoLeak(train, validation)
        for (let row = 0; row < train.rows; row++)
          expect(
            train.values
              .subarray(train.rowPtr[row]!, train.rowPtr[row + 1]!)
              .every((value) => value === row + 1),
          ).toBe(true)
      }),
    )
  })

  it('is the same for the same seed only', () => {
    const whole = rowsOf([40, 40])
    const testOf = (seed: number) =>
      cellsOf(randomSplit(whole, { seed, train: 8, validation: 1, test: 1 }).test)
    expect(testOf(1)).toEqual(testOf(1))
    expect(testOf(1)).not.toEqual(testOf(2))
  })

  it('refuses a split without a train part', () => {
    expect(() => randomSplit(rowsOf([3]), { seed: 1, train: 0, validation: 1, test: 1 })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  })
})

describe('strongGeneralization', () => {
  it('keeps held-out users out of training and splits their artists 80 : 20', () => {
    const whole = rowsOf([5, 10, 15, 20, 4, 30])
    const split = strongGeneralization(whole, { seed: 3, heldOutUsers: 4, foldInShare: 0.8 })
    expect([...split.trainUsers, ...split.heldOutUsers].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5])
    expect(split.train.rows).toBe(2)
    const wholeLengths = lengthsOf(whole)
    const toFind = [...split.heldOutUsers].map((user) => [1, 2, 3, 4, 0, 6][user])
    expect(lengthsOf(split.heldOut)).toEqual(toFind)
    expect(lengthsOf(split.foldIn)).toEqual(
      [...split.heldOutUsers].map((user, at) => wholeLengths[user]! - toFind[at]!),
    )
    assertNoLeak(split.foldIn, split.heldOut)
  })

  it('refuses to hold out everybody', () => {
    expect(() =>
      strongGeneralization(rowsOf([1, 1]), { seed: 1, heldOutUsers: 2, foldInShare: 0.8 }),
    ).toThrow(expect.objectContaining({ code: 'bad-argument' }))
  })
})

describe('temporalSplit', () => {
  it('holds out what is new to the listener, once, and counts the rest', () => {
    const train = rowsOf([2, 1], 4)
    const later = [
      [0, 1],
      [0, 3],
      [0, 3],
      [1, 2],
      [1, 0],
      [2, 0],
      [0, 9],
      [-1, 0],
    ] as const
    const { heldOut, alreadyKnown, outside } = temporalSplit(train, later)
    expect(cellsOf(heldOut)).toEqual(['0,3', '1,2'])
    expect([...heldOut.values]).toEqual([1, 1])
    expect([alreadyKnown, outside]).toEqual([2, 3])
    assertNoLeak(train, heldOut)
  })
})

describe('assertNoLeak', () => {
  it('finds a held-out cell in train, and other shapes', () => {
    const badInput = expect.objectContaining({ code: 'bad-input' })
    expect(() => assertNoLeak(rowsOf([3]), sparseRows(1, 60, [[0, 2, 1]]))).toThrow(badInput)
    expect(() => assertNoLeak(rowsOf([3]), rowsOf([0, 0]))).toThrow(badInput)
    assertNoLeak(rowsOf([3]), sparseRows(1, 60, [[0, 3, 1]]))
  })
})
