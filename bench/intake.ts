// How many events a second the intake acknowledges over real HTTP, each on disk before its answer, beside fsync alone on the same disk and the parser alone.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { createApp } from '../src/api/app.ts'
import { createMetrics } from '../src/api/metrics.ts'
import { serveNode } from '../src/api/node.ts'
import { parseEvents, sortEvents } from '../src/api/sort-events.ts'
import { readSettings } from '../src/config.ts'
import { createCleaner } from '../src/ingest/clean-event.ts'
import { createPseudonymizer } from '../src/ingest/pseudonym.ts'
import { drainJournal } from '../src/jobs/drain-journal.ts'
import { silentLog } from '../src/log.ts'
import { openListReader } from '../src/serving/list-reader.ts'
import { openJournal, openLists, openObjects } from '../src/stores/open.ts'
import type { BenchResult } from './bench.ts'

/** One sentence on the claim. */
export const describe =
  'POST /v1/events over HTTP with each answer after its events are on disk: events per second for 1, 8 and 64 connections x 1, 10 and 100 events; single events at least 0.7 of a bare route that appends each body unchecked and syncs it by itself, for 1 and for 64 connections, which share each sync among at least 8 requests; batches of 100 take at most 2.5 times the processor of parsing and checking alone'

const connectionCounts = [1, 8, 64] as const
const eventCounts = [1, 10, 100] as const
const goals = {
  'ratio.bare.c1': 0.7,
  'ratio.bare.c64': 0.7,
  'requestsPerCommit.c64.e1': 8,
  'ratio.parserCpu': 0.4,
} as const

type Load = {
  readonly requests: { readonly total: number }
  readonly latency: { readonly p50: number; readonly p99: number }
  readonly duration: number
  readonly non2xx: number
  readonly errors: number
}
type Autocannon = (options: Readonly<Record<string, unknown>>) => Promise<Load>
type Round = Readonly<
  Record<'eventsPerSecond' | 'requestsPerCommit' | 'p50Ms' | 'p99Ms' | 'cpuMicrosPerEvent', number>
>
type Counts = { readonly commits: number; readonly cpuMicros: number }

/**
 * Serves from a process of its own and loads it from this one; all cases in turn, medians of the rounds.
 * @param words number of rounds and seconds of each; default 3 and 2
 */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const rounds = Number(words[0] ?? 3)
  const seconds = Number(words[1] ?? 2)
  const folder = await mkdtemp(join(tmpdir(), 'bench-intake-'))
  const server = fork(new URL(import.meta.url), [folder])
  try {
    const [{ port, barePort }] = (await once(server, 'message')) as [{ port: number; barePort: number }]
    const seen = new Map<string, number[]>()
    const note = (name: string, value: number) => seen.set(name, [...(seen.get(name) ?? []), value])
    await load(server, { port, connections: 8, events: 10, seconds: 1 })
    for (let round = 0; round < rounds; round++) {
      note('fsyncsPerSecond', await fsyncsPerSecond(join(folder, 'bare'), seconds))
      note('parserCpuMicrosPerEvent', parserCpuMicrosPerEvent(seconds))
      for (const connections of connectionCounts) {
        const bare = await load(server, { port: barePort, connections, events: 1, seconds })
        note(`bareEventsPerSecond.c${connections}.e1`, bare.eventsPerSecond)
        for (const events of eventCounts) {
          const measured = await load(server, { port, connections, events, seconds })
          for (const [name, value] of Object.entries(measured))
            note(`${name}.c${connections}.e${events}`, value)
        }
      }
    }
    const figures = Object.fromEntries([...seen].map(([name, values]) => [name, rounded(median(values))]))
    return judged({ rounds, ...figures })
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
    await rm(folder, { recursive: true, force: true })
  }
}

function judged(figures: Readonly<Record<string, number>>): BenchResult {
  const all: Record<string, number> = {
    ...figures,
    'ratio.fsync': rounded(figures['eventsPerSecond.c1.e1']! / figures.fsyncsPerSecond!),
    'ratio.bare.c1': rounded(figures['eventsPerSecond.c1.e1']! / figures['bareEventsPerSecond.c1.e1']!),
    'ratio.bare.c64': rounded(figures['eventsPerSecond.c64.e1']! / figures['bareEventsPerSecond.c64.e1']!),
    'ratio.parserCpu': rounded(figures.parserCpuMicrosPerEvent! / figures['cpuMicrosPerEvent.c64.e100']!),
  }
  return {
    figures: all,
    goals: Object.fromEntries(Object.entries(goals).map(([name, least]) => [name, `>= ${least}`])),
    pass: Object.entries(goals).every(([name, least]) => all[name]! >= least),
  }
}

type Case = {
  readonly port: number
  readonly connections: number
  readonly events: number
  readonly seconds: number
}

