import { expect, test } from 'vitest'
import { environmentName, readSettings, settingPaths } from '../src/config.ts'
import { createLog } from '../src/log.ts'

test('without anything said, every setting has its default', () => {
  const settings = readSettings()
  expect(settings).toMatchObject({
    data: 'data',
    host: '127.0.0.1',
    port: 7700,
    models: { als: { factors: 64 } },
  })
})

test('flags win over the environment, and the environment over the file', () => {
  const settings = readSettings({
    file: { port: 1, seed: 1, models: { als: { factors: 1 }, cosine: { shrink: 1 } } },
    environment: { TASTEMAKER_SEED: '2', TASTEMAKER_MODELS_FACTORS: '2', TASTEMAKER_PORT: '' },
    flags: { models: { als: { factors: '3' } } },
  })
  expect(settings).toMatchObject({
    port: 1,
    seed: 2,
    models: { als: { factors: 3, iterations: 16 }, cosine: { shrink: 1 } },
  })
})

test('every setting can be given in the environment, under a name of its own', () => {
  const names = settingPaths().map(([path]) => environmentName(path))
  expect(names).toContain('TASTEMAKER_FEATURES_HALF_LIFE_DAYS')
  expect(new Set(names).size).toBe(names.length)
})

test('every setting has a default and a description', () => {
  for (const [path, schema] of settingPaths()) {
    expect(schema, path).toHaveProperty('default')
    expect(schema, path).toHaveProperty('description')
  }
})

test.each([
  [{ port: 70_000 }, /port.*70000/],
  [{ models: { als: { factors: 'many' } } }, /models\.als\.factors.*many/],
  [{ colour: 'red' }, /no setting colour/],
  [{ models: { factor: 8 } }, /no setting models\.factor/],
  [{ models: 8 }, /models/],
])('what does not fit is refused by name: %j', (flags, complaint) => {
  expect(() => readSettings({ flags })).toThrow(complaint)
})

test('a secret is never shown, not even when it is wrong', () => {
  expect(() => readSettings({ flags: { apiKey: { deep: 'hush-hush' } } })).toThrow(
    expect.not.stringContaining('hush'),
  )
})

test('a log writes one line of JSON a fact, from its least level on', () => {
  const lines: string[] = []
  const log = createLog(
    (line) => lines.push(line),
    () => 0,
    'warn',
  )
  log('info', 'small')
  log('error', 'big', { count: 2 })
  expect(lines).toEqual(['{"at":"1970-01-01T00:00:00.000Z","level":"error","fact":"big","count":2}\n'])
})
