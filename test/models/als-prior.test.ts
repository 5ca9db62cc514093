// The feature prior of ALS: its map is the least-squares answer, and vectors follow it where nothing else is known.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SparseRows, selectRows, sparseRows, type Triple } from '../../src/data/interaction-matrix.ts'
import { openWorkers } from '../../src/engine/open.ts'
import { createPrior, fitPrior, mostPriorFeatures, priorMeans } from '../../src/models/als-prior.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { dense, ownThread } from './sample.ts'

const filled = (rows: number) => Int32Array.from({ length: rows + 1 }, (_, row) => row)

function sampleFeatures(rows: number, columns: number, density = 0.4): SparseRows {
  const random = createRandom(11)
  const triples: Triple[] = []
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      if (column === 0 || random.uniform() < density) triples.push([row, column, 0.2 + random.uniform()])
  return sparseRows(rows, columns, triples)
}

const sampleVectors = (rows: number, d: number) => {
  const random = createRandom(12)
  return Float32Array.from({ length: rows * d }, () => random.normal())
}

describe('the map of a prior', () => {
  it('is a ridge regression worked by hand: 2 rows of ridge 1 and 3, l = 1', async () => {
    // Relative ridges 1/2 and 3/2; one feature of value 1: (1/2 x 4 + 3/2 x 8) / (1/2 + 3/2 + 1) = 14/3
    const features = sparseRows(2, 1, [
      [0, 0, 1],
      [1, 0, 1],
    ])
    const prior = createPrior({
      features,
      rowPtr: filled(2),
      ridge: Float64Array.of(1, 3),
      regularization: 1,
    })
    const map = await fitPrior(ownThread, prior, { vectors: Float32Array.of(4, 8), d: 1 })
    expect(map[0]).toBeCloseTo(14 / 3, 6)
    expect([...priorMeans(features, { map, d: 1, scale: 0.5 })]).toEqual([
      expect.closeTo(7 / 3, 6),
      expect.closeTo(7 / 3, 6),
    ])
  })

  it('has a zero gradient of sum r |w - A f|^2 + l mean(r) |A|^2, feature by feature', async () => {
    const [rows, p, d, l] = [30, 7, 3, 2]
    const features = sampleFeatures(rows, p)
    const vectors = sampleVectors(rows, d)
    const ridge = Float64Array.from({ length: rows }, (_, row) => 1 + (row % 5))
    const mean = ridge.reduce((sum, value) => sum + value, 0) / rows
    const prior = createPrior({ features, rowPtr: filled(rows), ridge, regularization: l })
    const map = Float64Array.from(await fitPrior(ownThread, prior, { vectors, d }))
    const cells = dense(features)
    const loss = (): number => {
      let sum = 0
      for (let row = 0; row < rows; row++)
        for (let f = 0; f < d; f++) {
          let at = vectors[row * d + f]!
          for (let j = 0; j < p; j++) at -= cells[row]![j]! * map[j * d + f]!
          sum += ridge[row]! * at * at
        }
      return sum + l * mean * map.reduce((total, value) => total + value * value, 0)
    }
    for (let at = 0; at < map.length; at++) {
      const here = map[at]!
      map[at] = here + 1e-4
      const above = loss()
      map[at] = here - 1e-4
      const below = loss()
      map[at] = here
      expect(Math.abs(above - below) / 2e-4).toBeLessThan(1e-4 * loss())
    }
  })

  it('asks only rows with entries', async () => {
    const features = sampleFeatures(6, 3, 1)
    const vectors = sampleVectors(6, 2)
    const rowPtr = Int32Array.of(0, 1, 2, 2, 3, 3, 4)
    const some = createPrior({ features, rowPtr, ridge: new Float64Array(6).fill(2), regularization: 1 })
    const kept = [0, 1, 3, 5]
    const alone = createPrior({
      features: selectRows(features, kept),
      rowPtr: filled(4),
      ridge: new Float64Array(4).fill(7),
      regularization: 1,
    })
    const of = kept.flatMap((row) => [...vectors.subarray(row * 2, row * 2 + 2)])
    expect(await fitPrior(ownThread, some, { vectors, d: 2 })).toEqual(
      await fitPrior(ownThread, alone, { vectors: Float32Array.from(of), d: 2 }),
    )
  })

  it('permutes with its features and does not mind the order of the rows', async () => {
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 8 }), async (order) => {
        const features = sampleFeatures(8, 4)
        const vectors = sampleVectors(8, 2)
        const ridge = Float64Array.from({ length: 8 }, (_, row) => 1 + row)
        const moved = order.flatMap((row) => [...vectors.subarray(row * 2, row * 2 + 2)])
        const columns = [2, 0, 3, 1]
        const turned = sparseRows(
          8,
          4,
          order.flatMap((from, row) =>
            dense(features)[from]!.flatMap((value, column): Triple[] =>
              value > 0 ? [[row, columns[column]!, value]] : [],
            ),
          ),
        )
        const shared = { rowPtr: filled(8), regularization: 0.5 }
        const a = await fitPrior(ownThread, createPrior({ ...shared, features, ridge }), { vectors, d: 2 })
        const b = await fitPrior(
          ownThread,
          createPrior({
            ...shared,
            features: turned,
            ridge: Float64Array.from(order, (row) => ridge[row]!),
          }),
          { vectors: Float32Array.from(moved), d: 2 },
        )
        for (const [column, to] of columns.entries())
          for (let f = 0; f < 2; f++) expect(b[to * 2 + f]).toBeCloseTo(a[column * 2 + f]!, 5)
      }),
      { numRuns: 20 },
    )
  })

  it('is the same for any number of threads', async () => {
    const features = sampleFeatures(50, 9)
    const vectors = sampleVectors(50, 40)
    const ridge = new Float64Array(50).fill(1)
    const prior = createPrior({ features, rowPtr: filled(50), ridge, regularization: 1 })
    const expected = await fitPrior(ownThread, prior, { vectors, d: 40 })
    const workers = openWorkers({ threads: 3 })
    expect(await fitPrior(workers, prior, { vectors, d: 40 })).toEqual(expected)
    await workers.close()
  })

  it('refuses more features than its dense system holds, and features of other rows', () => {
    const ridge = Float64Array.of(1)
    const rest = { rowPtr: filled(1), ridge, regularization: 1 }
    expect(() => createPrior({ ...rest, features: sparseRows(1, mostPriorFeatures + 1, []) })).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
    expect(() => createPrior({ ...rest, features: sparseRows(2, 1, []) })).toThrow(
      expect.objectContaining({ code: 'bad-argument' }),
    )
  })

  it('gives zeros where every row is empty or has no feature', async () => {
    const rest = { rowPtr: new Int32Array(3), ridge: Float64Array.of(1, 1), regularization: 1 }
    const prior = createPrior({ ...rest, features: sparseRows(2, 2, [[0, 1, 1]]) })
    const map = await fitPrior(ownThread, prior, { vectors: Float32Array.of(1, 2), d: 1 })
    expect([...map]).toEqual([0, 0])
    expect([...priorMeans(sparseRows(1, 2, []), { map: Float32Array.of(1, 2), d: 1, scale: 1 })]).toEqual([0])
  })
})
