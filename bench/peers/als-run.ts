// Runs one training in a process of its own, ours or implicit's, and reads what it tells.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { ShapeFiles } from '../data/lastfm-shape.ts'

/** One training: the loss of Hu et al. (2008), confidence as in `conf`, constant regularization. */
export type AlsJob = ShapeFiles & {
  readonly factors: number
  readonly iterations: number
  readonly regularization: number
  readonly solver: 'cg' | 'exact'
  readonly threads: number
  /** Ours: stop after the first iteration whose loss is at most this, looking from iteration `lookFrom` on. */
  readonly target?: number
  readonly lookFrom?: number
  /** Ours: steps of conjugate gradients; default 3, which is also implicit's. */
  readonly cgSteps?: number
  /** Ours: with V8's experimental 256-bit code for pairs of 128-bit instructions. */
  readonly revectorize?: boolean
  /** implicit's: files to write the vectors to. */
  readonly listeners?: string
  readonly artists?: string
}

/** What a training tells: seconds in all and by iteration (half-steps and what comes before the first), and its peak memory. */
export type AlsOutcome = {
  readonly seconds: number
  readonly iterations: readonly number[]
  readonly peakBytes: number
  /** Ours: what was stated before the start. */
  readonly arenaBytes?: number
  /** Ours: the loss when it was last looked at. */
  readonly loss?: number
}

const run = promisify(execFile)

/** Ours, on this Node. */
export const trainOurs = (job: AlsJob): Promise<AlsOutcome> =>
  outcomeOf(process.execPath, [fileURLToPath(import.meta.resolve('./own-als.ts')), JSON.stringify(job)])

/** implicit's, from the environment that install.sh makes. */
export const trainImplicit = (job: AlsJob): Promise<AlsOutcome> =>
  outcomeOf(join(import.meta.dirname, '.venv', 'bin', 'python'), [
    join(import.meta.dirname, 'implicit-als.py'),
    JSON.stringify(job),
  ])

async function outcomeOf(program: string, words: readonly string[]): Promise<AlsOutcome> {
  const env = { ...process.env, OPENBLAS_NUM_THREADS: '1' }
  const { stdout } = await run(program, words, { env, maxBuffer: 2 ** 24 })
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as AlsOutcome
}
