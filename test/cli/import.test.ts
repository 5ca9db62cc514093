import { access, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readManifest } from '../../src/jobs/clean-manifest.ts'
import { openObjects } from '../../src/stores/open.ts'
import { json, newDataFolder, quick, removeFolder } from './tastemaker.ts'

type Imported = {
  file: string
  format: string
  records: number
  events: number
  rejects: number
  byReason: Record<string, number>
  objects: string[]
}
type Run = { job: string; status: string; counts: Record<string, number> }
type Figures = { figures: { metric: string; of: string; value: number }[] }

const shared = resolve(process.env.TASTEMAKER_SHARED ?? '../shared')
const has = (path: string) =>
  access(join(shared, path)).then(
    () => true,
    () => false,
  )
const hetrec = await has('data/hetrec2011-lastfm-2k/user_artists.dat')
const lastfm = await has('data/lastfm-1k-sample/events-5000.tsv')
if (!hetrec || !lastfm)
  console.warn('skipping the real data sets: no shared folder with them (TASTEMAKER_SHARED)')

let data: string
beforeAll(async () => {
  data = await newDataFolder()
})
afterAll(() => removeFolder(data))

const at = Date.UTC(2026, 0, 1)
const follow = (n: number) =>
  JSON.stringify({ event: 'follow', id: `f${n}`, user: `u${n}`, at, artist: { name: `Artist ${n}` } })

test('a file with every fault goes all the way: no valid line is lost, each bad one is kept with its line', async () => {
  const lines: Buffer[] = [
    Buffer.from(`\uFEFF${follow(1)}`),
    Buffer.from(follow(2).slice(0, 30)),
    Buffer.from(follow(3)),
    Buffer.concat([Buffer.from(follow(4).slice(0, -2)), Buffer.from([0xc3, 0x28]), Buffer.from('"}}')]),
    Buffer.from(follow(3)),
    Buffer.from(JSON.stringify({ ...JSON.parse(follow(5)), at: at + 40 * 365 * 86_400_000 })),
    Buffer.from(JSON.stringify({ ...JSON.parse(follow(6)), at: at / 1000 })),
    Buffer.from(JSON.stringify({ ...JSON.parse(follow(7)), artist: null })),
    Buffer.alloc(20 * 1024 * 1024, 'x'),
    Buffer.from(`${follow(8)}\r`),
    Buffer.from(''),
    Buffer.from(follow(9)),
  ]
  const file = join(data, 'faults.ndjson.gz')
  await writeFile(file, gzipSync(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))))
  const [imported] = (await json('import', file, '--format', 'tastemaker', '--data', data)) as [Imported]
  expect(imported.events).toBe(5)
  expect(imported.rejects).toBe(6)
  const objects = await openObjects(`file:${join(data, 'objects')}`)
  const kept: string[] = []
  for await (const { key } of objects.list('rejects/import/'))
    kept.push(Buffer.from(await objects.get(key)).toString())
  const rejects = kept
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number })
  expect(rejects.map(({ line }) => line)).toEqual([2, 4, 6, 7, 8, 9])
  const [ingest] = (await json('run', '--only', 'ingest', '--data', data)) as [Run]
  expect(ingest.counts).toMatchObject({ lines: 5, clean: 4, duplicates: 1, rejects: 0 })
})

test('a truncated raw object loses only what is not there, and the same import again changes nothing', async () => {
  const whole = gzipSync(Array.from({ length: 5000 }, (_, n) => `${follow(1000 + n)}\n`).join(''))
  const rawEvents = await openObjects(`file:${join(data, 'service', 'events')}`)
  await rawEvents.put('2026/01/02/cut.ndjson.gz', whole.subarray(0, Math.floor(whole.length / 2)))
  const [ingest] = (await json('run', '--only', 'ingest', '--data', data)) as [Run]
  expect(ingest.counts.rejects).toBe(1)
  expect(ingest.counts.clean).toBeGreaterThan(1000)
  expect(ingest.counts.lines).toBe(ingest.counts.clean! + 1)
  await rawEvents.put('2026/01/02/cut.ndjson.gz', whole)
  const [again] = (await json('run', '--only', 'ingest', '--data', data)) as [Run]
  expect(again.counts.clean! + ingest.counts.clean!).toBe(5000)
  expect(gunzipSync(whole).toString().split('\n')).toHaveLength(5001)
  const { parts } = await readManifest(await openObjects(`file:${join(data, 'objects')}`))
  expect(parts.reduce((sum, { counts }) => sum + counts.clean, 0)).toBe(5004)
})

