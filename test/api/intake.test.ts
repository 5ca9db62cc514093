// What the intake promises beyond one good event: packed bodies, rejects that are kept, retries that double nothing, back-pressure.
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { createAdmission } from '../../src/api/admission.ts'
import { bodyLimitBytes } from '../../src/api/body.ts'
import { serveNode } from '../../src/api/node.ts'
import { mostEvents } from '../../src/api/sort-events.ts'
import { readSettings } from '../../src/config.ts'
import { TastemakerError } from '../../src/errors.ts'
import { createCleaner } from '../../src/ingest/clean-event.ts'
import type { Journal } from '../../src/stores/journal/journal.ts'
import { openTestApi, testNow } from './api.ts'
import { samplePseudonym } from './sample.ts'

const click = (change: Record<string, unknown> = {}) => ({
  event: 'click',
  user: 'own-1',
  at: '2026-03-01T12:00:00Z',
  artist: { id: 'artist-1' },
  ...change,
})

type Told = {
  readonly accepted: number
  readonly rejected: readonly { index: number; reason: string }[]
  readonly error?: { readonly code: string; readonly message: string }
}

async function post(
  body: NonNullable<RequestInit['body']>,
  headers: Record<string, string> = {},
  change: Parameters<typeof openTestApi>[0] = {},
) {
  const api = await openTestApi(change)
  const send = () => api.app.request('/v1/events', { method: 'POST', body, headers })
  const answer = await send()
  return { ...api, send, response: answer, status: answer.status, told: (await answer.json()) as Told }
}

const journalThat = (append: Journal['append']): Journal => ({
  append,
  rotate: async () => [],
  load: () => ({ waitingBytes: 0, storedBytes: 0, commits: 0 }),
  close: async () => {},
})

test('of 1,000 events with 3 bad ones 997 are kept, and the answer says which 3 and why', async () => {
  const events: unknown[] = Array.from({ length: 1000 }, (_, index) => click({ id: `e-${index}` }))
  events[10] = click({ user: '' })
  events[500] = click({ at: 'yesterday' })
  events[999] = click({ artist: {} })
  const { status, told, kept } = await post(JSON.stringify(events))
  expect([status, told.accepted]).toEqual([202, 997])
  expect(told.rejected).toEqual([
    { index: 10, reason: expect.stringMatching(/^no-user: /) },
    { index: 500, reason: expect.stringMatching(/^bad-time: .*yesterday/) },
    { index: 999, reason: 'no-artist: artist has neither id nor name' },
  ])
  const ids = (await kept()).map((event) => event.id)
  expect(ids).toHaveLength(997)
  expect(ids).not.toContain('e-10')
})

test('rejects are kept as ingest keeps its own: place, reason, and the text without personal data', async () => {
  const bad = click({ at: 'soon', email: 'ann@example.com' })
  const { refused } = await post(`${JSON.stringify(click())}\n${JSON.stringify(bad)}\nno json`)
  const [first, second] = await refused()
  expect(first).toMatchObject({ file: 'POST /v1/events', line: 2, reason: 'bad-time' })
  expect(first!.text).toContain(samplePseudonym('own-1'))
  expect(first!.text).not.toMatch(/own-1|ann@/)
  expect(second).toMatchObject({ line: 3, reason: 'malformed', text: 'no json' })
})

test('a request of which nothing is kept keeps its rejects too', async () => {
  const { status, refused } = await post('[{}, 7]')
  expect(status).toBe(400)
  expect((await refused()).map(({ line, reason }) => [line, reason])).toEqual([
    [1, 'schema'],
    [2, 'schema'],
  ])
})

test('a value nested deeper than text can be made of is a reject, not an error', async () => {
  const depth = 200_000
  const { told } = await post(`[${'['.repeat(depth)}${']'.repeat(depth)}, ${JSON.stringify(click())}]`)
  expect(told).toMatchObject({ accepted: 1, rejected: [{ index: 0 }] })
})

test('a retraction passes', async () => {
  const retract = { event: 'retract', id: 'e-1', user: 'own-1', at: '2026-03-01T12:00:00Z', artist: 'x' }
  const { status, kept } = await post(JSON.stringify(retract))
  expect(status).toBe(202)
  expect((await kept())[0]).toMatchObject({ event: 'retract', id: 'e-1' })
})

test(`a request of more than ${mostEvents} events is 413`, async () => {
  expect((await post(`[${'7,'.repeat(mostEvents)}7]`)).status).toBe(413)
})

describe('a packed body', () => {
  const events = JSON.stringify([click({ id: 'a' }), click({ id: 'b' })])

  test.each([
    ['gzip', gzipSync(events)],
    ['GZIP', gzipSync(events)],
    ['gzip', Buffer.concat([gzipSync(events.slice(0, 20)), gzipSync(events.slice(20))])],
    ['zstd', zstdCompressSync(events)],
    ['identity', Buffer.from(events)],
  ])('in %s is read', async (encoding, body) => {
    const { status, told } = await post(body, { 'content-encoding': encoding })
    expect([status, told.accepted]).toEqual([202, 2])
  })

  test.each([
    ['gzip', gzipSync(events).subarray(0, -6)],
    ['gzip', Buffer.from(events)],
    ['zstd', zstdCompressSync(events).subarray(0, 12)],
    ['zstd', Buffer.concat([zstdCompressSync(events), zstdCompressSync(events)])],
  ])('in %s that is damaged is 400', async (encoding, body) => {
    const { status, told } = await post(body, { 'content-encoding': encoding })
    expect([status, told.error?.code]).toEqual([400, 'bad-input'])
  })

  test.each([
    ['gzip', gzipSync(Buffer.alloc(bodyLimitBytes + 1, 32))],
    ['zstd', zstdCompressSync(Buffer.alloc(bodyLimitBytes + 1, 32))],
  ])('in %s that unpacks to more than the limit is 413', async (encoding, body) => {
    const { status, told } = await post(body, { 'content-encoding': encoding })
    expect([status, told.error?.code]).toEqual([413, 'too-large'])
  })

  test('in another encoding is 415 and says which are read', async () => {
    const { response, told } = await post(events, { 'content-encoding': 'br' })
    expect([response.status, told.error?.code]).toEqual([415, 'unsupported'])
    expect(response.headers.get('accept-encoding')).toBe('gzip, zstd')
  })
})

