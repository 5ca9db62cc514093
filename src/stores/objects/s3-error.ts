// Errors of S3 and of the way to it, in words that say what to do and hold no secret.
import { TastemakerError } from '../../errors.ts'
import type { S3Access } from './s3-client.ts'

const access = 'Allow s3:GetObject, s3:PutObject, s3:DeleteObject, s3:ListBucket and s3:AbortMultipartUpload.'
const noCredentials =
  'no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a web identity or an instance role'

const unknownKey = 'the access key is not known there: see AWS_ACCESS_KEY_ID, or the profile'

const advice: Readonly<Record<string, string>> = {
  NoSuchBucket: 'there is no such bucket: create it, or mend the URL',
  InvalidBucketName: 'that cannot be the name of a bucket: mend the URL',
  AccessDenied: `access is denied. ${access} Without s3:ListBucket a missing object looks like a denied one`,
  Forbidden: `access is denied. ${access}`,
  AccountProblem: 'the account has a problem: see its console',
  InvalidAccessKeyId: unknownKey,
  XAdminUserNotFound: unknownKey,
  SignatureDoesNotMatch: 'the secret key does not fit: see AWS_SECRET_ACCESS_KEY, or the profile',
  ExpiredToken: 'the credentials have expired: renew them',
  InvalidToken: 'the session token is not valid: see AWS_SESSION_TOKEN',
  RequestTimeTooSkewed: "this machine's clock is wrong: set it",
  AuthorizationHeaderMalformed: 'the region is wrong: add region=NAME to the URL',
  PermanentRedirect: 'the bucket is in another region: add region=NAME to the URL',
  CredentialsProviderError: noCredentials,
  TokenProviderError: noCredentials,
  QuotaExceeded: 'the quota is used up: make room',
  SlowDown: 'it asks for fewer requests: try again later',
  NotImplemented: 'this server cannot do what is asked: use another',
  RegionMissing: 'no region is set: add region=NAME to the URL, or set AWS_REGION',
  EPROTO: 'it does not speak TLS: mend http or https in endpoint=',
  ECONNREFUSED: 'nothing answers there: start the server, or mend endpoint=',
  ECONNRESET: 'the connection broke off: see the network and the server',
  ENOTFOUND: 'no such host is known: mend endpoint=, or add style=path to the URL',
  EAI_AGAIN: 'the name of the host could not be looked up: see the network',
  TimeoutError: 'it does not answer in time: see the network and the server',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: name it in NODE_EXTRA_CA_CERTS',
}

const ofTheKey: Readonly<Record<string, string>> = {
  KeyTooLongError: 'the key is too long',
  InvalidURI: 'the server cannot take such a key',
}

/** Keys that a server with folders behind it cannot hold beside each other: `a` and `a/b`. */
const folderNames = ['ObjectParentIsFile', 'ExistingObjectIsDirectory']

const nameless = 'Error'

/** The name of an error of S3 (`NoSuchKey`), or the code of the network's (`ECONNREFUSED`). */
export function s3ErrorName(error: unknown): string {
  const { Code, code, name, message } = error as Partial<Record<'Code' | 'code' | 'name' | 'message', string>>
  if (message === 'Region is missing') return 'RegionMissing'
  if (typeof code === 'string' && /^[A-Z_0-9]+$/.test(code)) return code
  return name && !['UnknownError', 'SyntaxError', nameless].includes(name) ? name : (Code ?? nameless)
}

/** The HTTP status of an answer; undefined when there was none. */
export const s3Status = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode

/** An error as ours; our own pass through. `what` says what could not be done. */
export function s3Error(error: unknown, what: string, { place, endpoint }: S3Access): TastemakerError {
  if (error instanceof TastemakerError) return error
  const name = s3ErrorName(error)
  const cause = withoutSecrets(error, name)
  if (folderNames.includes(name))
    return new TastemakerError('conflict', `${what}: one key cannot be the folder of another.`, { cause })
  if (Object.hasOwn(ofTheKey, name))
    return new TastemakerError('bad-argument', `${what}: ${ofTheKey[name]}.`, { cause })
  const where = `bucket ${place.bucket}${endpoint ? ` at ${endpoint}` : ''}`
  return new TastemakerError('outside', `${what} (${where}): ${seenAs(name, s3Status(error))}.`, { cause })
}

function seenAs(name: string, status: number | undefined): string {
  if (Object.hasOwn(advice, name)) return advice[name]!
  if (status === undefined) return name
  return name === nameless ? `it answers ${status}, and not as S3 does: mend endpoint=` : `${name}, ${status}`
}

/** The client's errors carry the whole answer, and with it signatures and session tokens: only name and words are kept. */
function withoutSecrets(error: unknown, name: string): Error {
  const kept = new Error((error as Error).message)
  kept.name = name
  return kept
}
