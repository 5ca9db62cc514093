// The HTTP API as one app without a socket: from Request to Response.
import { type Context, Hono } from 'hono'
import { TastemakerError } from '../errors.ts'
import { type Access, createAccess } from './access.ts'
import type { ApiContext } from './context.ts'
import { headersOf, refusalAnswer, refusalOf } from './error-answer.ts'
import { createIntake } from './intake.ts'
import { openApi } from './openapi.ts'
import { createPlaybackBook } from './playback.ts'
import { readQuery } from './query.ts'
import { type Answer, type AppContext, type Call, json, type Route } from './route.ts'
import { routes } from './routes/routes.ts'

/** Version of the HTTP API: the `v1` of its paths, and how often it grew. */
export const apiVersion = '1.0'

/**
 * Makes the app. `app.request('/v1/...')` answers without a port; `node.ts` serves it.
 * Errors become `{ error: { code, message } }` with the status of their code. Nothing is cached by browsers or proxies.
 */
export function createApp(given: ApiContext): Hono {
  const app = new Hono()
  const api = { ...given, intake: createIntake(given), playback: createPlaybackBook() }
  const means = { api, access: createAccess(api.apiKey) }
  for (const route of [...routes, openApiRoute]) {
    const paths = [route.path, ...(route.aliases ?? [])].map((path) => path.replaceAll(/\{(\w+)\}/g, ':$1'))
    app.on(route.method.toUpperCase(), paths, (c) => respond(c, route, means))
  }
  app.get('*', (c) => consoleFile(c, api))
  app.notFound((c) => respond(c, unmatched, means))
  return app
}

const document = openApi(routes, {
  title: 'Tastemaker',
  version: apiVersion,
  description: 'Recommended artists for the listeners of a music service, and the intake of its events.',
})

const openApiRoute: Route = {
  method: 'get',
  path: '/openapi.json',
  summary: 'This document',
  description: 'The OpenAPI 3.1 description of all routes.',
  answers: { 200: { description: 'The document.' } },
  handle: async () => json(document),
}

const unmatched: Route = {
  method: 'get',
  path: 'unmatched',
  summary: '',
  description: '',
  answers: {},
  open: true,
  handle: async () => {
    throw new TastemakerError('not-found', 'There is no such route; GET /openapi.json lists them all.')
  },
}

const jsonHeaders: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
}

const pageHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}

type Means = { readonly api: AppContext; readonly access: Access }

async function respond(c: Context, route: Route, { api, access }: Means): Promise<Response> {
  const began = performance.now()
  const call: Call = { param: (name) => c.req.param(name) ?? '', query: {}, request: c.req.raw }
  const {
    status = 200,
    body,
    type,
    headers,
  } = await answerOf(c, { route, call }, { api, access }).catch((error: unknown) =>
    refuse(error, { route, call }, api),
  )
  api.metrics.answered(c.req.method, route.path, status, (performance.now() - began) / 1000)
  const plain = type === undefined && headers === undefined
  // Plain headers and bytes: node-server sends these without making a web Response of them.
  return new Response(body as Uint8Array<ArrayBuffer>, {
    status,
    headers: plain ? jsonHeaders : { ...jsonHeaders, ...(type && { 'content-type': type }), ...headers },
  })
}

type Asked = { readonly route: Route; readonly call: Call }

async function answerOf(c: Context, { route, call }: Asked, { api, access }: Means): Promise<Answer> {
  if (!route.open && !route.token) access(c.req.raw)
  if (!route.query) return route.handle(call, api)
  return route.handle({ ...call, query: readQuery(route.query, (name) => c.req.query(name)) }, api)
}

function refuse(error: unknown, { route, call }: Asked, api: AppContext): Answer {
  const refusal = refusalOf(error, route.path, api.log)
  const answer = route.refusal ? route.refusal.tell(refusal, call) : refusalAnswer(refusal)
  return { ...answer, headers: { ...answer.headers, ...headersOf(refusal.status) } }
}

async function consoleFile(c: Context, api: ApiContext): Promise<Response> {
  const file = await api.consoleFiles?.(c.req.path)
  if (!file) return c.notFound()
  return new Response(file.bytes as Uint8Array<ArrayBuffer>, {
    headers: { ...pageHeaders, 'content-type': file.type },
  })
}
