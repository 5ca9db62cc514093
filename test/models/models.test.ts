// Every model against the contract, and the front door.
import { describe, expect, it } from 'vitest'
import { isModelName, modelNames, openParts } from '../../src/models/models.ts'
import { modelContract } from '../contracts/model.ts'
import { ownThread } from './sample.ts'

for (const name of modelNames) modelContract(name, { fillsLists: name !== 'score-model' })

describe('the front door', () => {
  it('knows its models by name', () => {
    expect(modelNames.every(isModelName)).toBe(true)
    expect(isModelName('oracle')).toBe(false)
    expect(isModelName('toString')).toBe(false)
  })

  it('takes stored parts it cannot use for damage', () => {
    const unknown = { name: 'oracle', artistCount: 1, options: {}, arrays: {} }
    expect(() => openParts(unknown, ownThread)).toThrow(expect.objectContaining({ code: 'corrupt' }))
    for (const name of modelNames)
      expect(() => openParts({ ...unknown, name }, ownThread)).toThrow(
        expect.objectContaining({ code: 'corrupt' }),
      )
  })
})
