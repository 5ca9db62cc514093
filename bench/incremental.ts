// One more day on top of a year: what is read again, and how long a run takes that has nothing to do.
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import type { RunRecord } from '../src/data/run-record.ts'
import { createRandom } from '../src/statistics/random.ts'
import type { BenchResult } from './bench.ts'

export const describe =
  'a year of daily objects, one more day, and runs with nothing new (also over 10,000 objects), against a full read and 2 s'

const daysOfYear = 365
const eventsPerDay = 2000
const noopLimit = 2
const runCommand = promisify(execFile)

/** Words: events a day (default 2,000). */
export async function run([perDay = String(eventsPerDay)]: readonly string[]): Promise<BenchResult> {
  const year = await mkdtemp(join(tmpdir(), 'tastemaker-bench-'))
  const many = await mkdtemp(join(tmpdir(), 'tastemaker-bench-'))
  try {
    const lines = Number(perDay)
    for (let day = 0; day < daysOfYear; day++) await writeDay(year, day, lines)
    const full = await ingest(year)
    await writeDay(year, daysOfYear, lines)
    const more = await ingest(year)
    const noops = [await ingest(year), await ingest(year), await ingest(year)]
    for (let object = 0; object < 10_000; object++) await writeDay(many, object, 3)
    await ingest(many)
    const manyNoops = [await ingest(many), await ingest(many), await ingest(many)]
    const figures = {
      objectsOfYear: full.objects,
      linesOfYear: full.lines,
      fullSeconds: full.seconds,
      objectsReadForOneDay: more.objects,
      linesReadForOneDay: more.lines,
      oneDaySeconds: more.seconds,
      oneDayShareOfFull: more.seconds / full.seconds,
      nothingNewSeconds: median(noops.map(({ seconds }) => seconds)),
      nothingNewOf10000Seconds: median(manyNoops.map(({ seconds }) => seconds)),
      objectsReadWithNothingNew: [...noops, ...manyNoops].reduce((sum, { objects }) => sum + objects, 0),
    }
    const pass =
      figures.objectsReadForOneDay === 1 &&
      figures.linesReadForOneDay === lines &&
      figures.objectsReadWithNothingNew === 0 &&
      figures.nothingNewSeconds < noopLimit &&
      figures.nothingNewOf10000Seconds < noopLimit
    const limit = `under ${noopLimit}`
    const goals = { objectsReadForOneDay: '1', nothingNewSeconds: limit, nothingNewOf10000Seconds: limit }
    return { figures, goals, pass }
  } finally {
    await rm(year, { recursive: true, force: true })
    await rm(many, { recursive: true, force: true })
  }
}

/** One object of follows, a day after the other from 2024 on. */
async function writeDay(data: string, day: number, lines: number): Promise<void> {
  const random = createRandom(day)
  const at = Date.UTC(2024, 0, 1) + (day % 700) * 86_400_000
  const text = Array.from({ length: lines }, (_, n) =>
    JSON.stringify({
      event: 'listen',
      id: `${day}-${n}`,
      user: `listener-${random.below(5000)}`,
      at: at + random.below(86_400_000),
      artist: { id: `artist-${random.below(3000)}`, name: 'An Artist' },
      track: { id: `track-${random.below(30_000)}`, title: 'A Track', durationMs: 200_000 },
      playedMs: random.below(200_000),
    }),
  ).join('\n')
  const folder = join(data, 'service/events', String(Math.floor(day / 500)))
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, `${String(day).padStart(5, '0')}.ndjson.gz`),
    gzipSync(`${text}\n`, { level: 1 }),
  )
}

async function ingest(
  data: string,
): Promise<{ readonly seconds: number; readonly objects: number; readonly lines: number }> {
  const begun = performance.now()
  const words = ['src/cli/main.ts', 'run', '--only', 'ingest', '--json', '--quiet', '--data', data]
  const { stdout } = await runCommand(process.execPath, words, { maxBuffer: 64 * 1024 * 1024 })
  const [record] = JSON.parse(stdout) as [RunRecord]
  return {
    seconds: (performance.now() - begun) / 1000,
    objects: record.inputs.length,
    lines: record.counts.lines ?? 0,
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
