// The OpenSubsonic door: players report what of this service's tracks was played, by the track's id.
import Type, { type TObject } from 'typebox'
import { TastemakerError } from '../../errors.ts'
import { listenOfTrack } from '../../ingest/doors/known-track.ts'
import { type Form, formOf, readForm } from '../form.ts'
import { arrivalTime } from '../listener-token.ts'
import type { PlaybackReport } from '../playback.ts'
import type { Answer, AppContext, Route } from '../route.ts'
import type { Candidate } from '../sort-events.ts'
import {
  answerIn,
  answerSchema,
  listenerOf,
  missing,
  needed,
  type Payload,
  tellRefusal,
} from '../subsonic.ts'

type Endpoint = {
  readonly name: string
  readonly summary: string
  readonly description: string
  readonly query: Readonly<Record<string, Type.TSchema>>
  /** Answered to anybody. */
  readonly open?: true
  readonly answer: (form: Form, api: AppContext) => Promise<Payload>
}

const nothing: Payload = { json: {}, xml: [] }
const text = (description: string) => Type.Optional(Type.String({ description }))
const door = (name: string) => `/rest/${name}`

const endpoints: readonly Endpoint[] = [
  {
    name: 'ping',
    summary: 'Whether the listener may send, as OpenSubsonic asks it',
    description: 'Answers `ok` to a listener with the right password, token or key.',
    query: {},
    answer: async () => nothing,
  },
  {
    name: 'getLicense',
    summary: 'A license that is always valid',
    description: 'Programs ask for it before anything else.',
    query: {},
    answer: async () => ({
      json: { license: { valid: true } },
      xml: [{ name: 'license', attributes: { valid: true } }],
    }),
  },
  {
    name: 'getOpenSubsonicExtensions',
    summary: 'The OpenSubsonic extensions spoken here',
    description: 'Answered without a login, as the specification asks.',
    query: {},
    open: true,
    answer: async () => ({
      json: { openSubsonicExtensions: extensions.map((name) => ({ name, versions: [1] })) },
      xml: extensions.map((name) => ({
        name: 'openSubsonicExtensions',
        attributes: { name },
        content: [{ name: 'versions', content: '1' }],
      })),
    }),
  },
  {
    name: 'scrobble',
    summary: 'Report tracks as played',
    description:
      '`id` is the service’s id of a track that events have named; its artist is the one of the published lists. Several `id` and `time` may come together. `submission=false` (now playing) is answered and not kept. How long the track was heard is not known: prefer `reportPlayback`.',
    query: {
      id: text('The track.'),
      time: text('When it began, milliseconds since the epoch; default: the minute it arrives in.'),
      submission: text('false: it plays now.'),
    },
    answer: scrobble,
  },
  {
    name: 'reportPlayback',
    summary: 'Report a player’s state',
    description:
      '`starting`, `playing` and `paused` are remembered until `stopped` makes a listen of them, with how long it was heard: so a play is known as full, partial or skipped. With `ignoreScrobble=true` nothing is kept.',
    query: {
      mediaId: text('The track.'),
      mediaType: text('song; anything else is answered and not kept.'),
      positionMs: text('Where in the track, in milliseconds.'),
      state: text('starting, playing, paused or stopped.'),
      playbackRate: text('Speed; default 1.'),
      ignoreScrobble: text('true: keep nothing.'),
    },
    answer: reportPlayback,
  },
]

const extensions = ['formPost', 'apiKeyAuthentication', 'playbackReport']

const login: TObject['properties'] = {
  u: text('The listener.'),
  t: text('MD5 of the listener’s Tastemaker token followed by `s`, in hexadecimal.'),
  s: text('Salt.'),
  p: text('Instead of t and s: the token itself, or `enc:` and its bytes in hexadecimal.'),
  apiKey: text('Instead of all of these: the token.'),
  f: text('json; default: XML.'),
  c: text('Name of the player.'),
}

/** The routes of the door: each endpoint by GET and by POST, with `.view` too. */
export const subsonicRoutes: readonly Route[] = endpoints.flatMap((endpoint) =>
  (['get', 'post'] as const).map((method) => routeOf(endpoint, method)),
)

