// The contract: every answer the API gives fits the schema that OpenAPI publishes for it.
import { Value } from 'typebox/value'
import { expect, test } from 'vitest'
import { openTestApi, testTokens } from './api.ts'
import { sampleRecording } from './sample.ts'

type Schema = Parameters<typeof Value.Check>[0]
type Operation = {
  readonly responses: Record<string, { content: Record<string, { schema: Schema & { $ref?: string } }> }>
  readonly parameters: readonly { name: string; in: string }[]
}
type Document = {
  readonly openapi: string
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: { readonly Error: Schema } }
}

const good = { event: 'click', user: 'x', at: '2026-03-01T12:00:00Z', artist: { id: 'artist-1' } }

const token = await testTokens.tokenOf('x')
const withToken = { headers: { authorization: `Token ${token}` } }
const submission = {
  listen_type: 'single',
  payload: [{ listened_at: 1_772_000_000, track_metadata: { artist_name: 'A', track_name: 'T' } }],
}
const form = (parameters: Record<string, string>): RequestInit => ({
  method: 'POST',
  body: new URLSearchParams(parameters),
})
const subsonic = {
  u: 'x',
  p: token,
  f: 'json',
  id: 'track-1',
  mediaId: 'track-1',
  positionMs: '1',
  state: 'stopped',
}
const doors = ['ping', 'getLicense', 'getOpenSubsonicExtensions', 'scrobble', 'reportPlayback'].map(
  (name) => `/rest/${name}`,
)

// path template, request, options, status
const calls: readonly (readonly [template: string, path: string, options: RequestInit, status: number])[] = [
  ['/v1/users/{id}/recommendations', '/v1/users/listener-1/recommendations', {}, 200],
  ['/v1/users/{id}/recommendations', '/v1/users/listener-1/recommendations?limit=100', {}, 200],
  ['/v1/users/{id}/recommendations', '/v1/users/listener-1/recommendations?exclude=artist-48', {}, 200],
  ['/v1/users/{id}/recommendations', '/v1/users/never%20seen/recommendations', {}, 200],
  ['/v1/users/{id}/recommendations', '/v1/users/a/recommendations?limit=0', {}, 400],
  ['/v1/users', '/v1/users', {}, 200],
  ['/v1/users', '/v1/users?limit=5', {}, 200],
  ['/v1/users', '/v1/users?limit=many', {}, 400],
  ['/v1/users/{id}', '/v1/users/listener-4', {}, 200],
  ['/v1/users/{id}', '/v1/users/nobody', {}, 404],
  ['/v1/artists/{id}', '/v1/artists/artist-3', {}, 200],
  ['/v1/artists/{id}', '/v1/artists/none', {}, 404],
  ['/v1/artists/{id}/similar', '/v1/artists/artist-3/similar?limit=2', {}, 200],
  ['/v1/artists/{id}/similar', '/v1/artists/none/similar', {}, 404],
  ['/v1/events', '/v1/events', { method: 'POST', body: JSON.stringify([good, {}]) }, 202],
  ['/v1/events', '/v1/events', { method: 'POST', body: '[{}]' }, 400],
  ['/v1/events', '/v1/events', { method: 'POST', body: 'no' }, 400],
  ['/v1/events', '/v1/events', { ...form({}), headers: { 'content-encoding': 'br' } }, 415],
  [
    '/1/submit-listens',
    '/1/submit-listens',
    { method: 'POST', body: JSON.stringify(submission), ...withToken },
    200,
  ],
  ['/1/submit-listens', '/1/submit-listens', { method: 'POST', body: '{}', ...withToken }, 400],
  ['/1/submit-listens', '/1/submit-listens', { method: 'POST', body: '{}' }, 401],
  [
    '/1/feedback/recording-feedback',
    '/1/feedback/recording-feedback',
    { method: 'POST', body: JSON.stringify({ recording_mbid: sampleRecording, score: 1 }), ...withToken },
    200,
  ],
  [
    '/1/feedback/recording-feedback',
    '/1/feedback/recording-feedback',
    { method: 'POST', body: '{}', ...withToken },
    400,
  ],
  ['/1/validate-token', '/1/validate-token', withToken, 200],
  ['/1/validate-token', '/1/validate-token?token=x', {}, 200],
  ['/1/validate-token', '/1/validate-token', {}, 400],
  ['/2.0/', '/2.0/', form({ method: 'user.getInfo', sk: token, format: 'json' }), 200],
  ['/2.0/', '/2.0/', form({ method: 'user.getInfo', format: 'json' }), 403],
  ['/2.0/', `/2.0/?method=user.getInfo&sk=${token}&format=json`, {}, 200],
  ['/2.0/', '/2.0/?method=none&format=json', {}, 404],
  ...doors.flatMap((path) => [
    [path, path, form(subsonic), 200] as const,
    [path, `${path}?${new URLSearchParams(subsonic)}`, {}, 200] as const,
    [path, `${path}?f=json`, {}, 200] as const,
  ]),
  ['/v1/report', '/v1/report', {}, 200],
  ['/v1/features', '/v1/features', {}, 503],
  ['/get-online-features', '/get-online-features', { method: 'POST', body: '{}' }, 503],
  ['/push', '/push', { method: 'POST', body: '{}' }, 503],
  ['/write-to-online-store', '/write-to-online-store', { method: 'POST', body: '{}' }, 503],
  ['/materialize', '/materialize', { method: 'POST', body: '{}' }, 503],
  ['/materialize-incremental', '/materialize-incremental', { method: 'POST', body: '{}' }, 503],
  ['/health', '/health', {}, 200],
  ['/metrics', '/metrics', {}, 200],
]

