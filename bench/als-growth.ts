// How ALS training grows with the data: time and peak memory at 1, 2, 4 and 8 times the interactions, listeners and artists.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BenchResult } from './bench.ts'
import { lastfmShapeFiles } from './data/lastfm-shape.ts'
import { type AlsOutcome, trainOurs } from './peers/als-run.ts'
import { lineChart } from './plot-svg.ts'

/** One sentence on the claim. */
export const describe =
  'ALS time and peak memory at 1x, 2x, 4x, 8x the interactions, near linear; base=0.125 (1x, of Last.fm-360K), factors=64'

const steps = [1, 2, 4, 8] as const
const iterations = 5
/** An interaction at 8x may take so many times as long as at 1x: beyond the cache, vectors come from memory. */
const mostGrowth = 1.5

type Point = { readonly factor: number; readonly interactions: number; readonly outcome: AlsOutcome }

/** Each size in a process of its own; seconds are of the median iteration. Draws bench/generated/als-growth.svg. */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const numbers = Object.fromEntries(words.map((word) => word.split('=')))
  const [base, factors] = [Number(numbers.base ?? 0.125), Number(numbers.factors ?? 64)]
  const points: Point[] = []
  for (const factor of steps) {
    const files = await lastfmShapeFiles({ scale: base * factor })
    const settings = { factors, iterations, regularization: 0.01, solver: 'cg', threads: 2 } as const
    const outcome = await trainOurs({ ...files, ...settings })
    points.push({ factor, interactions: files.interactions, outcome })
    console.error(rowOf(points.at(-1)!))
  }
  await draw(points)
  const figures: Record<string, number> = {}
  for (const { factor, interactions, outcome } of points) {
    figures[`x${factor}.interactions`] = interactions
    figures[`x${factor}.secondsPerIteration`] = secondsOf(outcome)
    figures[`x${factor}.peakMiB`] = outcome.peakBytes / 2 ** 20
  }
  const [first, last] = [points[0]!, points.at(-1)!]
  const grown = last.interactions / first.interactions
  figures.timeGrowth = secondsOf(last.outcome) / secondsOf(first.outcome) / grown
  figures.memoryGrowth = last.outcome.peakBytes / first.outcome.peakBytes / grown
  return {
    figures,
    goals: { timeGrowth: `at most ${mostGrowth}`, memoryGrowth: 'at most 1' },
    pass: figures.timeGrowth <= mostGrowth && figures.memoryGrowth <= 1,
  }
}

const secondsOf = ({ iterations: all }: AlsOutcome): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)]!

function rowOf({ factor, interactions, outcome }: Point): string {
  const perMillion = (1e6 * secondsOf(outcome)) / interactions
  const columns = [
    `${factor}x`.padStart(3),
    `${interactions.toLocaleString('en')} interactions`.padStart(24),
    `${secondsOf(outcome).toFixed(2)} s an iteration`.padStart(20),
    `${perMillion.toFixed(3)} s a million`.padStart(18),
    `${(outcome.peakBytes / 2 ** 20).toFixed(0)} MiB`.padStart(10),
  ]
  return columns.join('')
}

/** Time and memory on one plot: both as multiples of the first point's. */
async function draw(points: readonly Point[]): Promise<void> {
  const first = points[0]!.outcome
  const curve = (of: (point: Point) => number) => points.map((point) => [point.factor, of(point)] as const)
  const chart = lineChart({
    title: 'ALS: time and memory by interactions',
    subtitle: `data of Last.fm-360K’s shape, 2 threads; 1x: ${(points[0]!.interactions / 1e6).toFixed(1)} million, ${secondsOf(first).toFixed(2)} s an iteration, ${(first.peakBytes / 2 ** 20).toFixed(0)} MiB at most`,
    x: { label: 'interactions, times the first', including: 0 },
    y: { label: 'times the first', including: 0 },
    series: [
      { name: 'time', points: curve(({ outcome }) => secondsOf(outcome) / secondsOf(first)) },
      { name: 'memory', points: curve(({ outcome }) => outcome.peakBytes / first.peakBytes) },
      { name: 'linear', points: curve(({ factor }) => factor), dashed: true },
    ],
  })
  const folder = join(import.meta.dirname, 'generated')
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'als-growth.svg'), chart)
}
