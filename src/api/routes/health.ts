// Whether the service lives, and whether it has something to answer with.
import Type from 'typebox'
import { json, type Route } from '../route.ts'
import { healthSchema } from '../schemas.ts'

/** `GET /health` */
export const getHealth: Route = {
  method: 'get',
  path: '/health',
  summary: 'Live and ready',
  description:
    '200 while the process lives; with `check=ready` 503 until lists are published. Needs no key and names no listener.',
  query: Type.Object({
    check: Type.Optional(Type.String({ description: '`ready`: answer 503 until lists are published.' })),
  }),
  answers: {
    200: { description: 'Live.', schema: healthSchema },
    503: { description: 'Live, but not ready; only with `check=ready`.', schema: healthSchema },
  },
  open: true,
  async handle({ query }, { lists, journal, now }) {
    const published = await lists.current()
    const health = {
      live: true,
      ready: published !== undefined,
      intake: journal !== undefined,
      version: published?.version ?? null,
      model: published?.model ?? null,
      modelVersion: published?.modelVersion ?? null,
      listeners: published?.listeners ?? 0,
      artists: published?.artists ?? 0,
      publishedAt: published?.publishedAt ?? null,
      listsAgeSeconds: published ? Math.max(0, Math.round((now() - published.publishedAt) / 1000)) : null,
    }
    return json(health, query.check === 'ready' && !published ? 503 : 200)
  },
}
