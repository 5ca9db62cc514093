// The feature store from the command line and over HTTP, by the real program.
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunStatistics } from '../../src/data/feature-run.ts'
import { quoted } from '../../src/engine/engine.ts'
import { openEngine } from '../../src/engine/open.ts'
import { json, newDataFolder, removeFolder, serve, tastemaker } from './tastemaker.ts'

let data: string
beforeAll(async () => {
  data = await newDataFolder()
  await json('simulate', '--preset', 'tiny', '--data', data)
  await json('run', '--only', 'ingest,features', '--data', data)
}, 120_000)
afterAll(() => removeFolder(data))

const features = (...words: string[]) => json('features', ...words, '--data', data)

test('materialize, list, show, get, join, check, hygiene, history', async () => {
  const runs = (await features('materialize')) as RunStatistics[]
  expect(runs.map(({ view }) => view)).toEqual([
    'listener_profile',
    'listener_activity',
    'listener_sessions',
    'listener_taste',
    'artist_popularity',
    'listener_artist',
  ])
  expect(runs.every(({ rows }) => rows > 50)).toBe(true)
  const again = (await features('materialize')) as RunStatistics[]
  expect(again.map(({ at }) => at)).toEqual(runs.map(({ at }) => at))
  const listed = (await features('list')) as { views: { name: string; newest: RunStatistics }[] }
  expect(listed.views.map(({ newest }) => newest.rows)).toEqual(runs.map(({ rows }) => rows))
  const got = (await features('get', 'artist', 'nobody')) as { status: string }[]
  expect(got.map(({ status }) => status)).toEqual(Array(9).fill('NOT_FOUND'))
  const checked = (await features('check', 'artist_popularity')) as { leaks: number; checked: number }[]
  expect(checked.every(({ leaks, checked }) => leaks === 0 && checked > 0)).toBe(true)
  const hygiene = (await features('hygiene')) as { name: string; figures: unknown[] }
  expect([hygiene.name, hygiene.figures.length > 50]).toEqual(['hygiene', true])
  const out = join(data, 'joined.parquet')
  const asked = await askedFile()
  const words = ['--features', 'listener_activity:plays_7d', '--out', out]
  expect(await features('join', asked, ...words)).toMatchObject({ rows: 2, found: { listener_activity: 1 } })
  expect(await features('history', 'listener_activity')).toHaveLength(1)
}, 60_000)

/** A listener a year before, and now. */
async function askedFile(): Promise<string> {
  const engine = await openEngine({ threads: 1, tempDir: data })
  const events = quoted(join(data, 'objects/clean/events/**/*.parquet'))
  const path = join(data, 'asked.parquet')
  await engine.run(`copy (select max(user_id) as user_id, unnest([0, ${Date.now()}]) as event_timestamp
    from read_parquet(${events})) to ${quoted(path)} (format parquet)`)
  await engine.close()
  return path
}

test('tables for people; misuse ends with 2 and says what there is', async () => {
  const { out } = await tastemaker('features', 'show', 'artist_popularity', '--data', data)
  expect(out).toContain('trending_rank')
  const wrong = await tastemaker('features', 'dance', '--data', data)
  expect([wrong.code, wrong.notes]).toEqual([2, expect.stringContaining('materialize')])
  const bare = await tastemaker('features', 'get', 'listener_profile', '--data', data)
  expect([bare.code, bare.notes]).toEqual([2, expect.stringContaining('needs an entity')])
})

test('over HTTP: a push is online and, folded in, offline; materializing runs beside the answers', async () => {
  const { url, child, ended } = await serve('--data', data)
  try {
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
      return { status: answer.status, body: (await answer.json()) as { results: { values: unknown[] }[] } }
    }
    const df = {
      artist_id: ['a new one'],
      ...Object.fromEntries(
        ['name', 'genre', 'trending_rank', 'full_share', 'skip_rate'].map((name) => [name, [null]]),
      ),
      ...{ followers: [7], plays: [1.5], listeners: [1], active_days: [1] },
      event_timestamp: [new Date(Date.now() - 1000).toISOString()],
    }
    const push = { push_source_name: 'artist_popularity', df, to: 'online_and_offline' }
    expect((await post('/push', push)).status).toBe(200)
    const question = { features: ['artist_popularity:plays'], entities: { artist_id: ['a new one'] } }
    expect((await post('/get-online-features', question)).body.results[1]?.values).toEqual([1.5])
    const both = [
      post('/materialize-incremental', { end_ts: '2100-01-01' }),
      post('/materialize-incremental', { end_ts: '2100-01-01' }),
    ]
    expect((await Promise.all(both)).map(({ status }) => status).sort()).toEqual([200, 409])
    // Newer than the snapshot, so it stays.
    expect((await post('/get-online-features', question)).body.results[1]?.values).toEqual([1.5])
  } finally {
    child.kill('SIGTERM')
    await ended
  }
  const [run] = (await features('history', 'artist_popularity', '--limit', '1')) as RunStatistics[]
  expect(run?.pushedRows).toBe(1)
}, 60_000)
