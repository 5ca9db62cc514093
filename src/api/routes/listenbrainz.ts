// The ListenBrainz door: players that let their user set a ListenBrainz address send their listens here.
import Type from 'typebox'
import { TastemakerError } from '../../errors.ts'
import { likeOfTrack } from '../../ingest/doors/known-track.ts'
import { readFeedback, readSubmission, type SubmittedListen } from '../../ingest/doors/listenbrainz.ts'
import { isFault } from '../../ingest/fault.ts'
import { arrivalTime, tokensOf, userOfToken } from '../listener-token.ts'
import { type AppContext, json, type Refusal, type Route } from '../route.ts'
import type { Candidate, RefusedEvent } from '../sort-events.ts'

const refusal = {
  schema: Type.Object({ code: Type.Integer(), error: Type.String() }, { title: 'ListenBrainzError' }),
  tell: ({ status, message }: Refusal) => json({ code: status, error: message }, status),
}

const id = Type.Optional(Type.String({ description: 'A MusicBrainz id.' }))
const seconds = Type.Union([Type.Integer({ minimum: 0 }), Type.String()])

const listenSchema = Type.Object({
  listened_at: Type.Optional(
    Type.Integer({
      description: 'When it began, seconds since the epoch; not with `playing_now`.',
    }),
  ),
  track_metadata: Type.Object({
    artist_name: Type.String(),
    track_name: Type.String(),
    release_name: Type.Optional(Type.String()),
    additional_info: Type.Optional(
      Type.Object(
        {
          recording_mbid: id,
          artist_mbids: Type.Optional(Type.Array(Type.String())),
          duration_ms: Type.Optional(seconds),
          duration: Type.Optional(seconds),
          duration_played: Type.Optional(seconds),
        },
        { additionalProperties: true, description: 'Other keys are taken and not used.' },
      ),
    ),
  }),
})

const door = 'POST /1/submit-listens'
const ok = { status: 'ok' }

/** `POST /1/submit-listens` */
export const submitListens: Route = {
  method: 'post',
  path: '/1/submit-listens',
  aliases: ['/1/submit-listens/', '/apis/listenbrainz/1/submit-listens'],
  summary: 'Send listens as to ListenBrainz',
  description:
    'Takes what the ListenBrainz API takes, by its rules: `single`, `import` (at most 1,000 listens of 10,240 bytes) and `playing_now`, which is answered and not kept. The token names the listener: `Authorization: Token TOKEN`. One listen that breaks a rule refuses the whole submission, with the reason. `ok` means that the listens are on disk; the same listen twice counts once.',
  token: true,
  refusal,
  body: {
    description: 'The submission.',
    schema: Type.Object({
      listen_type: Type.Union(['single', 'import', 'playing_now'].map((type) => Type.Literal(type))),
      payload: Type.Array(listenSchema, { minItems: 1, maxItems: 1000 }),
    }),
    types: ['application/json'],
  },
  answers: { 200: { description: 'Kept.', schema: Type.Object({ status: Type.Literal('ok') }) } },
  errors: [413, 415, 429, 503],
  async handle({ request }, api) {
    const user = await userOfToken(api, headerToken(request))
    return api.intake.withBody(request, async (body) => {
      const submission = readSubmission(parse(body), { now: api.now(), user })
      if ('problem' in submission) throw new TastemakerError('bad-input', submission.problem)
      if (submission.listens.some(({ answer }) => isFault(answer))) return refuse(submission.listens, api)
      if (submission.kind === 'listens') await keep(submission.listens, api)
      return json(ok)
    })
  },
}

