// The intake of events: on disk before they are answered for.
import Type from 'typebox'
import { rawEventSchema, rawRetractionSchema } from '../../data/raw-event.ts'
import { TastemakerError } from '../../errors.ts'
import type { Kept } from '../intake.ts'
import { type Answer, json, type Route } from '../route.ts'
import { intakeSchema, refusalSchema } from '../schemas.ts'
import { parseEvents } from '../sort-events.ts'

const event = Type.Union([rawEventSchema, rawRetractionSchema])

/** `POST /v1/events` */
export const postEvents: Route = {
  method: 'post',
  path: '/v1/events',
  summary: 'Send events',
  description:
    'One event, an array of events, or one event a line (NDJSON); at most 10 MiB and 50,000 events, plain or packed (`Content-Encoding: gzip` or `zstd`). Each event stands for itself: the good ones are kept also when others are refused. 202 means that the accepted ones are on disk. The same id twice counts once; an event without an id is known by its content, so sending a request again never doubles anything. With an `Idempotency-Key`, equal events without an id within one request count each. 429: more arrives than the disk takes; nothing of the request was kept, send it again after `Retry-After` seconds.',
  body: {
    description: 'The events.',
    schema: Type.Union([event, Type.Array(event)]),
    types: ['application/json', 'application/x-ndjson'],
  },
  answers: {
    202: { description: 'What was kept and what was refused.', schema: intakeSchema },
    400: {
      description: 'No event was kept: each was refused, or the body is empty or damaged.',
      schema: refusalSchema,
    },
  },
  errors: [413, 415, 429, 503],
  handle: ({ request }, { intake }) =>
    intake.withBody(request, async (body) => {
      const idempotencyKey = keyOf(request)
      const origin = { door: 'POST /v1/events', ...(idempotencyKey !== undefined && { idempotencyKey }) }
      return answerOf(await intake.keep(parseEvents(body), origin))
    }),
}

function keyOf(request: Request): string | undefined {
  const key = request.headers.get('idempotency-key') ?? undefined
  if (key === undefined || (key.length > 0 && key.length <= 255)) return key
  throw new TastemakerError('bad-argument', 'The header Idempotency-Key has 1 to 255 characters.')
}

function answerOf({ accepted, rejected }: Kept): Answer {
  const told = rejected.map(({ index, fault }) => ({ index, reason: `${fault.reason}: ${fault.detail}` }))
  if (accepted > 0 || told.length === 0) return json({ accepted, rejected: told }, 202)
  const message = `No event was kept; the first: ${told[0]!.reason}`
  return json({ error: { code: 'bad-input', message }, accepted, rejected: told }, 400)
}
