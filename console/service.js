// Asks the service: JSON in, JSON out, errors in words.

const keyName = 'tastemaker-key'

/** An answer that was not 2xx, or none at all. `status` is 0 when the service could not be reached. */
export class ServiceError extends Error {
  constructor(status, message) {
    super(message)
    this.status = status
  }
}

/** Keeps the API key for this tab. */
export const keepKey = (key) => sessionStorage.setItem(keyName, key)

/** GET of a path with query values; undefined ones are left out. */
export function ask(path, query = {}) {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const search = new URLSearchParams(entries).toString()
  return send(search === '' ? path : `${path}?${search}`, {})
}

/** Sends events; resolves to what was accepted and rejected. */
export const sendEvents = (events) =>
  send('/v1/events', {
    method: 'POST',
    body: JSON.stringify(events),
    headers: { 'content-type': 'application/json' },
    keepalive: true,
  })

async function send(url, { headers = {}, ...options }) {
  const key = sessionStorage.getItem(keyName)
  const all = key ? { ...headers, authorization: `Bearer ${key}` } : headers
  const response = await fetch(url, { ...options, headers: all }).catch(() => {
    throw new ServiceError(0, 'The service does not answer. Is it running?')
  })
  const answer = await response.json().catch(() => ({}))
  if (response.ok) return answer
  throw new ServiceError(response.status, answer.error?.message ?? `The service answered ${response.status}.`)
}
