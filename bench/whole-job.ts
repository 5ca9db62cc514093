// The whole job at Last.fm size: interactions on disk, ALS, every listener's top 100 on disk, and what each stage makes of the machine.
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { readSettings } from '../src/config.ts'
import type { SparseRows } from '../src/data/interaction-matrix.ts'
import type { Model } from '../src/data/model.ts'
import { openWorkers } from '../src/engine/open.ts'
import { fitModel } from '../src/models/models.ts'
import type { BenchResult } from './bench.ts'
import { lastfmShape } from './data/lastfm-shape.ts'
import { type Limits, measureLimits } from './data/limits.ts'

/** One sentence on the claim. */
export const describe =
  'Minutes from interactions on disk to 15 ALS iterations to every listener’s top 100 on disk; scale=1 factors=64'

const iterations = 15
const threads = 2
const k = 100
const goalMinutes = 5

type Stage = {
  readonly name: string
  readonly seconds: number
  /** Nominal flops and bytes: what the plain algorithm does, gathered rows in full. */
  readonly flops?: number
  readonly bytes?: number
}

/** @param words `scale=` of Last.fm-360K (default 1), `factors=` (default 64) */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const numbers = Object.fromEntries(words.map((word) => word.split('=')))
  const [scale, d] = [Number(numbers.scale ?? 1), Number(numbers.factors ?? 64)]
  await lastfmShape({ scale })
  const workers = openWorkers({ threads })
  const limits = await measureLimits(workers, threads)
  console.error(
    `limits: ${limits.gigaflops.toFixed(0)} GFLOP/s in tiles, ${limits.gigabytes.toFixed(1)} GB/s copied`,
  )
  const stages: Stage[] = []
  const time = async <result>(
    stage: Omit<Stage, 'seconds'>,
    work: () => Promise<result>,
  ): Promise<result> => {
    const start = performance.now()
    const result = await work()
    stages.push({ ...stage, seconds: (performance.now() - start) / 1000 })
    console.error(lineOf(stages.at(-1)!, limits))
    return result
  }
  const matrix = await time({ name: 'read' }, () => lastfmShape({ scale }))
  const entries = matrix.colIndex.length
  const sides = matrix.rows + matrix.columns
  const settings = readSettings({ file: { models: { als: { factors: d, iterations } } } }).models
  // Two sides: a pass with two flops twice over each gathered number, once before the steps; and both sides turned twice.
  const flops = iterations * (2 * 4 * entries * d * (settings.als.cgSteps + 1) + 2 * 2 * sides * d * d)
  const bytes = iterations * 2 * entries * 4 * d
  const model = await time({ name: 'train', flops, bytes }, () =>
    fitModel('als', { matrix, settings }, { workers, seed: 1 }),
  )
  const ranking = { name: 'fold in, rank, write', flops: 2 * matrix.rows * matrix.columns * d }
  await time(ranking, () => writeLists(model, matrix))
  await workers.close()
  const minutes = stages.reduce((sum, { seconds }) => sum + seconds, 0) / 60
  const figures: Record<string, number> = {
    minutes,
    ...limits,
    peakMiB: process.resourceUsage().maxRSS / 1024,
  }
  for (const { name, seconds } of stages) figures[`${name} s`] = seconds
  return { figures, goals: { minutes: `at most ${goalMinutes}` }, pass: minutes <= goalMinutes }
}

function lineOf({ name, seconds, flops, bytes }: Stage, limits: Limits): string {
  const share = (amount: number, limit: number) =>
    `${(amount / seconds / 1e9).toFixed(1)} (${((100 * amount) / seconds / 1e9 / limit).toFixed(0)} %)`
  const parts = [`${name}: ${seconds.toFixed(1)} s`]
  if (flops) parts.push(`nominal GFLOP/s ${share(flops, limits.gigaflops)}`)
  if (bytes) parts.push(`gathered GB/s ${share(bytes, limits.gigabytes)}`)
  return parts.join(', ')
}

const rowsAtOnce = 32_768

/** Lists of so many listeners at a time, each written as k int32 and k float32 a listener. */
async function writeLists(model: Model, matrix: SparseRows): Promise<void> {
  const folder = join(import.meta.dirname, 'generated')
  await mkdir(folder, { recursive: true })
  const file = await open(join(folder, 'whole-job.lists'), 'w')
  for (let from = 0; from < matrix.rows; from += rowsAtOnce) {
    const part = someRows(matrix, from, Math.min(matrix.rows, from + rowsAtOnce))
    const { artists, scores } = await model.recommend({ interactions: part }, k)
    for (const { buffer, byteOffset, byteLength } of [artists, scores])
      await file.write(new Uint8Array(buffer, byteOffset, byteLength))
  }
  await file.close()
}

function someRows(matrix: SparseRows, from: number, to: number): SparseRows {
  const [first, last] = [matrix.rowPtr[from]!, matrix.rowPtr[to]!]
  const rowPtr = new Int32Array(new SharedArrayBuffer(4 * (to - from + 1)))
  for (let row = from; row <= to; row++) rowPtr[row - from] = matrix.rowPtr[row]! - first
  const { columns, colIndex, values } = matrix
  return {
    rows: to - from,
    columns,
    rowPtr,
    colIndex: colIndex.subarray(first, last),
    values: values.subarray(first, last),
  }
}
