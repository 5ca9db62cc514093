// The main path with every object on a real S3 server, raw events in one bucket and all that is made of them in another.
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openObjects } from '../../src/stores/open.ts'
import { type S3Server, useS3Credentials, versitygw } from '../servers/s3-servers.ts'
import { json, newDataFolder, quick, removeFolder, start, tastemaker } from './tastemaker.ts'

const isMissing = !versitygw.isInstalled()
if (isMissing) console.warn(`skipping the main path on S3: run ${versitygw.installedBy}`)

it.runIf(process.env.CI && isMissing)('has versitygw, on CI', () => {
  expect.unreachable(`Run ${versitygw.installedBy} first.`)
})

type Run = { job: string; status: string; counts: Record<string, number> }

describe.skipIf(isMissing)('with objects on S3', () => {
  let server: S3Server
  let data: string
  let [eventsUrl, objectsUrl] = ['', '']
  let words: readonly string[]
  beforeAll(async () => {
    useS3Credentials()
    server = await versitygw.start()
    data = await newDataFolder()
    eventsUrl = (await server.bucket('service')).replace('?', '/raw/events?')
    objectsUrl = await server.bucket('made')
    words = ['--set', `eventsUrl=${eventsUrl}`, '--set', `objectsUrl=${objectsUrl}`, '--data', data]
    await json('simulate', '--preset', 'tiny', ...words)
  }, 120_000)
  afterAll(async () => {
    await server?.stop()
    await removeFolder(data)
  })

  it('goes from raw events to recommendations, though the first run is killed', async () => {
    const killed = start(['run', ...words, ...quick])
    await pause(1500)
    killed.child.kill('SIGKILL')
    await killed.ended
    const runs = (await json('run', ...words, ...quick)) as Run[]
    const done = runs.filter(({ status }) => status === 'done').map(({ job }) => job)
    const stages = ['ingest', 'features', 'train', 'evaluate', 'publish']
    expect(done.filter((job) => stages.includes(job))).toEqual(stages)
    const list = (await json('recommend', 'u0000001', ...words)) as { artists: unknown[] }
    expect(list.artists.length).toBeGreaterThan(0)
    const keys: string[] = []
    for await (const { key } of (await openObjects(objectsUrl)).list('')) keys.push(key)
    for (const folder of ['clean/', 'features/', 'models/', 'reports/', 'runs/'])
      expect(
        keys.some((key) => key.startsWith(folder)),
        folder,
      ).toBe(true)
  })

  it('has nothing to do when nothing changed', async () => {
    const runs = (await json('run', ...words, ...quick)) as Run[]
    expect(new Set(runs.map(({ status }) => status))).toEqual(new Set(['nothing-to-do']))
  })

  it('stops at once, with advice, when the server is gone', async () => {
    const gone = words.map((word) => word.replace(/(objectsUrl=.*:)\d+$/, '$11'))
    const { code, notes } = await tastemaker('run', ...gone)
    expect(code).not.toBe(0)
    expect(notes).toContain('nothing answers there')
  })
})
