import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tuningTable } from '../../src/cli/tuning-table.ts'
import { readSettings } from '../../src/config.ts'
import type { Tuning } from '../../src/jobs/tune-report.ts'
import { json, newDataFolder, quick, removeFolder, start, tastemaker } from './tastemaker.ts'

let data: string
let words: readonly string[]
beforeAll(async () => {
  data = await newDataFolder()
  await json('simulate', '--preset', 'tiny', '--data', data)
  await json('run', '--only', 'ingest,features', '--data', data, ...quick)
  const settings = ['evaluation.holdoutDays=6', 'tuning.candidates=9'].flatMap((each) => ['--set', each])
  words = ['tune', '--data', data, '--models', 'cosine,als', ...quick, ...settings]
}, 120_000)
afterAll(() => removeFolder(data))

/** A result without what the clock had to do with. */
const timeless = ({ createdAt: _, families, trials, ...rest }: Tuning) => ({
  ...rest,
  families: families.map((family) => ({ ...family, seconds: 0 })),
  trials: trials.map((trial) => ({ ...trial, seconds: 0 })),
})

const keptTrials = async (): Promise<number> => {
  const folder = join(data, 'objects/tuning/trials')
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  return names.filter((name) => name.endsWith('.json')).length
}

describe('tastemaker tune', () => {
  test.each(['SIGKILL', 'SIGINT'] as const)(
    'ended by %s half-way, it goes on with the trials it kept and ends with the same answer',
    async (signal) => {
      const undisturbed = (await json(...words, '--fresh')) as Tuning
      const all = await keptTrials()
      await removeFolder(join(data, 'objects/tuning'))
      const first = start(words)
      while ((await keptTrials()) < 3 && first.child.exitCode === null) await pause(2)
      first.child.kill(signal)
      const { code, notes } = await first.ended
      expect(code).toBe(signal === 'SIGKILL' ? null : 1)
      if (signal === 'SIGINT') expect(notes).toContain('goes on from there')
      const kept = await keptTrials()
      expect(kept).toBeGreaterThan(0)
      expect(kept).toBeLessThan(all)
      const resumed = (await json(...words)) as Tuning
      expect(timeless(resumed)).toEqual(timeless(undisturbed))
      expect(await keptTrials()).toBe(all)
    },
    60_000,
  )

  test('the table has every model with its settings, and says how they are put to use', async () => {
    const { out, code } = await tastemaker(...words, '--trials')
    expect(code).toBe(0)
    for (const text of ['popularity', 'cosine', 'als', 'present', 'tuned', 'check', 'gain', 'resource'])
      expect(out).toContain(text)
    expect(out).toMatch(/--apply writes them there|present settings stay/)
  })

  test('--apply lays what won over the settings file, and the next command reads it', async () => {
    const file = join(data, 'settings.json')
    await writeFile(
      file,
      '{"port": 7701, "models": {"als": {"solver": "exact"}, "cosine": {"neighbours": 1}}}',
    )
    const applied = (await json(...words, '--config', file, '--apply')) as Tuning
    const { settings } = applied
    expect(settings.models.cosine).toBeDefined()
    const written = JSON.parse(await readFile(file, 'utf8'))
    expect(written).toMatchObject({ port: 7701, models: { als: { solver: 'exact' }, ...settings.models } })
    expect(() => readSettings({ file: written })).not.toThrow()
    const again = (await json(...words, '--config', file)) as Tuning
    const cosine = ({ families }: Tuning) => families.find(({ model }) => model === 'cosine')!
    expect(cosine(again).present).toBe(cosine(applied).searched)
  }, 30_000)

  test.each([
    [['--models', 'nonsense'], 'nonsense'],
    [['--budget', 'soon'], 'soon'],
    [['--budget', '2.5'], '2.5'],
    [['--seed', '-1'], '--seed'],
    [['surplus'], 'surplus'],
  ])('%j is misuse', async (more, why) => {
    const { code, notes } = await tastemaker('tune', '--data', data, ...more)
    expect(notes).toContain(why)
    expect(code).toBe(2)
  })

  test('without features it fails and says what to run', async () => {
    const folder = await newDataFolder()
    const { code, notes } = await tastemaker('tune', '--data', folder)
    await removeFolder(folder)
    expect(notes).toContain('tastemaker run')
    expect(code).toBe(1)
  })
})

const interval = { value: 0.2345, low: 0.1, high: 0.3 }
const compared = {
  difference: 0.0123,
  low: -0.0011,
  high: 0.0222,
  higher: 3,
  lower: 2,
  same: 1,
  signTestP: 1,
}
const tuning: Tuning = {
  createdAt: 0,
  featureVersion: 'f',
  seed: 1,
  split: 'temporal',
  k: 10,
  artists: 20_000,
  listeners: { searched: 6700, checked: 3300 },
  families: [
    {
      model: 'als',
      trials: 40,
      seconds: 12,
      settings: { regularization: 0.00812, unobservedWeight: 0.03, frequencyScaling: 1, factors: 256 },
      changed: true,
      searched: 0.25,
      present: 0.24,
      checked: interval,
      gain: compared,
    },
    {
      model: 'segment-popularity',
      trials: 1,
      seconds: 0,
      settings: { shrinkage: 200 },
      changed: false,
      searched: 0.1,
      present: 0.1,
      checked: interval,
      gain: { ...compared, difference: 0 },
      behind: compared,
      note: 'the winner of the search lost on the listeners of the check, so the present settings stay',
    },
  ],
  skipped: [
    { model: 'ease', reason: 'a dense matrix of 30,000 artists is too large; it takes up to 20,000' },
  ],
  settings: { models: {} },
  trials: [
    {
      model: 'als',
      settings: { regularization: 0.01 },
      resource: 1 / 9,
      listeners: 745,
      ndcg: 0.2,
      seconds: 1,
    },
  ],
}

test.each([40, 48, 64, 80, 120, 200])('the table fits into %i columns', (tableColumns) => {
  const terminal = { tableColumns, style: (_: string, text: string) => text }
  const table = tuningTable(tuning, terminal as never, { trials: tableColumns >= 64 })
  for (const line of table.split('\n')) expect(line.length, line).toBeLessThanOrEqual(tableColumns)
  expect(table).toMatch(/ {2}als .*0\.2500.*\+0\.0123/)
  expect(table).toMatch(/ {2}segment-popularity .*0\.1000.* =/)
  expect(table.replaceAll(/\s+/g, ' ')).toContain('ease was left out: a dense matrix of 30,000 artists')
  expect(table.replaceAll(/\s+/g, ' ')).toContain('these listeners cannot tell them apart')
})
