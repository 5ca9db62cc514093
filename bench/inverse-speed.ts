// The inverse of a large positive definite matrix on two threads, against numpy.linalg.inv and LAPACK's Cholesky inverse.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'
import { openWorkers } from '../src/engine/open.ts'
import { openArena } from '../src/kernels/arena.ts'
import { cellIndex, type InverseJob, inversePlan } from '../src/kernels/simd-inverse.ts'
import { invertSymmetric } from '../src/models/dense-item-inverse.ts'
import { createRandom } from '../src/statistics/random.ts'
import type { BenchResult } from './bench.ts'

/** One sentence on the claim. */
export const describe =
  'Inverse of a symmetric float32 matrix of n rows on 2 threads against numpy.linalg.inv and LAPACK; words n=4096 rounds=5'

const threads = 2
const listeners = 20_000

/** `residual`: largest distance from the identity of some cells of matrix x inverse, in float64. */
type Times = { readonly seconds: number; readonly processorSeconds: number; readonly residual: number }

/** Rounds of numpy, LAPACK and ours, one after the other; figures are medians of rounds, ratios medians of a round's ratios. */
export async function run(words: readonly string[] = []): Promise<BenchResult> {
  const numbers = Object.fromEntries(words.map((word) => word.split('=')))
  const [n, rounds] = [Number(numbers.n ?? 4096), Number(numbers.rounds ?? 5)]
  const matrix = coListens(n)
  const peer = await openPeer(n, matrix)
  const workers = openWorkers({ threads })
  const { memory, parts } = openArena('the bench', inversePlan(n, threads))
  const job: InverseJob = { ...parts, memory, n }
  const invert = async (): Promise<Times> => {
    fill(job, matrix)
    const [started, worked] = [performance.now(), process.cpuUsage()]
    await invertSymmetric(job, { workers })
    const seconds = (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(worked)
    return { seconds, processorSeconds: (user + system) / 1e6, residual: worstResidual(job, matrix) }
  }
  await invert()
  const times: Record<'ours' | 'numpy' | 'lapack', Times[]> = { ours: [], numpy: [], lapack: [] }
  for (let round = 0; round < rounds; round++) {
    times.numpy.push(await peer.time('numpy'))
    times.ours.push(await invert())
    times.lapack.push(await peer.time('lapack'))
    console.error(
      `round ${round + 1}: ${Object.entries(times).map(([name, all]) => `${name} ${all.at(-1)!.seconds.toFixed(2)} s (${all.at(-1)!.processorSeconds.toFixed(2)} s of processors)`)}`,
    )
  }
  await workers.close()
  await peer.close()
  const ratio = (peerName: 'numpy' | 'lapack', of: keyof Times): number =>
    median(times[peerName].map((their, at) => their[of] / times.ours[at]![of]))
  const figures = {
    seconds: median(times.ours.map(({ seconds }) => seconds)),
    gigaflops: n ** 3 / 1e9 / median(times.ours.map(({ seconds }) => seconds)),
    numpySeconds: median(times.numpy.map(({ seconds }) => seconds)),
    lapackSeconds: median(times.lapack.map(({ seconds }) => seconds)),
    speedup: ratio('numpy', 'seconds'),
    processorSpeedup: ratio('numpy', 'processorSeconds'),
    shareOfLapack: ratio('lapack', 'seconds'),
    processorShareOfLapack: ratio('lapack', 'processorSeconds'),
    residual: times.ours[0]!.residual,
    numpyResidual: times.numpy[0]!.residual,
    lapackResidual: times.lapack[0]!.residual,
  }
  const goals = { speedup: 'at least 1.5', residual: 'at most 1e-5' }
  return { figures, goals, pass: figures.speedup >= 1.5 && figures.residual <= 1e-5 }
}

/** A Gram matrix as EASE has it: how many of 20,000 listeners two artists share, popular artists first, with a ridge of 100. */
function coListens(n: number): Float32Array {
  const random = createRandom(1)
  const out = new Float32Array(n * n)
  for (let user = 0; user < listeners; user++) {
    const history = new Set(Array.from({ length: 40 }, () => Math.floor(n * random.uniform() ** 3)))
    for (const a of history) for (const b of history) out[a * n + b]! += 1
  }
  for (let i = 0; i < n; i++) out[i * n + i]! += 100
  return out
}

function fill({ cells, progress, n }: InverseJob, matrix: Float32Array): void {
  progress.fill(0)
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) cells[cellIndex(i, j)] = matrix[i * n + j]!
}

function worstResidual({ cells, n }: InverseJob, matrix: Float32Array): number {
  let worst = 0
  for (let i = 0; i < n; i += 97)
    for (let j = 0; j < n; j += 61) {
      let sum = i === j ? -1 : 0
      for (let k = 0; k < n; k++) sum += matrix[i * n + k]! * cells[cellIndex(k, j)]!
      worst = Math.max(worst, Math.abs(sum))
    }
  return worst
}

async function openPeer(n: number, matrix: Float32Array) {
  const folder = join(import.meta.dirname, 'generated')
  const file = join(folder, `symmetric-${n}.float32`)
  await mkdir(folder, { recursive: true })
  await writeFile(file, new Uint8Array(matrix.buffer))
  const python = join(import.meta.dirname, 'peers', '.venv', 'bin', 'python')
  const script = join(import.meta.dirname, 'peers', 'numpy-inverse.py')
  const child = spawn(python, [script, String(n), file], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })
  console.error(`numpy ${((await answer(lines, child)) as { numpy: string }).numpy}`)
  return {
    time: async (way: string): Promise<Times> => {
      child.stdin.write(`${way}\n`)
      return (await answer(lines, child)) as Times
    },
    close: async (): Promise<void> => {
      child.stdin.end()
      await once(child, 'exit')
    },
  }
}

async function answer(lines: Interface, child: ChildProcess): Promise<unknown> {
  const ended = once(child, 'exit').then(() => {
    throw new Error('The peer ended; install it with bench/peers/install.sh.')
  })
  const [line] = (await Promise.race([once(lines, 'line'), ended])) as [string]
  ended.catch(() => {})
  return JSON.parse(line)
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}
