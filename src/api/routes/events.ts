// The intake of events: on disk before they are answered for.
import { randomUUID } from 'node:crypto'
import Type from 'typebox'
import { rawEventSchema } from '../../data/raw-event.ts'
import { TastemakerError } from '../../errors.ts'
import { createCleaner } from '../../ingest/clean-event.ts'
import type { Journal } from '../../stores/journal/journal.ts'
import { readBody } from '../body.ts'
import { sortEvents } from '../intake.ts'
import { json, type Route } from '../route.ts'
import { intakeSchema, refusalSchema } from '../schemas.ts'

/** `POST /v1/events` */
export const postEvents: Route = {
  method: 'post',
  path: '/v1/events',
  summary: 'Send events',
  description:
    'One event, an array of events, or one event a line (NDJSON); at most 10 MiB. Each event stands for itself: the good ones are kept also when others are refused. 202 means that the accepted ones are on disk. An event without an id is given one; sending the same id twice counts once.',
  body: {
    description: 'The events.',
    schema: Type.Union([rawEventSchema, Type.Array(rawEventSchema)]),
    types: ['application/json', 'application/x-ndjson'],
  },
  answers: {
    202: { description: 'What was kept and what was refused.', schema: intakeSchema },
    400: {
      description: 'Nothing was kept: each event was refused, or nothing in the body is JSON.',
      schema: refusalSchema,
    },
  },
  errors: [413, 503],
  async handle({ request }, { journal, metrics, now, newId = randomUUID, ingest, pseudonymize }) {
    if (!journal) throw new TastemakerError('not-ready', 'This process takes no events.')
    const receivedAt = now()
    const clean = createCleaner({ now: receivedAt, settings: ingest, pseudonymize })
    const { lines, rejected } = sortEvents(await readBody(request), { newId, receivedAt, clean })
    if (lines.length > 0) await keep(journal, lines)
    metrics.events(lines.length, rejected.length)
    if (lines.length > 0 || rejected.length === 0) return json({ accepted: lines.length, rejected }, 202)
    const message = `No event was kept; the first: ${rejected[0]!.reason}`
    return json({ error: { code: 'bad-input', message }, accepted: 0, rejected }, 400)
  },
}

async function keep(journal: Journal, lines: readonly string[]): Promise<void> {
  try {
    await journal.append(lines)
  } catch (cause) {
    throw new TastemakerError('outside', 'The events could not be written; send them again later.', { cause })
  }
}
