// How fast recommendations are answered over real HTTP from LMDB, beside a bare Hono route that sends the same bytes.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { createApp } from '../src/api/app.ts'
import { createMetrics } from '../src/api/metrics.ts'
import { serveNode } from '../src/api/node.ts'
import { readSettings } from '../src/config.ts'
import { silentLog } from '../src/log.ts'
import { openListReader } from '../src/serving/list-reader.ts'
import { openLists } from '../src/stores/open.ts'
import { publishSample, samplePseudonym } from '../test/api/sample.ts'
import type { BenchResult } from './bench.ts'

/** One sentence on the claim. */
export const describe =
  'GET recommendations over HTTP from LMDB (20,000 listeners x 100 artists): requests per second as a share of a bare Hono route that sends the same bytes, for 10 artists and for all 100; at least 0.3 for 10, where serving aims at 0.7'

const listeners = 20_000
const artistsPerList = 100
const limits = [10, 100] as const
const goal = 0.3
const connections = 32
const idsAsked = 2000

type Round = { readonly requestsPerSecond: number; readonly p99Ms: number; readonly cpuMicros: number }
type Ports = { readonly api: number; readonly bare: Readonly<Record<string, number>> }
type Load = {
  readonly requests: { readonly average: number; readonly total: number }
  readonly latency: { readonly p99: number }
  readonly non2xx: number
  readonly errors: number
}
type Autocannon = (options: Readonly<Record<string, unknown>>) => Promise<Load>

/**
 * Serves from a process of its own and loads it from this one: bare and real in turn, medians of the rounds.
 * `cpuMicros` is the server's own processor time per request, which says what a noisy machine hides.
 * @param words number of rounds and seconds of each; default 7 and 2
 */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const rounds = Number(words[0] ?? 7)
  const seconds = Number(words[1] ?? 2)
  const server = fork(new URL(import.meta.url))
  try {
    const [ports] = (await once(server, 'message')) as [Ports]
    const figures: Record<string, number> = { listeners, artistsPerList, rounds }
    for (const limit of limits)
      Object.assign(figures, await compare(server, { ports, limit, rounds, seconds }))
    return {
      figures,
      goals: { 'ratio.limit10': `>= ${goal}` },
      pass: figures['ratio.limit10']! >= goal,
    }
  } finally {
    server.send('stop')
    await once(server, 'exit')
  }
}

type Comparison = {
  readonly ports: Ports
  readonly limit: number
  readonly rounds: number
  readonly seconds: number
}

async function compare(server: ChildProcess, { ports, limit, rounds, seconds }: Comparison) {
  const urls = { bare: ports.bare[limit]!, api: ports.api }
  const seen: Record<keyof typeof urls, Round[]> = { bare: [], api: [] }
  for (const port of Object.values(urls)) await load(server, { port, limit, seconds: 1 })
  for (let round = 0; round < rounds; round++)
    for (const side of ['bare', 'api'] as const)
      seen[side].push(await load(server, { port: urls[side], limit, seconds }))
  const middle = (side: keyof typeof urls, of: keyof Round) => median(seen[side].map((round) => round[of]))
  const rates = { bare: middle('bare', 'requestsPerSecond'), api: middle('api', 'requestsPerSecond') }
  return {
    [`bareRequestsPerSecond.limit${limit}`]: Math.round(rates.bare),
    [`apiRequestsPerSecond.limit${limit}`]: Math.round(rates.api),
    [`ratio.limit${limit}`]: rounded(rates.api / rates.bare),
    [`apiP99Ms.limit${limit}`]: middle('api', 'p99Ms'),
    [`bareCpuMicros.limit${limit}`]: rounded(middle('bare', 'cpuMicros')),
    [`apiCpuMicros.limit${limit}`]: rounded(middle('api', 'cpuMicros')),
  }
}

async function load(
  server: ChildProcess,
  { port, limit, seconds }: { readonly port: number; readonly limit: number; readonly seconds: number },
): Promise<Round> {
  // The package brings no types; see `Load` for what is used of its answer.
  const { default: autocannon } = (await import('autocannon' as string)) as { default: Autocannon }
  const before = await cpuOf(server)
  const result = await autocannon({
    url: `http://127.0.0.1:${port}`,
    connections,
    duration: seconds,
    requests: Array.from({ length: idsAsked }, (_, at) => ({
      path: `/v1/users/${samplePseudonym(`listener-${(at * 7919) % listeners}`)}/recommendations?limit=${limit}`,
    })),
  })
  if (result.non2xx + result.errors > 0)
    throw new Error(`${result.non2xx} answers were not 2xx and ${result.errors} requests failed.`)
  const cpu = (await cpuOf(server)) - before
  return {
    requestsPerSecond: result.requests.average,
    p99Ms: result.latency.p99,
    cpuMicros: cpu / result.requests.total,
  }
}

async function cpuOf(server: ChildProcess): Promise<number> {
  server.send('cpu')
  const [micros] = (await once(server, 'message')) as [number]
  return micros
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const rounded = (value: number): number => Math.round(value * 1000) / 1000

/** The server's process: the real app and one bare app per limit; answers `cpu` with its processor time in microseconds. */
async function serve(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-api-'))
  const lists = await openLists(`lmdb:${folder}`)
  await publishSample(lists, { listeners, artists: 500, k: artistsPerList })
  const app = createApp({
    lists: openListReader(lists, Date.now),
    journal: undefined,
    pseudonymize: samplePseudonym,
    ingest: readSettings().ingest,
    now: Date.now,
    apiKey: '',
    log: silentLog,
    metrics: createMetrics(),
  })
  const options = { host: '127.0.0.1', port: 0, apiKey: '' }
  const bare: Record<string, number> = {}
  for (const limit of limits) {
    const answer = await app.request(`/v1/users/listener-1/recommendations?limit=${limit}`)
    bare[limit] = (await serveNode(bareApp(new Uint8Array(await answer.arrayBuffer())), options)).port
  }
  const ports: Ports = { api: (await serveNode(app, options)).port, bare }
  process.on('message', async (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage()
      process.send!(user + system)
      return
    }
    await lists.close()
    await rm(folder, { recursive: true, force: true })
    process.exit(0)
  })
  process.send!(ports)
}

function bareApp(bytes: Uint8Array<ArrayBuffer>): Hono {
  const headers = { 'content-type': 'application/json' }
  return new Hono().get('/v1/users/:id/recommendations', () => new Response(bytes, { headers }))
}

if (import.meta.main) await serve()
