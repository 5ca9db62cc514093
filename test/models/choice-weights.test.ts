// Weights from choices: known odds are found again, none is below 0, and no step away is better.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ChoiceLists, fitChoiceWeights } from '../../src/models/choice-weights.ts'

type Alternative = { readonly x: readonly number[]; readonly chosen: boolean }

const listsOf = (width: number, lists: readonly (readonly Alternative[])[]): ChoiceLists => {
  const all = lists.flat()
  let to = 0
  return {
    width,
    features: Float32Array.from(all.flatMap(({ x }) => x)),
    chosen: Uint8Array.from(all, ({ chosen }) => Number(chosen)),
    ends: Int32Array.from(lists, (list) => {
      to += list.length
      return to
    }),
  }
}

/** Choices between one with the feature and one without. */
const duel = (wins: boolean): Alternative[] => [
  { x: [1], chosen: wins },
  { x: [0], chosen: !wins },
]

function lossOf({ width, features, chosen, ends }: ChoiceLists, weights: readonly number[]): number {
  let [loss, count] = [0, 0]
  for (const [list, end] of ends.entries()) {
    const places = Array.from({ length: end - (ends[list - 1] ?? 0) }, (_, at) => (ends[list - 1] ?? 0) + at)
    const scores = places.map((place) =>
      weights.reduce((sum, weight, a) => sum + weight * features[place * width + a]!, 0),
    )
    const picked = scores.filter((_, at) => chosen[places[at]!] === 1)
    if (picked.length === 0) continue
    const normal = Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0))
    loss += normal - picked.reduce((sum, score) => sum + score, 0) / picked.length
    count++
  }
  return loss / count + (1e-4 / 2) * weights.reduce((sum, weight) => sum + weight * weight, 0)
}

describe('fitChoiceWeights', () => {
  it('finds log 3 where the feature wins 3 of 4 duels', () => {
    const [weight] = fitChoiceWeights(listsOf(1, [duel(true), duel(true), duel(true), duel(false)]))
    expect(weight).toBeCloseTo(Math.log(3), 2)
  })

  it('never turns a feature round: 0 where it loses', () => {
    expect(fitChoiceWeights(listsOf(1, [duel(true), duel(false), duel(false)]))).toEqual([0])
  })

  it('leaves out lists without a choice, and has nothing to say without any', () => {
    const silent = [{ x: [1], chosen: false }]
    const lists = [duel(true), duel(true), duel(false)]
    expect(fitChoiceWeights(listsOf(1, [silent, ...lists]))).toEqual(fitChoiceWeights(listsOf(1, lists)))
    expect(fitChoiceWeights(listsOf(1, [silent]))).toEqual([0])
    expect(fitChoiceWeights(listsOf(2, []))).toEqual([0, 0])
  })

  it('ends where no small step within the bounds lowers the loss', () => {
    const feature = fc.float({ min: 0, max: 3, noNaN: true })
    const alternative = fc.record({ x: fc.tuple(feature, feature, feature), chosen: fc.boolean() })
    const lists = fc.array(fc.array(alternative, { minLength: 2, maxLength: 6 }), {
      minLength: 2,
      maxLength: 8,
    })
    fc.assert(
      fc.property(lists, (drawn) => {
        const given = listsOf(3, drawn)
        fc.pre(given.chosen.some((chosen) => chosen === 1))
        const weights = fitChoiceWeights(given)
        const here = lossOf(given, weights)
        for (let a = 0; a < 3; a++)
          for (const step of [-0.01, 0.01]) {
            const moved = weights.map((weight, at) => (at === a ? Math.max(0, weight + step) : weight))
            expect(lossOf(given, moved)).toBeGreaterThan(here - 1e-6)
          }
      }),
    )
  })
})
