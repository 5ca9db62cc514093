// Who may ask: the key check in constant time, and without a key only this machine's own pages and programs.
import { createHash, timingSafeEqual } from 'node:crypto'
import { TastemakerError } from '../errors.ts'

/** Throws `unauthorized` for a request that may not pass. */
export type Access = (request: Request) => void

/**
 * The check of every route that is not open.
 * With a key: `Authorization: Bearer KEY` or `X-API-Key: KEY`; both sides are hashed first, so that neither the key's length
 * nor where it differs shows in the time taken.
 * Without a key: the request must be addressed to a loopback name, and a POST must not come from another site's page;
 * otherwise any web page open on this machine could read or write here.
 */
export function createAccess(apiKey: string): Access {
  if (apiKey === '') return loopbackCheck()
  const expected = digest(apiKey)
  return ({ headers }) => {
    const bearer = /^Bearer +(.+)$/i.exec(headers.get('authorization') ?? '')?.[1]
    const given = bearer ?? headers.get('x-api-key') ?? ''
    if (!timingSafeEqual(digest(given), expected))
      throw new TastemakerError(
        'unauthorized',
        'The API key is missing or wrong; send it as `Authorization: Bearer KEY`.',
      )
  }
}

/** Whether a host name or address is this machine's loopback. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

function loopbackCheck(): Access {
  let passed = ''
  return (request) => {
    const end = request.url.indexOf('/', 8)
    const origin = end < 0 ? request.url : request.url.slice(0, end)
    if (origin !== passed) {
      if (!isLoopback(origin.replace(/^https?:\/\//, '').replace(/:\d+$/, ''))) throw notLoopback()
      passed = origin
    }
    if (request.method !== 'POST') return
    const from = request.headers.get('origin')
    if (from !== null && from !== origin)
      throw new TastemakerError(
        'unauthorized',
        'Without an API key, pages of other sites may not send events.',
      )
  }
}

const notLoopback = () =>
  new TastemakerError(
    'unauthorized',
    'Without an API key only requests to localhost are answered; set an API key to serve other addresses.',
  )

const digest = (key: string): Buffer => createHash('sha256').update(key).digest()
