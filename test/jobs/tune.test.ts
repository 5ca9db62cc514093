import { describe, expect, test } from 'vitest'
import { randomSplit } from '../../src/evaluation/splits.ts'
import type { TrainingData } from '../../src/jobs/training-data.ts'
import { searchable, type TuneOptions, tune } from '../../src/jobs/tune.ts'
import { bracketsOf, type FamilyResult } from '../../src/jobs/tune-family.ts'
import { notesOf, tuningOf } from '../../src/jobs/tune-report.ts'
import { onlyRows, prepareTuning, shareListeners } from '../../src/jobs/tune-round.ts'
import { type Trial, trialsPrefix } from '../../src/jobs/tune-trial.ts'
import { spaceOf } from '../../src/models/search-space.ts'
import { readReport } from '../../src/reports/reports.ts'
import type { ObjectStore } from '../../src/stores/objects/object-store.ts'
import { openObjects } from '../../src/stores/open.ts'
import { dense, sampleMatrix } from '../models/sample.ts'
import { type Listen, openSample, type SampleOptions, sampleListens, testFrom } from './tune-sample.ts'

/** Two families, one of them iterative. */
const quick: TuneOptions = { models: ['cosine', 'als'] }

async function tuned(listens: readonly Listen[], options: SampleOptions = {}, choice: TuneOptions = quick) {
  const { context, data, close } = await openSample(listens, options)
  try {
    return await tune(context, data, choice)
  } finally {
    await close()
  }
}

const listens = sampleListens()

describe('the test part of `evaluate` is never touched', () => {
  test('by time: other events in the test part change not one byte of the result, events before it do', async () => {
    const result = JSON.stringify(await tuned(listens, {}, {}))
    const poisoned = listens.map(
      ([user, artist, at]): Listen => (at < testFrom ? [user, artist, at] : [`x${user}`, 'artist-059', at]),
    )
    expect(poisoned).not.toEqual(listens)
    expect(JSON.stringify(await tuned(poisoned, {}, {}))).toBe(result)
    const earlier = listens.filter(([, , at]) => at < testFrom - 1 || at > testFrom)
    expect(JSON.stringify(await tuned(earlier, {}, {}))).not.toBe(result)
  })

  test('at random: other artists and confidences in the test part change not one byte of the result', async () => {
    const { context, data, close } = await openSample(listens, { timed: false })
    try {
      const again = async (other: TrainingData) => {
        const { objects } = context
        return JSON.stringify(await tune({ ...context, objects }, other, { ...quick, fresh: true }))
      }
      const result = await again(data)
      expect(JSON.parse(result).split).toBe('random')
      const poisoned = poisonTest(data, context.settings.seed)
      expect(poisoned.matrix.colIndex).not.toEqual(data.matrix.colIndex)
      expect(await again(poisoned)).toBe(result)
    } finally {
      await close()
    }
  })

  test('by time: everything that is held out lies before the test part', async () => {
    const { context, data, close } = await openSample(listens)
    const round = await prepareTuning(context, data)
    await close()
    const heard = new Set(
      listens.filter(([, , at]) => at < testFrom).map(([user, artist]) => `${user} ${artist}`),
    )
    const { users, artists } = round.matrix
    let cells = 0
    for (const [row, line] of dense(round.heldOut).entries())
      for (const [column, value] of line.entries())
        if (value > 0) {
          cells++
          expect(heard).toContain(`${users.idOf(row)} ${artists.idOf(column)}`)
        }
    expect(cells).toBeGreaterThan(50)
  })
})

/** Moves each test cell one column on where that is free and gives it another value: the cells of a row keep their order. */
function poisonTest(data: TrainingData, seed: number): TrainingData {
  const { test } = randomSplit(data.matrix, { seed, train: 0.8, validation: 0.1, test: 0.1 })
  const [colIndex, values] = [data.matrix.colIndex.slice(), data.matrix.values.slice()]
  const tested = dense(test)
  for (let row = 0; row < data.matrix.rows; row++)
    for (let at = data.matrix.rowPtr[row]!; at < data.matrix.rowPtr[row + 1]!; at++) {
      const column = data.matrix.colIndex[at]!
      if (!tested[row]![column]) continue
      values[at] = 77
      const next = at + 1 < data.matrix.rowPtr[row + 1]! ? data.matrix.colIndex[at + 1]! : data.matrix.columns
      if (column + 1 < next) colIndex[at] = column + 1
    }
  return { ...data, matrix: { ...data.matrix, colIndex, values } }
}

