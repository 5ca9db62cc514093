import { readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readSettings, settingPaths } from '../../src/config.ts'
import { isModelName, modelNames } from '../../src/models/models.ts'
import {
  drawCandidates,
  grownFrom,
  mostCandidates,
  shortened,
  valueAt,
} from '../../src/models/search-candidates.ts'
import {
  type SearchedSetting,
  searchedNames,
  searchSpaces,
  sectionOf,
  spaceOf,
  unsuitable,
  withSection,
} from '../../src/models/search-space.ts'
import { createRandom } from '../../src/statistics/random.ts'
import { chessboard, smallSettings } from './sample.ts'

type Range = { minimum?: number; maximum?: number; type?: string; enum?: readonly unknown[] }
const schemas = new Map(settingPaths() as readonly [string, Range][])
const registered = searchSpaces.filter(({ model }) => isModelName(model))
const als = spaceOf('als')!

describe('every space is within the settings', () => {
  test.each(registered.flatMap((space) => space.settings.map((searched) => ({ space, searched }))))(
    '$space.model: $searched.setting',
    ({ space, searched }) => {
      const schema = schemas.get(`models.${space.section}.${searched.setting}`)
      expect(schema, 'there is no such setting').toBeDefined()
      const ends = [0, 0.5, 0.999].map((place) => valueAt(searched, place))
      const settings = sectionOf(readSettings().models, space)
      for (const value of ends)
        expect(() =>
          readSettings({ file: { models: { [space.section]: { ...settings, [searched.setting]: value } } } }),
        ).not.toThrow()
      if (searched.kind !== 'choice') {
        expect(searched.low).toBeLessThan(searched.high)
        expect(searched.low).toBeGreaterThanOrEqual(schema!.minimum!)
        expect(searched.high).toBeLessThanOrEqual(schema!.maximum!)
      }
      if (searched.kind === 'log') expect(searched.low).toBeGreaterThan(0)
      if (schema!.type === 'integer' && searched.kind !== 'choice') expect(searched.whole).toBe(true)
    },
  )

  test.each(registered)('$model names its iterations and its growth by settings that exist', (space) => {
    for (const name of [space.iterations, space.growth?.setting, space.growth?.retune])
      if (name !== undefined) expect(schemas.has(`models.${space.section}.${name}`), name).toBe(true)
  })

  test('every model but the blend of them has one', () => {
    const without = modelNames.filter((name) => spaceOf(name) === undefined)
    expect(without.filter((name: string) => name !== 'blend')).toEqual([])
  })

  test('no model comes twice', () => {
    expect(new Set(searchSpaces.map(({ model }) => model)).size).toBe(searchSpaces.length)
  })
})

describe('values', () => {
  const log: SearchedSetting = { setting: 'x', kind: 'log', low: 0.01, high: 100 }
  test('a logarithmic scale has its geometric mean in the middle, a linear one the arithmetic', () => {
    expect(valueAt(log, 0.5)).toBe(1)
    expect(valueAt(log, 0.25)).toBe(0.1)
    expect(valueAt({ ...log, kind: 'linear' }, 0.5)).toBe(50)
    expect(valueAt({ ...log, high: 10.4, whole: true }, 1)).toBe(10)
  })

  test('choices divide the range evenly, its very end included', () => {
    const choice: SearchedSetting = { setting: 'x', kind: 'choice', choices: ['a', 'b', 'c'] }
    expect([0, 0.3, 0.34, 0.99, 1].map((place) => valueAt(choice, place))).toEqual(['a', 'a', 'b', 'c', 'c'])
  })
})

