// Raw events to clean Parquet and feature tables against the rate at which DuckDB reads the same files into a table, and peak memory.
import { spawn } from 'node:child_process'
import type { BenchResult } from './bench.ts'
import { eventFiles } from './data/event-files.ts'
import type { Round } from './data/ingest-round.ts'

export const describe =
  '[millions=20] [rounds=3] gzip NDJSON to clean Parquet and feature tables; at least half the rate of CREATE TABLE AS on 2 threads, memory in bounds'

const kinds = ['limit', 'read', 'jobs'] as const
const leastShare = 0.5
/** The setting ingest.memoryMiB by default. */
const mostMiB = 2048

/** Runs interleaved rounds, each a process of its own, and compares medians. */
export async function run(words: readonly string[]): Promise<BenchResult> {
  const millions = Number(words[0] ?? 20)
  const made = await eventFiles(millions * 1_000_000)
  const all: Record<(typeof kinds)[number], Round[]> = { limit: [], read: [], jobs: [] }
  for (let at = 0; at < Number(words[1] ?? 3); at += 1) {
    for (const kind of kinds) all[kind].push(await round(kind, millions))
  }
  const median = (kind: (typeof kinds)[number], figure: string) =>
    middle(all[kind].map((one) => one[figure] ?? 0))
  const rate = (kind: (typeof kinds)[number]) => made.lines / median(kind, 'seconds')
  const counted = all.jobs[0]!
  const figures = {
    lines: made.lines,
    packedMiB: made.packedBytes / 2 ** 20,
    limitLinesPerSecond: rate('limit'),
    readLinesPerSecond: rate('read'),
    jobsLinesPerSecond: rate('jobs'),
    readShareOfLimit: rate('read') / rate('limit'),
    jobsShareOfLimit: rate('jobs') / rate('limit'),
    ingestShareOfLimit: median('limit', 'seconds') / median('jobs', 'ingestSeconds'),
    readCoreMicroseconds: (median('read', 'coreSeconds') * 1e6) / made.lines,
    limitCoreMicroseconds: (median('limit', 'coreSeconds') * 1e6) / made.lines,
    jobsCoreMicroseconds: (median('jobs', 'coreSeconds') * 1e6) / made.lines,
    featureSeconds: median('jobs', 'featureSeconds'),
    limitPeakMiB: median('limit', 'peakMiB'),
    readPeakMiB: median('read', 'peakMiB'),
    jobsPeakMiB: median('jobs', 'peakMiB'),
    clean: counted.clean!,
    duplicates: counted.duplicates!,
    rejects: counted.rejects!,
    unaccounted: made.lines - counted.clean! - counted.duplicates! - counted.rejects! - counted.blank!,
    notAsMade: Math.abs(made.events - counted.clean!) + Math.abs(made.damaged - counted.rejects!),
  }
  const goals = {
    jobsShareOfLimit: `at least ${leastShare}: both jobs against CREATE TABLE AS, medians of interleaved rounds`,
    jobsPeakMiB: `at most ${mostMiB}, the setting ingest.memoryMiB`,
    unaccounted: '0: every line is clean, a duplicate, a reject or blank',
    notAsMade: '0: as many events and rejects as the generator put in',
  }
  const exact = figures.unaccounted === 0 && figures.notAsMade === 0
  const pass = exact && figures.jobsShareOfLimit >= leastShare && figures.jobsPeakMiB <= mostMiB
  return { figures, goals, pass }
}

async function round(kind: string, millions: number): Promise<Round> {
  const program = new URL('data/ingest-round.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [program, kind, String(millions)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`The round ${kind} ended with ${code}`)
  return JSON.parse(out) as Round
}

function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}
