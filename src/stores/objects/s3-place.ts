// Where objects lie on S3, read from a URL: s3://BUCKET/PREFIX?endpoint=http://HOST:PORT&region=NAME&style=path.
import { TastemakerError } from '../../errors.ts'
import { checkKey } from './object-key.ts'

/** A place on S3. What is undefined is left to the client's own sources: environment, profile, defaults. */
export type S3Place = {
  readonly bucket: string
  /** Empty, or ends with a slash. */
  readonly prefix: string
  /** Address of a server that is not AWS: `http://127.0.0.1:9000`. */
  readonly endpoint: string | undefined
  readonly region: string | undefined
  /** `path`: http://server/bucket/key; `host`: http://bucket.server/key. */
  readonly style: 'path' | 'host' | undefined
}

const settingNames = ['endpoint', 'region', 'style']
const example = 's3://BUCKET/PREFIX?endpoint=http://HOST:PORT&region=NAME&style=path'

/**
 * Reads an `s3:` URL. Bucket and prefix are taken as written, without percent signs' meaning.
 * Throws `bad-argument` for a URL that names no bucket, has an unknown setting or holds credentials; never shows the URL.
 */
export function parseS3Place(url: string): S3Place {
  const [, authority = '', path = '', query = ''] = /^s3:\/\/([^/?]*)([^?]*)\??(.*)$/is.exec(url) ?? []
  if (authority.includes('@')) throw credentialsInUrl()
  if (!/^[a-z0-9][a-z0-9._-]{1,254}$/i.test(authority))
    throw new TastemakerError(
      'bad-argument',
      `An s3: URL begins with the name of a bucket, as in ${example}.`,
    )
  const settings = readQuery(query)
  return {
    bucket: authority,
    prefix: prefixOf(path),
    endpoint: endpointOf(settings.get('endpoint')),
    region: settings.get('region'),
    style: styleOf(settings.get('style')),
  }
}

function readQuery(query: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(query)) {
    if (/key|secret|token|password|credential/i.test(name)) throw credentialsInUrl()
    if (!settingNames.includes(name) || settings.has(name) || value === '')
      throw new TastemakerError(
        'bad-argument',
        `An s3: URL takes ${settingNames.join(', ')}, each once and with a value; this one has ${JSON.stringify(name)}. Example: ${example}.`,
      )
    settings.set(name, value)
  }
  return settings
}

function prefixOf(path: string): string {
  const prefix = path.replace(/^\//, '').replace(/\/$/, '')
  if (prefix === '') return ''
  checkKey(prefix)
  return `${prefix}/`
}

/** The address of a server, checked: `http` or `https`, no credentials, no query; undefined stays so. */
export function endpointOf(endpoint: string | undefined): string | undefined {
  if (endpoint === undefined) return undefined
  const url = URL.parse(endpoint)
  if (url && (url.username !== '' || url.password !== '')) throw credentialsInUrl()
  if (url && /^https?:$/.test(url.protocol) && !url.search && !url.hash) return url.href.replace(/\/$/, '')
  throw new TastemakerError(
    'bad-argument',
    'The endpoint of an S3 server is an address such as http://127.0.0.1:9000, in the URL or in AWS_ENDPOINT_URL_S3.',
  )
}

function styleOf(style: string | undefined): S3Place['style'] {
  if (style === undefined || style === 'path' || style === 'host') return style
  throw new TastemakerError(
    'bad-argument',
    `The style of an s3: URL is path or host, not ${JSON.stringify(style)}.`,
  )
}

const credentialsInUrl = (): TastemakerError =>
  new TastemakerError(
    'bad-argument',
    'An s3: URL must not hold credentials: put them into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role.',
  )
