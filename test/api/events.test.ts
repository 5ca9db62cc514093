// The intake: good events are on disk before 202, bad ones are told with their place and reason.
import { expect, test } from 'vitest'
import { bodyLimitBytes } from '../../src/api/body.ts'
import { openTestApi, testNow } from './api.ts'

const good = (change: Record<string, unknown> = {}) => ({
  event: 'listen',
  user: 'own-1',
  at: '2026-03-01T12:00:00Z',
  artist: { name: 'Velvet Harbour' },
  track: { title: 'Low Tide' },
  ...change,
})

async function post(body: RequestInit['body'], change: Parameters<typeof openTestApi>[0] = {}) {
  const api = await openTestApi(change)
  const answer = await api.app.request('/v1/events', { method: 'POST', body: body ?? null })
  return { ...api, status: answer.status, answer: await answer.json() }
}

test('one event gets the time it came, and loses what nobody reads', async () => {
  const { status, answer, kept } = await post(
    JSON.stringify(good({ mood: 'calm', reason: 'x', detail: 'y', email: 'ann@example.com', receivedAt: 7 })),
  )
  expect([status, answer]).toEqual([202, { accepted: 1, rejected: [] }])
  expect(await kept()).toEqual([{ ...good(), receivedAt: testNow }])
})

test('an own id of an event stays', async () => {
  const { kept } = await post(JSON.stringify([good({ id: 'e-1' })]))
  expect((await kept())[0]).toMatchObject({ id: 'e-1' })
})

test('good events are kept beside bad ones', async () => {
  const { status, answer, kept } = await post(
    JSON.stringify([good({ id: 'a' }), { event: 'dance' }, good({ artist: {} }), 7, good({ id: 'b' })]),
  )
  expect(status).toBe(202)
  expect(answer).toMatchObject({ accepted: 2, rejected: [{ index: 1 }, { index: 2 }, { index: 3 }] })
  expect((answer as { rejected: { reason: string }[] }).rejected[1]!.reason).toBe(
    'no-artist: artist has neither id nor name',
  )
  expect((await kept()).map((event) => event.id)).toEqual(['a', 'b'])
})

test('lines are read one by one, blank ones do not count', async () => {
  const body = `${JSON.stringify(good({ id: 'a' }))}\r\n\n{"event":\n${JSON.stringify(good({ id: 'b' }))}\n`
  const { status, answer, kept } = await post(body)
  expect(status).toBe(202)
  expect(answer).toEqual({ accepted: 2, rejected: [{ index: 1, reason: 'malformed: not JSON' }] })
  expect((await kept()).map((event) => event.id)).toEqual(['a', 'b'])
})

test.each(['', 'hello', '{"event":', 'null', '7', '[{}]'])('nothing to keep in %j is 400', async (body) => {
  const { status, answer, kept } = await post(body)
  expect([status, (answer as { error: { code: string } }).error.code]).toEqual([400, 'bad-input'])
  expect(await kept()).toEqual([])
})

test('an empty array is fine', async () => {
  expect(await post('[]')).toMatchObject({ status: 202, answer: { accepted: 0, rejected: [] } })
})

test('a body over the limit is 413, stated or not', async () => {
  const long = 'x'.repeat(bodyLimitBytes + 1)
  expect((await post(long)).status).toBe(413)
  const { app } = await openTestApi()
  const stated = { method: 'POST', body: 'x', headers: { 'content-length': String(bodyLimitBytes + 1) } }
  expect((await app.request('/v1/events', stated)).status).toBe(413)
  expect((await post(Uint8Array.of(0x22, 0xff, 0x22))).status).toBe(400)
})

test('a journal that fails is 503, and nothing was accepted', async () => {
  const broken = {
    append: () => Promise.reject(new Error('disk full at own-1')),
    rotate: async () => [],
    load: () => ({ waitingBytes: 0, storedBytes: 0, commits: 0 }),
    close: async () => {},
  }
  const { app, status, logged } = await post(JSON.stringify(good()), { journal: broken })
  expect(status).toBe(503)
  expect(logged.join('')).not.toContain('own-1')
  expect(await (await app.request('/metrics')).text()).toContain('tastemaker_events_accepted_total 0')
})

test('without a journal the intake is closed', async () => {
  expect((await post(JSON.stringify(good()), { journal: undefined })).status).toBe(503)
})

test('what ingest would reject is refused here, with the reason, where the sender can still mend it', async () => {
  const { answer } = await post(
    JSON.stringify([
      good({ id: 'kept' }),
      good({ at: testNow + 86_400_000 }),
      good({ at: Math.floor(testNow / 1000) }),
      good({ track: undefined }),
      good({ event: 'like', value: 2 }),
    ]),
  )
  const { accepted, rejected } = answer as { accepted: number; rejected: { index: number; reason: string }[] }
  expect(accepted).toBe(1)
  expect(rejected.map(({ reason }) => reason.split(':')[0])).toEqual([
    'future-time',
    'too-old',
    'no-track',
    'bad-value',
  ])
})