/** `GET /1/validate-token` */
export const validateToken: Route = {
  method: 'get',
  path: '/1/validate-token',
  aliases: ['/1/validate-token/', '/apis/listenbrainz/1/validate-token'],
  summary: 'Whose token it is, as ListenBrainz says it',
  description:
    'Programs ask this when their user enters a token: `Authorization: Token TOKEN`, or `?token=TOKEN` as older ones do.',
  token: true,
  refusal,
  answers: {
    200: {
      description: 'Whether the token is valid, and for whom.',
      schema: Type.Object({
        code: Type.Literal(200),
        message: Type.String(),
        valid: Type.Boolean(),
        user_name: Type.Optional(Type.String()),
      }),
    },
  },
  errors: [503],
  async handle({ request }, api) {
    const token = headerToken(request) ?? new URL(request.url).searchParams.get('token')
    if (!token) throw new TastemakerError('bad-argument', 'Send the token as `Authorization: Token TOKEN`.')
    const user = await tokensOf(api).userOf(token)
    return json(
      user === undefined
        ? { code: 200, message: 'Token invalid.', valid: false }
        : { code: 200, message: 'Token valid.', valid: true, user_name: user },
    )
  },
}

/** `POST /1/feedback/recording-feedback` */
export const recordingFeedback: Route = {
  method: 'post',
  path: '/1/feedback/recording-feedback',
  aliases: ['/1/feedback/recording-feedback/', '/apis/listenbrainz/1/feedback/recording-feedback'],
  summary: 'Love or hate a recording, as on ListenBrainz',
  description:
    'A score of 1 becomes a like of the recording’s artist, 0 and -1 take it back. The artist is the one that events have told of the recording, as of the published lists; one that is not known is 404 and a reject.',
  token: true,
  refusal,
  body: {
    description: 'The feedback.',
    schema: Type.Object({
      recording_mbid: Type.String(),
      score: Type.Union([1, 0, -1].map((score) => Type.Literal(score))),
    }),
    types: ['application/json'],
  },
  answers: { 200: { description: 'Kept.', schema: Type.Object({ status: Type.Literal('ok') }) } },
  errors: [404, 413, 415, 429, 503],
  async handle({ request }, api) {
    const user = await userOfToken(api, headerToken(request))
    return api.intake.withBody(request, async (body) => {
      const feedback = readFeedback(parse(body))
      if ('problem' in feedback) throw new TastemakerError('bad-input', feedback.problem)
      const { recording: trackId, value } = feedback
      const track = await api.lists.track(trackId)
      const at = arrivalTime(api.now())
      const like = likeOfTrack({ user, trackId, track, at, value, source: 'listenbrainz' })
      const origin = { door: 'POST /1/feedback/recording-feedback' }
      const { rejected } = await api.intake.keep([{ value: like, text: body }], origin)
      if (rejected[0]) throw new TastemakerError('not-found', rejected[0].fault.detail)
      return json(ok)
    })
  },
}

function headerToken(request: Request): string | undefined {
  return /^(?:Token|Bearer) +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new TastemakerError('bad-input', 'The body is not JSON.', { cause })
  }
}

async function keep(listens: readonly SubmittedListen[], api: AppContext): Promise<void> {
  const { rejected } = await api.intake.keep(candidates(listens), { door })
  // The rules above are stricter than those of ingest, but for what its settings say of times.
  if (rejected[0]) throw notValid(rejected[0])
}

/** Keeps the bad listens as rejects and none of the good ones: the sender will send them again with the others mended. */
async function refuse(listens: readonly SubmittedListen[], api: AppContext): Promise<never> {
  const bad = candidates(listens).filter((_, place) => isFault(listens[place]!.answer))
  const { rejected } = await api.intake.keep(bad, { door })
  throw notValid(rejected[0]!)
}

const notValid = ({ index, fault }: RefusedEvent): TastemakerError =>
  new TastemakerError('bad-input', `payload[${index}]: ${fault.detail}`)

const candidates = (listens: readonly SubmittedListen[]): readonly Candidate[] =>
  listens.map(({ listen, answer }, place) => ({
    value: answer,
    place,
    ...(isFault(answer) && { text: shown(listen) }),
  }))

function shown(listen: unknown): string {
  try {
    return JSON.stringify(listen) ?? ''
  } catch {
    return ''
  }
}