describe('candidates', () => {
  const present = sectionOf(smallSettings, als)

  test('the first are the present settings, whatever the seed and the count', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 40 }), (seed, count) => {
        const drawn = drawCandidates(als, present, { count, random: createRandom(seed) })
        expect(drawn[0]).toEqual(present)
        expect(drawn.length).toBeLessThanOrEqual(count)
        expect(new Set(drawn.map((settings) => JSON.stringify(settings))).size).toBe(drawn.length)
      }),
    )
  })

  test('the same seed draws the same, another one others', () => {
    const draw = (seed: number) => drawCandidates(als, present, { count: 9, random: createRandom(seed) })
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
  })

  test('each of as many strata as there are draws is drawn from once', () => {
    const space = {
      model: 'x',
      section: 'x',
      settings: [{ setting: 'x', kind: 'linear', low: 0, high: 8 }],
    } as const
    const drawn = drawCandidates(space, { x: -1 }, { count: 9, random: createRandom(3) })
    expect(
      drawn
        .slice(1)
        .map(({ x }) => Math.floor(Number(x)))
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('settings that are not searched stay as they are', () => {
    for (const settings of drawCandidates(als, present, { count: 9, random: createRandom(4) }))
      expect(settings).toMatchObject({ factors: 6, iterations: 4, confidence: 'binary' })
  })

  test('a model without settings has one candidate, and at most nine for each setting are worth it', () => {
    const popularity = spaceOf('popularity')!
    expect(drawCandidates(popularity, {}, { count: 9, random: createRandom(5) })).toEqual([{}])
    expect(mostCandidates(popularity)).toBe(1)
    expect(mostCandidates(spaceOf('cosine')!)).toBe(18)
  })
})

describe('the order of tuning of ALS', () => {
  test('part of the resource is part of the iterations, three at least, never more than there are', () => {
    const iterations = (all: number, resource: number) =>
      shortened(als, { iterations: all }, resource).iterations
    expect([iterations(16, 1), iterations(16, 1 / 3), iterations(16, 1 / 9), iterations(2, 1 / 9)]).toEqual([
      16, 6, 3, 2,
    ])
    expect(shortened(spaceOf('cosine')!, { shrink: 3 }, 0.1)).toEqual({ shrink: 3 })
  })

  test('afterwards the factors grow, and regularization alone is tuned around the winner', () => {
    const steps = grownFrom(als, { factors: 64 })
    const best = { factors: 64, regularization: 0.01, unobservedWeight: 0.3 }
    expect(steps.map((step) => step(best))).toEqual(
      [128, 256].map((factors) =>
        [0.01, 0.015, 0.0225].map((regularization) => ({ factors, regularization, unobservedWeight: 0.3 })),
      ),
    )
    expect(grownFrom(als, { factors: 256 })).toHaveLength(1)
    expect(grownFrom(spaceOf('cosine')!, {})).toEqual([])
    expect(searchedNames(als)).toContain('factors')
  })

  test('another frequency scaling gets the regularization that keeps the sum of all ridges', () => {
    // 4 users with 1 artist each of 4, each artist with 1 listener: 8 frequencies of 1 + 0.5 * 4 = 3, so 24 / (8 sqrt 3) = sqrt 3.
    const matrix = chessboard(4)
    const drawn = { regularization: 0.01, unobservedWeight: 0.5, frequencyScaling: 0.5 }
    expect(als.adjust!(drawn, matrix).regularization).toBeCloseTo(0.01 * Math.sqrt(3), 4)
    expect(als.adjust!({ ...drawn, frequencyScaling: 1 }, matrix).regularization).toBe(0.01)
  })
})

test('a dense model is unsuitable above 20,000 artists, with the reason', () => {
  for (const model of ['ease', 'edlae']) {
    expect(unsuitable(spaceOf(model)!, 20_000)).toBeUndefined()
    expect(unsuitable(spaceOf(model)!, 20_001)).toMatch(/20,001 artists.*up to 20,000/)
  }
  expect(unsuitable(als, 10_000_000)).toBeUndefined()
})

test('one section is replaced, the others and the settings handed in stay', () => {
  const changed = withSection(smallSettings, als, { ...sectionOf(smallSettings, als), factors: 9 })
  expect(changed.als.factors).toBe(9)
  expect(changed.cosine).toEqual(smallSettings.cosine)
  expect(smallSettings.als.factors).toBe(6)
  expect(withSection(smallSettings, spaceOf('popularity')!, {})).toBe(smallSettings)
})

test('docs/tuning.md has every range; write its table anew with UPDATE_DOCS=1', () => {
  const path = new URL('../../docs/tuning.md', import.meta.url)
  const block = /(<!-- spaces:begin -->\n)[\s\S]*(<!-- spaces:end -->)/
  const rangeOf = (searched: SearchedSetting) =>
    searched.kind === 'choice'
      ? [...new Set(searched.choices)].join(', ')
      : `${searched.low} to ${searched.high}${searched.kind === 'log' ? ', logarithmic' : ''}`
  const rows = searchSpaces.flatMap(({ model, settings }) =>
    settings.map((searched) => `| ${model} | \`${searched.setting}\` | ${rangeOf(searched)} |\n`),
  )
  const told = (document: string) =>
    document.replace(block, (_, begin: string, end: string) => `${begin}${rows.join('')}${end}`)
  if (process.env.UPDATE_DOCS) writeFileSync(path, told(readFileSync(path, 'utf8')))
  const document = readFileSync(path, 'utf8')
  expect(document).toMatch(block)
  expect(document).toBe(told(document))
})
