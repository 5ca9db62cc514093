// The main job on the demo preset: seconds of each stage, events per second, peak memory, and the time to start once it is built.
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RunRecord } from '../src/data/run-record.ts'
import { quoted } from '../src/engine/engine.ts'
import { openEngine, processorCount } from '../src/engine/open.ts'
import type { BenchResult } from './bench.ts'

export const describe =
  'demo preset: simulate, each job, start when built; against 90 s, 3 s, and DuckDB reading the same files'

const firstRunLimit = 90
const startLimit = 3

/** Runs the demo from nothing, then starts it again three times. */
export async function run(): Promise<BenchResult> {
  const data = await mkdtemp(join(tmpdir(), 'tastemaker-bench-'))
  try {
    const simulated = await command(['simulate', '--data', data, '--json'])
    const pipeline = await command(['run', '--data', data, '--json', '--quiet'])
    const records = JSON.parse(pipeline.out) as RunRecord[]
    const starts = [await secondsToServe(data), await secondsToServe(data), await secondsToServe(data)]
    const start = starts.sort((a, b) => a - b)[1]!
    const ingest = records.find(({ job }) => job === 'ingest')!
    const lines = ingest.counts.lines ?? 0
    const duckDb = await duckDbSeconds(join(data, 'service', 'events'))
    const figures = {
      simulateSeconds: simulated.seconds,
      ...Object.fromEntries(records.map(({ job, durationMs }) => [`${job}Seconds`, durationMs / 1000])),
      runSeconds: pipeline.seconds,
      simulateAndRunSeconds: simulated.seconds + pipeline.seconds,
      shareOfFirstRunLimit: pipeline.seconds / firstRunLimit,
      ingestLinesPerSecond: lines / (ingest.durationMs / 1000),
      duckDbCreateTableSeconds: duckDb,
      ingestTimesDuckDb: ingest.durationMs / 1000 / duckDb,
      peakMemoryMiB: Math.max(...records.map(({ peakMemoryBytes }) => peakMemoryBytes)) / 2 ** 20,
      startSeconds: start,
      shareOfStartLimit: start / startLimit,
    }
    const goals = {
      runSeconds: `at most ${firstRunLimit}: ingest to publish, the first time`,
      startSeconds: `at most ${startLimit}: from the command to the first answer, median of 3`,
    }
    return { figures, goals, pass: pipeline.seconds <= firstRunLimit && start <= startLimit }
  } finally {
    await rm(data, { recursive: true, force: true })
  }
}

async function command(
  words: readonly string[],
): Promise<{ readonly out: string; readonly seconds: number }> {
  const began = performance.now()
  const child = spawn(process.execPath, ['src/cli/main.ts', ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let out = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  const code = await new Promise((resolve) => child.once('close', resolve))
  if (code !== 0) throw new Error(`tastemaker ${words[0]} ended with ${code}`)
  return { out, seconds: (performance.now() - began) / 1000 }
}

/** From the command to the first recommendations answered. */
async function secondsToServe(data: string): Promise<number> {
  const began = performance.now()
  const child = spawn(
    process.execPath,
    ['src/cli/main.ts', 'start', '--data', data, '--port', '0', '--json'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const url = await new Promise<string>((resolve) =>
    child.stdout.on('data', (chunk) => resolve((JSON.parse(String(chunk)) as { url: string }).url)),
  )
  const answer = await fetch(`${url}/v1/users/anybody/recommendations`)
  if (!answer.ok) throw new Error(`The first answer was ${answer.status}.`)
  await answer.arrayBuffer()
  const seconds = (performance.now() - began) / 1000
  child.kill('SIGTERM')
  await new Promise((resolve) => child.once('close', resolve))
  return seconds
}

/** The limit: DuckDB parses the same files into a table, without checking, masking, counting or landing anything. */
async function duckDbSeconds(folder: string): Promise<number> {
  const files = (await readdir(folder, { recursive: true }))
    .filter((file) => file.endsWith('.gz'))
    .map((file) => join(folder, file))
  const engine = await openEngine({ threads: processorCount(), tempDir: tmpdir() })
  const began = performance.now()
  await engine.run(`create table limit_events as select * from read_json([${files.map(quoted).join(', ')}],
    format = 'newline_delimited', ignore_errors = true, columns = {event: 'VARCHAR', id: 'VARCHAR', user: 'VARCHAR', "at": 'VARCHAR',
    artist: 'STRUCT(id VARCHAR, name VARCHAR, genre VARCHAR, followers BIGINT, rank BIGINT)',
    track: 'STRUCT(id VARCHAR, title VARCHAR, durationMs BIGINT, likes BIGINT)', playedMs: 'BIGINT', volumes: 'DOUBLE[]'})`)
  const seconds = (performance.now() - began) / 1000
  await engine.close()
  return seconds
}
