// A proxy that does to chosen requests what networks and poor servers do: loses answers, breaks bodies, strips headers.
import {
  createServer,
  request as forward,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'

/** A request on its way. */
export type Passing = {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** What is done to a request: `pass` it on, answer it here, or pass it on and spoil the answer. */
export type Meddling =
  | 'pass'
  | { readonly answer: number; readonly body: string }
  | { readonly without: string }
  | 'lose the answer'
  | 'break the body'

/** A proxy that runs. */
export type MeddlingProxy = {
  readonly endpoint: string
  /** Requests seen since the last `meddle`, with the status answered. */
  readonly seen: readonly (Passing & { readonly status: number })[]
  /** Says what is done to requests from now on. */
  meddle(decide: (passing: Passing) => Meddling): void
  stop(): Promise<void>
}

/** Starts a proxy before the server at `target`; it passes everything on until told otherwise. */
export async function startMeddlingProxy(target: string): Promise<MeddlingProxy> {
  const seen: (Passing & { readonly status: number })[] = []
  let decide: (passing: Passing) => Meddling = () => 'pass'
  const server = createServer((incoming, outgoing) => {
    const passing = { method: incoming.method ?? '', path: incoming.url ?? '', headers: incoming.headers }
    const meddling = decide(passing)
    const note = (status: number): void => void seen.push({ ...passing, status })
    if (typeof meddling === 'object' && 'answer' in meddling)
      return answerHere(incoming, outgoing, meddling, note)
    const headers = { ...incoming.headers }
    if (typeof meddling === 'object') delete headers[meddling.without]
    const onward = forward(`${target}${passing.path}`, { method: passing.method, headers }, (answer) => {
      note(answer.statusCode ?? 0)
      passBack(answer, outgoing, meddling)
    })
    onward.on('error', () => outgoing.destroy())
    incoming.pipe(onward)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    endpoint: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    seen,
    meddle(next) {
      seen.length = 0
      decide = next
    },
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function answerHere(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { answer, body }: { readonly answer: number; readonly body: string },
  note: (status: number) => void,
): void {
  incoming.resume().on('end', () => {
    note(answer)
    outgoing.writeHead(answer, { 'content-type': 'application/xml' }).end(body)
  })
}

function passBack(answer: IncomingMessage, outgoing: ServerResponse, meddling: Meddling): void {
  if (meddling === 'lose the answer') {
    answer.resume().on('end', () => outgoing.destroy())
    return
  }
  outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
  if (meddling !== 'break the body') {
    answer.pipe(outgoing)
    return
  }
  answer.once('data', (chunk: Buffer) => {
    outgoing.write(chunk.subarray(0, chunk.length >> 1), () => outgoing.destroy())
    answer.destroy()
  })
}
