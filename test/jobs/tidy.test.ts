import { expect, test } from 'vitest'
import {
  type CleanManifest,
  emptyManifest,
  writeManifest,
  writeManifestVersion,
} from '../../src/jobs/clean-manifest.ts'
import { writeFeatureVersion } from '../../src/jobs/feature-version.ts'
import { tidy } from '../../src/jobs/tidy.ts'
import { openObjects } from '../../src/stores/open.ts'

const side = (key: string) => ({ key, rows: 1, sizeBytes: 1 })
const current: CleanManifest = {
  ...emptyManifest,
  files: [{ ...side('clean/events/month=2026-01/a.parquet'), month: '2026-01', firstAt: 0, lastAt: 0 }],
  ids: [side('clean/ids/a.parquet')],
  corrections: [side('clean/corrections/a.parquet')],
  parts: [
    {
      batchId: 'a',
      rejects: 'rejects/a.ndjson',
      sources: [],
      counts: {
        lines: 0,
        blank: 0,
        clean: 0,
        corrections: 0,
        duplicates: 0,
        erased: 0,
        rejects: 0,
        byReason: {},
      },
    },
  ],
  accounts: 'clean/accounts/new.parquet',
}

test('what newer versions replaced goes; what is served, newest, or a record of what happened stays', async () => {
  const objects = await openObjects('memory:')
  const stays = [
    'clean/accounts/new.parquet',
    'clean/corrections/a.parquet',
    'clean/events/month=2026-01/a.parquet',
    'clean/events/month=2026-01/read-by-features.parquet',
    'clean/ids/a.parquet',
    'features/f2/artists.parquet',
    'features/f3/artists.parquet',
    'models/m1/als.model',
    'models/m2/als.model',
    'models/latest.json',
    'rejects/a.ndjson',
    'rejects/import/spotify/1.ndjson',
    'runs/train/1.json',
  ]
  const goes = [
    'clean/accounts/old.parquet',
    'clean/corrections/old.parquet',
    'clean/events/month=2026-01/merged-away.parquet',
    'clean/ids/old.parquet',
    'features/f1/artists.parquet',
    'features/f1/listeners.parquet',
    'models/m0/als.model',
    'rejects/before-the-retry.ndjson',
  ]
  for (const key of [...stays, ...goes]) await objects.put(key, new Uint8Array([1]))
  await writeManifest(objects, current)
  const keys = { artistsKey: '', listenersKey: '', interactionsKey: '' }
  await writeFeatureVersion(objects, {
    version: 'f3',
    asOf: 1,
    firstAt: 0,
    events: ['clean/events/month=2026-01/read-by-features.parquet'],
    accounts: 'clean/accounts/new.parquet',
    ...keys,
  })
  const removed = await tidy(objects, { featureVersions: ['f2'], modelVersions: ['m1', 'm2'] })
  expect(removed).toBe(goes.length)
  const left: string[] = []
  for await (const { key } of objects.list('')) left.push(key)
  expect(left).toEqual([...stays, 'clean/manifest.json', 'features/latest.json'].sort())
})

test('what the last five versions of the manifest name stays, and older versions go', async () => {
  const objects = await openObjects('memory:')
  let manifest = emptyManifest
  for (const name of ['1', '2', '3', '4', '5', '6', '7']) {
    const key = `clean/ids/${name}.parquet`
    await objects.put(key, new Uint8Array([1]))
    manifest = await writeManifestVersion(objects, { ...manifest, ids: [side(key)] })
  }
  await tidy(objects, { featureVersions: [], modelVersions: [] })
  const left: string[] = []
  for await (const { key } of objects.list('clean/')) left.push(key)
  expect(left).toEqual([
    ...['3', '4', '5', '6', '7'].map((name) => `clean/ids/${name}.parquet`),
    'clean/manifest.json',
    ...['3', '4', '5', '6', '7'].map((name) => `clean/manifests/0000000${name}.json`),
  ])
})