describe('the answer', () => {
  test('depends on the seed alone', async () => {
    const first = await tuned(listens)
    expect(JSON.stringify(await tuned(listens))).toBe(JSON.stringify(first))
    const other = await tuned(listens, {}, { ...quick, seed: 7 })
    expect(JSON.stringify(other.trials)).not.toBe(JSON.stringify(first.trials))
  })

  test.each([1, 2, 3])('is never below the present settings, on either part (seed %i)', async (seed) => {
    const { families } = await tuned(listens, {}, { seed })
    for (const { model, searched, present, gain, settings, changed } of families) {
      expect(searched, model).toBeGreaterThanOrEqual(present)
      expect(gain!.difference, model).toBeGreaterThanOrEqual(0)
      if (!changed) expect(gain!.difference).toBe(0)
      if (model === 'popularity') expect(settings).toEqual({})
    }
    expect(families.map(({ searched }) => searched)).toEqual(
      families.map(({ searched }) => searched).sort((a, b) => b - a),
    )
  })

  test('is a settings document of what differs, a report, and every trial', async () => {
    const objects = await openObjects('memory:')
    const tuning = await tuned(listens, { objects })
    const changed = tuning.families.filter((family) => family.changed).map(({ model }) => model)
    const sections = Object.keys(tuning.settings.models).filter((name) => name !== 'names')
    expect(sections.sort()).toEqual(changed.sort())
    expect(changed.length).toBeGreaterThan(0)
    const report = await readReport(objects, 'tune')
    for (const { model, checked } of tuning.families)
      expect(report!.figures).toContainEqual(
        expect.objectContaining({ metric: 'checked/ndcg@10', of: model, value: checked!.value }),
      )
    expect(report!.figures.filter(({ metric }) => metric.startsWith('trial '))).toHaveLength(
      tuning.trials.length,
    )
    expect(report!.notes.join(' ')).toMatch(/leads; minus .* on the listeners of the check/)
  })

  test('Hyperband searches several brackets, and ends no lower than the present settings', async () => {
    const tuning = await tuned(listens, { settings: { tuning: { schedule: 'hyperband' } } })
    const als = tuning.trials.filter(({ model }) => model === 'als')
    expect(new Set(als.map(({ resource }) => resource)).size).toBe(3)
    for (const { searched, present } of tuning.families) expect(searched).toBeGreaterThanOrEqual(present)
  })
})

/** A store that counts the trials written to it. */
async function countingStore(): Promise<{ readonly objects: ObjectStore; readonly trials: string[] }> {
  const store = await openObjects('memory:')
  const trials: string[] = []
  return {
    trials,
    objects: {
      ...store,
      async put(key, body, options) {
        if (key.startsWith(trialsPrefix)) trials.push(key)
        return store.put(key, body, options)
      },
    },
  }
}

describe('resuming', () => {
  test('stopped after some trials and started again: no trial twice, and the answer of an undisturbed run', async () => {
    const whole = await countingStore()
    const undisturbed = JSON.stringify(await tuned(listens, { objects: whole.objects }))
    const { objects, trials } = await countingStore()
    for (const after of [1, 5, 12]) {
      const stop = new AbortController()
      const progress = () => {
        if (trials.length >= after) stop.abort()
      }
      await expect(
        tuned(listens, { objects, progress }, { ...quick, signal: stop.signal }),
      ).rejects.toMatchObject({ code: 'cancelled', message: expect.stringContaining('goes on from there') })
      expect(trials).toHaveLength(after)
    }
    expect(JSON.stringify(await tuned(listens, { objects }))).toBe(undisturbed)
    expect(trials).toEqual(whole.trials)
    expect(new Set(trials).size).toBe(trials.length)
  })

  test('stopped in the middle of a fit, nothing of that trial is kept', async () => {
    const { objects, trials } = await countingStore()
    const stop = new AbortController()
    const slow = { settings: { models: { als: { iterations: 500 } } }, objects }
    setTimeout(() => stop.abort(), 50)
    await expect(tuned(listens, slow, { models: ['als'], signal: stop.signal })).rejects.toMatchObject({
      code: 'cancelled',
    })
    expect(trials.length).toBeLessThan(3)
  })

  test('fresh forgets, and trials of older features go by themselves', async () => {
    const { objects, trials } = await countingStore()
    await objects.put(`${trialsPrefix}older/1.json`, new Uint8Array([1]))
    const first = JSON.stringify(await tuned(listens, { objects }))
    const made = trials.length
    expect(JSON.stringify(await tuned(listens, { objects }))).toBe(first)
    expect(trials).toHaveLength(made)
    expect(JSON.stringify(await tuned(listens, { objects }, { ...quick, fresh: true }))).toBe(first)
    expect(trials).toHaveLength(2 * made - 1)
    for await (const { key } of objects.list(trialsPrefix)) expect(key).toContain('/sample/')
  })
})

