// The route: schema, words and handler in one value; the app, the checks and OpenAPI are all made from it.
import type { TObject, TSchema } from 'typebox'
import type { ErrorCode } from '../errors.ts'
import type { ApiContext } from './context.ts'
import type { Intake } from './intake.ts'
import type { PlaybackBook } from './playback.ts'

/** What a handler sees of a request. */
export type Call = {
  /** A part of the path, decoded. */
  param(name: string): string
  /** A query parameter, checked against the route's schema; undefined where it is absent and has no default. */
  readonly query: Readonly<Record<string, string | number | undefined>>
  readonly request: Request
}

/** What a handler answers: JSON text (as text or as UTF-8 bytes), unless `type` says otherwise. */
export type Answer = {
  /** Default 200. */
  readonly status?: number
  readonly body: string | Uint8Array
  /** Default `application/json`. */
  readonly type?: string
  /** Besides those of every answer. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What handlers work with: what the app was handed, and what it keeps from request to request. */
export type AppContext = ApiContext & {
  readonly intake: Intake
  readonly playback: PlaybackBook
}

/** What went wrong, before it has a shape. */
export type Refusal = {
  readonly status: number
  readonly code: ErrorCode | 'internal'
  /** For the caller; holds nothing personal and no secret. */
  readonly message: string
}

/** One way a route can answer, for OpenAPI. */
export type AnswerSpec = {
  readonly description: string
  /** Absent for an answer that is not JSON. */
  readonly schema?: TSchema
  /** Default `application/json`. */
  readonly type?: string
}

/** One route of the API. */
export type Route = {
  readonly method: 'get' | 'post'
  /** As in OpenAPI: `/v1/users/{id}`. Also the name that logs and metrics use, so that no id gets into them. */
  readonly path: string
  readonly summary: string
  readonly description: string
  /** What each part in braces means. */
  readonly params?: Readonly<Record<string, string>>
  /** Strings and integers only. */
  readonly query?: TObject
  /** Query parameters that the handler checks itself, for OpenAPI only. */
  readonly documentedQuery?: TObject
  readonly body?: {
    readonly description: string
    readonly schema: TSchema
    readonly types: readonly string[]
  }
  /** The good answers by status; the error answer is the same for all routes. */
  readonly answers: Readonly<Record<number, AnswerSpec>>
  /** Paths that are answered the same and not documented. */
  readonly aliases?: readonly string[]
  /** Statuses of errors it can answer, besides 400, 401 and 500. */
  readonly errors?: readonly number[]
  /** Answered without a key. */
  readonly open?: true
  /** The listener's own token is asked for, by the handler itself; no API key. */
  readonly token?: true
  /** Where errors are told in a shape that is not ours: that shape, and how a refusal becomes it. */
  readonly refusal?: {
    readonly schema?: TSchema
    readonly type?: string
    readonly tell: (refusal: Refusal, call: Call) => Answer
  }
  handle(call: Call, api: AppContext): Promise<Answer>
}

/** A JSON answer of a plain value. */
export const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) })
