// The model file: what is damaged, cut or foreign is told apart from a model.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeModel, openModel } from '../../src/models/model-file.ts'
import { fitModel } from '../../src/models/models.ts'
import { ownThread, sampleMatrix, smallSettings } from './sample.ts'

const context = { workers: ownThread, seed: 1 }
const model = await fitModel('als', { matrix: sampleMatrix(20, 13), settings: smallSettings }, context)
const bytes = encodeModel(model)
const corrupt = expect.objectContaining({ code: 'corrupt' })

describe('the model file', () => {
  it('starts with its magic and lays arrays at multiples of 64', () => {
    expect(new TextDecoder().decode(bytes.subarray(0, 8))).toBe('TMMODEL1')
    const opened = openModel(bytes, context)
    for (const [name, array] of Object.entries(opened.arrays)) {
      expect(array.byteOffset % 64).toBe(0)
      expect(array).toEqual(model.arrays[name])
    }
  })

  it('can be opened from the middle of a larger buffer', () => {
    const larger = new Uint8Array(bytes.length + 9)
    larger.set(bytes, 3)
    expect(encodeModel(openModel(larger.subarray(3, 3 + bytes.length), context))).toEqual(bytes)
  })

  it('notices any one changed byte', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = bytes.slice()
        damaged[at]! ^= change
        expect(() => openModel(damaged, context)).toThrow(corrupt)
      }),
    )
  })

  it('notices that it was cut or padded', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(() => openModel(bytes.subarray(0, length), context)).toThrow(corrupt)
      }),
    )
    const padded = new Uint8Array(bytes.length + 4)
    padded.set(bytes)
    expect(() => openModel(padded, context)).toThrow(corrupt)
  })

  it('refuses foreign bytes', () => {
    expect(() => openModel(new TextEncoder().encode('{"name":"als","arrays":[]}'), context)).toThrow(corrupt)
  })
})
