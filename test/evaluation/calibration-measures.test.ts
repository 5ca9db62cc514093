// Log-loss, Brier score and calibration error, by hand.
import { describe, expect, it } from 'vitest'
import { measureCalibration } from '../../src/evaluation/calibration-measures.ts'

describe('measureCalibration', () => {
  it('measures three probabilities', () => {
    const { logLoss, brier, ece } = measureCalibration([0.9, 0.2, 0.6], [1, 0, 0], 2)
    expect(logLoss).toBeCloseTo(-(Math.log(0.9) + Math.log(0.8) + Math.log(0.4)) / 3, 12)
    expect(brier).toBeCloseTo((0.01 + 0.04 + 0.36) / 3, 12)
    // Bins: [0, 1/2) holds .2 of which none happened; [1/2, 1] holds .9 and .6 of which one did.
    expect(ece).toBeCloseTo((Math.abs(0.2 - 0) + Math.abs(1.5 - 1)) / 3, 12)
  })

  it('is 0 for certainty that comes true, and finite for certainty that does not', () => {
    expect(measureCalibration([1, 0], [1, 0])).toEqual({ logLoss: 0, brier: 0, ece: 0 })
    const wrong = measureCalibration([1, 0], [0, 1])
    expect(wrong.logLoss).toBeCloseTo(-Math.log(1e-12), 6)
    expect([wrong.brier, wrong.ece]).toEqual([1, 1])
  })

  it('knows a forecaster that is right on average but never on its own: no error in one bin, all in its score', () => {
    const { brier, ece } = measureCalibration([0.5, 0.5], [1, 0])
    expect(brier).toBe(0.25)
    expect(ece).toBe(0)
  })

  it('refuses what does not fit together', () => {
    const badArgument = expect.objectContaining({ code: 'bad-argument' })
    expect(() => measureCalibration([0.5], [])).toThrow(badArgument)
    expect(() => measureCalibration([0.5], [1], 0)).toThrow(badArgument)
    expect(measureCalibration([], []).brier).toBeNaN()
  })
})
