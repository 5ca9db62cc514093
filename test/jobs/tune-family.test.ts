import { expect, test } from 'vitest'
import { TastemakerError } from '../../src/errors.ts'
import { type FamilySearch, searchFamily } from '../../src/jobs/tune-family.ts'
import type { Measure } from '../../src/jobs/tune-trial.ts'
import { type SectionSettings, sectionOf, spaceOf } from '../../src/models/search-space.ts'
import { sampleMatrix, smallSettings } from '../models/sample.ts'

const als = spaceOf('als')!
const present = sectionOf(smallSettings, als)

/** A measurement without a model: the nearer regularization is to 0.003 the better; `grown` says what factors add. */
function landscape(grown: (factors: number) => number): Measure {
  return async (space, settings, resource) => {
    const distance = Math.abs(Math.log(Number(settings.regularization) / 0.003))
    const ndcg = 1 / (1 + distance) + grown(Number(settings.factors))
    return { model: space.model, settings, resource, listeners: 9, ndcg, seconds: 0 }
  }
}

const searchWith = (measure: Measure, change: Partial<FamilySearch> = {}) =>
  searchFamily(als, {
    plan: { schedule: 'halving', shape: { reduction: 3, rungs: 3 }, candidates: 9, trials: 99, seed: 1 },
    present,
    matrix: sampleMatrix(20, 10),
    measure,
    outOfTime: () => false,
    onProgress: () => {},
    ...change,
  })

const steps = (trials: readonly { resource: number; settings: SectionSettings }[]) =>
  trials.map(({ resource, settings }) => `${settings.factors} factors at ${resource.toFixed(2)}`)

test('the present settings come first, then the rungs, then more factors as long as they help', async () => {
  const { trials, best } = await searchWith(landscape((factors) => (factors === 12 ? 1 : 0)))
  expect(steps(trials)).toEqual([
    '6 factors at 1.00',
    ...Array(9).fill('6 factors at 0.11'),
    ...Array(3).fill('6 factors at 0.33'),
    '6 factors at 1.00',
    ...Array(3).fill('12 factors at 1.00'),
    ...Array(3).fill('24 factors at 1.00'),
  ])
  expect(best.settings.factors).toBe(12)
  expect(Number(best.settings.regularization)).toBeCloseTo(0.003, 2)
})

test('where the first step does not help there is no second', async () => {
  const { trials, best } = await searchWith(landscape((factors) => -factors))
  expect(steps(trials).slice(-3)).toEqual(Array(3).fill('12 factors at 1.00'))
  expect(best.settings.factors).toBe(6)
})

test('each rung goes on with the better third of the one before', async () => {
  const { trials } = await searchWith(landscape(() => 0))
  const first = trials.slice(1, 10).sort((a, b) => b.ndcg - a.ndcg)
  expect(trials.slice(10, 13).map(({ settings }) => settings)).toEqual(
    first.slice(0, 3).map(({ settings }) => settings),
  )
  expect(trials[13]!.settings).toEqual(first[0]!.settings)
})

test('brackets of Hyperband do not share candidates', async () => {
  const plan = {
    schedule: 'hyperband',
    shape: { reduction: 3, rungs: 3 },
    candidates: 9,
    trials: 99,
    seed: 1,
  } as const
  const { trials } = await searchWith(
    landscape(() => 0),
    { plan },
  )
  const tried = new Set(trials.map(({ settings }) => JSON.stringify({ ...settings, factors: 0 })))
  expect(tried.size).toBeGreaterThanOrEqual(9 + 5 + 3)
})

test('what is too large for this machine ends the search with the reason, and the best so far stands', async () => {
  const flat = landscape(() => 0)
  const measure: Measure = async (space, settings, resource) => {
    if (Number(settings.factors) > 6) throw new TastemakerError('too-large', 'it needs 5 GiB')
    return flat(space, settings, resource)
  }
  const { best, ended } = await searchWith(measure)
  expect(ended).toBe('it needs 5 GiB')
  expect(best.settings.factors).toBe(6)
  await expect(
    searchWith(() => Promise.reject(new TastemakerError('too-large', 'it needs 9 GiB'))),
  ).rejects.toThrow('9 GiB')
})

test('when time is up, what leads so far is measured with everything', async () => {
  let left = 13
  const measure: Measure = (...asked) => {
    left--
    return landscape(() => 0)(...asked)
  }
  const { trials, ended } = await searchWith(measure, { outOfTime: () => left <= 0 })
  expect(ended).toContain('time')
  expect(trials).toHaveLength(14)
  expect(trials[13]).toMatchObject({ resource: 1 })
  const cheap = trials.slice(1, 10).map(({ ndcg }) => ndcg)
  expect(trials[13]!.ndcg).toBe(Math.max(...cheap))
})
