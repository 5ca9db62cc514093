import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  bareRows,
  selectRows,
  sparseRows,
  type Triple,
  transpose,
} from '../../src/data/interaction-matrix.ts'
import { createVocabulary } from '../../src/data/vocabulary.ts'

/** Cells of a random sparse matrix, each cell once. */
const cells = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
  .chain(([rows, columns]) =>
    fc
      .uniqueArray(fc.tuple(fc.nat(rows - 1), fc.nat(columns - 1), fc.integer({ min: 1, max: 9 })), {
        selector: ([row, column]) => row * columns + column,
      })
      .map((triples) => ({ rows, columns, triples: triples as Triple[] })),
  )

const dense = (matrix: ReturnType<typeof sparseRows>) =>
  Array.from({ length: matrix.rows }, (_, row) => {
    const line = new Array<number>(matrix.columns).fill(0)
    for (let at = matrix.rowPtr[row]!; at < matrix.rowPtr[row + 1]!; at++)
      line[matrix.colIndex[at]!] = matrix.values[at]!
    return line
  })

test('the matrix of the drawing lies as drawn', () => {
  const matrix = sparseRows(2, 4, [
    [1, 1, 1],
    [0, 2, 2],
    [0, 0, 5],
  ])
  expect([...matrix.rowPtr]).toEqual([0, 2, 3])
  expect([...matrix.colIndex]).toEqual([0, 2, 1])
  expect([...matrix.values]).toEqual([5, 2, 1])
})

test('a cell outside, twice, or not above zero is refused', () => {
  for (const triples of [
    [[2, 0, 1]],
    [[0, 4, 1]],
    [[-1, 0, 1]],
    [[0, 0, 0]],
    [[0, 0, Number.NaN]],
    [
      [0, 1, 1],
      [0, 1, 2],
    ],
  ] as Triple[][])
    expect(() => sparseRows(2, 4, triples)).toThrow(/does not fit 2 x 4/)
})

test('the transpose holds the same cells, and twice is the same matrix', () => {
  fc.assert(
    fc.property(cells, ({ rows, columns, triples }) => {
      const matrix = sparseRows(rows, columns, triples)
      const turned = transpose(matrix)
      expect(dense(turned)).toEqual(
        Array.from({ length: columns }, (_, column) => dense(matrix).map((line) => line[column])),
      )
      expect(transpose(turned)).toEqual(matrix)
    }),
  )
})

test('selected rows come in the order asked for, repeats included', () => {
  fc.assert(
    fc.property(cells, fc.array(fc.nat(5)), ({ rows, columns, triples }, wanted) => {
      const matrix = sparseRows(rows, columns, triples)
      const indices = wanted.map((row) => row % rows)
      expect(dense(selectRows(matrix, indices))).toEqual(indices.map((row) => dense(matrix)[row]))
    }),
  )
})

test('bare rows carry no vocabulary, and can be handed to another thread', () => {
  const users = createVocabulary(['ann'])
  const bare = bareRows({ ...sparseRows(1, 1, [[0, 0, 1]]), users } as ReturnType<typeof sparseRows>)
  expect(structuredClone(bare)).toEqual(bare)
})

test('a vocabulary goes both ways, and says so when it cannot', () => {
  const vocabulary = createVocabulary(['b', 'a'])
  expect(vocabulary.idOf(vocabulary.indexOf('a'))).toBe('a')
  expect(vocabulary.indexOf('z')).toBe(-1)
  expect(() => vocabulary.idOf(2)).toThrow(/outside a vocabulary of 2/)
  expect(() => createVocabulary(['a', 'a'])).toThrow(/twice/)
})