function routeOf(endpoint: Endpoint, method: 'get' | 'post'): Route {
  const { name, summary, description, query } = endpoint
  const schema = Type.Object({ ...(endpoint.open ? { f: login.f! } : login), ...query })
  return {
    method,
    path: door(name),
    aliases: [`${door(name)}.view`],
    summary,
    description: `${description} Errors are told with status 200 and \`status: failed\`, as Subsonic does, but for 429 and 5xx. Parameters may come in the address or in a form.`,
    token: true,
    ...(method === 'get'
      ? { documentedQuery: schema }
      : { body: { description: 'The form.', schema, types: ['application/x-www-form-urlencoded'] } }),
    refusal: { schema: answerSchema, tell: tellRefusal },
    answers: { 200: { description: 'The answer, or what was wrong.', schema: answerSchema } },
    errors: [413, 415, 429, 503],
    handle: ({ request }, api) =>
      method === 'get'
        ? respond(formOf(request), endpoint, api)
        : api.intake.withBody(request, (body) => respond(readForm(request, body), endpoint, api)),
  }
}

async function respond(form: Form, endpoint: Endpoint, api: AppContext): Promise<Answer> {
  if (!endpoint.open) form.set('u', await listenerOf(form, api))
  return answerIn(form, 'ok', await endpoint.answer(form, api), api.programVersion)
}

async function scrobble(form: Form, api: AppContext): Promise<Payload> {
  const ids = form.getAll('id')
  if (ids.length === 0) throw missing('id')
  if (form.get('submission') === 'false') return nothing
  const times = form.getAll('time')
  const candidates = await Promise.all(
    ids.map(async (trackId, at) => listen(api, { form, trackId, at: timeOf(times[at], api) })),
  )
  return keep(candidates, 'scrobble', api)
}

async function reportPlayback(form: Form, api: AppContext): Promise<Payload> {
  const trackId = needed(form, 'mediaId')
  const report: PlaybackReport = {
    player: JSON.stringify([form.get('u'), form.get('c') ?? '']),
    trackId,
    state: stateOf(needed(form, 'state')),
    positionMs: numberIn(needed(form, 'positionMs'), 'positionMs', { most: 86_400_000 * 24 }),
    rate: numberIn(form.get('playbackRate') ?? '1', 'playbackRate', { most: 100 }),
    at: api.now(),
  }
  const played = api.playback.report(report)
  const isSong = (form.get('mediaType') ?? 'song') === 'song'
  if (!played || !isSong || form.get('ignoreScrobble') === 'true') return nothing
  const { startedAt: at, playedMs } = played
  return keep([await listen(api, { form, trackId, at: Math.round(at), playedMs })], 'reportPlayback', api)
}

type Play = {
  readonly form: Form
  readonly trackId: string
  readonly at: number
  readonly playedMs?: number
}

async function listen(api: AppContext, { form, ...play }: Play): Promise<Candidate> {
  const track = await api.lists.track(play.trackId)
  const value = listenOfTrack({ user: form.get('u') ?? '', track, ...play })
  return { value, text: JSON.stringify({ trackId: play.trackId, at: play.at }) }
}

async function keep(candidates: readonly Candidate[], name: string, api: AppContext): Promise<Payload> {
  const { rejected } = await api.intake.keep(candidates, { door: door(name) })
  const [first] = rejected
  if (!first) return nothing
  throw new TastemakerError(
    first.fault.reason === 'no-artist' ? 'not-found' : 'bad-argument',
    first.fault.detail,
  )
}

function timeOf(given: string | undefined, api: AppContext): number {
  return given === undefined
    ? arrivalTime(api.now())
    : numberIn(given, 'time', { most: Number.MAX_SAFE_INTEGER })
}

const states = ['starting', 'playing', 'paused', 'stopped'] as const

function stateOf(given: string): PlaybackReport['state'] {
  const state = states.find((known) => known === given)
  if (state) return state
  throw new TastemakerError('bad-argument', `state is one of ${states.join(', ')}; it is ${shown(given)}.`)
}

function numberIn(given: string, name: string, { most }: { readonly most: number }): number {
  const value = /^\d{1,16}(\.\d{1,9})?$/.test(given) ? Number(given) : Number.NaN
  if (value <= most) return value
  throw new TastemakerError('bad-argument', `${name} is a number from 0 to ${most}; it is ${shown(given)}.`)
}

const shown = (given: string): string => JSON.stringify(given.slice(0, 40))