test.each([
  ['listenbrainz-dump.listens', 'listenbrainz', 4, 2],
  ['listenbrainz-export.jsonl', 'listenbrainz', 2, 2],
  ['spotify-extended.json', 'spotify', 5, 3],
  ['spotify-endsong.json', 'spotify', 2, 1],
  ['lastfm-1k.tsv', 'lastfm-1k', 7, 2],
  ['hetrec/user_artists.dat', 'hetrec', 5, 2],
])(
  '%s is known for what it is and goes all the way: %s, %i records, %i events',
  async (file, format, records, events) => {
    const folder = await newDataFolder()
    const [imported] = (await json(
      'import',
      `test/fixtures/ingest/${file}`,
      '--user',
      'me',
      '--data',
      folder,
    )) as [Imported]
    expect(imported).toMatchObject({ format, records, events, rejects: records - events })
    const [ingest] = (await json('run', '--only', 'ingest', '--data', folder)) as [Run]
    expect(ingest.counts).toMatchObject({ lines: events, clean: events, rejects: 0 })
    await removeFolder(folder)
  },
)

test('one listener with a handful of songs is little, but not too little: lists come, and say what they are', async () => {
  const folder = await newDataFolder()
  await json('import', 'test/fixtures/ingest/spotify-extended.json', '--user', 'me', '--data', folder)
  await json('run', '--data', folder)
  const list = (await json('recommend', 'me', '--data', folder)) as { source: string; artists: unknown[] }
  expect(list.source).toBe('popular')
  expect(list.artists.length).toBeGreaterThan(0)
  const report = (await json('evaluate', '--data', folder)) as { notes: string[] }
  expect(report.notes[0]).toContain('no listener has enough artists')
  await removeFolder(folder)
})

describe('real data', () => {
  test.skipIf(!hetrec)(
    'HetRec Last.fm: each of its 92,834 pairs is accounted for, and learned models beat popularity by far',
    async () => {
      const folder = await newDataFolder()
      const [imported] = (await json(
        'import',
        join(shared, 'data/hetrec2011-lastfm-2k'),
        '--data',
        folder,
      )) as [Imported]
      expect(imported).toMatchObject({ format: 'hetrec', records: 92_834 })
      expect(imported.events + imported.rejects).toBe(92_834)
      const runs = (await json('run', '--data', folder, ...quick, '--set', 'models.als.factors=32')) as Run[]
      const ingest = runs.find(({ job }) => job === 'ingest')!
      expect(ingest.counts.clean! + ingest.counts.rejects!).toBe(imported.events)
      const { figures } = (await json('evaluate', '--data', folder)) as Figures
      const ndcg = (model: string) =>
        figures.find(({ metric, of }) => metric === 'random/ndcg@10' && of === model)!.value
      expect(ndcg('popularity')).toBeGreaterThan(0.05)
      expect(ndcg('als')).toBeGreaterThan(2.3 * ndcg('popularity'))
      expect(ndcg('cosine')).toBeGreaterThan(2.3 * ndcg('popularity'))
      await removeFolder(folder)
    },
    400_000,
  )

  test.skipIf(!hetrec)('HetRec Last.fm replayed as timed listens keeps every pair', async () => {
    const folder = await newDataFolder()
    const [imported] = (await json(
      'import',
      join(shared, 'data/hetrec2011-lastfm-2k'),
      '--replay',
      '--data',
      folder,
    )) as [Imported]
    expect(imported.records).toBe(92_834)
    const runs = (await json('run', '--only', 'ingest,features', '--data', folder)) as Run[]
    expect(runs.map(({ status }) => status)).toEqual(['done', 'done'])
    expect(runs[0]!.counts.rejects).toBe(0)
    expect(runs[1]!.counts.interactions).toBe(imported.events)
    await removeFolder(folder)
  })

  test.skipIf(!lastfm)('Last.fm 1K: each of the 5,000 listens is accounted for', async () => {
    const folder = await newDataFolder()
    const [imported] = (await json(
      'import',
      join(shared, 'data/lastfm-1k-sample/events-5000.tsv'),
      '--data',
      folder,
    )) as [Imported]
    expect(imported).toMatchObject({ format: 'lastfm-1k', records: 5000 })
    const [ingest] = (await json('run', '--only', 'ingest', '--data', folder)) as [Run]
    expect(ingest.counts.lines).toBe(imported.events)
    expect(ingest.counts.clean! + ingest.counts.duplicates! + ingest.counts.rejects!).toBe(imported.events)
    await removeFolder(folder)
  })
})
