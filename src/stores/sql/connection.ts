// From a URL to the terms of a connection to a Postgres: who, where, and how the wire is protected.
import { readFileSync } from 'node:fs'
import type { ConnectionOptions } from 'node:tls'
import type { ClientConfig } from 'pg'
import { TastemakerError } from '../../errors.ts'
import { errorCode } from '../durable-folder.ts'

/** How the wire is protected. Words of libpq; its half-measures `allow` and `prefer`, which fall back to plain, are refused. */
const sslModes = ['disable', 'require', 'verify-ca', 'verify-full'] as const

type SslMode = (typeof sslModes)[number]

/** Parameters of the URL that are ours; all others go to `pg`. */
const ours = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey'] as const

/**
 * Terms of `postgres://user:password@host:port/database?sslmode=...`:
 * `disable` plain; `require` encrypted, whoever answers; `verify-ca` with a certificate from a known authority;
 * `verify-full` and for the host of the URL. Known are the authorities in the PEM file `sslrootcert`, else those of
 * Node. `sslcert` and `sslkey` are the client's own PEM files. Without `sslmode`: `verify-full` where a file of the
 * authorities is named, else `disable`. Throws `bad-argument`, never with the URL or a secret in it.
 */
export function connectionTerms(url: string): ClientConfig {
  // `user@/database?host=/run/postgresql` names a socket: no URL as the standard has it until a host stands there.
  const whole = url.replace('@/', '@localhost/')
  const parsed = URL.canParse(whole) ? new URL(whole) : undefined
  if (!parsed)
    throw new TastemakerError(
      'bad-argument',
      'The URL of the SQL store cannot be read. It is postgres://user:password@host:port/database; write special characters of the password as %XX.',
    )
  const [mode, rootCert, cert, key] = ours.map((name) => parsed.searchParams.get(name) ?? undefined)
  for (const name of ours) parsed.searchParams.delete(name)
  return {
    connectionString: parsed.href,
    ssl: wire(modeOf(mode, rootCert), {
      // What a certificate is checked against; for an address in digits, `pg` names none, and Node would take localhost.
      host: parsed.searchParams.get('host') ?? parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
      ...(rootCert !== undefined && { ca: pem('sslrootcert', rootCert) }),
      ...(cert !== undefined && { cert: pem('sslcert', cert) }),
      ...(key !== undefined && { key: pem('sslkey', key) }),
    }),
  }
}

function modeOf(word: string | undefined, rootCert: string | undefined): SslMode {
  const mode = word ?? (rootCert === undefined ? 'disable' : 'verify-full')
  const known = sslModes.find((name) => name === mode)
  if (known) return known
  throw new TastemakerError(
    'bad-argument',
    `sslmode=${mode} of the SQL store's URL is not one of ${sslModes.join(', ')}.`,
  )
}

function wire(mode: SslMode, files: ConnectionOptions): false | ConnectionOptions {
  if (mode === 'disable') return false
  if (mode === 'require') return { ...files, rejectUnauthorized: false }
  if (mode === 'verify-full') return { ...files, rejectUnauthorized: true }
  return { ...files, rejectUnauthorized: true, checkServerIdentity: () => undefined }
}

function pem(parameter: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const code = errorCode(cause) ?? 'failed'
    throw new TastemakerError('bad-argument', `Cannot read the file of ${parameter}, ${path}: ${code}.`, {
      cause,
    })
  }
}

/** Why nobody can be connected to, by the code of the system, of TLS or of the server; never with a value of the URL. */
export function refusal(error: unknown): TastemakerError {
  if (error instanceof TastemakerError) return error
  const code = errorCode(error)
  const message = error instanceof Error ? error.message : ''
  const plain = message.includes('does not support SSL')
  const reason = plain
    ? 'the server offers no TLS; use sslmode=disable only where the wire is safe'
    : reasons[code ?? '']
  return new TastemakerError(
    'outside',
    `Could not connect to the SQL store: ${code ?? 'no answer'}${reason === undefined ? '' : ` (${reason})`}. Check its URL.`,
    { cause: error },
  )
}

const unknownAuthority =
  'its certificate comes from an authority that is not known: name a PEM file with sslrootcert'

const reasons: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_SIGNATURE_FAILURE: unknownAuthority,
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  ENOTFOUND: 'there is no such host',
  ECONNREFUSED: 'nobody listens there',
  '28P01': 'wrong user or password',
  '28000': 'the server does not let this user in this way; it may ask for TLS or a client certificate',
  '3D000': 'there is no such database',
  '42501': 'the user may not connect to it',
}
