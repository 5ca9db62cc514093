// Who may ask what: keys, loopback, other sites; and what never leaks.
import { expect, test } from 'vitest'
import { serveNode } from '../../src/api/node.ts'
import { openTestApi } from './api.ts'

const key = 'a-key-of-the-tests'
const guarded = [
  '/v1/users',
  '/v1/users/a',
  '/v1/users/a/recommendations',
  '/v1/artists/a',
  '/v1/artists/a/similar',
  '/v1/report',
  '/metrics',
  '/openapi.json',
]
const open = ['/health', '/', '/page.js', '/page.css', '/no-such-route']

const statusesWith = async (paths: readonly string[], headers: Record<string, string>) => {
  const { app } = await openTestApi({ apiKey: key })
  return Promise.all(paths.map(async (path) => (await app.request(path, { headers })).status))
}

test.each<[string, Record<string, string>]>([
  ['no key', {}],
  ['a wrong key', { authorization: 'Bearer wrong' }],
  ['a key that begins right', { authorization: `Bearer ${key}x` }],
  ['a key cut short', { authorization: `Bearer ${key.slice(0, -1)}` }],
  ['an empty key', { authorization: 'Bearer ' }],
  ['another scheme', { authorization: `Basic ${key}` }],
  ['a wrong header key', { 'x-api-key': 'wrong' }],
])('%s opens nothing that is guarded', async (_, headers) => {
  expect(await statusesWith(guarded, headers)).toEqual(guarded.map(() => 401))
})

test.each<[string, Record<string, string>]>([
  ['Bearer', { authorization: `Bearer ${key}` }],
  ['bearer in small letters', { authorization: `bearer ${key}` }],
  ['X-API-Key', { 'x-api-key': key }],
])('the key as %s opens everything', async (_, headers) => {
  expect(await statusesWith(guarded, headers)).not.toContain(401)
})

test('health and the page need no key, an unknown route is 404', async () => {
  expect(await statusesWith(open, {})).toEqual([200, 200, 200, 200, 404])
})

test('events need the key, and are not kept without', async () => {
  const { app, kept } = await openTestApi({ apiKey: key })
  const event = { event: 'like', user: 'a', at: 1, artist: { id: 'b' } }
  const options = { method: 'POST', body: JSON.stringify(event) }
  expect((await app.request('/v1/events', options)).status).toBe(401)
  expect(await kept()).toEqual([])
})

test('without a key only loopback names are answered, and no page of another site may post', async () => {
  const { app } = await openTestApi()
  const statusOf = async (url: string, options: RequestInit = {}) => (await app.request(url, options)).status
  expect(await statusOf('http://localhost:7700/v1/users')).toBe(200)
  expect(await statusOf('http://127.0.0.1:7700/v1/users')).toBe(200)
  expect(await statusOf('http://[::1]:7700/v1/users')).toBe(200)
  expect(await statusOf('http://rebound.example/v1/users')).toBe(401)
  expect(await statusOf('http://127.0.0.1.rebound.example/v1/users')).toBe(401)
  const post = (origin: string) => ({ method: 'POST', body: '[]', headers: { origin } })
  expect(await statusOf('http://localhost:7700/v1/events', post('http://localhost:7700'))).toBe(202)
  expect(await statusOf('http://localhost:7700/v1/events', post('http://elsewhere.example'))).toBe(401)
})

test('beyond loopback it does not listen without a key', async () => {
  const { app } = await openTestApi()
  for (const host of ['0.0.0.0', '::', '192.0.2.1', 'example.org'])
    await expect(serveNode(app, { host, port: 0, apiKey: '' })).rejects.toMatchObject({
      code: 'bad-argument',
    })
})

test('it serves on a free port, says when a port is taken, and closes', async () => {
  const { app } = await openTestApi()
  const server = await serveNode(app, { host: '127.0.0.1', port: 0, apiKey: '' })
  const answer = await fetch(`${server.url}/v1/users/listener-1/recommendations?limit=3`)
  expect(((await answer.json()) as { items: unknown[] }).items).toHaveLength(3)
  await expect(serveNode(app, { host: '127.0.0.1', port: server.port, apiKey: '' })).rejects.toMatchObject({
    code: 'conflict',
  })
  await server.close()
  await expect(fetch(`${server.url}/health`)).rejects.toThrow()
  const wide = await openTestApi({ apiKey: key })
  const open = await serveNode(wide.app, { host: '0.0.0.0', port: 0, apiKey: key })
  await open.close()
})

test('no answer, metric or log line holds a stack trace or an own id', async () => {
  const { app, logged } = await openTestApi({
    pseudonymize: (userId) => {
      throw new Error(`boom for ${userId}`)
    },
  })
  const answer = await app.request('/v1/users/secret-id/recommendations')
  expect(answer.status).toBe(500)
  const metrics = await (await app.request('/metrics')).text()
  for (const text of [await answer.text(), metrics, ...logged]) {
    expect(text).not.toContain('secret-id')
    expect(text).not.toContain('node_modules')
  }
  expect(logged).toHaveLength(1)
  expect(metrics).toContain(
    'tastemaker_http_requests_total{method="GET",route="/v1/users/{id}/recommendations",status="500"} 1',
  )
})

test('personal answers are not stored, sniffed or framed', async () => {
  const { app } = await openTestApi()
  const { headers } = await app.request('/v1/users/listener-1/recommendations')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
})
