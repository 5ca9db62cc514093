import { expect, test } from 'vitest'
import { writeManifest } from '../../src/jobs/clean-manifest.ts'
import { writeFeatureVersion } from '../../src/jobs/feature-version.ts'
import { tidy } from '../../src/jobs/tidy.ts'
import { openObjects } from '../../src/stores/open.ts'

test('what newer versions replaced goes; what is served, newest, or a record of what happened stays', async () => {
  const objects = await openObjects('memory:')
  const stays = [
    'clean/accounts/new.parquet',
    'clean/events/a.parquet',
    'features/f2/artists.parquet',
    'features/f3/artists.parquet',
    'models/m1/als.model',
    'models/m2/als.model',
    'models/latest.json',
    'rejects/a.ndjson',
    'runs/train/1.json',
  ]
  const goes = [
    'clean/accounts/old.parquet',
    'features/f1/artists.parquet',
    'features/f1/listeners.parquet',
    'models/m0/als.model',
  ]
  for (const key of [...stays, ...goes]) await objects.put(key, new Uint8Array([1]))
  await writeManifest(objects, { parts: [], accounts: 'clean/accounts/new.parquet' })
  const keys = { artistsKey: '', listenersKey: '', interactionsKey: '' }
  await writeFeatureVersion(objects, {
    version: 'f3',
    asOf: 1,
    firstAt: 0,
    events: [],
    accounts: 'clean/accounts/new.parquet',
    ...keys,
  })
  const removed = await tidy(objects, { featureVersions: ['f2'], modelVersions: ['m1', 'm2'] })
  expect(removed).toBe(goes.length)
  const left: string[] = []
  for await (const { key } of objects.list('')) left.push(key)
  expect(left).toEqual([...stays, 'clean/manifest.json', 'features/latest.json'].sort())
})
