// Split files: what is written is read, what is wrong is named with its line, and a leak is refused out loud.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SparseRows } from '../../src/data/interaction-matrix.ts'
import { type FixedSplit, readSplit } from '../../src/evaluation/split-file.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

const read = (train: string, test: string, validation?: string): FixedSplit =>
  readSplit({
    train: bytes(train),
    test: bytes(test),
    ...(validation !== undefined && { validation: bytes(validation) }),
  })

const itemsOf = ({ rows, rowPtr, colIndex }: SparseRows): number[][] =>
  Array.from({ length: rows }, (_, row) => [...colIndex.subarray(rowPtr[row], rowPtr[row + 1])])

describe('readSplit', () => {
  it('reads users in any order, items in any order, empty lines, tabs and CR', () => {
    const { train, test, validation } = read('2 4 0\r\n\n0\t1 3 \r\n1\n', '0 2\n', '2 5')
    expect(itemsOf(train)).toEqual([[1, 3], [], [0, 4]])
    expect(itemsOf(test)).toEqual([[2], [], []])
    expect(itemsOf(validation!)).toEqual([[], [], [5]])
    expect([train.columns, test.columns, validation!.columns]).toEqual([6, 6, 6])
    expect([...train.values]).toEqual([1, 1, 1, 1])
  })

  it('takes empty files for parts without users', () => {
    const { train, test } = read('', '')
    expect([train.rows, train.columns, test.rows]).toEqual([0, 0, 0])
  })

  it.each([
    ['a word', '0 1\n1 2 x7 3', 'train, line 2: "x7"'],
    ['a negative number', '0 -1', 'train, line 1: "-1"'],
    ['a fraction', '0 1.5', 'train, line 1: "1.5"'],
    ['an id past 31 bits', '0 99999999999', 'train, line 1: "99999999999"'],
    ['a repeated item', '0 1\n\n1 4 7 4', 'train, line 3: item 4 comes twice'],
    ['a repeated user', '0 1\n1 2\n0 3', 'train, line 3: user 0 was in line 1 already'],
  ])('names the line of %s', (_, train, message) => {
    expect(() => read(train, '')).toThrow(
      expect.objectContaining({ code: 'bad-input', message: expect.stringContaining(message) }),
    )
  })

  it('refuses a user to be found something for of whom nothing is known', () => {
    const message = expect.stringContaining('test, line 2: user 1 has no items in train')
    expect(() => read('0 1\n1', '0 2\n1 2')).toThrow(expect.objectContaining({ code: 'bad-input', message }))
    expect(itemsOf(read('0 1', '0 2\n1').test)).toEqual([[2], []])
  })

  it('refuses a leak and names how many cells and the first of them', () => {
    const message = expect.stringMatching(/2 of 3 held-out .* first \(row, column\) \(0, 3\) \(1, 2\);/)
    expect(() => read('0 1 3\n1 2', '0 3 4\n1 2')).toThrow(
      expect.objectContaining({ code: 'bad-input', message }),
    )
    expect(() => read('0 1', '0 2', '0 1')).toThrow(expect.objectContaining({ code: 'bad-input' }))
    expect(() => read('0 1', '0 2', '0 2')).toThrow(expect.objectContaining({ code: 'bad-input' }))
  })

  it('reads back whatever is written', () => {
    const rows = fc.array(fc.uniqueArray(fc.nat(50), { maxLength: 8 }), { maxLength: 10 })
    fc.assert(
      fc.property(rows, (lists) => {
        const text = lists.map((items, user) => [user, ...items].join(' ')).join('\n')
        const { train } = read(text, '')
        expect(itemsOf(train)).toEqual(lists.map((items) => items.toSorted((a, b) => a - b)))
      }),
    )
  })
})