const documentOf = async (app: { request(path: string): Response | Promise<Response> }) =>
  (await (await app.request('/openapi.json')).json()) as Document

test.each(calls)('%s: %s', async (template, path, options, status) => {
  const { app } = await openTestApi()
  const document = await documentOf(app)
  const answer = await app.request(path, options)
  expect(answer.status).toBe(status)
  const operation = document.paths[template]![(options.method ?? 'GET').toLowerCase()]!
  const content = operation.responses[String(status)]!.content
  const type = Object.keys(content)[0]!
  expect(answer.headers.get('content-type')).toBe(type)
  if (type !== 'application/json') return
  const schema = content[type]!.schema
  const body = await answer.json()
  expect(Value.Errors('$ref' in schema ? document.components.schemas.Error : schema, body)).toEqual([])
})

test('before anything is published every answer of lists is a 503 of the contract', async () => {
  const { app } = await openTestApi({}, { empty: true })
  const document = await documentOf(app)
  for (const path of [
    '/v1/users/a/recommendations',
    '/v1/users',
    '/v1/users/a',
    '/v1/artists/a',
    '/v1/report',
  ]) {
    const answer = await app.request(path)
    expect([path, answer.status]).toEqual([path, 503])
    expect(Value.Check(document.components.schemas.Error, await answer.json())).toBe(true)
  }
  expect((await app.request('/health')).status).toBe(200)
  expect((await app.request('/health?check=ready')).status).toBe(503)
})

test('the document is OpenAPI 3.1 with a parameter for every brace, and every call above is in it', async () => {
  const { app } = await openTestApi()
  const document = await documentOf(app)
  expect(document.openapi).toBe('3.1.0')
  for (const [path, operations] of Object.entries(document.paths)) {
    const braces = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
    for (const operation of Object.values(operations)) {
      const named = operation.parameters.filter((parameter) => parameter.in === 'path')
      expect(named.map((parameter) => parameter.name)).toEqual(braces)
    }
  }
  expect(Object.keys(document.paths).sort()).toEqual([...new Set(calls.map(([template]) => template))].sort())
})
