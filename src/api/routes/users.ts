// The listeners: who there is, page by page, and what is known of one.
import Type from 'typebox'
import { TastemakerError } from '../../errors.ts'
import { json, type Route } from '../route.ts'
import { listenerSchema, listenersSchema } from '../schemas.ts'

/** `GET /v1/users` */
export const listListeners: Route = {
  method: 'get',
  path: '/v1/users',
  summary: 'Listeners, page by page',
  description:
    'Pseudonyms in ascending order with age group, place and number of plays. A page never repeats a listener of the page before.',
  query: Type.Object({
    after: Type.Optional(Type.String({ description: '`next` of the page before.' })),
    limit: Type.Integer({ default: 50, minimum: 1, maximum: 500, description: 'Listeners per page.' }),
    prefix: Type.Optional(Type.String({ description: 'Only pseudonyms that begin so.' })),
  }),
  answers: { 200: { description: 'A page.', schema: listenersSchema } },
  errors: [503],
  async handle({ query }, { lists }) {
    const { after, limit, prefix } = query as { after?: string; limit: number; prefix?: string }
    return json(
      await lists.listeners({
        limit,
        ...(after !== undefined && { after }),
        ...(prefix !== undefined && { prefix }),
      }),
    )
  },
}

/** `GET /v1/users/{id}` */
export const getListener: Route = {
  method: 'get',
  path: '/v1/users/{id}',
  summary: 'A listener',
  description:
    'The masked person, the favourite artists and the last songs. No name, no email, no birth date.',
  params: { id: 'The service’s own id of the listener, or a pseudonym.' },
  answers: { 200: { description: 'The profile.', schema: listenerSchema } },
  errors: [404, 503],
  async handle({ param }, { lists, pseudonymize }) {
    const stored = await lists.listener(pseudonymize(param('id')))
    if (!stored) throw new TastemakerError('not-found', 'There is no profile of this listener.')
    return { body: stored }
  },
}