async function load(server: ChildProcess, { port, connections, events, seconds }: Case): Promise<Round> {
  // The package brings no types; see `Load` for what is used of its answer.
  const { default: autocannon } = (await import('autocannon' as string)) as { default: Autocannon }
  const before = await countsOf(server)
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/v1/events`,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: bodyOf(events),
    connections,
    duration: seconds,
  })
  if (result.non2xx + result.errors > 0)
    throw new Error(`${result.non2xx} answers were not 2xx and ${result.errors} requests failed.`)
  const after = await countsOf(server)
  const { total } = result.requests
  return {
    eventsPerSecond: (total * events) / result.duration,
    requestsPerCommit: total / Math.max(1, after.commits - before.commits),
    cpuMicrosPerEvent: (after.cpuMicros - before.cpuMicros) / (total * events),
    p50Ms: result.latency.p50,
    p99Ms: result.latency.p99,
  }
}

/** Events of a usual size, without ids, as they come from a service. */
function bodyOf(events: number): string {
  const all = Array.from({ length: events }, (_, at) => ({
    event: 'listen',
    user: `listener-${at % 50}`,
    at: Date.now() - at * 1000,
    artist: { id: `artist-${at % 200}`, name: 'The Paper Lanterns', genre: 'Indie Rock', followers: 1200 },
    track: { id: `track-${at}`, title: 'Glass Harbour', durationMs: 215_000, likes: 44 },
    playedMs: 201_000,
    surface: 'home',
  }))
  return JSON.stringify(events === 1 ? all[0] : all)
}

/** The smallest append that is safe: 300 bytes and fdatasync, one after the other. */
async function fsyncsPerSecond(path: string, seconds: number): Promise<number> {
  const file = await open(path, 'w')
  const bytes = Buffer.alloc(300, 'x')
  const began = performance.now()
  let done = 0
  while (performance.now() - began < seconds * 1000) {
    await file.write(bytes)
    await file.datasync()
    done += 1
  }
  await file.close()
  return (done / (performance.now() - began)) * 1000
}

/** What the same batches of 100 cost when there is neither a socket nor a disk. */
function parserCpuMicrosPerEvent(seconds: number): number {
  const body = bodyOf(100)
  const pseudonymize = (userId: string) => userId
  const began = performance.now()
  const cpuBefore = cpuMicros()
  let done = 0
  while (performance.now() - began < seconds * 1000) {
    const now = Date.now()
    const clean = cleanerAt(now, pseudonymize)
    const { lines } = sortEvents(parseEvents(body), { door: 'bench', receivedAt: now, clean, pseudonymize })
    done += lines.length
  }
  return (cpuMicros() - cpuBefore) / done
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

let cleaner: { readonly at: number; readonly clean: ReturnType<typeof createCleaner> } | undefined

function cleanerAt(now: number, pseudonymize: (userId: string) => string) {
  if (!cleaner || now - cleaner.at > 1000)
    cleaner = { at: now, clean: createCleaner({ now, settings: readSettings().ingest, pseudonymize }) }
  return cleaner.clean
}

async function countsOf(server: ChildProcess): Promise<Counts> {
  server.send('counts')
  const [counts] = (await once(server, 'message')) as [Counts]
  return counts
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

const rounded = (value: number): number => (value > 100 ? Math.round(value) : Math.round(value * 1000) / 1000)

/** The server's process: the real app on a real journal, drained every five seconds, and the bare route; answers `counts`. */
async function serve(folder: string): Promise<void> {
  const journal = await openJournal(`file:${join(folder, 'intake')}`)
  const objects = await openObjects(`file:${join(folder, 'objects')}`)
  const app = createApp({
    lists: openListReader(await openLists('memory:'), Date.now),
    journal,
    pseudonymize: createPseudonymizer('a key of the bench that is long enough'),
    ingest: readSettings().ingest,
    now: Date.now,
    apiKey: '',
    log: silentLog,
    metrics: createMetrics(),
  })
  const { port } = await serveNode(app, { host: '127.0.0.1', port: 0, apiKey: '' })
  setInterval(() => void drainJournal(journal, { rawEvents: objects, objects }), 5000)
  const bare = await serveNode(await bareApp(join(folder, 'unchecked')), {
    host: '127.0.0.1',
    port: 0,
    apiKey: '',
  })
  process.on('message', () =>
    process.send!({ commits: journal.load().commits, cpuMicros: cpuMicros() } satisfies Counts),
  )
  process.send!({ port, barePort: bare.port })
}

/** Appends each body as it came and syncs it by itself. */
async function bareApp(path: string): Promise<Hono> {
  const file = await open(path, 'a')
  return new Hono().post('/v1/events', async (c) => {
    await file.appendFile(`${await c.req.text()}\n`)
    await file.datasync()
    return c.json({ accepted: 1, rejected: [] }, 202)
  })
}

if (import.meta.main) await serve(process.argv[2]!)