describe('budgets', () => {
  test.each([6, 30, 45])(
    '%i trials are not overrun, and every family has its present settings',
    async (trials) => {
      const tuning = await tuned(listens, {}, { ...quick, trials })
      expect(tuning.trials.length).toBeLessThanOrEqual(trials)
      expect(tuning.families).toHaveLength(3)
    },
  )

  test('when the minutes are up the leader so far is measured with everything, and the table says so', async () => {
    let clock = 0
    const now = () => (clock += 1000)
    const tuning = await tuned(listens, { now }, { ...quick, minutes: 0.7 })
    expect(tuning.trials.length).toBeLessThan((await tuned(listens)).trials.length)
    for (const { present, searched } of tuning.families) expect(searched).toBeGreaterThanOrEqual(present)
    expect(tuning.families.some(({ note }) => note?.includes('time was up'))).toBe(true)
  })

  test('a schedule takes no more trials than it may, and none for a model without settings', () => {
    const shape = { reduction: 3, rungs: 3 }
    const plan = { schedule: 'halving', shape, candidates: 27, trials: 99, seed: 1 } as const
    const als = spaceOf('als')!
    expect(bracketsOf(als, plan)[0]!.map(({ candidates }) => candidates)).toEqual([27, 9, 3])
    expect(bracketsOf(als, { ...plan, trials: 14 })[0]!.map(({ candidates }) => candidates)).toEqual([
      9, 3, 1,
    ])
    expect(bracketsOf(als, { ...plan, trials: 1 })).toEqual([])
    expect(bracketsOf(spaceOf('popularity')!, plan)).toEqual([])
    const hyperband = { ...plan, schedule: 'hyperband' } as const
    expect(bracketsOf(als, hyperband)).toHaveLength(3)
    expect(bracketsOf(als, { ...hyperband, trials: 20 })).toHaveLength(2)
  })
})

describe('listeners', () => {
  const round = { split: 'random', seed: 1, heldOut: sampleMatrix(40, 20) } as Parameters<
    typeof shareListeners
  >[0]

  test('search and check never share one, and only those with something held out are drawn', () => {
    const { searched, checked } = shareListeners(round, { seed: 1, most: 100, checkShare: 0.33 })
    expect([...searched, ...checked].sort((a, b) => a - b)).toEqual(
      dense(round.heldOut).flatMap((line, row) => (line.some((value) => value > 0) ? [row] : [])),
    )
    expect(checked).toHaveLength(Math.floor(0.33 * (searched.length + checked.length)))
    expect(shareListeners(round, { seed: 2, most: 100, checkShare: 0.33 }).checked).not.toEqual(checked)
  })

  test('no more are drawn than asked for', () => {
    const { searched, checked } = shareListeners(round, { seed: 1, most: 10, checkShare: 0.3 })
    expect([searched.length, checked.length]).toEqual([7, 3])
  })

  test('the rows of other listeners are emptied, in place', () => {
    const all = dense(round.heldOut)
    expect(dense(onlyRows(round.heldOut, [3, 1]))).toEqual(
      all.map((line, row) => (row === 1 || row === 3 ? line : line.map(() => 0))),
    )
  })
})

