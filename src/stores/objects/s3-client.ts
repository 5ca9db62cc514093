// A client for a place on S3; credentials come from the environment, a profile, a web identity or a role.
import { S3Client } from '@aws-sdk/client-s3'
import { endpointOf, type S3Place } from './s3-place.ts'

/** A client and the place it works on. */
export type S3Access = {
  readonly client: S3Client
  readonly place: S3Place
  /** Address of a server that is not AWS, from the place or the environment. */
  readonly endpoint: string | undefined
}

const silent = { debug() {}, info() {}, warn() {}, error() {}, trace() {} }

/**
 * Makes a client; nothing is sent yet. Throws `bad-argument` for an endpoint of the environment that is none. A failed request is tried seven times in all, with growing pauses: a few seconds.
 * A server that is not AWS is addressed in `path` style and as region `us-east-1`, unless the place or the environment says otherwise.
 */
export function connectS3(place: S3Place): S3Access {
  const { AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, AWS_REGION } = process.env
  const endpoint = place.endpoint ?? endpointOf(AWS_ENDPOINT_URL_S3 || AWS_ENDPOINT_URL || undefined)
  const isOwnServer = endpoint !== undefined
  const region = place.region ?? (isOwnServer ? AWS_REGION || 'us-east-1' : undefined)
  const client = new S3Client({
    ...(isOwnServer && { endpoint }),
    ...(region !== undefined && { region }),
    forcePathStyle: (place.style ?? (isOwnServer ? 'path' : 'host')) === 'path',
    followRegionRedirects: !isOwnServer,
    maxAttempts: 7,
    logger: silent,
    requestHandler: {
      connectionTimeout: 5000,
      socketTimeout: 120_000,
      httpAgent: { keepAlive: true, maxSockets: 32 },
      httpsAgent: { keepAlive: true, maxSockets: 32 },
    },
  })
  return { client, place, endpoint }
}
