// What this machine can do at most, measured by loops that do nothing else: products of tiles in the first cache, and copies.
import type { Workers } from '../../src/engine/workers.ts'
import { float32, openArena, scratch } from '../../src/kernels/arena.ts'
import { alsKernels, alsWorkBytes } from '../../src/kernels/simd-als.ts'

/** Rates of all threads together. */
export type Limits = {
  /** Billions of float32 additions and multiplications a second in 4 x 8 tiles that stay in registers. */
  readonly gigaflops: number
  /** Billions of bytes a second read, and as many written, by copies beyond the caches. */
  readonly gigabytes: number
}

/** Measures for about a second; `threads` tasks at once. */
export async function measureLimits(workers: Workers, threads: number): Promise<Limits> {
  const all = async (name: string): Promise<number> => {
    const run = () => workers.run({ module: import.meta.url, name, args: {} }) as Promise<number>
    await run()
    const rates = await Promise.all(Array.from({ length: threads }, run))
    return rates.reduce((sum, rate) => sum + rate, 0) / 1e9
  }
  return { gigaflops: await all(tileRate.name), gigabytes: await all(copyRate.name) }
}

/** Flops a second of 32 rows of 64 turned again and again. */
export function tileRate(): number {
  const s = 64
  const room = { entries: 128, side: 8, shortest: 0 }
  const { memory, parts } = openArena('a measurement', {
    rows: float32(32 * s),
    basis: float32(s * s),
    scratch: scratch(1, alsWorkBytes(s, room)),
  })
  if (!memory) return Number.NaN
  const { turnRows } = alsKernels(memory)
  return perSecond(2 * 32 * s * s, () =>
    turnRows(parts.rows.byteOffset, 0, 32, s, parts.basis.byteOffset, parts.scratch.at),
  )
}

/** Bytes a second copied from one 64 MiB array to another. */
export function copyRate(): number {
  const [from, to] = [new Float64Array(2 ** 23).fill(1), new Float64Array(2 ** 23)]
  return perSecond(from.byteLength, () => to.set(from))
}

function perSecond(each: number, work: () => void): number {
  let [count, end] = [0, 0]
  const start = performance.now()
  do {
    for (let time = 0; time < 8; time++) work()
    count += 8
    end = performance.now()
  } while (end - start < 400)
  return (1000 * count * each) / (end - start)
}