describe('what luck won does not win twice', () => {
  const trial = (shrink: number, searched: number, checked: readonly number[]): Trial => ({
    model: 'cosine',
    settings: { neighbours: 10, shrink },
    resource: 1,
    listeners: 2,
    ndcg: searched,
    perListener: { searched: Float64Array.of(searched, searched), checked: Float64Array.from(checked) },
    seconds: 0,
  })
  const outcome = async (present: Trial, best: Trial, names = 'auto') => {
    const { context, close } = await openSample(listens.slice(0, 5))
    await close()
    const found: FamilyResult[] = [{ space: spaceOf(best.model)!, trials: [present, best], present, best }]
    const round = shareListeners(
      { split: 'random', matrix: { columns: 9 }, heldOut: sampleMatrix(40, 20) } as never,
      { seed: 1, most: 9, checkShare: 0.3 },
    )
    const settings = { ...context.settings, models: { ...context.settings.models, names } }
    return tuningOf({
      context: { ...context, settings },
      round,
      featureVersion: '',
      seed: 1,
      found,
      skipped: [],
    })
  }

  test('a winner that loses on the check gives way to the present settings', async () => {
    const tuning = await outcome(trial(3, 0.2, [0.3, 0.1]), trial(9, 0.25, [0.2, 0.1]))
    expect(tuning.settings.models).toEqual({})
    expect(tuning.families[0]).toMatchObject({ changed: false, searched: 0.2, settings: { shrink: 3 } })
    expect(tuning.families[0]!.note).toContain('present settings stay')
  })

  test('a winner that holds is put forward with the settings that differ', async () => {
    const tuning = await outcome(trial(3, 0.2, [0.3, 0.1]), trial(9, 0.25, [0.3, 0.2]))
    expect(tuning.settings.models).toEqual({ cosine: { shrink: 9 } })
    expect(tuning.families[0]).toMatchObject({ changed: true, searched: 0.25, present: 0.2 })
    expect(tuning.families[0]!.gain!.difference).toBeCloseTo(0.05, 12)
  })

  test('what the check says of the order is said, whichever way it points', () => {
    const note = (low: number, high: number) => {
      const behind = { difference: (low + high) / 2, low, high, higher: 1, lower: 1, same: 0, signTestP: 1 }
      const families = [{ model: 'als' }, { model: 'cosine', behind }]
      return notesOf({ families, skipped: [], listeners: { searched: 9, checked: 9 } } as never)[0]
    }
    expect(note(0.01, 0.03)).toBe(
      'als leads; minus cosine on the listeners of the check, NDCG per listener: 0.0200 [0.0100, 0.0300].',
    )
    expect(note(-0.01, 0.03)).toMatch(/cannot tell them apart\.$/)
    expect(note(-0.03, -0.01)).toMatch(/the other way round\.$/)
  })

  test('a leader that is not trained so far joins the line-up', async () => {
    const result = { ...trial(0.8, 0.2, [0.3, 0.1]), model: 'p3alpha', settings: {} }
    const tuning = await outcome(result, result, 'als')
    expect(tuning.settings.models).toEqual({ names: 'popularity,segment-popularity,cosine,als,p3alpha' })
  })
})

test('a model that does not suit the catalogue, or has nothing to search, is left out with the reason', async () => {
  const names = (artists: number) =>
    searchable(['als', 'ease', 'edlae', 'blend'], artists).spaces.map(({ model }) => model)
  expect(names(20_000)).toEqual(['als', 'ease', 'edlae'])
  expect(names(20_001)).toEqual(['als'])
  expect(searchable(['als', 'ease', 'blend'], 30_000).skipped).toEqual([
    { model: 'ease', reason: expect.stringContaining('30,000 artists is too large') },
    { model: 'blend', reason: expect.stringContaining('no settings to search') },
  ])
})

test('a model that is not known is refused by name', async () => {
  await expect(tuned(listens, {}, { models: ['als', 'nonsense'] })).rejects.toMatchObject({
    code: 'bad-argument',
    message: expect.stringContaining('nonsense'),
  })
})

test('without anything held out there is nothing to tune on', async () => {
  const lonely: Listen[] = [
    ['user-001', 'artist-001', 0],
    ['user-001', 'artist-001', 40],
  ]
  await expect(tuned(lonely)).rejects.toMatchObject({ code: 'not-ready' })
})
