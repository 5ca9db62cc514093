// How OpenSubsonic asks and answers: logins, parameters, answers in XML and JSON, numbers of errors.
import { createHash, timingSafeEqual } from 'node:crypto'
import Type from 'typebox'
import { TastemakerError } from '../errors.ts'
import { type Form, formOf } from './form.ts'
import { tokensOf, userOfToken } from './listener-token.ts'
import { type Answer, type AppContext, type Call, json, type Refusal } from './route.ts'
import { type Element, xmlDocument } from './xml.ts'

/** What an answer holds besides its head: as JSON, and as elements. */
export type Payload = { readonly json: Readonly<Record<string, unknown>>; readonly xml: readonly Element[] }

const head = {
  version: Type.String(),
  type: Type.String(),
  serverVersion: Type.String(),
  openSubsonic: Type.Literal(true),
}
/** Every answer, the good ones and the others. */
export const answerSchema = Type.Object(
  {
    'subsonic-response': Type.Object(
      { status: Type.Union([Type.Literal('ok'), Type.Literal('failed')]), ...head },
      { additionalProperties: true },
    ),
  },
  { title: 'SubsonicAnswer' },
)

const protocol = '1.16.1'
const missingWords = 'Required parameter is missing:'

/** The listener behind `apiKey`, or `u` with `t` and `s` or with `p`; throws `unauthorized` for a wrong one. */
export async function listenerOf(form: Form, api: AppContext): Promise<string> {
  const apiKey = form.get('apiKey')
  if (apiKey !== null) return userOfToken(api, apiKey)
  const user = needed(form, 'u')
  const token = await tokensOf(api).tokenOf(user)
  const salt = form.get('s')
  const [given, expected] =
    salt === null
      ? [passwordOf(needed(form, 'p')), token]
      : [
          needed(form, 't').toLowerCase(),
          createHash('md5')
            .update(token + salt)
            .digest('hex'),
        ]
  if (!isEqual(given, expected))
    throw new TastemakerError('unauthorized', 'Wrong name or password; the password is the Tastemaker token.')
  return user
}

const passwordOf = (given: string): string =>
  given.startsWith('enc:') ? Buffer.from(given.slice(4), 'hex').toString() : given

function isEqual(given: string, expected: string): boolean {
  const [left, right] = [given, expected].map((one) => createHash('sha256').update(one).digest())
  return timingSafeEqual(left!, right!)
}

/** A parameter that must be there; throws what becomes error 10. */
export function needed(form: Form, name: string): string {
  const value = form.get(name)
  if (value === null || value === '') throw missing(name)
  return value
}

/** Known again by how its message begins: Subsonic tells a missing parameter (10) from a bad one (0). */
export const missing = (name: string) => new TastemakerError('bad-argument', `${missingWords} ${name}.`)

/** Subsonic's numbers of errors. */
function numberOf({ code, message }: Refusal, form: Form): number {
  if (code === 'unauthorized') return form.has('apiKey') ? 44 : 40
  if (code === 'not-found') return 70
  return message.startsWith(missingWords) ? 10 : 0
}

/** A refusal as Subsonic tells it: with status 200, but where the sender should wait. */
export function tellRefusal(refusal: Refusal, { request }: Call): Answer {
  const form = formOf(request)
  const error = { code: numberOf(refusal, form), message: refusal.message }
  const payload = { json: { error }, xml: [{ name: 'error', attributes: error }] }
  const status = refusal.status === 429 || refusal.status >= 500 ? refusal.status : 200
  return { ...answerIn(form, 'failed', payload), status }
}

/** An answer in the form that was asked for. */
export function answerIn(form: Form, status: 'ok' | 'failed', payload: Payload, serverVersion = '0'): Answer {
  const attributes = { status, version: protocol, type: 'tastemaker', serverVersion, openSubsonic: true }
  if (form.get('f') === 'json') return json({ 'subsonic-response': { ...attributes, ...payload.json } })
  const root = { xmlns: 'http://subsonic.org/restapi', ...attributes }
  const body = xmlDocument({ name: 'subsonic-response', attributes: root, content: payload.xml })
  return { body, type: 'text/xml; charset=utf-8' }
}
