// The OpenAPI 3.1 document, assembled from the routes.
import type { TObject, TSchema } from 'typebox'
import { errorSchema } from './error-answer.ts'
import type { AnswerSpec, Route } from './route.ts'

/** What the document is called. */
export type ApiInfo = { readonly title: string; readonly version: string; readonly description: string }

const jsonType = 'application/json'

/** The whole document as a plain value. Error answers share one schema. */
export function openApi(routes: readonly Route[], info: ApiInfo): Readonly<Record<string, unknown>> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of routes) {
    paths[route.path] ??= {}
    paths[route.path]![route.method] = operation(route)
  }
  return {
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }, { header: [] }],
    paths,
    components: {
      schemas: { Error: errorSchema },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer' },
        header: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
        token: {
          type: 'apiKey',
          in: 'header',
          name: 'Authorization',
          description:
            'A listener’s own token, printed by `tastemaker token USER`: `Authorization: Token TOKEN`, or where the API spoken has its place for it.',
        },
      },
    },
  }
}

function operation(route: Route): Readonly<Record<string, unknown>> {
  const answers = Object.entries(route.answers).map(([status, spec]) => [status, answer(spec)] as const)
  const errors = [400, ...(route.open ? [] : [401]), 500, ...(route.errors ?? [])]
    .filter((status) => !(status in route.answers))
    .map((status) => [String(status), refusalSpec(route)] as const)
  return {
    operationId: operationId(route),
    summary: route.summary,
    description: route.description,
    parameters: [...pathParameters(route), ...queryParameters(route.query ?? route.documentedQuery)],
    ...(route.body && { requestBody: requestBody(route.body) }),
    responses: Object.fromEntries([...answers, ...errors]),
    ...(route.open && { security: [] }),
    ...(route.token && { security: [{ token: [] }] }),
  }
}

const errorAnswerSpec = {
  description: 'What went wrong, by code.',
  content: { [jsonType]: { schema: { $ref: '#/components/schemas/Error' } } },
}

const refusalSpec = ({ refusal }: Route) =>
  refusal
    ? answer({ description: 'What went wrong, in the shape of the API spoken.', ...refusal })
    : errorAnswerSpec

const answer = ({ description, schema, type = jsonType }: AnswerSpec) => ({
  description,
  content: { [type]: { schema: schema ?? { type: 'string' } } },
})

/** An NDJSON body is described by its lines' schema, since OpenAPI 3.1 has no word for lines. */
const requestBody = ({ description, schema, types }: NonNullable<Route['body']>) => ({
  required: true,
  description,
  content: Object.fromEntries(types.map((type) => [type, { schema }])),
})

const pathParameters = ({ params = {} }: Route) =>
  Object.entries(params).map(([name, description]) => ({
    name,
    in: 'path',
    required: true,
    description,
    schema: { type: 'string' },
  }))

const queryParameters = (query?: TObject) =>
  Object.entries((query?.properties ?? {}) as Record<string, TSchema & { description?: string }>).map(
    ([name, { description, ...schema }]) => ({ name, in: 'query', required: false, description, schema }),
  )

const operationId = ({ method, path }: Route): string =>
  [method, ...path.split('/').filter((part) => part !== '' && part !== 'v1')]
    .map((part) => part.replace(/^\{(.+)\}$/, 'by-$1'))
    .join('-')
