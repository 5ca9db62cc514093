// One round of the bench ingest-speed, in a process of its own so that its peak memory is its own: prints one line of JSON.
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { openContext } from '../../src/cli/open-context.ts'
import { withDefaultUrls } from '../../src/cli/settings.ts'
import { readSettings } from '../../src/config.ts'
import { quoted } from '../../src/engine/engine.ts'
import { openEngine, openWorkers } from '../../src/engine/open.ts'
import type { JobContext } from '../../src/jobs/context.ts'
import { featuresJob } from '../../src/jobs/features.ts'
import { ingestJob } from '../../src/jobs/ingest.ts'
import { type IngestObjectArgs, ingestObjectModule } from '../../src/jobs/ingest-object.ts'
import { eventFiles } from './event-files.ts'

/** What a round measured: seconds and whatever counts it has; `coreSeconds` and `peakMiB` are of the whole process. */
export type Round = Readonly<Record<string, number>>

const threads = Math.min(2, availableParallelism())
const pseudonymKey = 'an invented key for this bench, 32 long'
/** After the last invented event and before the damaged lines' year. */
const now = Date.UTC(2026, 0, 2)

const rounds: Readonly<Record<string, (files: readonly string[], folder: string) => Promise<Round>>> = {
  limit: (files) => createTableAs(files),
  read: readObjects,
  jobs: runJobs,
}

const [, , kind = '', millions = ''] = process.argv
const { files, folder } = await eventFiles(Number(millions) * 1_000_000)
const scratch = await mkdtemp(join(tmpdir(), 'tastemaker-ingest-speed-'))
try {
  process.chdir(scratch)
  const round = await rounds[kind]!(files, folder)
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  console.log(
    JSON.stringify({ ...round, coreSeconds: (userCPUTime + systemCPUTime) / 1e6, peakMiB: maxRSS / 1024 }),
  )
} finally {
  await rm(scratch, { recursive: true, force: true })
}

/** The limit: DuckDB parses the same files into a typed table, without checking, masking, counting or keeping anything. */
async function createTableAs(files: readonly string[]): Promise<Round> {
  const engine = await openEngine({ threads, tempDir: 'spill' })
  const began = performance.now()
  await engine.run(`create table limit_events as select * from read_json([${files.map(quoted).join(', ')}],
    format = 'newline_delimited', ignore_errors = true, columns = {event: 'VARCHAR', id: 'VARCHAR', user: 'VARCHAR', "at": 'VARCHAR',
    artist: 'STRUCT(id VARCHAR, name VARCHAR, genre VARCHAR, followers BIGINT, rank BIGINT)',
    track: 'STRUCT(id VARCHAR, title VARCHAR, durationMs BIGINT, likes BIGINT)', playedMs: 'BIGINT', skipped: 'BOOLEAN',
    volumes: 'DOUBLE[]', surface: 'VARCHAR', recommendationId: 'VARCHAR', "position": 'BIGINT', propensity: 'DOUBLE',
    modelVersion: 'VARCHAR', variant: 'VARCHAR'})`)
  const seconds = (performance.now() - began) / 1000
  await engine.close()
  return { seconds }
}

/** Reading alone: raw objects to clean rows and rejects, on as many threads. */
async function readObjects(files: readonly string[]): Promise<Round> {
  const workers = openWorkers({ threads })
  const { ingest } = readSettings()
  const began = performance.now()
  const counts = await Promise.all(
    files.map(async (path, at) => {
      const args: IngestObjectArgs = {
        key: `${at}.ndjson.gz`,
        path,
        cleanPath: `${at}.clean`,
        rejectsPath: `${at}.rejects`,
        now,
        settings: ingest,
        pseudonymKey,
      }
      const read = await workers.run({ module: ingestObjectModule, name: 'ingestObject', args })
      await Promise.all([rm(args.cleanPath), rm(args.rejectsPath)])
      return read as Round
    }),
  )
  const seconds = (performance.now() - began) / 1000
  await workers.close()
  const sum = (field: string) => counts.reduce((total, one) => total + one[field]!, 0)
  return { seconds, lines: sum('lines'), blank: sum('blank'), events: sum('events'), rejects: sum('rejects') }
}

/** The ingest job and the feature job, end to end on a new data folder, but for landing in Postgres. */
async function runJobs(_: readonly string[], folder: string): Promise<Round> {
  const settings = withDefaultUrls(
    readSettings({
      flags: {
        data: join(process.cwd(), 'data'),
        threads,
        pseudonymKey,
        eventsUrl: `file:${folder}`,
        ingest: { land: false },
      },
    }),
  )
  const { context, close } = await openContext(settings, { progress: () => {} })
  const clocked: JobContext = { ...context, now: () => now }
  const began = performance.now()
  const ingested = await ingestJob.run(clocked)
  const between = performance.now()
  const built = await featuresJob.run(clocked)
  const ended = performance.now()
  await close()
  return {
    seconds: (ended - began) / 1000,
    ingestSeconds: (between - began) / 1000,
    featureSeconds: (ended - between) / 1000,
    ...built.counts,
    ...ingested.counts,
  }
}
