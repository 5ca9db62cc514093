// Calibrating a model: the pairs it learns from are the places of its own lists, hits and misses alike.
import { expect, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { emptyRows, sparseRows } from '../../src/data/interaction-matrix.ts'
import { openWorkers } from '../../src/engine/open.ts'
import { calibrateModel } from '../../src/evaluation/calibrate-model.ts'
import { fitPlatt } from '../../src/evaluation/calibration.ts'
import { fitModel } from '../../src/models/models.ts'

test('every recommended artist is a case, also those of listeners who took to none', async () => {
  // Artist 0 has 3 of 4 listeners, artist 1 has 2, artist 2 has 1: scores .75, .5 and .25.
  const matrix = sparseRows(4, 3, [
    [0, 0, 1],
    [1, 0, 1],
    [1, 1, 1],
    [2, 0, 1],
    [2, 1, 1],
    [3, 2, 1],
  ])
  const context = { workers: openWorkers({ threads: 0 }), seed: 1 }
  const model = await fitModel('popularity', { matrix, settings: readSettings().models }, context)
  const heldOut = sparseRows(4, 3, [
    [0, 1, 1],
    [3, 0, 1],
  ])
  const found = await calibrateModel(model, { histories: { interactions: matrix }, heldOut, k: 2 })
  // Lists: 1 2 | 2 | 2 | 0 1
  expect(found).toEqual(fitPlatt([0.5, 0.25, 0.25, 0.25, 0.75, 0.5], [1, 0, 0, 0, 1, 0]))
  const nobody = { histories: { interactions: emptyRows(0, 3, 0) }, heldOut: emptyRows(0, 3, 0), k: 2 }
  expect(await calibrateModel(model, nobody)).toEqual({ slope: 0, intercept: 0 })
})
