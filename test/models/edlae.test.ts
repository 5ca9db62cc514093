// EDLAE: without dropout it is EASE, and its ridge grows with an artist's listeners.
import { expect, it } from 'vitest'
import { sparseRows } from '../../src/data/interaction-matrix.ts'
import { fitModel } from '../../src/models/models.ts'
import { modelContract } from '../contracts/model.ts'
import { ownThread, sampleMatrix, settingsWith } from './sample.ts'

modelContract('edlae', { fillsLists: true })

const here = { workers: ownThread, seed: 1 }

it('is EASE without dropout', async () => {
  const matrix = sampleMatrix(60, 40)
  const settings = settingsWith({
    ease: { regularization: 7 },
    edlae: { regularization: 7, dropout: 0 },
  })
  const ease = await fitModel('ease', { matrix, settings }, here)
  const edlae = await fitModel('edlae', { matrix, settings }, here)
  expect(edlae.arrays).toEqual(ease.arrays)
})

it('gives the weights worked out by hand', async () => {
  // Listeners 2 and 1, one of both, lambda 1, p = 1/2: x^T x + D = [[2 + 1 + 2, 1], [1, 1 + 1 + 1]] = [[5, 1], [1, 3]];
  // artist 0 weighs 1 / 5 for artist 1, artist 1 weighs 1 / 3 for artist 0.
  const matrix = sparseRows(2, 2, [
    [0, 0, 1],
    [0, 1, 1],
    [1, 0, 1],
  ])
  const settings = settingsWith({ edlae: { regularization: 1, dropout: 0.5 } })
  const { arrays } = await fitModel('edlae', { matrix, settings }, here)
  for (const [at, weight] of [0, 1 / 5, 1 / 3, 0].entries())
    expect(arrays.weights![at]).toBeCloseTo(weight, 6)
})
