// ALS training against implicit on interactions of Last.fm-360K's shape: time to the same loss, exact solves, peak memory.
import { readFile } from 'node:fs/promises'
import type { BenchResult } from './bench.ts'
import { implicitLoss } from './data/als-loss.ts'
import { lastfmShape, lastfmShapeFiles, type ShapeFiles } from './data/lastfm-shape.ts'
import { type AlsJob, type AlsOutcome, trainImplicit, trainOurs } from './peers/als-run.ts'

/** One sentence on the claim. */
export const describe =
  'ALS training against implicit 0.7.3: words 64, 128 (time to its loss), exact, revectorize; rounds=3 scale=1 steps=2'

const regularization = 0.01
const iterations = 15
const threads = 2

type Options = {
  readonly files: ShapeFiles
  readonly scale: number
  readonly rounds: number
  readonly cgSteps: number
}
type Figures = Record<string, number>

/**
 * Both train in processes of their own on the same files, one after the other in each round; figures are medians of rounds.
 * @param words parts, default `64 128 exact`; and numbers `rounds=`, `scale=` (of Last.fm's size), `steps=` (ours)
 */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const numbers = Object.fromEntries(
    words.filter((word) => word.includes('=')).map((word) => word.split('=')),
  )
  const parts = words.filter((word) => !word.includes('='))
  const scale = Number(numbers.scale ?? 1)
  const options: Options = {
    files: await lastfmShapeFiles({ scale }),
    scale,
    rounds: Number(numbers.rounds ?? 3),
    cgSteps: Number(numbers.steps ?? 2),
  }
  const figures: Figures = {}
  const goals: Record<string, string> = {}
  for (const part of parts.length > 0 ? parts : ['64', '128', 'exact']) {
    if (part === 'exact') await compareExact(options, figures, goals)
    else if (part === 'revectorize') await compareRevectorized(options, figures)
    else await compareLoss(options, Number(part), { figures, goals })
  }
  const pass = Object.entries(goals).every(([name, goal]) =>
    goal.startsWith('at least') ? figures[name]! >= limitOf(goal) : figures[name]! <= limitOf(goal),
  )
  return { figures, goals, pass }
}

const limitOf = (goal: string): number => Number(goal.split(' ').at(-1))

type Marks = { readonly figures: Figures; readonly goals: Record<string, string> }

async function compareLoss(options: Options, factors: number, { figures, goals }: Marks): Promise<void> {
  const job: AlsJob = { ...options.files, factors, iterations, regularization, solver: 'cg', threads }
  const target = await lossOfImplicit(job, options)
  const { cgSteps } = options
  const first = await trainOurs({ ...job, target, lookFrom: 3, cgSteps })
  const needed = first.iterations.length
  tell(`d=${factors}`, { target, ours: first.loss, iterations: needed })
  const [ours, theirs]: [AlsOutcome[], AlsOutcome[]] = [[], []]
  for (let round = 0; round < options.rounds; round++) {
    theirs.push(await trainImplicit(job))
    ours.push(await trainOurs({ ...job, iterations: needed, cgSteps }))
    tell(`d=${factors} round ${round + 1}`, { implicit: theirs.at(-1)!.seconds, ours: ours.at(-1)!.seconds })
  }
  const key = `cg${factors}`
  figures[`${key}.implicitSeconds`] = median(theirs.map(({ seconds }) => seconds))
  figures[`${key}.seconds`] = median(ours.map(({ seconds }) => seconds))
  figures[`${key}.iterationsNeeded`] = needed
  figures[`${key}.lossRatio`] = first.loss! / target
  figures[`${key}.speedup`] = median(theirs.map(({ seconds }, at) => seconds / ours[at]!.seconds))
  figures[`${key}.iterationSpeedup`] = median(
    theirs.map((their, at) => median(their.iterations) / median(ours[at]!.iterations)),
  )
  figures[`${key}.implicitPeakMiB`] = median(theirs.map(({ peakBytes }) => peakBytes)) / 2 ** 20
  figures[`${key}.peakMiB`] = median(ours.map(({ peakBytes }) => peakBytes)) / 2 ** 20
  figures[`${key}.statedMiB`] = ours[0]!.arenaBytes! / 2 ** 20
  figures[`${key}.peakRatio`] = figures[`${key}.peakMiB`]! / figures[`${key}.implicitPeakMiB`]!
  goals[`${key}.speedup`] = 'at least 2'
  goals[`${key}.peakRatio`] = 'at most 1.5'
}

/** implicit's loss after its iterations, by our own function over the vectors it writes. */
async function lossOfImplicit(job: AlsJob, { files, scale }: Options): Promise<number> {
  const [listeners, artists] = [`${files.conf}.listeners`, `${files.conf}.artists`]
  await trainImplicit({ ...job, listeners, artists })
  const factors = {
    listeners: await readFloats(listeners),
    artists: await readFloats(artists),
    d: job.factors,
  }
  return implicitLoss(await lastfmShape({ scale }), factors, regularization)
}

async function readFloats(path: string): Promise<Float32Array> {
  const bytes = await readFile(path)
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
}

const exactIterations = 2

async function compareExact(options: Options, figures: Figures, goals: Marks['goals']): Promise<void> {
  const job: AlsJob = {
    ...options.files,
    factors: 64,
    iterations: exactIterations,
    regularization,
    solver: 'exact',
    threads,
  }
  const ratios: number[] = []
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round < options.rounds; round++) {
    theirs.push(median((await trainImplicit(job)).iterations))
    ours.push(median((await trainOurs(job)).iterations))
    ratios.push(theirs.at(-1)! / ours.at(-1)!)
    tell(`exact round ${round + 1}`, { implicit: theirs.at(-1), ours: ours.at(-1) })
  }
  figures['exact64.implicitSecondsPerIteration'] = median(theirs)
  figures['exact64.secondsPerIteration'] = median(ours)
  figures['exact64.speedup'] = median(ratios)
  goals['exact64.speedup'] = 'at least 3.5'
}

/** What V8's flag would bring; no claim uses it. */
async function compareRevectorized(options: Options, figures: Figures): Promise<void> {
  const { files, cgSteps } = options
  const job: AlsJob = { ...files, factors: 64, iterations: 5, regularization, solver: 'cg', threads, cgSteps }
  const ratios: number[] = []
  for (let round = 0; round < options.rounds; round++) {
    const plain = median((await trainOurs(job)).iterations)
    const flagged = median((await trainOurs({ ...job, revectorize: true })).iterations)
    ratios.push(plain / flagged)
    tell(`revectorize round ${round + 1}`, { plain, flagged })
  }
  figures['cg64.revectorizeGain'] = median(ratios)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function tell(what: string, numbers: Readonly<Record<string, number | undefined>>): void {
  const text = Object.entries(numbers).map(([name, value]) => `${name} ${value?.toPrecision(6)}`)
  console.error(`${what}: ${text.join(', ')}`)
}
