// The Last.fm door: scrobblers that let their user set the address of a Last.fm 2.0 API send their scrobbles here.
import { createHash, timingSafeEqual } from 'node:crypto'
import Type from 'typebox'
import { TastemakerError } from '../../errors.ts'
import { mostScrobbles, readLove, readScrobbles, type Scrobble } from '../../ingest/doors/lastfm.ts'
import { type Fault, isFault } from '../../ingest/fault.ts'
import { type Form, formOf, readForm } from '../form.ts'
import { arrivalTime, tokensOf, userOfToken } from '../listener-token.ts'
import { type Answer, type AppContext, type Call, json, type Refusal, type Route } from '../route.ts'
import { type Element, xmlDocument } from '../xml.ts'

/** An answer in both forms. */
type Told = { readonly json: unknown; readonly xml: Element }

const door = 'POST /2.0/'

/** Last.fm's numbers of errors. */
const numberOf = ({ status, code }: Refusal, method: string): number => {
  if (code === 'unauthorized') return method.startsWith('auth.') ? 4 : 9
  if (code === 'not-found') return 3
  if (code === 'busy') return 29
  if (status === 503) return 16
  return status === 500 ? 8 : 6
}

const refusal = {
  schema: Type.Object({ error: Type.Integer(), message: Type.String() }, { title: 'LastfmError' }),
  tell: (refused: Refusal, { request }: Call): Answer => {
    const form = formOf(request)
    const error = numberOf(refused, form.get('method') ?? '')
    const { message } = refused
    const content = [{ name: 'error', attributes: { code: error }, content: message }]
    const told = { json: { error, message }, xml: { name: 'lfm', attributes: { status: 'failed' }, content } }
    return { ...answerIn(form, told), status: refused.status === 401 ? 403 : refused.status }
  },
}

const common = {
  path: '/2.0/',
  aliases: ['/2.0'],
  token: true,
  refusal,
  answers: {
    200: {
      description:
        'As the method answers: XML, or JSON with `format=json`. Scrobbles are answered one by one; `ignoredMessage` says why one was not kept.',
      schema: Type.Object({}, { additionalProperties: true, title: 'LastfmAnswer' }),
    },
    403: { description: 'The session key, password or token is wrong.', schema: refusal.schema },
  },
  errors: [404, 413, 415, 429, 503],
} as const

const words =
  'Methods: `track.scrobble` (up to 50, `artist[0]`, `track[0]`, `timestamp[0]`, ...), `track.updateNowPlaying` (answered and not kept), `track.love`, `track.unlove`, `auth.getMobileSession` (`username` and as `password` the listener’s token), `auth.getSession` (as `token` the listener’s token), `user.getInfo`. The session key `sk` is the token. `api_key` and `api_sig` are not looked at. Scrobbles answered with `ignoredMessage` code 0 are on disk.'

/** `POST /2.0/` */
export const postLastfm: Route = {
  ...common,
  method: 'post',
  summary: 'Scrobble as to Last.fm 2.0',
  description: words,
  body: {
    description: 'The form.',
    schema: Type.Object(
      { method: Type.String(), sk: Type.Optional(Type.String()), format: Type.Optional(Type.String()) },
      { additionalProperties: true },
    ),
    types: ['application/x-www-form-urlencoded'],
  },
  handle: ({ request }, api) =>
    api.intake.withBody(request, async (body) => {
      const form = readForm(request, body)
      return answerIn(form, await toldBy(form, writing, api))
    }),
}

/** `GET /2.0/` */
export const getLastfm: Route = {
  ...common,
  method: 'get',
  summary: 'Ask as of Last.fm 2.0',
  description: `The methods that write nothing. ${words}`,
  async handle({ request }, api) {
    const form = formOf(request)
    return answerIn(form, await toldBy(form, reading, api))
  },
}

type Method = (form: Form, api: AppContext) => Promise<Told>

/** Methods that programs may ask by GET. */
const reading: Readonly<Record<string, Method | undefined>> = {
  'auth.getmobilesession': async (form, api) => session(await mobileUser(form, api), api),
  'auth.getsession': async (form, api) =>
    session(await userOfToken(api, form.get('token') ?? undefined), api),
  'user.getinfo': async (form, api) => {
    const name = await sender(form, api)
    const user = [{ name: 'name', content: name }]
    return { json: { user: { name } }, xml: ok([{ name: 'user', content: user }]) }
  },
}

const writing: Readonly<Record<string, Method | undefined>> = {
  ...reading,
  'track.scrobble': scrobble,
  'track.updatenowplaying': async (form, api) => {
    await sender(form, api)
    return { json: { nowplaying: { ignoredMessage: message(0) } }, xml: ok([{ name: 'nowplaying' }]) }
  },
  'track.love': (form, api) => love(form, api, 1),
  'track.unlove': (form, api) => love(form, api, -1),
}

