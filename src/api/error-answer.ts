// From an error to an answer: the one place that chooses HTTP statuses.
import Type from 'typebox'
import { type ErrorCode, TastemakerError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { Answer, Refusal } from './route.ts'
import { encodings } from './unpack.ts'

/** The HTTP status of each error code. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  'bad-argument': 400,
  'bad-input': 400,
  unauthorized: 401,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  unsupported: 415,
  busy: 429,
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

/** Seconds after which a request that could not be taken is worth another try. */
const retryAfter: Readonly<Partial<Record<number, string>>> = { 429: '2', 503: '10' }

/**
 * What an error is to the caller. What the caller can mend is told in words; what only we can mend is logged by code and
 * route, without message, stack or id, and the caller learns just that it happened.
 */
export function refusalOf(error: unknown, route: string, log: Log): Refusal {
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
  return { status, code, message }
}

/** A refusal in our own shape. */
export const refusalAnswer = ({ status, code, message }: Refusal): Answer => ({
  status,
  body: JSON.stringify({ error: { code, message } }),
})

/** Headers that belong to a status, in whatever shape the error is told. */
export function headersOf(status: number): Readonly<Record<string, string>> {
  const seconds = retryAfter[status]
  return {
    ...(seconds !== undefined && { 'retry-after': seconds }),
    ...(status === 415 && { 'accept-encoding': encodings }),
  }
}
