// The door to the network: serves the app on a port of this machine.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import { TastemakerError } from '../errors.ts'
import { isLoopback } from './access.ts'

/** Where to listen. */
export type NodeOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** The key the app was made with; empty only on loopback. */
  readonly apiKey: string
}

/** A server that listens. */
export type NodeServer = {
  readonly url: string
  readonly port: number
  /** Takes no new requests, lets those under way finish (at most 5 seconds), then resolves. */
  close(): Promise<void>
}

const closeGraceMs = 5000

/**
 * Listens and resolves once requests are answered.
 * Throws `bad-argument` for an address beyond loopback without a key, or one this machine does not have, and `conflict`
 * when the port is taken.
 */
export async function serveNode(app: Hono, { host, port, apiKey }: NodeOptions): Promise<NodeServer> {
  if (apiKey === '' && !isLoopback(host))
    throw new TastemakerError(
      'bad-argument',
      `Listening on ${host} without an API key would show listeners to the network; set apiKey (TASTEMAKER_API_KEY), or listen on 127.0.0.1.`,
    )
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)))
    server.listen(port, host.replace(/^\[(.+)\]$/, '$1'), resolve)
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${address.port}`,
    port: address.port,
    close: () => closeGently(server),
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): TastemakerError {
  const options = { cause: error }
  if (error.code === 'EADDRINUSE')
    return new TastemakerError(
      'conflict',
      `Port ${port} of ${host} is taken by another program; stop it, or choose another port (0 takes a free one).`,
      options,
    )
  if (error.code === 'EACCES')
    return new TastemakerError('bad-argument', `Port ${port} needs more rights; take one over 1023.`, options)
  return new TastemakerError('bad-argument', `Cannot listen on ${host}:${port} (${error.code}).`, options)
}

async function closeGently(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeIdleConnections()
  const force = setTimeout(() => server.closeAllConnections(), closeGraceMs)
  await closed
  clearTimeout(force)
}