function toldBy(
  form: Form,
  methods: Readonly<Record<string, Method | undefined>>,
  api: AppContext,
): Promise<Told> {
  const name = (form.get('method') ?? '').toLowerCase()
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined
  if (method) return method(form, api)
  throw new TastemakerError(
    'not-found',
    `There is no method ${JSON.stringify(name.slice(0, 60))} here; there are ${Object.keys(methods).join(', ')}.`,
  )
}

const sender = (form: Form, api: AppContext): Promise<string> => userOfToken(api, form.get('sk') ?? undefined)

/** `password` is the listener's token; `authToken` is MD5 of the name and the MD5 of that, as Last.fm has it. */
async function mobileUser(form: Form, api: AppContext): Promise<string> {
  const name = form.get('username') ?? ''
  const token = await tokensOf(api).tokenOf(name)
  const given = form.get('authToken') ?? md5(name + md5(form.get('password') ?? ''))
  const expected = [name, name.toLowerCase()].map((spelt) => md5(spelt + md5(token)))
  if (name === '' || !expected.some((one) => isEqual(one, given)))
    throw new TastemakerError('unauthorized', 'The name or the password is wrong; the password is the token.')
  return name
}

async function session(name: string, api: AppContext): Promise<Told> {
  const key = await tokensOf(api).tokenOf(name)
  const parts = { name, key, subscriber: '0' }
  const content = Object.entries(parts).map(([part, text]) => ({ name: part, content: text }))
  return { json: { session: { name, key, subscriber: 0 } }, xml: ok([{ name: 'session', content }]) }
}

async function scrobble(form: Form, api: AppContext): Promise<Told> {
  const scrobbles = readScrobbles(form, await sender(form, api))
  if (scrobbles.length === 0 || scrobbles.length > mostScrobbles)
    throw new TastemakerError(
      'bad-argument',
      `A request holds 1 to ${mostScrobbles} scrobbles; this one holds ${scrobbles.length}.`,
    )
  const candidates = scrobbles.map(({ answer, ...sent }) =>
    isFault(answer) ? { value: answer, text: JSON.stringify(sent) } : { value: answer },
  )
  const { accepted, rejected } = await api.intake.keep(candidates, { door })
  const faults = new Map(rejected.map(({ index, fault }) => [index, fault]))
  const told = scrobbles.map((sent, index) => ({ sent, ignored: ignoredAs(faults.get(index)) }))
  const counts = { accepted, ignored: rejected.length }
  const all = told.map(asJson)
  return {
    json: { scrobbles: { scrobble: all.length === 1 ? all[0] : all, '@attr': counts } },
    xml: ok([{ name: 'scrobbles', attributes: counts, content: told.map(asXml) }]),
  }
}

/** Last.fm's reasons: artist 1, track 2, too old 3, too new 4. */
function ignoredAs(fault: Fault | undefined): { readonly number: number; readonly words: string } {
  const numbers: Readonly<Record<string, number>> = {
    'no-track': 2,
    'too-old': 3,
    'bad-time': 3,
    'future-time': 4,
  }
  return fault ? { number: numbers[fault.reason] ?? 1, words: fault.detail } : { number: 0, words: '' }
}

type ToldScrobble = { readonly sent: Scrobble; readonly ignored: ReturnType<typeof ignoredAs> }

const message = (code: number, text = '') => ({ code: String(code), '#text': text })
const spelt = (text: string) => ({ corrected: '0', '#text': text })

const asJson = ({ sent, ignored }: ToldScrobble) => ({
  track: spelt(sent.track),
  artist: spelt(sent.artist),
  album: spelt(sent.album),
  albumArtist: spelt(sent.albumArtist),
  timestamp: sent.timestamp,
  ignoredMessage: message(ignored.number, ignored.words),
})

function asXml({ sent, ignored }: ToldScrobble): Element {
  const names = (['track', 'artist', 'album', 'albumArtist'] as const).map((name) => ({
    name,
    attributes: { corrected: 0 },
    content: sent[name],
  }))
  const why = { name: 'ignoredMessage', attributes: { code: ignored.number }, content: ignored.words }
  return { name: 'scrobble', content: [...names, { name: 'timestamp', content: sent.timestamp }, why] }
}

async function love(form: Form, api: AppContext, value: 1 | -1): Promise<Told> {
  const answer = readLove(form, { user: await sender(form, api), now: arrivalTime(api.now()), value })
  const { rejected } = await api.intake.keep([{ value: answer, text: '' }], { door })
  if (rejected[0]) throw new TastemakerError('bad-input', rejected[0].fault.detail)
  return { json: {}, xml: ok([]) }
}

const ok = (content: readonly Element[]): Element => ({ name: 'lfm', attributes: { status: 'ok' }, content })

const answerIn = (form: Form, told: Told): Answer =>
  form.get('format') === 'json'
    ? json(told.json)
    : { body: xmlDocument(told.xml), type: 'text/xml; charset=utf-8' }

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')

const isEqual = (left: string, right: string): boolean =>
  left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right.toLowerCase()))
