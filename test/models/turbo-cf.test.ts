// Turbo-CF by hand, and on the published split of Amazon-Electronics.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type SparseRows, sparseRows, type Triple } from '../../src/data/interaction-matrix.ts'
import { evaluateModel } from '../../src/evaluation/evaluate.ts'
import { fitModel } from '../../src/models/models.ts'
import { ownThread, settingsWith } from './sample.ts'

const context = { workers: ownThread, seed: 1 }

describe('turbo-cf', () => {
  it('filters with the normalized co-occurrence, each entry raised to a power', async () => {
    /*
     *   user\artist 0 1 2
     *        0    [ 1 1 . ]     C_01 = 2^-1 + 3^-1, C_02 = 3^-1 at alpha 1/2
     *        1    [ 1 1 1 ]     listeners 2 2 1
     */
    const cells: Triple[] = [0, 1].map((artist) => [0, artist, 1])
    const matrix = sparseRows(2, 3, [...cells, [1, 0, 1], [1, 1, 1], [1, 2, 1]])
    const settings = settingsWith({ turboCf: { alpha: 0.5, power: 0.7, neighbours: 0 } })
    const model = await fitModel('turbo-cf', { matrix, settings }, context)
    expect(model.similar!(0, 3)).toEqual([
      { artistIndex: 1, score: expect.closeTo(((1 / 2 + 1 / 3) / 2) ** 0.7, 6) },
      { artistIndex: 2, score: expect.closeTo((1 / 3 / Math.sqrt(2)) ** 0.7, 6) },
    ])
  })

  const folder = join(process.env.TASTEMAKER_SHARED ?? '../shared', 'data', 'electronics-ultragcn')
  it.skipIf(!existsSync(folder))(
    'reaches what was measured on Electronics (skipped without shared data)',
    async () => {
      const lines = (name: string) =>
        readFileSync(join(folder, `${name}.txt`), 'utf8')
          .trim()
          .split('\n')
      const cells = (name: string): Triple[] =>
        lines(name).flatMap((line) => {
          const [user = 0, ...items] = line.trim().split(/\s+/).map(Number)
          return items.map((item): Triple => [user, item, 1])
        })
      const [train, test]: SparseRows[] = ['train', 'test'].map((name) => sparseRows(1435, 1522, cells(name)))
      const settings = settingsWith({ turboCf: { alpha: 0.5, power: 1, neighbours: 0 } })
      const model = await fitModel('turbo-cf', { matrix: train!, settings }, context)
      const popularity = new Float64Array(1522)
      const { means } = await evaluateModel(model, {
        histories: { interactions: train! },
        heldOut: test!,
        k: 20,
        popularity,
      })
      expect(means.recall).toBeCloseTo(0.1421, 3)
      expect(means.ndcg).toBeCloseTo(0.0865, 3)
    },
  )
})
