import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CleanManifest } from '../../src/jobs/clean-manifest.ts'
import { damagedLines, type FaultCounts } from '../../src/simulation/faults.ts'
import { presets } from '../../src/simulation/presets.ts'
import { createService } from '../../src/simulation/simulate.ts'
import { json, newDataFolder, quick, removeFolder, serve, tastemaker } from './tastemaker.ts'

type Run = { job: string; status: string; counts: Record<string, number> }
type List = {
  source: string
  model: string
  modelVersion: string
  artists: { artistId: string; name: string; score: number; probability: number; why: string }[]
}

let data: string
let runs: Run[]
beforeAll(async () => {
  data = await newDataFolder()
  await json('simulate', '--preset', 'tiny', '--data', data)
  runs = (await json('run', '--data', data, ...quick)) as Run[]
}, 180_000)
afterAll(() => removeFolder(data))

describe('from raw events to recommendations', () => {
  test('every job of the pipeline ran, in order', () => {
    expect(runs.map(({ job, status }) => `${job} ${status}`)).toEqual(
      ['privacy', 'ingest', 'features', 'train', 'evaluate', 'publish', 'materialize'].map(
        (job) => `${job} done`,
      ),
    )
  })

  test('every line that the service wrote is clean, a duplicate, or a reject that was planted', async () => {
    const { endAt, seed } = JSON.parse(
      await readFile(join(data, 'objects/simulation/latest.json'), 'utf8'),
    ) as { endAt: number; seed: number }
    const days = [...createService({ preset: presets.tiny, seed, endAt }).days()]
    const lines = days.reduce((sum, simulated) => sum + simulated.lines.length, 0)
    const events = days.reduce((sum, simulated) => sum + simulated.events, 0)
    const { counts } = runs.find(({ job }) => job === 'ingest')!
    expect(counts.lines).toBe(lines)
    expect(counts.clean).toBe(events)
    expect(counts.clean! + counts.duplicates! + counts.rejects! + counts.blank!).toBe(lines)
    const sum = (count: (faults: FaultCounts) => number) =>
      days.reduce((total, { planted }) => total + count(planted), 0)
    expect(counts.duplicates).toBe(sum(({ duplicates, lateDuplicates }) => duplicates + lateDuplicates))
    expect(counts.rejects).toBe(sum(damagedLines))
  })

  test('rejects are kept with file, line, reason and text', async () => {
    const manifest = JSON.parse(
      await readFile(join(data, 'objects/clean/manifest.json'), 'utf8'),
    ) as CleanManifest
    const rejects = (await readFile(join(data, 'objects', manifest.parts[0]!.rejects), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rejects).toHaveLength(runs.find(({ job }) => job === 'ingest')!.counts.rejects!)
    for (const reject of rejects) {
      expect(reject).toMatchObject({
        file: expect.stringMatching(/events\.ndjson\.gz$/),
        line: expect.any(Number),
        reason: expect.any(String),
        detail: expect.any(String),
      })
      expect(reject.line).toBeGreaterThan(0)
    }
  })

  test('a second run has nothing to do', async () => {
    const again = (await json('run', '--data', data, ...quick)) as Run[]
    expect(again.map(({ status }) => status)).toEqual(Array(7).fill('nothing-to-do'))
  })

  test('a changed setting makes only what depends on it new', async () => {
    const again = (await json('run', '--data', data, ...quick, '--set', 'serving.listLength=50')) as Run[]
    expect(again.map(({ status }) => status)).toEqual([
      ...Array(5).fill('nothing-to-do'),
      'done',
      'nothing-to-do',
    ])
  })

  test('models that were not measured are not published', async () => {
    const { code, notes } = await tastemaker(
      'run',
      '--only',
      'train,publish',
      '--data',
      data,
      ...quick,
      '--set',
      'models.cosine.shrink=5',
    )
    expect(notes).toContain('not measured yet')
    expect(code).toBe(1)
    const runs = (await json('run', '--data', data, ...quick)) as Run[]
    expect(runs.find(({ job }) => job === 'publish')?.status).toBe('done')
  })

  test('a listener gets personal artists with score, probability and reason; a stranger the popular ones', async () => {
    const { accounts } = createService({ preset: presets.tiny, seed: 20_260_101, endAt: 0 })
    const lists = (await Promise.all(
      accounts.slice(0, 4).map((account) => json('recommend', account.user_id, '--data', data)),
    )) as List[]
    expect(lists.map(({ source }) => source)).toContain('personal')
    for (const { artists } of lists) {
      expect(artists).toHaveLength(10)
      for (const { score, probability, why } of artists) {
        expect(score).toBeCloseTo(2 * probability - 1, 3)
        expect(why.length).toBeGreaterThan(5)
      }
      expect(artists.map(({ score }) => score)).toEqual(
        artists.map(({ score }) => score).sort((a, b) => b - a),
      )
    }
    const stranger = (await json('recommend', 'somebody nobody knows', '--data', data)) as List
    expect(stranger.source).toBe('popular')
    expect(stranger.artists).toHaveLength(10)
  })

  test('similar artists are found by name, and never hold the artist itself', async () => {
    const stranger = (await json('recommend', 'nobody', '--data', data)) as List
    const [top] = stranger.artists
    const similar = (await json('similar', top!.name, '--data', data)) as { artistId: string }[]
    expect(similar.length).toBeGreaterThan(0)
    expect(similar.map(({ artistId }) => artistId)).not.toContain(top!.artistId)
  })

  test('the evaluation is a table with every model beside popularity', async () => {
    const { out, code } = await tastemaker('evaluate', '--data', data)
    expect(code).toBe(0)
    for (const model of ['popularity', 'segment-popularity', 'score-model', 'cosine', 'als'])
      expect(out).toContain(model)
    expect(out).toContain('x popular')
  })

  test('a split of choice can be measured, also by time and with listeners never trained on', async () => {
    for (const split of ['strong-generalization', 'temporal']) {
      const report = (await json(
        'evaluate',
        '--split',
        split,
        '--data',
        data,
        ...quick,
        '--set',
        'evaluation.holdoutDays=6',
      )) as { figures: { metric: string; of: string; value: number }[] }
      const ndcg = report.figures.filter(({ metric }) => metric === `${split}/ndcg@10`)
      expect(ndcg).toHaveLength(9)
      for (const { value } of ndcg) expect(value).toBeGreaterThan(0)
    }
  })

  test('served lists equal those of the command line, and a posted click comes back as a clean event', async () => {
    const service = await serve('--data', data)
    try {
      const page = (await (await fetch(`${service.url}/v1/users?limit=3`)).json()) as {
        listeners: { userId: string }[]
      }
      const userId = page.listeners[0]!.userId
      const served = (await (
        await fetch(`${service.url}/v1/users/${userId}/recommendations?limit=5`)
      ).json()) as { items: { artistId: string }[]; recommendationId: string }
      const listed = (await json('recommend', userId, '--limit', '5', '--data', data)) as List
      expect(served.items.map(({ artistId }) => artistId)).toEqual(
        listed.artists.map(({ artistId }) => artistId),
      )
      const posted = await fetch(`${service.url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          event: 'click',
          user: userId,
          at: Date.now(),
          artist: { id: served.items[0]!.artistId, name: 'x' },
          recommendationId: served.recommendationId,
          position: 1,
        }),
      })
      expect(posted.status).toBe(202)
    } finally {
      service.child.kill('SIGTERM')
      await service.ended
    }
    const [ingest] = (await json('run', '--only', 'ingest', '--data', data, ...quick)) as Run[]
    expect(ingest!.counts).toMatchObject({ clean: 1, rejects: 0 })
  })
})

describe('misuse is told apart from failure', () => {
  test.each([
    [['nonsense'], 'There is no command'],
    [['recommend'], 'needs USER'],
    [['run', '--onyl', 'ingest'], 'onyl'],
    [['run', '--set', 'models.als.factors=-1'], 'models.als.factors'],
    [['run', '--set', 'models.factor=8'], 'models.factor'],
    [['run', '--only', 'digest'], 'digest'],
    [['simulate', '--preset', 'huge'], 'huge'],
    [['import', 'no-such-file'], 'no-such-file'],
  ])('tastemaker %j ends with 2 and says why', async (words, why) => {
    const folder = await newDataFolder()
    const { code, notes } = await tastemaker(...words, '--data', folder)
    await removeFolder(folder)
    expect(notes).toContain(why)
    expect(code).toBe(2)
  })

  test('asking for lists before there are any ends with 1 and says what to do', async () => {
    const folder = await newDataFolder()
    const { code, notes } = await tastemaker('recommend', 'ann', '--data', folder)
    await removeFolder(folder)
    expect(notes).toContain('tastemaker run')
    expect(code).toBe(1)
  })

  test('a second run beside a running one is refused with the process id of the first', async () => {
    const { lockFolder } = await import('../../src/stores/folder-lock.ts')
    const folder = await newDataFolder()
    const lock = await lockFolder(join(folder, 'run'))
    const { code, notes } = await tastemaker('run', '--data', folder)
    await lock.release()
    await removeFolder(folder)
    expect(notes).toContain(String(process.pid))
    expect(code).toBe(1)
  })

  test('invented events never mix with others', async () => {
    const folder = await newDataFolder()
    const history = join(folder, 'history.ndjson')
    await writeFile(
      history,
      '{"event":"follow","user":"ann","at":1767225600000,"artist":{"name":"Somebody"}}\n',
    )
    expect(await json('import', history, '--data', folder)).toMatchObject([
      { records: 1, events: 1, rejects: 0 },
    ])
    const { code, notes } = await tastemaker('simulate', '--preset', 'tiny', '--data', folder)
    await removeFolder(folder)
    expect(notes).toContain('raw events here already')
    expect(code).toBe(1)
  })
})
