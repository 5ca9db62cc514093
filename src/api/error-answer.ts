// From an error to an answer: the one place that chooses HTTP statuses.
import Type from 'typebox'
import { type ErrorCode, TastemakerError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Answer } from './route.ts'

/** The HTTP status of each error code. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  'bad-argument': 400,
  'bad-input': 400,
  unauthorized: 401,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  corrupt: 500,
  cancelled: 503,
  outside: 503,
  'not-ready': 503,
}

/** The body of every error answer. `internal` is an error of our own making; its details stay in the log. */
export const errorSchema = Type.Object(
  {
    error: Type.Object({
      code: Type.Union([...Object.keys(statusOf), 'internal'].map((code) => Type.Literal(code))),
      message: Type.String({ description: 'What was seen and what to do about it.' }),
    }),
  },
  { title: 'Error' },
)

/**
 * The answer to an error. What the caller can mend is told in words; what only we can mend is logged by code and route,
 * without message, stack or id, and the caller learns just that it happened.
 */
export function errorAnswer(error: unknown, route: string, log: Log): Answer {
  const code = error instanceof TastemakerError ? error.code : 'internal'
  const status = code === 'internal' ? 500 : statusOf[code]
  if (status >= 500 && code !== 'not-ready')
    log('error', 'api.failed', {
      route,
      status,
      code,
      kind: error instanceof Error ? error.name : typeof error,
    })
  const message =
    status === 500 || !(error instanceof Error)
      ? 'Something went wrong on our side; the log has the details.'
      : error.message
  return { status, body: JSON.stringify({ error: { code, message } }) }
}
