import { expect, test } from 'vitest'
import { readSettings } from '../../src/config.ts'
import { hygieneReport } from '../../src/features/hygiene.ts'
import { createRandom } from '../../src/statistics/random.ts'

const limits = readSettings().featureStore
const rows = 400

function sample() {
  const random = createRandom(1)
  const draw = () => Float64Array.from({ length: rows }, () => random.normal())
  const plays = draw()
  const places = Array.from({ length: rows }, () => random.below(6))
  return {
    plays,
    minutes: plays.map((value) => 3 * value + 0.01 * random.normal()),
    age: draw(),
    city: places.map((place) => `city ${place}`),
    state: places.map((place) => `state ${place >> 1}`),
    colour: places.map(() => ['red', 'green', null][random.below(3)] ?? null),
    id: places.map((_, at) => `id ${at}`),
    version: places.map(() => 'same'),
  }
}

test('names the pairs that say the same, the columns that follow from others, and what it left out', () => {
  const report = hygieneReport([{ of: 'listeners', columns: sample() }], { limits, createdAt: 5 })
  expect(report.summary).toContain('400 listeners')
  const said = (words: string) => report.notes.filter((note) => note.includes(words))
  expect(said('plays and minutes lie on a line')).toHaveLength(1)
  expect(said('city and state go together')).toHaveLength(1)
  expect(said('city and state tell the same')).toHaveLength(1)
  expect(said('follows closely')).toHaveLength(2)
  expect(said('id is left out')).toHaveLength(1)
  expect(said('version is left out: it has one value only')).toHaveLength(1)
  expect(said('colour')).toEqual([])
  expect(said('age')).toEqual([])
  const figure = (metric: string, of: string) =>
    report.figures.find((one) => one.metric === metric && one.of === of)?.value
  expect(figure('pearson', 'plays ~ minutes')).toBeGreaterThan(0.999)
  expect(figure('shared_information', 'age ~ city')).toBeLessThan(0.05)
  expect(figure('variance_inflation', 'age')).toBeLessThan(1.1)
  expect(report.figures.every(({ value }) => Number.isFinite(value))).toBe(true)
})

test('a column that follows exactly is named as infinite', () => {
  const { plays, age } = sample()
  const both = plays.map((value, at) => value - 2 * age[at]!)
  const report = hygieneReport([{ of: 'artists', columns: { plays, age, both } }], { limits, createdAt: 5 })
  expect(report.notes.filter((note) => note.includes('infinite'))).toHaveLength(3)
})

test('no rows, no features and few rows are no errors', () => {
  const empty = hygieneReport([{ of: 'artists', columns: {} }], { limits, createdAt: 5 })
  expect(empty).toMatchObject({ figures: [], notes: [] })
  const none = hygieneReport([{ of: 'artists', columns: { a: new Float64Array(0), b: [] } }], {
    limits,
    createdAt: 5,
  })
  expect(none.notes).toEqual(['a is left out: it has no values.', 'b is left out: it has no values.'])
  const few = { a: Float64Array.of(1, 2, 3), b: Float64Array.of(1, 2, 4) }
  const report = hygieneReport([{ of: 'artists', columns: few }], { limits, createdAt: 5 })
  expect(report.figures.map(({ metric }) => metric)).toEqual(['pearson', 'spearman', 'shared_information'])
})