describe('sending again doubles nothing', () => {
  /** Ids as ingest will have them. */
  async function idsOf(events: readonly unknown[]): Promise<readonly string[]> {
    const clean = createCleaner({
      now: testNow,
      settings: readSettings().ingest,
      pseudonymize: samplePseudonym,
    })
    return events.map((event) => (clean(event) as { eventId: string }).eventId)
  }

  test('events without an id are known by their content', async () => {
    const { send, kept } = await post(JSON.stringify([click(), click({ artist: { id: 'artist-2' } })]))
    await send()
    const ids = await idsOf(await kept())
    expect(ids).toHaveLength(4)
    expect(new Set(ids).size).toBe(2)
  })

  test('with an idempotency key equal events of one request count each, a retry not at all', async () => {
    const body = JSON.stringify([click(), click(), click({ id: 'own' })])
    const { send, kept } = await post(body, { 'idempotency-key': 'request-1' })
    await send()
    const ids = await idsOf(await kept())
    expect(ids).toHaveLength(6)
    expect(ids.slice(3)).toEqual(ids.slice(0, 3))
    expect(new Set(ids).size).toBe(3)
    expect(ids).toContain('own')
  })

  test('the same key with other content is another event', async () => {
    const one = await post(JSON.stringify(click()), { 'idempotency-key': 'k' })
    const other = await post(JSON.stringify(click({ position: 2 })), { 'idempotency-key': 'k' })
    expect(await idsOf(await one.kept())).not.toEqual(await idsOf(await other.kept()))
  })

  test('an empty or endless key is 400', async () => {
    expect((await post('[]', { 'idempotency-key': 'x'.repeat(256) })).status).toBe(400)
  })
})

describe('back-pressure', () => {
  test('a journal that is full is 429 with the seconds to wait', async () => {
    const full = journalThat(() => Promise.reject(new TastemakerError('busy', 'The journal is full.')))
    const { response, told } = await post(JSON.stringify(click()), {}, { journal: full })
    expect([response.status, told.error]).toEqual([429, { code: 'busy', message: 'The journal is full.' }])
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('a disk that fails is 503 with the seconds to wait', async () => {
    const broken = journalThat(() => Promise.reject(new Error('ENOSPC')))
    const { response } = await post(JSON.stringify(click()), {}, { journal: broken })
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
  })

  test('more bodies at once than are held are 429 before they are read; those inside are all kept', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    let appended = 0
    const slow = journalThat(async (lines) => {
      await gate
      appended += lines.length
    })
    const { app } = await openTestApi({ journal: slow })
    const body = gzipSync(JSON.stringify(click()))
    const headers = { 'content-encoding': 'gzip' }
    const answers = Array.from({ length: 20 }, () =>
      app.request('/v1/events', { method: 'POST', body, headers }),
    )
    const refused = await Promise.race(answers)
    expect(refused.status).toBe(429)
    release()
    const statuses = (await Promise.all(answers)).map(({ status }) => status)
    const inside = statuses.filter((status) => status === 202).length
    expect(inside).toBe(12)
    expect(statuses.filter((status) => status === 429)).toHaveLength(20 - inside)
    expect(appended).toBe(inside)
    expect((await app.request('/v1/events', { method: 'POST', body, headers })).status).toBe(202)
  })

  test('a refused body that was not read leaves its connection usable', async () => {
    let release = () => {}
    const gate = new Promise<void>((resolve) => {
      release = resolve
    })
    const { app } = await openTestApi({ journal: journalThat(() => gate) })
    const server = await serveNode(app, { host: '127.0.0.1', port: 0, apiKey: '' })
    const send = (body: NonNullable<RequestInit['body']>, headers: Record<string, string> = {}) =>
      fetch(`${server.url}/v1/events`, { method: 'POST', body, headers })
    const packed = gzipSync(JSON.stringify(click()))
    const inside = Array.from({ length: 12 }, () => send(packed, { 'content-encoding': 'gzip' }))
    let status = 0
    while (status !== 429) status = (await send(' '.repeat(9 * 1024 * 1024))).status
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    release()
    expect((await Promise.all(inside)).map((answer) => answer.status)).toEqual(inside.map(() => 202))
    expect((await send(JSON.stringify(click()))).status).toBe(202)
    await server.close()
  })

  test('room is given back once, and one request always has room', () => {
    const { enter } = createAdmission(100)
    const request = (bytes: number) =>
      new Request('http://localhost/', { method: 'POST', headers: { 'content-length': String(bytes) } })
    const leave = enter(request(1000))
    expect(() => enter(request(1))).toThrow(expect.objectContaining({ code: 'busy' }))
    leave()
    leave()
    enter(request(60))
    enter(request(40))
    expect(() => enter(request(1))).toThrow(expect.objectContaining({ code: 'busy' }))
  })
})
